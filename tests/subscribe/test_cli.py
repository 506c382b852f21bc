"""The command line as a person has it: real processes on the real broker."""

import asyncio
import json
import signal
import sys
import tomllib
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import NamedTuple

import pytest

from subscribe import Mailbox
from subscribe.schema import schemas
from tests.subscribe.conftest import PASSWORD, Department
from tests.subscribe.copies import SOURCE, body, copy

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
DONE = "SELECT count(*) FROM event WHERE state = 'done'"


class Said(NamedTuple):
    status: int | None
    out: str
    err: str


async def start(department: Department, *words: str, **changes: str) -> Process:
    environment = {**department.environment, **changes}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "subscribe",
        *words,
        env=environment,
        stdout=PIPE,
        stderr=PIPE,
        cwd=PYPROJECT.parent,
    )


async def end(process: Process, number: signal.Signals | None = None) -> Said:
    if number:
        process.send_signal(number)
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    said = Said(process.returncode, out.decode(), err.decode())
    assert PASSWORD not in said.out + said.err
    assert "Traceback" not in said.err
    return said


async def run(department: Department, *words: str, **changes: str) -> Said:
    return await end(await start(department, *words, **changes))


async def test_check_says_what_may_be_read(department: Department) -> None:
    said = await run(department, "check", "--json")
    told = json.loads(said.out)
    names = [f"{department.queue}{suffix}" for suffix in ("", ".dead", ".log")]
    assert {queue: each["readable"] for queue, each in told["queues"].items()} == dict.fromkeys(names, "yes")
    assert (told["user"], told["types"]) == (department.queue, sorted(schemas()))
    assert told["version"] == tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["version"]
    other = await run(department, "check", SANMIN_SUBSCRIBE_DEPARTMENT="power")
    assert (other.status, other.out.count("refused")) == (1, 3)
    assert other.err == "stopped: not all of this department's queues may be read\n"


@pytest.mark.parametrize(
    ("words", "changes", "status", "sentence"),
    [
        (["follow"], {"SANMIN_SUBSCRIBE_URL": ""}, 2, "configuration: SANMIN_SUBSCRIBE_URL is not set"),
        (["follow", "--print", "--exec", "true"], {}, 2, "configuration: --print and --exec exclude each other"),
        (["follow", "--exec", "no-such-program"], {}, 2, "configuration: --exec names no program"),
        (["replay", "--since", "noon"], {}, 2, "configuration: --since must be a time"),
        (["replay", "--offset", "0", "--since", "2026-01-05"], {}, 2, "configuration: give one of"),
        (["follow"], {"SANMIN_SUBSCRIBE_DEPARTMENT": "power"}, 1, "stopped: the broker does not let"),
        (
            ["lag"],
            {"SANMIN_SUBSCRIBE_URL": "amqp://u:example-password@127.0.0.1:1/"},
            1,
            "stopped: the broker cannot be",
        ),
        (["gaps"], {"SANMIN_SUBSCRIBE_MAILBOX": "/nowhere/m.db"}, 1, "stopped: there is no mailbox"),
        (
            ["follow"],
            {"SANMIN_SUBSCRIBE_MAILBOX": "/nowhere/m.db"},
            1,
            "stopped: the mailbox /nowhere/m.db cannot be opened",
        ),
        (["letters", "show", "x"], {}, 1, "stopped: there is no mailbox"),
    ],
)
async def test_what_goes_wrong_is_one_sentence(
    department: Department, words: list[str], changes: dict[str, str], status: int, sentence: str
) -> None:
    said = await run(department, *words, **changes)
    assert said.status == status
    assert said.err.splitlines()[-1].startswith(sentence)


async def test_lag_says_how_far_behind(department: Department) -> None:
    first = json.loads((await run(department, "lag", "--json")).out)
    assert (first["queue"], first["sources"]) == ({"waiting": 0, "dead": 0}, [])
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        mailbox.take([body(1), body(2, data={"version": "one"})], None)
        mailbox.keep([body(3)])
    await department.publish([copy(at) for at in range(1, 6)])
    told = json.loads((await run(department, "lag", "--json")).out)
    assert told["queue"] == {"waiting": 5, "dead": 0}
    assert (told["mailbox"]["waiting"], told["mailbox"]["dead"]) == (1, 1)
    assert (told["mailbox"]["newestEvent"], told["mailbox"]["ageSeconds"] > 0) == ("2026-01-05T02:30:01Z", True)
    assert told["sources"] == [{"source": SOURCE, "here": 3, "log": 5}]
    assert "messages waiting in the queue" in (await run(department, "lag")).out


async def test_gaps_are_listed_filled_and_accepted(department: Department) -> None:
    await department.publish([copy(at) for at in range(3, 6)])
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        mailbox.take([body(3), body(5)], None)
    told = json.loads((await run(department, "gaps", "--json")).out)
    assert [(gap["first"], gap["last"]) for gap in told] == [(1, 2), (4, 4)]
    filled = await run(department, "gaps", "--fill", "--json")
    assert "filled 1 of 3 missing positions" in filled.err
    assert [(gap["first"], gap["last"]) for gap in json.loads(filled.out)] == [(1, 2)]
    assert (await run(department, "gaps", "--accept")).out == "no gaps\n"


