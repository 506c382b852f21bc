"""The search for personal data in clear finds what is planted, in every place that it looks into, and fails the run."""

import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import xlsxwriter

from deploy.local.layout import ROOT
from tests.support import scan

NUMBER, PHONE = "339999196203121033", "13800001234"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    fresh: list[str] = []
    monkeypatch.setattr(scan, "FOUND", fresh)
    return fresh


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'{{"idNumber": "{NUMBER}"}}', ["an ID number"]),
        (f"身份证{NUMBER}，电话{PHONE}", ["an ID number", "a mobile phone"]),
        (f"+86{PHONE}", ["a mobile phone"]),
        (NUMBER[:-1] + "4", []),
        ("339999********1033 138****1234", []),
        ("3399991002000001 339999100200 4888365 1764043200000", []),
        (f"00000000-0000-7000-8000-{PHONE}0 a{PHONE} 0.{PHONE}", []),
    ],
)
def test_what_counts_as_in_clear(text: str, expected: list[str]) -> None:
    assert list(scan.forms(text)) == expected


def test_the_places_that_are_looked_into(found: list[str]) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet().write_string(0, 0, NUMBER)
    answers = [
        ("GET", "/files/registers/BENEFITS.xlsx", 200, target.getvalue()),
        ("POST", "/read", 422, f"no such number: {NUMBER}".encode()),
        ("POST", "/graphql", 200, f'{{"data": null, "errors": [{{"message": "{PHONE}"}}]}}'.encode()),
    ]
    for method, path, status, body in answers:
        scan.look_at_answer(method, path, status, body)
    assert found == [
        "GET /files/registers/BENEFITS.xlsx: an ID number in clear",
        "POST /read: an ID number in clear",
        "POST /graphql: a mobile phone in clear",
    ]


def test_what_may_be_in_clear(found: list[str]) -> None:
    number = f'{{"data": {{"reveal": "{NUMBER}"}}}}'.encode()
    scan.look_at_answer("POST", "/graphql", 200, number)
    scan.look_at_answer("POST", "/commands/reveal", 200, number)
    scan.look_at_answer("GET", "/files/households/1/personal-data.json", 200, number)
    assert found == []


@pytest.mark.parametrize(("planted", "code"), [(NUMBER, 1), (PHONE, 1), ("339999********1033", 0)])
def test_a_run_that_logs_one_fails_and_does_not_repeat_it(tmp_path: Path, planted: str, code: int) -> None:
    hooks = "pytest_runtest_logreport, pytest_sessionfinish, pytest_terminal_summary"
    (tmp_path / "conftest.py").write_text(f"from tests.support.scan import {hooks}\n")
    test = f'''
        import structlog
        def test_logs():
            structlog.get_logger().info("planted", value="{planted}")
    '''
    (tmp_path / "test_planted.py").write_text(textwrap.dedent(test))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_planted.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("personal data in clear" in done.stdout) == bool(code)
    assert planted not in done.stdout
