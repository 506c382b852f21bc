"""Documents that would cost too much are refused before they cost it."""

import time

import pytest
from graphql import parse

from gateway import limits
from gateway.planner.documents import Documents, Refused
from gateway.schema import build_schema

SCHEMA = build_schema()


def refusal(text: str, *, development: bool = False) -> str:
    """The first error of a document; fails where the document is accepted."""
    with pytest.raises(Refused) as refused:
        Documents(SCHEMA, development=development).get(text).operation(None)
    return str(refused.value.errors[0]["message"])


def nested(depth: int) -> str:
    return '{ area(code: "33") ' + "{ parent " * depth + "{ code }" + " }" * depth + " }"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{ me { name " + "#" * 40_000 + "\n } }", "bytes"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(400)) + " }", "tokens"),
        (nested(12), "depth"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }", "aliases"),
        ("{ me { name " + "@skip(if: false) " * 51 + "} }", "directives"),
        ("{ me { __mine: name } }", "two underscores"),
        ("{ __schema { types { name } } }", "introspection"),
    ],
)
def test_costly_documents_are_refused(text: str, says: str) -> None:
    assert says in refusal(text)


def test_what_is_within_the_limits_passes() -> None:
    Documents(SCHEMA, development=False).get(nested(9)).operation(None)


def test_introspection_is_for_development() -> None:
    Documents(SCHEMA, development=True).get("{ __schema { types { name } } }").operation(None)


def test_production_suggests_no_names() -> None:
    assert "Did you mean" in refusal("{ me { nam } }", development=True)
    assert "Did you mean" not in refusal("{ me { nam } }")


def doubled(levels: int) -> str:
    parts = [f"fragment F{n} on Area {{ parent {{ ...F{n + 1} ...F{n + 1} }} }}" for n in range(levels)]
    return '{ area(code: "33") { ...F0 } } ' + " ".join(parts) + f" fragment F{levels} on Area {{ code }}"


@pytest.mark.parametrize(
    "text",
    [
        doubled(40),
        '{ area(code: "33") { ...A } } fragment A on Area { ...B } fragment B on Area { ...A }',
        "{ me { " + "name " * 990 + "} }",
        "{" * 300,
        "[" * 5_000,
    ],
)
def test_hostile_documents_are_refused_quickly(text: str) -> None:
    started = time.thread_time()
    refusal(text)
    assert time.thread_time() - started < 1


def test_fragments_count_wherever_they_are_spread() -> None:
    document = parse("{ " + "me { ...F } " * 3 + "} fragment F on Me { name }")
    assert limits.check(document) == []
    assert "number of fields" in refusal(doubled(9))
