"""What the bootstrap decides: what is missing, what to say about it, which packages, and when the libraries are up to date."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import bootstrap, packages
from deploy.local.layout import ROOT


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with nothing on it."""
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    for name in ("has_postgis", "has_rabbitmq", "has_printing", "can_make_venv"):
        monkeypatch.setattr(bootstrap, name, lambda: False)
    for name in ("DATABASE_URL", "AMQP_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("bare")
def test_a_bare_machine_lacks_everything() -> None:
    assert bootstrap.wanted("run") == bootstrap.wanted("test") == ["venv", "postgresql", "rabbitmq", "printing"]


@pytest.mark.usefixtures("bare")
def test_a_token_needs_no_server() -> None:
    assert bootstrap.wanted("token") == ["venv"]


@pytest.mark.usefixtures("bare")
def test_given_servers_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss@example/postgres")
    assert bootstrap.wanted("run") == ["venv", "rabbitmq", "printing"]
    monkeypatch.setenv("AMQP_URL", "amqp://example/")
    assert bootstrap.wanted("run") == ["venv", "printing"]


@pytest.mark.usefixtures("bare")
def test_without_root_and_sudo_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(bootstrap.Refused) as refusal:
        bootstrap.install_packages(bootstrap.wanted("run"))
    sentence = str(refusal.value)
    assert "\n" not in sentence
    for word in ("no sudo", "rabbitmq-server", "postgis", "fonts-noto-cjk", "DATABASE_URL", "AMQP_URL"):
        assert word in sentence


def test_the_libraries_are_installed_again_only_when_the_lock_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    lock = tmp_path / "requirements-dev.lock"
    lock.write_text("one==1\n")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".stamp")
    calls: list[list[str]] = []

    def call(argv: list[str], **_options: object) -> int:
        calls.append(argv)
        return 0

    monkeypatch.setattr(bootstrap, "call", call)
    bootstrap.make_venv()
    bootstrap.make_venv()
    assert len(calls) == 1
    assert "--require-hashes" in calls[0]
    lock.write_text("one==2\n")
    bootstrap.make_venv()
    assert len(calls) == 2


def test_a_failed_installation_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamp = tmp_path / ".stamp"
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    monkeypatch.setattr(bootstrap, "call", lambda argv, **_options: int("pip" in argv))
    with pytest.raises(bootstrap.Refused):
        bootstrap.make_venv()
    assert not stamp.exists()


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        ("postgresql-15-postgis-3 - Geographic objects\n", "postgresql-15-postgis-3"),
        ("postgresql-17-postgis-3 - x\npostgresql-9-postgis-3 - x\n", "postgresql-17-postgis-3"),
        ("", None),
    ],
)
def test_the_postgis_package_is_found_not_assumed(
    monkeypatch: pytest.MonkeyPatch, offered: str, expected: str | None
) -> None:
    monkeypatch.setattr(packages, "read", lambda *_argv: offered)
    monkeypatch.setattr(packages, "installed_servers", set)
    assert packages.postgis_package() == expected


def test_a_server_that_is_there_gets_its_own_postgis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "read", lambda *_argv: "postgresql-15-postgis-3 - x\npostgresql-17-postgis-3 - x\n")
    monkeypatch.setattr(packages, "installed_servers", lambda: {15})
    assert packages.postgis_package() == "postgresql-15-postgis-3"


def test_services_are_not_started_while_packages_are_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(packages, "POLICY", policy)
    with packages.no_service_starts():
        assert subprocess.run([policy, "postgresql", "start"], check=False).returncode == 101
    assert not policy.exists()


def test_the_machines_own_policy_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    monkeypatch.setattr(packages, "POLICY", policy)
    with packages.no_service_starts():
        assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert policy.exists()


def test_a_policy_left_by_a_killed_bootstrap_is_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text(packages.POLICY_TEXT)
    monkeypatch.setattr(packages, "POLICY", policy)
    with packages.no_service_starts():
        pass
    assert not policy.exists()


def test_stop_and_clean_run_on_a_bare_python() -> None:
    argv = [sys.executable, "-S", "-c", "import deploy.local.__main__"]
    assert subprocess.run(argv, cwd=ROOT, check=False).returncode == 0


def test_make_alone_lists_every_target() -> None:
    listing = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "token", "county", "bench", "stop", "clean", "lock"):
        assert f"make {target} " in listing
