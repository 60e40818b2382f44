"""Replies: once, whole, or refused with a reason; and never sent by a machine's guess."""

from datetime import timedelta

from connectors.contract import File, Found, Unknown
from connectors.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ReplyWindowClosed,
    Unavailable,
)
from connectors.limits import measure
from connectors.testing.bench import Bench, expect, refusing
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author

BEFORE_TAKING: dict[Fault, tuple[type[ConnectorError], ...]] = {
    Fault.THROTTLED: (RateLimited,),
    Fault.FAILS: (OutcomeUnknown, Unavailable),
    Fault.SILENT: (OutcomeUnknown, Unavailable),
    Fault.CUT: (OutcomeUnknown, Unavailable),
    Fault.REFUSED: (AuthExpired,),
}


class Replies(Bench):
    """`preview`, `reply` and `probe`."""

    def _replies(self) -> None:
        in_portal = self.spec.manifest.capabilities.replies_in_portal
        self.needs(not in_portal, "answers are typed in the platform's own portal")

    async def test_18_a_text_that_is_too_long_is_refused_or_split_never_cut(self) -> None:
        """Before anything is sent."""
        limits = self.spec.manifest.limits
        self.needs(limits.length, "the manifest names no greatest length")
        self._replies()
        words = "All of these words have to arrive. "
        text = (words * (2 + (limits.length or 0) // len(words))).strip()
        async with self.running() as stage:
            command = stage.answer(await stage.asked(), text)
            before = stage.market.calls
            if limits.too_long == "refuse":
                with refusing(Rejected):
                    stage.connector.preview(command)
                with refusing(Rejected):
                    await stage.connector.reply(command)
                expect(stage.market.calls == before, "the platform was called all the same")
                return
            parts = stage.connector.preview(command).parts
            await stage.connector.reply(command)
            expect(stage.market.texts_sent == list(parts), "what was sent is not the preview")
        long = [part for part in parts if measure(part, limits) > (limits.length or 0)]
        expect(not long, "a part is longer than the limit")
        expect(" ".join(parts).split() == text.split(), "words were lost between the parts")

    async def test_19_invariant_3_a_lost_answer_is_looked_up_and_not_sent_again(self) -> None:
        """Taken, and the connection broke: exactly one message, and the probe tells."""
        self._replies()
        probes = self.spec.manifest.capabilities.probes
        async with self.running() as stage:
            self.needs(Fault.CUT_AFTER in stage.market.faults, "this fake loses no answers")
            command = stage.answer(await stage.asked())
            stage.market.fail(Fault.CUT_AFTER)
            with refusing(OutcomeUnknown):
                await stage.connector.reply(command)
            stage.market.fail(None)
            found = await stage.connector.probe(command)
            expect(len(stage.market.texts_sent) == 1, "the reply was sent more than once")
        wanted = Found if probes else Unknown
        expect(
            isinstance(found, wanted), f"probe says {found!r}, the manifest says probes={probes}"
        )

    async def test_20_a_reply_held_back_is_not_a_reply_sent(self) -> None:
        """No receipt while the platform only promises; none at all when it refuses later."""
        self.needs(self.spec.manifest.capabilities.confirms_later, "a reply taken is a reply sent")
        for end, sent in (("sent", True), ("refused", False)):
            async with self.running() as stage:
                command = stage.answer(await stage.asked())
                stage.market.moderation = "held"
                with refusing(OutcomeUnknown):
                    await stage.connector.reply(command)
                early = await stage.connector.probe(command)
                expect(not isinstance(early, Found), "found while the platform held it back")
                stage.market.moderation = end
                late = await stage.connector.probe(command)
                expect(
                    isinstance(late, Found) == sent, f"the platform {end} it, probe says {late!r}"
                )

    async def test_21_a_closed_window_is_its_own_error(self) -> None:
        """So that the desk can say "too late" and stop asking people to try."""
        self.needs(self.spec.manifest.reply_window, "the platform takes answers for ever")
        self._replies()
        async with self.running() as stage:
            command = stage.answer(await stage.asked())
            stage.market.close_window()
            with refusing(ReplyWindowClosed):
                await stage.connector.reply(command)
            expect(stage.market.texts_sent == [], "it was sent all the same")

    async def test_33_a_reply_arrives_once_in_the_agents_words(self) -> None:
        """The preview says what is sent; the receipt is what later items refer to."""
        self._replies()
        async with self.running() as stage:
            command = stage.answer(await stage.asked(), "Buongiorno, è partito oggi.\nA presto")
            preview = stage.connector.preview(command)
            receipt = await stage.connector.reply(command)
            sent = list(stage.market.texts_sent)
            await stage.poll()
        expect(len(sent) == 1, f"{len(sent)} messages were sent")
        expect(command.text in sent[0], "the agent's words were changed")
        expect(command.text in preview.body, "the preview does not show the agent's words")
        expect(preview.recipient, "the preview does not say who gets it")
        expect(receipt.external_id, "the receipt has no id")

    async def test_34_invariant_3_a_reply_that_was_not_taken_is_not_sent_by_retrying(self) -> None:
        """A hand-over is tried once; trying again is the desk's to decide."""
        self._replies()
        for fault, wanted in BEFORE_TAKING.items():
            async with self.running() as stage:
                if fault not in stage.market.faults:
                    continue
                command = stage.answer(await stage.asked())
                await stage.fail(fault)
                with refusing(*wanted):
                    await stage.connector.reply(command)
                expect(stage.market.texts_sent == [], f"{fault}: it was sent all the same")

    async def test_35_a_garbled_answer_to_a_reply_is_not_a_failure(self) -> None:
        """The platform took it and answered nonsense: sent again, it would arrive twice."""
        self._replies()
        async with self.running() as stage:
            self.needs(Fault.TRUNCATED in stage.market.faults, "this fake garbles nothing")
            command = stage.answer(await stage.asked())
            stage.market.fail(Fault.TRUNCATED)
            with refusing(OutcomeUnknown):
                await stage.connector.reply(command)

    async def test_36_an_equal_answer_from_before_is_another_answer(self) -> None:
        """A "thank you" from an hour ago does not prove that today's arrived."""
        self.needs(self.spec.manifest.capabilities.probes, "probe always asks a person")
        self._replies()
        async with self.running() as stage:
            message = await stage.asked()
            await stage.market.says(Author.AGENT, "It leaves today.")
            stage.time.advance(timedelta(hours=1))
            found = await stage.connector.probe(stage.answer(message, "It leaves today."))
        expect(not isinstance(found, Found), "probe took an older, equal answer for this one")

    async def test_37_files_the_channel_does_not_take_are_refused(self) -> None:
        """By type, by number, by size, and by what they are."""
        allowed = self.spec.manifest.limits.attachments
        self.needs(allowed, "nothing can be attached")
        self._replies()
        if allowed is None:
            return
        good = File(name="a.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 64)
        wrong = {
            "type": [File(name="a.exe", media_type="application/x-msdownload", content=b"MZ")],
            "number": [good] * (allowed.count + 1),
            "size": [File(name="b.png", media_type="image/png", content=b"0" * (allowed.bytes_each + 1))],
            "disguise": [File(name="c.png", media_type="image/png", content=b"%PDF-1.7")],
        }  # fmt: skip
        async with self.running() as stage:
            message = await stage.asked()
            for why, files in wrong.items():
                with refusing(Rejected):
                    stage.connector.preview(stage.answer(message, attachments=files))
                expect(stage.market.texts_sent == [], f"{why}: sent all the same")

    async def test_38_an_empty_answer_is_refused(self) -> None:
        """Nobody means to send it."""
        self._replies()
        async with self.running() as stage:
            command = stage.answer(await stage.asked(), " \n ")
            with refusing(Rejected):
                stage.connector.preview(command)
