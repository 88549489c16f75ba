"""Where notifications go: a folder, or an address on the web."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bdv_process.errors import InputRefused, NotFound
from bdv_process.execution.outbox import Notification

#: Delivers a notification; returns what went wrong, None when it arrived.
Sink = Callable[[Notification], str | None]
_PATIENCE: Final = 20.0  # seconds for one notification, well within its lease
_LAST_PORT: Final = 65_535
_ENOUGH: Final = 4_000  # bytes of an answer


def sink_at(address: str) -> Sink:
    """Return what delivers notifications to a folder, or by POST to an http(s) address.

    Raises:
        NotFound: there is no such folder.
        InputRefused: it is an address of another kind, or one that cannot exist; or what speaks
            HTTP is not installed.
    """
    scheme, separated, _ = address.partition("://")
    if not separated:
        folder = Path(address)
        if not folder.is_dir():
            raise NotFound("BDV-386", where=address)
        return lambda notification: _put(folder, notification)
    if scheme not in ("http", "https"):
        raise InputRefused("BDV-387", where="BDV_OUTBOX", scheme=scheme)
    try:
        import httpx
    except ImportError as error:
        raise InputRefused("BDV-388", where="BDV_OUTBOX") from error
    try:
        parsed = httpx.URL(address)
        parsed.raw_host.decode().encode("idna")  # as who looks it up will do
        exists = bool(parsed.host) and (parsed.port or 0) <= _LAST_PORT
    except (httpx.InvalidURL, UnicodeError):
        exists = False
    if not exists:
        raise InputRefused("BDV-392", where="BDV_OUTBOX")  # it may hold a password: not repeated
    return lambda notification: _send(address, notification)


def _put(folder: Path, notification: Notification) -> str | None:
    """Write a notification; one that comes twice is the same file."""
    draft = folder / f".{notification.id}.draft"
    try:
        draft.write_text(notification.envelope, encoding="utf-8")
        draft.replace(folder / f"{notification.id}.json")
    except OSError as error:
        return error.strerror or type(error).__name__
    return None


def _send(address: str, notification: Notification) -> str | None:
    """Post a notification; only 2xx says that it arrived."""
    return asyncio.run(_answer(address, notification.envelope.encode()))


async def _answer(address: str, content: bytes) -> str | None:
    """Post something; the whole of it has one deadline, and of what is said back little is read.

    The name of the machine is looked up for as long as the system takes for that.
    """
    import httpx

    status: int | None = None
    kind = {"content-type": "application/cloudevents+json; charset=utf-8"}
    try:
        async with (
            asyncio.timeout(_PATIENCE),
            httpx.AsyncClient(timeout=None) as client,  # noqa: S113
            client.stream("POST", address, content=content, headers=kind) as answer,
        ):
            status = answer.status_code
            async for _ in answer.aiter_raw():  # who is cut short may think that it failed
                if answer.num_bytes_downloaded > _ENOUGH:
                    break
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, TimeoutError) as error:
        if status is None:
            return type(error).__name__  # its text may hold the address, and that a password
    return None if status and 200 <= status < 300 else f"HTTP {status}"
