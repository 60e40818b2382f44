"""The workspace's files: who brought them, where they are shared, and what an app sees of them."""

import secrets
from collections.abc import Iterable, Sequence

from connectors.formats import type_named
from sandbox.slack.app_link import InstalledApp
from sandbox.slack.errors import ClientRefused
from sandbox.slack.model import JsonObject, Message, StoredFile
from sandbox.slack.workspace import Workspace

READ = "files:read"
WRITE = "files:write"


class FileStore:
    """Every change of a file goes through here. `base_url` is where their addresses point."""

    def __init__(self, *, workspace: Workspace, app: InstalledApp) -> None:
        self._workspace = workspace
        self._app = app
        self._awaited: dict[str, StoredFile] = {}
        self.base_url = ""

    def announce(self, name: str, size: int, user: str) -> tuple[StoredFile, str]:
        """A file that is about to be uploaded, and the path to upload it to."""
        file = self._new(name, size, user)
        ticket = secrets.token_hex(8)
        self._awaited[ticket] = file
        return file, f"/upload/v1/{ticket}"

    def receive(self, ticket: str, content: bytes) -> bool:
        """Keep what was uploaded; False for an address nobody was given, or another length."""
        file = self._awaited.get(ticket)
        if file is None or len(content) != file.size:
            return False
        file.content = content
        return True

    def add(self, name: str, content: bytes, user: str) -> StoredFile:
        """A file that a person put into Slack."""
        file = self._new(name, len(content), user)
        file.content = content
        return file

    def own(self, ids: Iterable[str], user: str) -> list[StoredFile]:
        """A person's files by id. Raises ClientRefused."""
        found = [self._workspace.files.get(one) for one in ids]
        if not all(one is not None and one.user == user for one in found):
            raise ClientRefused("no_such_file", "This is no file of yours.")
        return [one for one in found if one is not None]

    def share(self, files: Iterable[StoredFile], message: Message) -> None:
        """Note that `message` shows `files`."""
        for file in files:
            file.shares.append((message.channel, message.ts, message.thread_ts))

    def seen_by_app(self, files: Sequence[StoredFile]) -> list[JsonObject]:
        """The files of a message or an input. Without the scope an app is told of none."""
        return [self.shape(file) for file in files] if READ in self._app.manifest.scopes else []

    def shape(self, file: StoredFile) -> JsonObject:
        """Slack's file object."""
        if file.deleted:
            return {"id": file.id, "mode": "tombstone"}
        ending = file.name.rpartition(".")[2].lower()
        private = f"{self.base_url}/files-pri/{self._workspace.team_id}-{file.id}"
        return {
            "id": file.id,
            "created": file.created,
            "timestamp": file.created,
            "name": file.name,
            "title": file.title or file.name,
            "mimetype": file.media_type,
            "filetype": ending,
            "pretty_type": ending.upper(),
            "user": file.user,
            "user_team": self._workspace.team_id,
            "editable": False,
            "size": file.size,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": bool(file.shares),
            "public_url_shared": False,
            "url_private": f"{private}/{file.name}",
            "url_private_download": f"{private}/download/{file.name}",
            "permalink": f"https://{self._workspace.domain}.slack.example/files/{file.id}",
            "file_access": "visible",
        }

    def _new(self, name: str, size: int, user: str) -> StoredFile:
        file = StoredFile(
            id=self._workspace.new_id("F"),
            name=name,
            size=size,
            media_type=type_named(name),
            user=user,
            created=int(self._workspace.clock.now().timestamp()),
        )
        self._workspace.files[file.id] = file
        return file
