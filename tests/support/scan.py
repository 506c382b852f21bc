"""After the whole run: no ID number and no mobile phone in clear in what the system told — logs, events, errors, documents.

Whatever the tests see of it is looked through as it comes: `look` is called with what apps answer (serving.py), with what processes log (system.py,
and what pytest captured), and with what databases hold of events and answers before they are dropped (databases.py). What is found fails
the run. A report names the place and the form, never the value.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from stdnum.cn import ric

ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:\+?86)?1[3-9][0-9]{9}(?![0-9A-Za-z])")
IN_CLEAR = (
    re.compile(r"/files/(archive/)?households/[^/]+/personal-data\."),
    re.compile(r"/files/(archive/)?imports/(template|[^/]+/rejected)"),
)
"""Documents that hold numbers in clear: a household's copy of its own data, an example row, and bad rows that go back to whoever sent them."""
ERROR = 400

FOUND: list[str] = []
"""What was found: where, and what form it has."""


def look(told: str | bytes, where: str) -> None:
    """Looks through something that the system told; workbooks and archives are opened."""
    for text in _texts(told):
        for form in forms(text):
            line = f"{where}: {form} in clear"
            if line not in FOUND:
                FOUND.append(line)


def look_at_answer(method: str, path: str, status: int, body: bytes) -> None:
    """Looks through an answer: errors and documents whole, of GraphQL's answers the errors."""
    if path.startswith("/files/"):
        if not any(pattern.match(path) for pattern in IN_CLEAR):
            look(body, f"{method} {path}")
    elif status >= ERROR:
        look(body, f"{method} {path}")
    elif path == "/graphql" and b'"errors"' in body:
        try:
            look(msgspec.json.encode(msgspec.json.decode(body, type=dict[str, Any]).get("errors")), f"{method} {path}")
        except msgspec.DecodeError:
            look(body, f"{method} {path}")


def forms(text: str) -> Iterator[str]:
    """The forms of what is in clear in a text: an ID number that is valid by GB 11643, a mobile phone."""
    for match in ID_NUMBER.finditer(text):
        if _valid(match[0].upper()):
            yield "an ID number"
    for _ in MOBILE.finditer(text):
        yield "a mobile phone"


def _valid(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return bool(ric.calc_check_digit(number) == number[-1])


def _texts(told: str | bytes) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif told.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(told)) as archive:
            for name in archive.namelist():
                yield from _texts(archive.read(name))
    elif told.startswith(b"%PDF"):
        from pypdf import PdfReader  # noqa: PLC0415  needed only where a document was printed

        for page in PdfReader(io.BytesIO(told)).pages:
            yield page.extract_text()
    else:
        yield told.decode("utf-8", "replace")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What a test's services logged and printed."""
    for _, text in report.sections:
        look(text, f"output of {report.nodeid.partition('[')[0]}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if FOUND and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FOUND:
        terminalreporter.section("personal data in clear", red=True)
        for line in FOUND:
            terminalreporter.line(line)
