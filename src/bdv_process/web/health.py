"""Whether a reverse proxy can send visitors here."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from bdv_process.errors import BdvError
from bdv_process.web.beside import beside
from bdv_process.web.visitor import Register

router = APIRouter()


@router.get("/healthz")
@beside
def health(request: Request, register: Register) -> JSONResponse:
    """Tell whether the register can be read; it says nothing else, to anybody who asks."""
    try:
        register.next_timer()
    except BdvError as error:
        return JSONResponse({"status": "unavailable", "code": error.code}, status_code=503)
    return JSONResponse({"status": "ok"})
