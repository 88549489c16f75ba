"""Serve the pages of a register from this machine."""

import uvicorn
from fastapi import FastAPI


def serve(app: FastAPI | str, *, host: str, port: int, workers: int = 1) -> None:
    """Answer browsers until somebody stops it.

    Args:
        app: the application; for several processes, the name of the function that makes one.
        host: address to listen at.
        port: port to listen at.
        workers: processes.
    """
    uvicorn.run(
        app, factory=isinstance(app, str), host=host, port=port, workers=workers,
        log_level="warning", server_header=False,
    )  # fmt: skip
