# SPDX-License-Identifier: GPL-2.0-only
"""A server of our own for a test: started, asked, killed, and ended, with all that it holds in a folder of the test."""
import contextlib
import http.client
import json
import os
import queue
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

QGREPLAY = os.environ["QGREPLAY"]
PATIENCE = 60


class Failed(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failed(text)


def wait_until(what, condition, patience=PATIENCE):
    """The value of condition() as soon as it is true."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        expect(time.monotonic() < deadline, f"waited {patience} s in vain for {what}")
        time.sleep(0.01)
    return value


def children(pid):
    """The living children of a process, as {pid: its name in lists of processes}."""
    found = {}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                stat = Path(f"/proc/{child}/stat").read_text(encoding="utf-8", errors="replace")
                if stat.rpartition(")")[2].split()[0] != "Z":
                    found[int(child)] = stat.partition("(")[2].rpartition(")")[0]
    return found


class Lines:
    """The lines that a process says, as they come."""

    def __init__(self, stream):
        self.all = []
        self.news = queue.Queue()
        self.thread = threading.Thread(target=self.read, args=(stream,), daemon=True)
        self.thread.start()

    def read(self, stream):
        for line in stream:
            self.all.append(line.rstrip("\n"))
            self.news.put(line)
        self.news.put(None)

    def next(self):
        try:
            return self.news.get(timeout=PATIENCE)
        except queue.Empty:
            raise Failed("the server says nothing") from None

    def has(self, part):
        return any(part in line for line in list(self.all))


class Server:
    """`with Server(folder) as server`: the store is FOLDER/store.db, unless `db` says otherwise."""

    def __init__(self, folder, *options, db=None, listen="127.0.0.1:0", environment=None, descriptors=()):
        self.db = Path(db or Path(folder) / "store.db")
        self.spool = Path(f"{self.db}-spool")
        self.command = [QGREPLAY, "serve", "--db", str(self.db), "--listen", listen, "--log", "none", *options]
        self.environment = {**os.environ, **(environment or {})}
        self.descriptors = descriptors
        self.process = None
        self.url = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, errors="replace", env=self.environment,
                                        pass_fds=self.descriptors)
        self.stdout = Lines(self.process.stdout)
        self.stderr = Lines(self.process.stderr)
        line = self.stdout.next()
        if line is None:
            self.stderr.thread.join(PATIENCE)
            raise Failed(f"the server ended with {self.process.wait()}: {self.stderr.all}")
        expect(line.startswith("qgreplay: listening on http"), f"the server's first line is {line!r}")
        self.url = line.split()[-1]
        parts = urlsplit(self.url)
        self.host, self.port = parts.hostname, parts.port
        return self

    def stop(self, number=signal.SIGTERM):
        """Its exit code, after all that it had to say."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        for lines in (self.stdout, self.stderr):
            lines.thread.join(PATIENCE)
        return code

    def kill(self):
        """As if the power failed, but for the disk: all its processes are gone when this returns."""
        family = self.family()
        self.process.kill()
        self.process.wait()
        wait_until("the end of its processes", lambda: not any(is_running(pid) for pid in family))

    def part(self, name):
        """The ids of its processes of that name: qgreplay-server, qgreplay-worker."""
        return [pid for pid, found in children(self.process.pid).items() if found == name]

    def decoders(self):
        return [pid for worker in self.part("qgreplay-worker") for pid in children(worker)]

    def family(self):
        first = list(children(self.process.pid))
        return [self.process.pid, *first, *(pid for one in first for pid in children(one))]

    def connect(self, timeout=PATIENCE):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, timeout=PATIENCE):
        """(status, body) of one request with a connection of its own."""
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get_json(self, path):
        status, body = self.ask("GET", path)
        expect(status == 200, f"GET {path}: {status} {body[:200]!r}")
        return json.loads(body)

    def upload(self, name, content):
        """(status, what the answer says)."""
        status, body = self.ask("PUT", f"/api/v1/traces/{name}", body=content)
        return status, json.loads(body) if body[:1] == b"{" else {}

    def result(self, upload):
        """What became of an upload, when it has ended."""
        def ended():
            found = self.get_json(f"/api/v1/uploads/{upload}")
            return found if found["state"] in ("done", "failed") else None
        return wait_until(f"the end of upload {upload}", ended)

    def base(self):
        """The store itself, for looking."""
        return contextlib.closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=PATIENCE))

    def spool_files(self):
        return sorted(str(path.relative_to(self.spool)) for path in self.spool.rglob("*")
                      if path.is_file() and path.name != "lock")


def is_running(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return stat.rpartition(")")[2].split()[0] not in ("Z", "X")
    return False


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