async def test_a_letters_life(department: Department) -> None:
    bad, worse = copy(1, data={"version": "one"}), copy(2, type="tickets.ticket.sung.v1")
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        mailbox.take([body(1, data={"version": "one"}), body(2, type=worse.type), b"no event"], None)
    told = json.loads((await run(department, "letters", "list", "--json")).out)
    assert [letter["id"] for letter in told[:2]] == [str(bad.id), str(worse.id)]
    assert "data.version is not of type integer" in (await run(department, "letters", "list")).out
    assert '"version": "one"' in (await run(department, "letters", "show", str(bad.id))).out
    assert (await run(department, "letters", "redrive", str(bad.id))).out == "redriven: 1\n"
    assert (await run(department, "letters", "redrive", str(bad.id))).out == "redriven: 0; not dead, nothing done: 1\n"
    assert (await run(department, "letters", "drop", "--all", "--reason", "示例")).out == "dropped: 2\n"
    assert (await run(department, "letters", "list")).out == "no dead letters\n"
    assert (await run(department, "letters", "redrive")).err == "stopped: name the letters' ids, or --all\n"


async def test_what_the_broker_gave_up_is_fetched(department: Department) -> None:
    await department.publish([copy(1), copy(2)])
    queue = await department.channel.get_queue(department.queue)
    async with asyncio.timeout(10), queue.iterator() as messages:
        for _ in range(2):
            await (await anext(messages)).reject(requeue=False)
    async with asyncio.timeout(10):
        while await department.waiting(".dead") != 2:
            await asyncio.sleep(0.05)
    assert (await run(department, "letters", "fetch")).out == "fetched: 2; known already: 0\n"
    assert (await run(department, "letters", "fetch")).out == "fetched: 0; known already: 0\n"
    told = json.loads((await run(department, "letters", "list", "--json")).out)
    assert {letter["reason"].partition(":")[0] for letter in told} == {"the broker gave it up"}
    assert json.loads((await run(department, "gaps", "--json")).out) == []


async def test_follow_prints_and_a_reader_that_leaves_loses_nothing(department: Department) -> None:
    process = await start(department, "follow", "--print")
    await department.publish([copy(1), copy(2)])
    assert process.stdout is not None
    lines = [json.loads(await process.stdout.readline()) for _ in range(2)]
    assert [line["id"] for line in lines] == [str(copy(at).id) for at in (1, 2)]
    await department.until(DONE, 2)
    process.stdout._transport.close()  # type: ignore[attr-defined]
    await department.publish([copy(3)])
    assert process.stderr is not None
    async with asyncio.timeout(30):
        said = (await process.stderr.read()).decode()
        await process.wait()
    assert (process.returncode, said.splitlines()[-1]) == (1, "stopped: nobody reads the output any more")
    again = await start(department, "follow")
    await department.until(DONE, 3)
    assert (await end(again, signal.SIGINT)).status == 0


async def test_follow_starts_a_program_that_does_not_see_the_credentials(department: Department) -> None:
    out, well = department.folder / "out", department.folder / "out.well"
    script = department.folder / "program"
    script.write_text(
        f'cat >> {out}; env | grep -c SANMIN_SUBSCRIBE_URL >> {out}; [ -e {out}.well ] || {{ echo "示例:不行" >&2; exit 3; }}\n'
    )
    await department.publish([copy(1), copy(2)])
    process = await start(department, "follow", "--exec", f"sh {script}")
    await department.until("SELECT attempts FROM event WHERE position = 1", 1)
    assert department.rows("SELECT reason FROM event WHERE position = 1") == [
        ("RuntimeError: exit status 3: 示例:不行",)
    ]
    well.touch()
    await department.until(DONE, 2)
    busy = await run(department, "follow")
    assert (busy.status, busy.err.splitlines()[-1].startswith("stopped: another process follows")) == (1, True)
    assert (await end(process, signal.SIGTERM)).status == 0
    lines = out.read_text().splitlines()
    assert {line for line in lines if len(line) == 1} == {"0"}
    positions = [int(json.loads(line)["position"]) for line in lines if len(line) > 1]
    assert (positions[0], positions[-2:]) == (1, [1, 2])


async def test_a_program_that_takes_too_long_is_ended(department: Department) -> None:
    await department.publish([copy(1)])
    process = await start(department, "follow", "--exec", "sleep 60", "--exec-seconds", "0.2")
    await department.until("SELECT attempts FROM event", 1)
    assert (await end(process, signal.SIGTERM)).status == 0
    assert department.rows("SELECT reason FROM event") == [("TimeoutError: the program took longer than 0.2 s",)]


async def test_replay_prints_or_fills_the_mailbox(department: Department) -> None:
    await department.publish([copy(at) for at in range(1, 31)])
    printed = await run(department, "replay", "--print", "--source", SOURCE, "--position", "29")
    assert [json.loads(line)["id"] for line in printed.out.splitlines()] == [str(copy(at).id) for at in (29, 30)]
    assert (await run(department, "replay", "--offset", "20")).out == "replayed; kept 10\n"
    assert (await run(department, "replay")).out == "replayed; nothing came\n"
    assert (
        await run(department, "replay", "--since", "2026-01-01T00:00:00+08:00")
    ).out == "replayed; kept 20, repeated 10\n"
