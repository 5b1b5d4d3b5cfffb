"""The program as people start it: flags, the line `ready`, an end on Ctrl-C, and nothing lost when it is killed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from websockets.sync.client import connect

BOOT = {"reason": "PowerUp", "chargingStation": {"model": "Wall", "vendorName": "Acme"}}
KEY = "vg_a-key-of-the-tests-with-enough-letters"


class Running(NamedTuple):
    process: subprocess.Popen[str]
    ocpp: str
    http: str
    said: list[str]

    def api(self) -> httpx.Client:
        return httpx.Client(base_url=f"{self.http}/api/v1", headers={"authorization": f"Bearer {KEY}"})


@contextmanager
def running(data: Path, *flags: str, **environment: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "voltgate.cli", "csms", "--data", str(data), "--ocpp", "127.0.0.1:0", "--http", "127.0.0.1:0", *flags]
    settings = {**os.environ, "VOLTGATE_ADMIN_KEY": KEY, "VOLTGATE_OCPP_SETTLE_SECONDS": "60", **environment}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=settings)
    said: list[str] = []
    assert process.stdout is not None
    try:
        for line in process.stdout:
            said.append(line)
            found = re.match(r"ready ocpp=(\S+) http=(\S+)", line)
            if found:
                yield Running(process, found[1], found[2], said)
                break
        else:
            raise AssertionError(process.stderr.read() if process.stderr else "")
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ask(link: Any, action: str, payload: Any, message_id: str) -> list[Any]:
    link.send(json.dumps([2, message_id, action, payload]))
    return list(json.loads(link.recv(5)))


def test_it_says_ready_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    with running(tmp_path / "data") as program:
        assert httpx.get(f"{program.http}/readyz").status_code == 200
        assert not [path for path in (tmp_path / "data").iterdir() if path.stat().st_mode & 0o077]  # nobody else may read them
        program.process.send_signal(signal.SIGINT)
        rest, errors = program.process.communicate(timeout=10)
        assert program.process.returncode == 0
        assert "stopped" in rest
        assert "Traceback" not in errors


def test_the_first_start_shows_an_admin_key_once(tmp_path: Path) -> None:
    def keys() -> list[str]:
        with running(tmp_path / "data", VOLTGATE_ADMIN_KEY="") as program:
            return [line for line in program.said if "admin key" in line]

    assert len(keys()) == 1
    assert keys() == []


def test_a_start_that_fails_uses_up_no_admin_key(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        flags = ["--data", str(tmp_path / "data"), "--http", "127.0.0.1:0", "--ocpp", address]
        command = [sys.executable, "-m", "voltgate.cli", "csms", *flags]
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=False, env={**os.environ, "VOLTGATE_ADMIN_KEY": ""}
        )
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert f"cannot listen on {address}" in ended.stderr
    with running(tmp_path / "data", VOLTGATE_ADMIN_KEY="") as program:
        assert any("admin key" in line for line in program.said)


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--database", "postgresql://user:s3cret@host/db"], "SQLite"),
        (["--bus", "nats://host"], "bus"),
        (["--ocpp", "nowhere"], "HOST:PORT"),
        (["--unknown-stations", "perhaps"], "refuse"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--config", "open.toml", "--http", "0.0.0.0:0"], "without log-in"),
    ],
)
def test_what_it_cannot_do_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], word: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("open.toml").write_text("http.login_required = false")
    command = [sys.executable, "-m", "voltgate.cli", "csms", "--data", str(tmp_path / "data"), *flags]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode in (1, 2)
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "s3cret" not in ended.stderr


def test_two_programs_cannot_have_the_same_data(tmp_path: Path) -> None:
    with running(tmp_path / "data"):
        command = [sys.executable, "-m", "voltgate.cli", "csms", "--data", str(tmp_path / "data"), "--ocpp", "127.0.0.1:0"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert ended.returncode == 1
        assert "Traceback" not in ended.stderr


def test_nothing_that_was_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    flags = ("--unknown-stations", "accept")
    with running(tmp_path / "data", *flags) as program, connect(f"{program.ocpp}/CS-1", subprotocols=["ocpp2.1"]) as socket:  # type: ignore[list-item]
        assert ask(socket, "BootNotification", BOOT, "boot")[2]["status"] == "Accepted"
        for number in range(50):
            event = {"type": f"Event{number}", "timestamp": "2026-01-01T00:00:00Z"}
            assert ask(socket, "SecurityEventNotification", event, f"m{number}")[0] == 3
        program.process.kill()
    with running(tmp_path / "data", *flags) as program, program.api() as api:
        station = api.get("/stations/CS-1").json()
        assert (station["registration"], station["connected"]) == ("accepted", False)
        kept = api.get("/stations/CS-1/security-events", params={"limit": 100}).json()["items"]
        assert {event["type"] for event in kept} == {f"Event{number}" for number in range(50)}
        frames = api.get("/messages", params={"kind": "CALL", "limit": 100}).json()["items"]
        assert len(frames) == 51
        with connect(f"{program.ocpp}/CS-1", subprotocols=["ocpp2.1"]) as socket:  # type: ignore[list-item]
            assert ask(socket, "Heartbeat", {}, "after")[0] == 3


def test_call_and_log_are_clients_of_a_running_program(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--unknown-stations", "accept") as program:
        with connect(f"{program.ocpp}/CS-1", subprotocols=["ocpp2.1"]) as socket:  # type: ignore[list-item]
            ask(socket, "BootNotification", BOOT, "boot")

        def voltgate(*words: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "voltgate.cli", *words, "--url", program.http]
            environment = {**os.environ, "VOLTGATE_ADMIN_KEY": KEY}
            return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=environment)

        shown = voltgate("log", "--station", "CS-1")
        assert "CS-1 > [2," in shown.stdout
        assert "CS-1 < [3," in shown.stdout
        lines = voltgate("log", "--json", "--kind", "CALL").stdout.splitlines()
        assert json.loads(lines[0])["action"] == "BootNotification"
        refused = voltgate("call", "CS-1", "Reset", '{"type":"Immediate"}')
        assert refused.returncode == 1
        assert "409" in refused.stderr
        wrong = voltgate("call", "CS-1", "Reset", '{"type":"Softly"}')
        assert "(type)" in wrong.stderr
