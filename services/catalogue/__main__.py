"""`python -m services.catalogue` writes the contracts, the AsyncAPI document, the page and the departments' client's schemas;
`release` keeps the schemas as released.

Run it after a change of an event. An example is written by hand, in its contract file, before.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from services.catalogue.asyncapi import asyncapi
from services.catalogue.compatibility import Breach, breaches
from services.catalogue.page import page
from services.catalogue.published import document, published, version

FOLDER = Path(__file__).parent
RELEASED = FOLDER / "released.json"
SCHEMAS = FOLDER.parents[1] / "subscribe" / "schemas.json"

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def files() -> dict[Path, str]:
    """Every generated file with its content. Raises ValueError where an example is missing."""
    events = published()
    return {
        **{event.path: document(event.contract()) for event in events},
        FOLDER / "asyncapi.json": document(asyncapi(events, version())),
        FOLDER / "index.html": page(events, version()),
        SCHEMAS: document({event.type: event.schema for event in events}),
    }


def released(path: Path = RELEASED) -> Mapping[str, Any]:
    """The schemas of the last release, by event type; none before the first."""
    if not path.exists():
        return {}
    schemas: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["schemas"]
    return schemas


def release(current: Mapping[str, Any], path: Path = RELEASED) -> list[Breach]:
    """Keeps the schemas as those of this version, unless they break consumers of the last release: returns how."""
    found = breaches(released(path), current)
    if not found:
        path.write_text(document({"version": version(), "schemas": current}), encoding="utf-8")
    return found


@cli.callback(invoke_without_command=True)
def _write(context: typer.Context) -> None:
    """Write what is generated anew, and say which files have changed."""
    if context.invoked_subcommand is not None:
        return
    try:
        wanted = files()
    except ValueError as error:
        typer.echo(f"stopped: {error}", err=True)
        raise SystemExit(1) from None
    for path, content in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
            typer.echo(f"wrote {path.relative_to(FOLDER.parents[1])}")


@cli.command(name="release")
def _release() -> None:
    """Keep the schemas as those of this version; refused where they break the consumers of the last release."""
    found = release({event.type: event.schema for event in published()})
    for breach in found:
        typer.echo(f"breach: {breach}", err=True)
    if found:
        raise SystemExit(1)


if __name__ == "__main__":
    cli()
