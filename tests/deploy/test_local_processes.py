"""A stack's processes are found by their mark, also while they become another program."""

import os
import subprocess
from pathlib import Path

from deploy.local import processes

AGAIN = '[ "$1" -le 0 ] && exec sleep 60; exec bash "$0" $(($1 - 1))'
"""A script that becomes itself over and over, then waits."""


def test_a_process_is_found_while_it_becomes_another_program(tmp_path: Path) -> None:
    script = tmp_path / "again"
    script.write_text(AGAIN)
    environment = {"PATH": os.environ["PATH"], **processes.mark(tmp_path, "part")}
    with subprocess.Popen(["bash", str(script), "2000"], env=environment) as child:
        found = [processes.marked(tmp_path, "part")]
        while processes.name_of(child.pid) != "sleep":
            found.append(processes.marked(tmp_path, "part"))
        child.kill()
    missed = sum(pids != [child.pid] for pids in found)
    assert len(found) > 100
    assert missed <= len(found) // 50, (
        "the kernel's own listing may miss a process once in a while, not its environment"
    )
