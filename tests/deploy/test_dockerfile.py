"""The Dockerfile keeps its promises: chassis and one component inside, pinned libraries, no root, no installer.

It is read as text here; what it implies about imports is tried: each component is imported from a copy that holds
nothing but what its image would.
"""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from deploy.local.packages import PRINTING

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
FOLDERS = {**{name: f"services/{name}" for name in ("archive", "liaison", "tickets")}, "gateway": "gateway"}
PRINTERS = {"archive", "liaison"}
FRAME = {"services/__init__.py", "services/chassis"}


@dataclass(frozen=True)
class Stage:
    """One FROM and the instructions below it, each a (word, arguments) pair."""

    base: str
    name: str
    steps: tuple[tuple[str, str], ...]

    def all(self, word: str) -> list[str]:
        return [arguments for given, arguments in self.steps if given == word]


def instructions() -> list[tuple[str, str]]:
    lines = [line for line in DOCKERFILE.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in whole)]


def stages() -> dict[str, Stage]:
    """The stages by name; the last one's name is "" because it has none."""
    starts = [number for number, (word, _) in enumerate(instructions()) if word == "FROM"]
    result = {}
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        base, _, name = instructions()[start][1].partition(" AS ")
        result[name] = Stage(base, name, tuple(instructions()[start + 1 : end]))
    return result


def copied(stage: Stage) -> set[str]:
    """What a stage takes from the repository."""
    return {source for step in stage.all("COPY") if not step.startswith("--from=") for source in step.split()[:-1]}


def test_base_and_component_are_arguments() -> None:
    assert instructions()[:2] == [("ARG", "BASE=python:3.11-slim-bookworm"), ("ARG", "COMPONENT")]
    assert list(stages()) == ["libraries", "frame", "printing", *FOLDERS, ""]
    assert stages()["libraries"].base == stages()["frame"].base == "${BASE}"
    assert stages()[""].base == "${COMPONENT}"
    assert "latest" not in DOCKERFILE.read_text()


@pytest.mark.parametrize("component", FOLDERS)
def test_only_chassis_and_component_are_inside(component: str) -> None:
    base = stages()[component].base
    assert base == ("printing" if component in PRINTERS else "frame")
    assert stages()["printing"].base == "frame"
    chain = [stages()[name] for name in dict.fromkeys(("frame", base, component, ""))]
    assert set().union(*map(copied, chain)) == FRAME | {FOLDERS[component]}
    fetched = [step for stage in chain for step in stage.all("COPY") if "--from=" in step]
    assert fetched == ["--from=libraries /opt/venv /opt/venv"]
    for source in FRAME | {FOLDERS[component]}:
        assert (ROOT / source).exists(), source


@pytest.mark.parametrize("component", FOLDERS)
def test_command_is_the_verb(component: str) -> None:
    stage = stages()[component]
    module = FOLDERS[component].replace("/", ".")
    assert json.loads(stage.all("ENTRYPOINT")[0]) == ["python", "-m", module]
    assert stage.all("CMD") == ([] if component == "gateway" else ['["api"]'])
    assert (ROOT / FOLDERS[component] / "__main__.py").exists()


def test_libraries_come_from_the_lock_with_hashes_and_without_a_compiler() -> None:
    libraries = stages()["libraries"]
    (install,) = libraries.all("RUN")
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert copied(libraries) == {"requirements-services.lock", "requirements-gateway.lock"}
    for lock in copied(libraries):
        text = (ROOT / lock).read_text()
        assert lock in install
        assert len(re.findall(r"^\S+==", text, re.MULTILINE)) > 10
    assert not re.search(r"\bgcc\b|build-essential|-dev\b", DOCKERFILE.read_text())


def test_only_printers_have_debian_packages_and_they_are_those_that_printing_needs() -> None:
    assert [name for name, stage in stages().items() if any("apt-get" in step for step in stage.all("RUN"))] == [
        "printing"
    ]
    (install,) = stages()["printing"].all("RUN")
    assert install.count("apt-get install") == 1
    for package in PRINTING:
        assert f" {package} " in install
    assert "--no-install-recommends" in install
    assert "rm -rf /var/lib/apt/lists/*" in install


def test_final_stage_is_not_root_and_says_what_it_is() -> None:
    final = stages()[""]
    assert final.all("USER") == ["10001:10001"]
    words = [word for word, _ in final.steps]
    assert "RUN" not in words[words.index("USER") :]
    (health,) = final.all("HEALTHCHECK")
    assert "/livez" in health
    assert "pip" in stages()["frame"].all("RUN")[0]
    environment = dict(pair.split("=", 1) for pair in final.all("ENV")[0].split())
    assert environment["PYTHONDONTWRITEBYTECODE"] == environment["PYTHONUNBUFFERED"] == "1"
    labels = re.findall(r"org\.opencontainers\.image\.(\w+)=", final.all("LABEL")[0])
    assert {"title", "version", "revision", "created"} <= set(labels)


def test_context_is_an_allowlist() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert allowed == {"services", "gateway", *copied(stages()["libraries"])}


IMPORT_ALL = """
import importlib, json, pkgutil, sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
json.dump({name: getattr(sys.modules[name], "__file__", None) for name in set(sys.modules) - before}, sys.stdout)
"""


@pytest.mark.parametrize("component", FOLDERS)
def test_component_stands_alone(component: str, tmp_path: Path) -> None:
    """Every module of the component imports beside the chassis alone, and with the libraries of its lock alone."""
    for source in FRAME | {FOLDERS[component]}:
        target = tmp_path / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / source, target)
    module = FOLDERS[component].replace("/", ".")
    command = [sys.executable, "-I", "-c", IMPORT_ALL, str(tmp_path), module]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    imported: dict[str, str | None] = json.loads(done.stdout)
    ours = {name: file for name, file in imported.items() if name.split(".")[0] in ("services", "gateway")}
    assert f"{module}.app" in ours
    assert {name: file for name, file in ours.items() if file and not file.startswith(str(tmp_path))} == {}
    lock = ROOT / ("requirements-gateway.lock" if component == "gateway" else "requirements-services.lock")
    locked = {_normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(), re.MULTILINE)}
    providers_of = packages_distributions()
    foreign = {}
    for name in {name.split(".")[0] for name in imported} - {"services", "gateway"}:
        providers = {_normal(provider) for provider in providers_of.get(name, ())}
        if providers and not providers & locked:
            foreign[name] = providers
    assert foreign == {}, f"not in {lock.name}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
