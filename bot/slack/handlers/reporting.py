"""`/sla report`: understood and promised at once; what was asked for is made and posted later."""

from bot.language import tr
from bot.reports.asking import read_question
from bot.reports.names import period_words
from bot.slack.blocks import answers
from bot.slack.blocks.rendered import Rendered
from bot.slack.handlers.wiring import Wiring
from bot.usecases.reports import AskReport, ask_report


async def do_report(wiring: Wiring, actor: str, text: str, *, channel: str, key: str) -> Rendered:
    """Have the figures posted, and say where they come.

    Raises:
        QuestionError: for a stretch of time or a cut that is none.
        NotAllowed: for who may not see them.
    """
    period, by = read_question(text, now=wiring.now(), zone=wiring.desk().timezone)
    command = AskReport(actor=actor, channel=channel, key=key, period=period, by=by)
    asked = await wiring.decide(ask_report, command)
    when = period_words(period)
    if asked.direct:
        said = tr(
            "On its way: the report of {period}. It comes to you in a direct message.", period=when
        )
    else:
        said = tr(
            "On its way: the report of {period}. It comes below, in this channel.", period=when
        )
    return answers.say(said)
