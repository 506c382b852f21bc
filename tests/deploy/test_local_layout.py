"""Ports, secrets and the lock of a stack's folder."""

import base64
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.layout import PORTS, ROOT, Layout, StackError, port_is_free


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "local" / "trial")
    made.make()
    return made


def test_a_port_is_picked_once_and_remembered(layout: Layout) -> None:
    port = layout.port("gateway")
    assert port in PORTS
    assert Layout(layout.directory).port("gateway", fresh=True) == port
    assert json.loads((layout.directory / "ports.json").read_text()) == {"gateway": port}


def test_a_taken_port_is_replaced_only_when_a_server_is_about_to_start(layout: Layout) -> None:
    port = layout.port("amqp")
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert not port_is_free(port)
        assert layout.port("amqp") == port
        assert layout.port("amqp", fresh=True) != port


def test_secrets_are_made_once_and_are_their_owners_alone(layout: Layout) -> None:
    secret = layout.secret("archive_app-password")
    assert layout.secret("archive_app-password") == secret
    path = layout.directory / "secrets" / "archive_app-password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_keys_are_32_bytes_in_base64(layout: Layout) -> None:
    assert len(base64.b64decode(layout.secret("personal-data-key"), validate=True)) == 32


def test_only_one_process_runs_a_stack(layout: Layout) -> None:
    other = (
        "import sys; from pathlib import Path; from deploy.local.layout import Layout\n"
        "with Layout(Path(sys.argv[1])).locked(): pass"
    )
    argv = [sys.executable, "-c", other, str(layout.directory)]
    with layout.locked():
        refused = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        assert refused.returncode != 0
        assert f"process {os.getpid()}" in refused.stderr
    assert subprocess.run(argv, cwd=ROOT, check=False).returncode == 0


def test_a_folder_of_somebody_else_is_refused_by_name(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: layout.directory.stat().st_uid + 1)
    with pytest.raises(StackError, match="belongs to another user"):
        layout.make()
