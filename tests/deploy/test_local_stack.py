"""The environments of the processes, the example accounts' tokens, and servers of somebody else's."""

import dataclasses
import importlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from deploy.local import stack as stacks
from deploy.local import tokens
from deploy.local.broker import Broker
from deploy.local.given import GivenBroker, GivenPostgres
from deploy.local.issuer import build_app
from deploy.local.layout import Layout, StackError
from deploy.local.postgres import Postgres
from deploy.local.stack import PROCESSES, SERVICES, TASKS, Stack
from services.chassis import config as chassis
from services.chassis.auth import Verifier
from services.chassis.clock import SystemClock
from services.chassis.errors import Unauthenticated

EXAMPLE_VILLAGE = "339999100200"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    layout = Layout(tmp_path / "trial")
    layout.make()
    return Stack("trial", layout, Postgres(layout, durable=False), Broker(layout))


def config_of(process: str) -> type[Any]:
    """The config class that a process or task loads."""
    service, _, verb = process.partition("-")
    if process == "gateway":
        gateway: type[Any] = importlib.import_module("gateway.config").GatewayConfig
        return gateway
    if verb == "migrate":
        return chassis.MigrateConfig
    found: type[Any] = getattr(importlib.import_module(f"services.{service}.config"), verb.title())
    return found


@pytest.mark.parametrize("process", sorted({*PROCESSES, *TASKS} - {"issuer"}))
def test_each_process_gets_every_setting_it_needs(stack: Stack, process: str) -> None:
    environment = stack.environment(process)
    config = chassis.load(config_of(process), environment)
    for field in dataclasses.fields(config):
        if field.name in ("port", "database_url", "owner_database_url", "amqp_url"):
            assert str(getattr(config, field.name)) == environment[f"SANMIN_{field.name.upper()}"]


@pytest.mark.parametrize("service", SERVICES)
def test_api_worker_and_load_are_the_app_role_and_migrate_the_owner(stack: Stack, service: str) -> None:
    for verb in ("api", "worker", "load"):
        assert urlsplit(stack.environment(f"{service}-{verb}")["SANMIN_DATABASE_URL"]).username == f"{service}_app"
    owner = stack.environment(f"{service}-migrate")
    assert urlsplit(owner["SANMIN_OWNER_DATABASE_URL"]).username == f"{service}_owner"
    assert "SANMIN_DATABASE_URL" not in owner


def test_only_what_seals_gets_keys_of_personal_data_and_no_other_services(stack: Stack) -> None:
    having = {name for name in {*PROCESSES, *TASKS} if "SANMIN_PERSONAL_DATA_KEY" in stack.environment(name)}
    assert having == {"archive-api", "archive-worker", "archive-load", "liaison-api", "tickets-api"}
    keys = {stack.environment(name)["SANMIN_PERSONAL_DATA_KEY"] for name in having}
    assert len(keys) == 3


def test_settings_of_the_caller_do_not_leak_into_a_process(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANMIN_BODY_LIMIT", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@example/else")
    environment = stack.environment("tickets-api", LOG_LEVEL="debug")
    assert "SANMIN_BODY_LIMIT" not in environment
    assert "DATABASE_URL" not in environment
    assert environment["SANMIN_LOG_LEVEL"] == "debug"


def test_every_process_has_its_own_port(stack: Stack) -> None:
    assert len({stack.port(name) for name in PROCESSES}) == len(PROCESSES)


@pytest.mark.parametrize("wrong", ["abc", "0", "70000", "-1", "８０００"])
def test_a_wrong_sanmin_port_names_itself(stack: Stack, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("SANMIN_PORT", wrong)
    with pytest.raises(StackError, match="SANMIN_PORT must be"):
        dataclasses.replace(stack, name="run").port("gateway")


def test_sanmin_port_moves_the_gateway_of_make_run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    run = dataclasses.replace(stack, name="run")
    monkeypatch.delenv("SANMIN_PORT", raising=False)
    assert run.base_url("gateway") == "http://127.0.0.1:8000"
    monkeypatch.setenv("SANMIN_PORT", "8123")
    assert run.base_url("gateway") == "http://127.0.0.1:8123"


def test_given_servers_are_used_and_never_steered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("deploy.local.layout.LOCAL", tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss:x%20y@[::1]:5433/postgres?sslmode=require")
    monkeypatch.setenv("AMQP_URL", "amqp://guest@broker.example/")
    given = stacks.Stack.open("given")
    url = urlsplit(given.postgres_url("archive", "archive_app"))
    assert (url.username, url.hostname, url.port, url.path) == ("archive_app", "::1", 5433, "/archive")
    assert url.query == "sslmode=require"
    assert given.amqp_url == "amqp://guest@broker.example/"
    given.start()
    given.stop()
    for server in (given.postgres, given.broker):
        assert isinstance(server, GivenPostgres | GivenBroker)
        with pytest.raises(StackError, match="not ours"):
            server.kill()


def test_there_is_an_account_for_every_role_of_the_example(stack: Stack) -> None:
    known = tokens.accounts()
    assert {"resident", "grid-worker", "cadre", "clerk", "officer", "admin", "auditor"} <= set(known)
    assert all(who.name.startswith("示例") for who in known.values())
    assert known["cadre"].areas == [EXAMPLE_VILLAGE]


async def verified(stack: Stack, token: str) -> object:
    """The token's principal, by the verifier of the services and the keys of the issuer's app."""
    key = tokens.signing_key(stack.layout.directory / "secrets" / "issuer.jwk")
    route = next(route for route in build_app("x", dict(key.as_dict(private=False))).routes if route.path == "/jwks")  # type: ignore[attr-defined]

    async def fetch() -> dict[str, object]:
        document: dict[str, object] = json.loads((await route.endpoint(None)).body)  # type: ignore[attr-defined]
        return document

    settings = chassis.load(chassis.TokenConfig, stack.environment("tickets-api"))
    return await Verifier(settings, SystemClock(), fetch).verify(token)


@pytest.mark.parametrize("account", sorted(tokens.accounts()))
async def test_the_services_accept_the_tokens(stack: Stack, account: str) -> None:
    principal = await verified(stack, tokens.token(stack, account))
    who = tokens.accounts()[account]
    assert principal == dataclasses.replace(
        principal,  # type: ignore[type-var]
        subject=f"example-{account}",
        name=who.name,
        roles=frozenset(who.roles),
        areas=tuple(who.areas),
        department=who.department,
        household=who.household,
    )


async def test_an_expired_token_is_refused(stack: Stack) -> None:
    with pytest.raises(Unauthenticated, match="expired"):
        await verified(stack, tokens.token(stack, "cadre", seconds=-1))


async def test_a_token_of_another_stack_is_refused(stack: Stack, tmp_path: Path) -> None:
    layout = Layout(tmp_path / "other")
    layout.make()
    other = dataclasses.replace(stack, layout=layout)
    with pytest.raises(Unauthenticated):
        await verified(stack, tokens.token(other, "cadre", iss=stack.base_url("issuer")))


def test_the_published_key_has_no_private_part(stack: Stack) -> None:
    key = tokens.signing_key(stack.layout.directory / "secrets" / "issuer.jwk")
    assert "d" not in key.as_dict(private=False)


def test_an_unknown_account_lists_the_known_ones(stack: Stack) -> None:
    with pytest.raises(StackError, match=r"resident.*auditor"):
        tokens.token(stack, "nobody")
