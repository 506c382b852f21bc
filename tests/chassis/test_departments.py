"""Departments as data: what a file may say, and which events, with which fields, it lets through."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.config import ConfigError
from services.chassis.departments import Department, copies, department, departments

BINDING = """
[[binding]]
events = ["tickets.ticket.*"]
areas = ["339999"]
fields = ["ticket", "status"]
"""
HEAD = 'name = "示例局"\ncredentials = "department-water"\n'
KIND = ("tickets", "ticket", "accepted")
DATA = {"ticket": "1", "status": "ACCEPTED", "number": "T1", "category": "irrigation"}


def fields(document: str, *, dispatched: str | None = "water", area: str = "339999100", kind: Any = KIND) -> set[str]:
    return department("water", HEAD + document).fields(kind, dispatched, area, DATA)


def test_nothing_is_let_through_that_no_binding_names() -> None:
    assert fields("") == set()
    assert fields(BINDING) == {"ticket", "status"}
    assert fields(BINDING, dispatched="health") == set()
    assert fields(BINDING, dispatched=None) == set()
    assert fields(BINDING, area="330881100") == set()
    assert fields(BINDING, kind=("tickets", "webhook", "disabled")) == set()


def test_a_binding_beyond_the_departments_own_matters_says_so() -> None:
    every = BINDING + "dispatched = false\n"
    assert fields(every, dispatched=None) == {"ticket", "status"}
    assert fields(every + 'where.category = ["irrigation", "roads"]', dispatched="health") == {"ticket", "status"}
    assert fields(every + 'where.category = ["roads"]', dispatched="health") == set()
    assert fields(every + 'where.unknown = ["roads"]', dispatched="health") == set()


def test_bindings_add_up() -> None:
    second = BINDING.replace('["ticket", "status"]', '["number"]')
    assert fields(BINDING + second) == {"ticket", "status", "number"}
    known = [department(code, HEAD + BINDING) for code in ("water", "health")]
    assert copies(known, KIND, ("health", "339999"), DATA) == {"health": {"ticket", "status"}}


@given(area=st.text("0123456789", min_size=2, max_size=16), bound=st.text("0123456789", min_size=2, max_size=16))
def test_an_area_lets_through_what_lies_in_it(area: str, bound: str) -> None:
    document = BINDING.replace("339999", bound)
    assert bool(fields(document, area=area)) is area.startswith(bound)


@pytest.mark.parametrize(
    ("code", "document", "told"),
    [
        ("Water", HEAD, "code"),
        ("water", 'name = "x"', "credentials"),
        ("water", HEAD.replace("示例局", ""), r"\$\.name"),
        ("water", HEAD + "colour = 1", "colour"),
        ("water", HEAD + BINDING.replace("tickets.ticket.*", "tickets.#"), r"binding\[0\]\.events\[0\]"),
        ("water", HEAD + BINDING.replace("339999", "Jiangshan"), r"binding\[0\]\.areas\[0\]"),
        ("water", HEAD + BINDING.replace('["ticket", "status"]', "[]"), r"binding\[0\]\.fields"),
        ("water", HEAD + '[webhook]\nurl = "ftp://a"\nsecret = "s"', r"\$\.webhook\.url"),
        ("water", HEAD.replace("department-water", "../../etc"), r"\$\.credentials"),
        ("water", "name =", "department 'water'"),
    ],
)
def test_a_file_that_will_not_do(code: str, document: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        department(code, document)


def test_a_folder_of_departments(tmp_path: Path) -> None:
    assert departments("") == ()
    (tmp_path / "water.toml").write_text(HEAD, encoding="utf-8")
    assert departments(str(tmp_path)) == (Department(code="water", name="示例局", credentials="department-water"),)
    with pytest.raises(ConfigError, match="SANMIN_DEPARTMENTS names no folder"):
        departments(str(tmp_path / "nowhere"))
