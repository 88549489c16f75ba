"""Show the whole product at work: run, export, import, check, report."""
