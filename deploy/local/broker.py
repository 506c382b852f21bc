"""A private RabbitMQ node for one stack. Standard library only.

It has its own home (with the Erlang cookie), node name, data, ports and name server (epmd); all listen on 127.0.0.1 alone.
The user is generated, there is no `guest`. The node is called `sanmin@localhost`, so that its data survives a new host name.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local import processes
from deploy.local.layout import Layout, StackError

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
CONTROL = SERVER.with_name("rabbitmqctl")
NODE = "sanmin@localhost"
USER = "sanmin"
START_SECONDS = 90.0
"""Longest wait for readiness: after a crash the node first reads its log back."""
STOP_SECONDS = 20
"""Longest wait for an orderly stop."""
CONTROL_SECONDS = 60.0
GONE_SECONDS = 1.0
KILL_ROUNDS = 2
"""The second finds who was being started, or missed, during the first."""
AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
"""What a client of AMQP 0-9-1 says first."""


@dataclass(frozen=True)
class Broker:
    """The node of one stack. Its state is on disk and in the process table: any process of this user can steer it."""

    layout: Layout

    private = True
    """Whether this broker is ours to stop and kill."""

    @property
    def home(self) -> Path:
        return self.layout.directory / "broker"

    @property
    def _complete(self) -> Path:
        """Made when the node is ready for the first time."""
        return self.home / "complete"

    @property
    def log(self) -> Path:
        return self.layout.logs / "broker.log"

    @property
    def port(self) -> int:
        return self.layout.port("amqp")

    @property
    def url(self) -> str:
        return f"amqp://{USER}:{quote(self.layout.secret('broker-password'))}@127.0.0.1:{self.port}/"

    @property
    def admin_url(self) -> str:
        """RabbitMQ's management API, by which users and their permissions are made."""
        secret = quote(self.layout.secret("broker-password"))
        return f"http://{USER}:{secret}@127.0.0.1:{self.layout.port('management')}"

    def start(self) -> None:
        """Start the node, or adopt it when it already runs, and wait until it answers."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start the node without waiting for it; does nothing when it runs and answers.

        Whoever launches must `wait_ready()` in the end: only then are the node's data known to be whole, and kept.
        """
        if self.pids() and self._answers():
            return
        self.kill()
        if not SERVER.exists():
            raise StackError("RabbitMQ is not installed: start through make, which installs it.")
        if not self.is_complete():
            # Cut off while it made its first, empty database: what there is may be half a one.
            shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(exist_ok=True)
        self.home.chmod(0o700)
        for name in ("amqp", "management", "distribution", "epmd"):
            self.layout.port(name, fresh=True)
        (self.home / "rabbitmq.conf").write_text(self._settings())
        (self.home / "rabbitmq.conf").chmod(0o600)
        (self.home / "enabled_plugins").write_text("[rabbitmq_management].\n")
        if self.log.exists() and self.log.stat().st_size > 20_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        environment = self._environment()
        processes.start(
            [epmd(), "-port", str(self.layout.port("epmd")), "-address", "127.0.0.1"],
            environment=environment,
            log=self.log,
            cwd=self.home,
        )
        processes.start([str(SERVER)], environment=environment, log=self.log, cwd=self.home)

    def wait_ready(self) -> None:
        """Wait until the node answers a client; raises StackError with the end of its log if it does not."""
        deadline, seen = time.monotonic() + START_SECONDS, time.monotonic()
        while not self._answers():
            processes.reap()
            if self._server_pids():
                seen = time.monotonic()
            # A listing of processes can miss one that lives, hence the second: what is gone stays gone.
            if time.monotonic() > deadline or time.monotonic() - seen > GONE_SECONDS:
                self.kill()
                raise StackError(f"RabbitMQ did not start; the end of {self.log}:\n{processes.tail(self.log)}")
            time.sleep(0.05)
        self._complete.touch()

    def is_complete(self) -> bool:
        """Whether the node was ready once, so that its data are whole and the next start keeps them."""
        return self._complete.exists()

    def pids(self) -> list[int]:
        """All processes of the node: the Erlang machine, its helpers and its name server."""
        return processes.marked(self.layout.directory, "broker")

    def stop(self) -> None:
        """Stop in order, then the helpers and the name server. Does nothing when it does not run."""
        # Asked again and again: early in its start the Erlang machine loses the signal.
        for _ in range(STOP_SECONDS):
            servers = self._server_pids()
            for pid in servers:
                processes.send(pid, signal.SIGTERM)
            if not processes.wait_gone(servers, 1.0):
                break
        self.kill()

    def erase(self) -> None:
        """Remove all data of the stopped node."""
        shutil.rmtree(self.home, ignore_errors=True)

    def kill(self) -> None:
        """SIGKILL every process of the node, as a crash would; returns when they are gone. `start()` recovers."""
        for _ in range(KILL_ROUNDS):
            pids = self.pids()
            for pid in pids:
                processes.send(pid, signal.SIGKILL)
            processes.wait_gone(pids, 10.0)

    def control(self, *words: str) -> str:
        """What the running node answers to `rabbitmqctl WORDS`, its operator's tool; raises StackError when it refuses."""
        answer = subprocess.run(
            [str(CONTROL), "--quiet", *words],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.home,
            timeout=CONTROL_SECONDS,
            check=False,
        )
        if answer.returncode != 0:
            raise StackError(f"rabbitmqctl {words[0]} failed: {answer.stderr.strip()}")
        return answer.stdout

    def _server_pids(self) -> list[int]:
        helpers = {"epmd", "erl_child_setup", "inet_gethost"}
        return [pid for pid in self.pids() if processes.name_of(pid) not in helpers]

    def _answers(self) -> bool:
        """Whether something that speaks AMQP listens at our port."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1.0) as client:
                client.settimeout(2.0)
                client.sendall(AMQP_HEADER)
                return client.recv(1) == b"\x01"
        except OSError:
            return False

    def _settings(self) -> str:
        """RabbitMQ's configuration. The user and password count only when the node is created."""
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{self.port}",
            "default_user": USER,
            "default_pass": self.layout.secret("broker-password"),
            "default_user_tags.administrator": "true",
            "default_permissions.configure": ".*",
            "default_permissions.read": ".*",
            "default_permissions.write": ".*",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": str(self.layout.port("management")),
            # Only users and permissions are managed by it; counting for its pages would cost processor time.
            "management_agent.disable_metrics_collector": "true",
            "vm_memory_high_watermark.absolute": "1GB",
            "disk_free_limit.absolute": "200MB",
            "raft.wal_max_size_bytes": "67108864",
            "log.file": "false",
            "log.console": "true",
            "log.console.level": "warning",
        }
        return "".join(f"{name} = {value}\n" for name, value in settings.items())

    def _environment(self) -> dict[str, str]:
        """The node's whole environment: nothing of the caller's reaches it."""
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "ERL_EPMD_PORT": str(self.layout.port("epmd")),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(self.layout.port("distribution")),
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.home / "data"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_PID_FILE": str(self.home / "pid"),
            # Bound to loopback, and no busy waiting: the machine belongs to the developer.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}"
            " +sbwt none +sbwtdcpu none +sbwtdio none",
            # Makes the start script become the server instead of staying in front of it as a shell.
            "RUNNING_UNDER_SYSTEMD": "true",
            **processes.mark(self.layout.directory, "broker"),
        }


def epmd() -> str:
    """Erlang's name server."""
    found = shutil.which("epmd", path=os.pathsep.join(("/usr/bin", "/usr/local/bin", "/usr/lib/erlang/bin")))
    if found is None:
        raise StackError("Erlang's epmd is missing although RabbitMQ is installed: reinstall erlang-base.")
    return found
