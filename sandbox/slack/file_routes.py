"""Where bytes of files go: upload addresses, and the private addresses apps download from."""

from aiohttp import web

from sandbox.slack.core import Core
from sandbox.slack.faults import FaultKind
from sandbox.slack.file_store import READ
from sandbox.slack.model import StoredFile

_DRAWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_LOG_IN = "<html><title>Sign in to Slack</title></html>"


class FileRoutes:
    """`/upload/v1/TICKET` and `/files-pri/TEAM-FILE/download/NAME`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[web.RouteDef]:
        """For the application."""
        return [
            web.post("/upload/v1/{ticket}", self._upload),
            web.get("/files-pri/{file}/download/{name}", self._download),
            web.get("/files-pri/{file}/{name}", self._download),
            web.get("/ui/files/{file}", self._shown),
        ]

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        if self._core.faults.take("upload") is not None:
            return web.Response(status=500, text="<html>Something went wrong</html>")
        if not self._core.files.receive(request.match_info["ticket"], content):
            return web.Response(status=400, text="no such upload")
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.Response:
        fault = self._core.faults.take("download")
        if fault is not None and fault.kind is not FaultKind.ERROR:
            return web.Response(status=500, text="<html>Something went wrong</html>")
        file = self._wanted(request.match_info["file"])
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != self._core.app.bot_token or READ not in self._core.granted:
            # Slack shows its page for logging in to whoever may not read a file.
            return web.Response(text=_LOG_IN, content_type="text/html")
        if file is None or file.content is None or file.deleted:
            return web.Response(status=404, text="<html>Not found</html>")
        return web.Response(body=file.content, content_type=file.media_type)

    async def _shown(self, request: web.Request) -> web.Response:
        """A picture for the page; a page opens by itself, without scripts; others are saved."""
        file = self._core.workspace.files.get(request.match_info["file"])
        if file is None or file.content is None:
            return web.Response(status=404)
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        if file.name.endswith(".html"):
            return web.Response(
                body=file.content, content_type="text/html", charset="utf-8", headers=headers
            )
        if file.media_type not in _DRAWN:
            headers["Content-Disposition"] = f'attachment; filename="{file.id}-{_plain(file.name)}"'
        return web.Response(body=file.content, content_type=file.media_type, headers=headers)

    def _wanted(self, name: str) -> StoredFile | None:
        team, _, file_id = name.rpartition("-")
        workspace = self._core.workspace
        return workspace.files.get(file_id) if team == workspace.team_id else None


def _plain(name: str) -> str:
    """A file's name as a header can hold it."""
    return "".join(
        one if one.isascii() and (one.isalnum() or one in ".-_") else "_" for one in name
    )
