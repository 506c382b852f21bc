"""The operators' verbs: rotate-keys, audit, retention."""

import asyncio
import base64
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.archive.__main__ import cli
from services.archive.commands.upkeep import seal
from services.chassis.clock import SystemClock
from tests.archive.conftest import KEYS, Archive
from tests.archive.test_chain import SIGNER, opened

SEED, PUBLIC = (base64.b64encode(key).decode() for key in (b"s" * 32, SIGNER.public))
OLD, NEW = KEYS["personal_data_key"], f"sm4:{base64.b64encode(b'n' * 16).decode()}"


async def run(archive: Archive, *words: str, **settings: str) -> Result:
    environment = {
        "SANMIN_DATABASE_URL": archive.database.app_url,
        "SANMIN_BLIND_INDEX_KEY": KEYS["blind_index_key"],
        **{f"SANMIN_{name}": value for name, value in settings.items()},
    }
    return await asyncio.to_thread(CliRunner().invoke, cli, words, env=environment)


async def test_keys_are_replaced_in_four_steps(archive: Archive) -> None:
    assert (await run(archive, "rotate-keys", "--check", PERSONAL_DATA_KEY=f"{OLD}\n{NEW}")).exit_code == 0
    both = f"{NEW}\n{OLD}"
    left = await run(archive, "rotate-keys", "--check", PERSONAL_DATA_KEY=both)
    assert left.exit_code == 1
    assert "older keys are needed still" in left.output
    done = await run(archive, "rotate-keys", PERSONAL_DATA_KEY=both)
    assert done.exit_code == 0, done.output
    assert "older keys are needed no more" in done.output
    assert "person: 0 rows" in done.output
    assert (await run(archive, "rotate-keys", "--check", PERSONAL_DATA_KEY=NEW)).exit_code == 0
    assert (await run(archive, "rotate-keys", "--index", PERSONAL_DATA_KEY=NEW)).exit_code == 0


async def test_the_audit_log_is_verified_and_its_checkpoint_kept_elsewhere(archive: Archive, tmp_path: Path) -> None:
    await opened(archive, 4)
    await seal(archive.pool, SIGNER, SystemClock())
    kept = tmp_path / "checkpoint.json"
    sound = await run(archive, "audit", "verify", "--export", str(kept), AUDIT_SIGNING_KEY=SEED)
    assert sound.exit_code == 0, sound.output
    assert "4 rows up to position 4, 1 checkpoints" in sound.output
    assert (await run(archive, "audit", "key", AUDIT_SIGNING_KEY=SEED)).output.strip() == PUBLIC
    await archive.admin.execute("TRUNCATE audit, audit_chain, audit_checkpoint")
    await opened(archive, 2)
    await seal(archive.pool, SIGNER, SystemClock())
    cut = await run(archive, "audit", "verify", "--from", str(kept), AUDIT_PUBLIC_KEY=PUBLIC)
    assert cut.exit_code == 1
    assert "CHECKPOINT position 4: the chain ends at position 2" in cut.output
    await archive.admin.execute("UPDATE audit SET by = 'x' WHERE id = (SELECT min(id) FROM audit)")
    changed = await run(archive, "audit", "verify", AUDIT_PUBLIC_KEY=PUBLIC)
    assert (changed.exit_code, "CHANGED position 1 row" in changed.output) == (1, True)
    assert (await run(archive, "audit", "verify")).exit_code != 0


async def test_retention_shows_its_rules_applies_them_and_reports(archive: Archive) -> None:
    rules = await run(archive, "retention", "rules", "--json")
    assert {"audit", "numbers", "visit_note", "correction"} <= set(rules.output.split('"'))
    assert "no runs" in (await run(archive, "retention", "report")).output
    assert "audit: 0" in (await run(archive, "retention", "run")).output
    assert "visit_note" in (await run(archive, "retention", "report", "--json")).output


@pytest.mark.parametrize("value", ["aes:c2hvcnQ=", "sm4:" + "A" * 43 + "=", "des:AAAA", " ", "A" * 43 + "=,"])
async def test_a_key_of_another_form_is_named(archive: Archive, value: str) -> None:
    result = await run(archive, "rotate-keys", "--check", PERSONAL_DATA_KEY=value)
    assert "SANMIN_PERSONAL_DATA_KEY" in str(result.exception)
