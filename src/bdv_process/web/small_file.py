"""Small files of our own are sent as they are read: none waits for the thread of a command."""

from contextlib import suppress
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bdv_process.web.visitor import SAFE


class SmallFiles(StaticFiles):
    """A folder with style sheets, a script and an icon."""

    async def check_config(self) -> None:
        """Need no thread to see that the folder is there: it was when this was made."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or that it is as the browser has it."""
        with suppress(OSError, ValueError):  # of a name that none can have
            where, found = self.lookup_path(path)
            if found and Path(where).is_file() and scope["method"] in SAFE:
                answer = self.file_response(where, found, scope)
                if not isinstance(answer, FileResponse):
                    return answer
                return Response(Path(where).read_bytes(), headers=dict(answer.headers))
        return await super().get_response(path, scope)
