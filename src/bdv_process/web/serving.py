"""Serve the pages of a register from this machine."""

import uvicorn
from fastapi import FastAPI


def serve(app: FastAPI | str, *, host: str, port: int, workers: int = 1, grace: int = 5) -> None:
    """Answer browsers until somebody stops it.

    Args:
        app: the application; for several processes, the name of the function that makes one.
        host: address to listen at.
        port: port to listen at.
        workers: processes.
        grace: seconds that requests get to end when it is stopped: an open page looks for a minute.
    """
    uvicorn.run(
        app, factory=isinstance(app, str), host=host, port=port, workers=workers,
        log_level="warning", server_header=False, timeout_graceful_shutdown=grace,
    )  # fmt: skip
