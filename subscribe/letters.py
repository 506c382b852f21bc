"""`letters`: events that were given up, for a person to look at."""

import asyncio
from typing import Annotated

import msgspec
import typer

from subscribe import config, link
from subscribe.errors import SubscribeError
from subscribe.mailbox import Letter, Mailbox
from subscribe.output import AsJson, instant, opened, say, show_json, show_table

GIVEN_UP = "the broker gave it up: it was delivered too often without being acknowledged"

letters = typer.Typer(no_args_is_help=True, help="Events that were given up: list, show, redrive, drop, fetch.")

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID...", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="All dead letters.")]


@letters.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List dead letters, oldest first."""
    with opened() as mailbox:
        found = mailbox.letters()
    if as_json:
        show_json([_plain(letter) for letter in found])
    elif found:
        rows = [
            (each.id, each.type, each.subject, each.attempts, instant(each.received), each.reason) for each in found
        ]
        show_table(("id", "type", "subject", "tries", "came", "reason"), rows)
    else:
        say("no dead letters")


@letters.command()
def show(event: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """Show one letter with its event."""
    with opened() as mailbox:
        letter = mailbox.letter(event)
    if letter is None:
        raise SubscribeError("there is no dead letter with this id")
    if as_json:
        show_json({**_plain(letter), "body": letter.body.decode(errors="replace")})
        return
    for name, value in _plain(letter).items():
        say(f"{name + ':':<10} {value}")
    try:
        say(msgspec.json.format(letter.body, indent=2).decode())
    except (msgspec.MsgspecError, UnicodeDecodeError):
        say(letter.body.decode(errors="replace"))


@letters.command()
def redrive(events: Ids = None, every: All = False) -> None:
    """Give dead letters a whole round of tries, by whoever follows; one that is not dead stays as it is."""
    with opened() as mailbox:
        chosen = _chosen(mailbox, events, every)
        redriven = sum(mailbox.redrive(event) for event in chosen)
    say(
        f"redriven: {redriven}"
        + (f"; not dead, nothing done: {len(chosen) - redriven}" if redriven < len(chosen) else "")
    )


@letters.command()
def drop(
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept beside the event.")],
    events: Ids = None,
    every: All = False,
) -> None:
    """Lay dead letters down for good; they stay known, so a repeat has no effect."""
    with opened() as mailbox:
        chosen = _chosen(mailbox, events, every)
        dropped = sum(mailbox.drop(event, reason) for event in chosen)
    say(f"dropped: {dropped}" + (f"; not dead, nothing done: {len(chosen) - dropped}" if dropped < len(chosen) else ""))


@letters.command()
def fetch() -> None:
    """Fetch what the broker itself gave up (the queue's `.dead`) into the mailbox, as dead letters."""
    settings = config.load()

    async def run() -> tuple[int, int]:
        fetched = known = 0
        with Mailbox(settings.mailbox) as mailbox:
            async with link.connected(settings.url) as connection, link.refusals(settings.url, settings.dead):
                channel = await connection.channel(publisher_confirms=False)
                queue = await channel.get_queue(settings.dead, ensure=False)
                while (message := await queue.get(fail=False, timeout=link.CONNECT_SECONDS)) is not None:
                    new = mailbox.bury(message.body, GIVEN_UP)
                    await message.ack()
                    fetched, known = fetched + new, known + (not new)
        return fetched, known

    fetched, known = asyncio.run(run())
    say(f"fetched: {fetched}; known already: {known}")


def _chosen(mailbox: Mailbox, events: list[str] | None, every: bool) -> list[str]:
    if every == bool(events):
        raise SubscribeError("name the letters' ids, or --all")
    return [letter.id for letter in mailbox.letters()] if every else list(events or ())


def _plain(letter: Letter) -> dict[str, object]:
    return {
        "id": letter.id,
        "source": letter.source,
        "type": letter.type,
        "subject": letter.subject,
        "tries": letter.attempts,
        "came": instant(letter.received),
        "died": instant(letter.settled),
        "reason": letter.reason,
    }
