"""What `up` relies on: the folder lock, the port, the host names, the catalogues, the embedded database."""

import json
import os
import socket
import subprocess
import sys

import polib
import psycopg
import pytest

from innozone.runtime import browser, lock, network, postgres, translations
from innozone.runtime.steps import Steps


def test_a_second_up_is_told_who_holds_the_folder_and_what_to_do(tmp_path):
    held = lock.FolderLock(tmp_path, "http://localhost:8000/")
    with pytest.raises(lock.InUseError, match=rf"localhost:8000/ \(process {os.getpid()}\).*--data FOLDER"):
        lock.FolderLock(tmp_path, "http://localhost:8001/")
    held.file.close()


def test_a_killed_up_leaves_no_lock_behind(tmp_path):
    code = (
        "import os, sys, pathlib; from innozone.runtime.lock import FolderLock;"
        f"held = FolderLock(pathlib.Path({str(tmp_path)!r}), 'x'); print('held', flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "held\n"
    assert done.returncode == -9
    again = lock.FolderLock(tmp_path, "http://localhost:8000/")
    assert json.loads((tmp_path / "up.lock").read_text())["pid"] == os.getpid()
    again.file.close()


def test_a_taken_port_is_refused_before_anything_begins():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(network.PortTakenError, match=f"port {port}.*--port N"):
            network.claim("127.0.0.1", port)
    network.claim("127.0.0.1", port)


def test_only_names_of_this_machine_are_answered():
    assert network.host_names("127.0.0.1") == ["localhost", "127.0.0.1", "[::1]"]
    everywhere = network.host_names("0.0.0.0")
    assert socket.gethostname() in everywhere
    assert "*" not in everywhere


def test_catalogues_are_compiled_once_and_again_after_a_change(tmp_path, monkeypatch):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "yes"\nmsgstr "是"\n')
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    assert translations.compile() == 1
    assert polib.mofile(str(folder / "django.mo")).find("yes").msgstr == "是"
    assert translations.compile() == 0
    os.utime(source, (source.stat().st_mtime + 10,) * 2)
    assert translations.compile() == 1


def test_the_embedded_database_is_made_once_and_joined_after(tmp_path):
    url = postgres.start(tmp_path / "pg", throwaway=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept (n int)")
    assert postgres.start(tmp_path / "pg", throwaway=True) == url
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)


def test_browser_packages_match_the_lock_file_after_the_first_fetch():
    browser.ensure()
    assert browser.ensure() is False
    assert (browser.FOLDER / "node_modules" / "htmx.org" / "dist" / "htmx.min.js").exists()


def test_a_failed_step_says_so_and_lets_the_error_through(capsys):
    steps = Steps(2)
    with steps.step("First") as report:
        report("3 files")
    with pytest.raises(ValueError), steps.step("Second"):
        raise ValueError
    shown = capsys.readouterr().err
    assert "[1/2] First: 3 files (" in shown
    assert "[2/2] Second: failed" in shown
