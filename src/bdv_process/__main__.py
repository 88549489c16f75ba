"""`python -m bdv_process` is `bdv`."""

from bdv_process.cli import main

main()
