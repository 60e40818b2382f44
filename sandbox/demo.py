"""`threadline demo`: the main job from beginning to end, on this machine alone.

In a browser the story plays by itself and a visitor may act as anybody meanwhile. Without a
browser it prints a transcript, and its exit code says whether everything expected happened.
"""

import asyncio
import logging
import signal
import socket
import tempfile
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.log import configure
from sandbox.past.making import past_of
from sandbox.story.scenes import SCENES, Cards
from sandbox.story.stage import MakePast, Missed, Stage, build_stage
from sandbox.story.transcript import Transcript

PAGE_SPEED: Final = 120.0
"""Two business hours in a minute: a visitor sees a claim, a ping and a breach within two."""
HEADLESS_SPEED: Final = 600.0
PAGE_PORT: Final = 8900


def main(
    *, headless: bool, speed: float | None, history_days: int | None = None, seed: int = 1
) -> int:
    """Play the story, after a past of so many days if one is wanted; returns the exit code."""
    console = Console(soft_wrap=True)
    configure(level="error")
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    past = None if history_days is None else past_of(history_days, seed, console)
    play = (
        _headless(console, speed or HEADLESS_SPEED, past)
        if headless
        else _page(console, speed or PAGE_SPEED, past)
    )
    try:
        return asyncio.run(play)
    except KeyboardInterrupt:
        return 0


async def _headless(console: Console, speed: float, past: MakePast | None) -> int:
    with tempfile.TemporaryDirectory(prefix="threadline-demo-") as folder:
        try:
            async with build_stage(Path(folder), speed=speed, past=past) as stage:
                transcript = Transcript(stage, console)
                console.print(
                    f"Desk time passes {speed:.0f} times as fast as the clock on the wall."
                )
                failed = await _play(stage, transcript, console)
        except Missed as why:
            console.print(f"[bold red]✗ The stage could not be built:[/] expected {why}")
            return 1
    console.print()
    if failed:
        console.print(
            f"[bold red]✗ {len(failed)} of {len(SCENES)} scenes did not go as they should.[/]"
        )
        for title, missed in failed:
            console.print(f"  {title}: expected {missed}", markup=False)
        return 1
    console.print(f"[bold green]✓ All {len(SCENES)} scenes went as they should.[/]")
    return 0


async def _play(stage: Stage, transcript: Transcript, console: Console) -> list[tuple[str, Missed]]:
    """Play every scene while printing; returns those that went wrong."""
    following = asyncio.create_task(transcript.run())
    cards, failed = Cards(), []
    try:
        for scene in SCENES:
            transcript.heading(scene.title)
            try:
                await scene.play(stage, cards)
            except (Missed, LookupError) as missed:
                why = missed if isinstance(missed, Missed) else Missed(str(missed))
                failed.append((scene.title, why))
                console.print(f"✗ expected {why}", style="bold red", markup=False)
            transcript.catch_up()
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    return failed


async def _page(console: Console, speed: float, past: MakePast | None) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory(prefix="threadline-demo-") as folder:
        try:
            async with _stage_on_a_free_port(Path(folder), speed, past) as stage:
                await _welcome(console, stage, speed, stop)
        except Missed as missed:
            console.print(f"[bold red]✗ The demo could not start:[/] expected {missed}")
            return 1
    return 0


def _stage_on_a_free_port(
    folder: Path, speed: float, past: MakePast | None
) -> AbstractAsyncContextManager[Stage]:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken = probe.connect_ex(("127.0.0.1", PAGE_PORT)) == 0
    return build_stage(folder, speed=speed, port=0 if taken else PAGE_PORT, past=past)


async def _welcome(console: Console, stage: Stage, speed: float, stop: asyncio.Event) -> None:
    console.print()
    console.print(f"  [bold green]Threadline is running:[/] [bold underline]{stage.slack.url}[/]")
    console.print(
        f"  Open it, choose who you are, and watch: customers write, two agents work, a deadline is\n"
        f"  missed. Desk time passes {speed:.0f} times as fast, so two hours take a minute. You may claim,\n"
        "  reply, or type /ticket help yourself. Ben's Slack is German: to him the bot speaks German,\n"
        "  and /ticket me language it makes it Italian. Ctrl-C ends it; nothing is left behind."
    )
    story = asyncio.create_task(_tell(stage, console))
    await stop.wait()
    story.cancel()
    with suppress(asyncio.CancelledError):
        await story


async def _tell(stage: Stage, console: Console) -> None:
    """The story beside a visitor: what the visitor did first is no failure."""
    await asyncio.sleep(3)
    cards = Cards()
    for scene in SCENES:
        console.print(f"  · {scene.title}", style="dim")
        with suppress(Missed, LookupError):
            await scene.play(stage, cards)
        await asyncio.sleep(3)
    console.print("  The story is told; the workspace stays open for you. Ctrl-C ends it.")
