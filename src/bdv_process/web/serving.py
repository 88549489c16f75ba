"""Serve the pages of a register from this machine."""

import uvicorn
from fastapi import FastAPI


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Answer browsers until somebody stops it."""
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)
