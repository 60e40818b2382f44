"""The connector that a profile makes of a mailbox: nothing of it is one marketplace's own."""

from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import BaseModel, Field

from connectors.contract import InboxContext, Json, ReplyCommand
from connectors.errors import Rejected
from connectors.limits import parts_of
from connectors.mail.channel import Letter, MailChannel, text_of
from connectors.mail.compose import clean_body, reply_subject
from connectors.mail.config import MailConfig
from connectors.mail.profile_origin import Origins
from connectors.mail.profile_reader import ProfileReader, safe_link
from connectors.mail.profiles import Domain, Profile, read_profile
from connectors.manifest import Manifest, ManifestError


class ProfileConfig(MailConfig):
    """One mailbox that a marketplace writes to.

    `sender_domains` are further domains that it writes from and signs with; `marketplace` is the
    country or site, in small letters, where rules differ by it.
    """

    sender_domains: tuple[Domain, ...] = ()
    marketplace: str = Field(default="", max_length=40, pattern=r"^[a-z0-9_-]*$")


class ProfileMailbox(MailChannel):
    """Mail read and answered as one profile says. `title` and `hosts` are the marketplace's."""

    def __init__(
        self,
        config: ProfileConfig,
        context: InboxContext,
        profile: Profile,
        manifest: Manifest,
        *,
        title: str = "",
        hosts: Collection[str] = (),
    ) -> None:
        self._origins = Origins(
            sender=profile.sender,
            trusted_authserv=config.trusted_authserv,
            further=config.sender_domains,
        )
        self._profile = profile
        self._title = title or manifest.title
        self._hosts = hosts or manifest.hosts
        self.reader = ProfileReader(
            profile=profile,
            origins=self._origins,
            title=self._title,
            hosts=self._hosts,
            own_addresses=config.addresses,
            instance_key=context.instance_key,
            marketplace=config.marketplace,
        )
        super().__init__(
            config,
            context,
            explain=self.reader.explain,
            write=self._letter,
            limits=manifest.limits,
        )

    def page(self, context: Mapping[str, Json]) -> str:
        """The conversation's page where the mail named it, else the portal's front page."""
        return safe_link(text_of(context, "link"), self._hosts) or self._profile.portal.url

    def _letter(self, command: ReplyCommand) -> Letter:
        parts_of(command.text, self._limits)
        to = text_of(command.context, "to")
        if not to:
            page = self.page(command.context)
            raise Rejected(f"{self._title} takes no answer by mail; answer it at {page}")
        if text_of(command.context, "via") != "mail" and not self._origins.takes_answers(to):
            raise Rejected(f"the recipient is not an address of {self._title}")
        subject = reply_subject(text_of(command.context, "subject"))
        return Letter(to=to, subject=subject, body=clean_body(command.text))


class ProfileChannel(ProfileMailbox):
    """A marketplace whose portal is known: its conversations can be linked to."""

    def deep_link(self, context: Mapping[str, Json]) -> str | None:
        """The page where people answer, on one of the manifest's hosts."""
        return self.page(context)


class ProfileBuild:
    """Builds connectors of one folder's profile: what `connector.py` has elsewhere."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._profile = read_profile(folder)
        self._manifest = manifest
        if safe_link(self._profile.portal.url, manifest.hosts) is None:
            raise ManifestError("profile.toml: portal.url is on none of the manifest's hosts")
        if manifest.capabilities.replies_in_portal == self._profile.by_mail:
            raise ManifestError(
                "profile.toml: replies_in_portal says otherwise than the reply of its mails"
            )

    def __call__(self, config: BaseModel, context: InboxContext) -> ProfileChannel:
        """A connector for one mailbox. Raises TypeError for settings of another connector."""
        if not isinstance(config, ProfileConfig):
            raise TypeError("settings of another connector")
        return ProfileChannel(config, context, self._profile, self._manifest)
