"""`./innozone up` as an operator meets it: first start, second `up`, kill -9, the next start, Ctrl-C, a fresh page."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import psycopg
import pytest

from innozone.runtime import postgres

ROOT = Path(__file__).resolve().parents[1]
FIRMS = "150"
pytestmark = pytest.mark.slow


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Up:
    """One running `up`, its output collected in a file so that nothing blocks."""

    def __init__(self, data: Path, port: int) -> None:
        environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("INNOZONE_") and key not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        }
        self.output = data.parent / f"up-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "innozone.cli", "up", "--data", str(data), "--port", str(port)]
        with open(self.output, "wb") as log:
            self.process = subprocess.Popen(
                [*command, "--firms", FIRMS], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, pattern: str, seconds: float = 120) -> str:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = re.search(pattern, self.text)
            if found:
                return found.group()
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"“{pattern}” did not come (status {self.process.poll()}):\n{self.text}")

    def family(self) -> list[psutil.Process]:
        """Its children and theirs. The database is nobody's child: it is stopped by the last who uses it."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def _answer(port: int, path: str = "/") -> tuple[int, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return answer.status, answer.read().decode()


def test_up_from_nothing_through_kill_to_a_clean_stop(tmp_path):
    data, port = tmp_path / "data", _free_port()

    # Killed while it takes the deliveries in: whatever was half done must not count.
    first = Up(data, port)
    first.wait_for(r"Zone pack xixian: .*\n")
    time.sleep(0.6)
    family = first.family()
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert psutil.wait_procs(family, timeout=10)[1] == []
    url = postgres.start(data / "pg")
    with psycopg.connect(url) as connection:
        halves = connection.execute(
            "select d.id from facts_delivery d where d.status <> 'taken' and "
            "(exists (select from facts_statement s where s.delivery_id = d.id) "
            "or exists (select from facts_record r where r.delivery_id = d.id))"
        ).fetchall()
    assert halves == []

    # The next start continues and ends at a page.
    up = Up(data, port)
    up.wait_for(r"Ctrl-C stops it\.")
    assert re.search(rf"Innozone runs at http://localhost:{port}/", up.text)
    assert re.search(r"Demonstration accounts, password \S+", up.text)
    assert _answer(port, "/healthz") == (200, "ok")
    status, page = _answer(port)
    assert status == 200
    assert '<html lang="zh' in page
    with psycopg.connect(url) as connection:
        deliveries = dict(connection.execute("select status, count(*) from facts_delivery group by 1").fetchall())
        assert deliveries["taken"] >= 8
        assert set(deliveries) <= {"taken", "refused"}
        enterprises = connection.execute("select count(*) from parties_party where kind = 'enterprise'").fetchone()[0]
        assert 120 <= enterprises <= 150
        assert connection.execute("select count(*) from verdicts_run where finished_at is not null").fetchone()[0] >= 1

    # A second `up` over the same folder says so and stops.
    second = Up(data, _free_port())
    assert second.process.wait(30) == 1
    assert f"already runs over {data} at http://localhost:{port}/" in second.text

    # Ctrl-C stops everything.
    family = up.family()
    assert len(family) >= 2, "a worker and a web server"
    assert up.stop() == 0
    assert psutil.wait_procs(family, timeout=5)[1] == []
    with pytest.raises(OSError):
        _answer(port, "/healthz")

    # The second start is quick and changes nothing.
    began = time.monotonic()
    again = Up(data, port)
    again.wait_for(r"Ctrl-C stops it\.", 60)
    seconds = time.monotonic() - began
    assert "nothing changed since the last run" in again.text
    with psycopg.connect(url) as connection:
        assert (
            dict(connection.execute("select status, count(*) from facts_delivery group by 1").fetchall()) == deliveries
        )
    assert again.stop() == 0
    assert seconds < 30, f"the second start took {seconds:.0f} s"


def test_a_fault_in_the_command_line_is_one_clear_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "innozone.cli", "zones", "check", str(tmp_path / "nowhere")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "nowhere" in done.stdout + done.stderr
