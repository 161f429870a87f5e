# SPDX-License-Identifier: Apache-2.0
"""What the parts of tests/serve share: a graft serve that runs, requests as bytes, and a list of what was expected."""
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import time


class Server:
    """graft serve of one model, named "model", on a free port."""

    def __init__(self, graft, model, *options):
        self.process = subprocess.Popen([graft, "serve", f"model={model}", "--port", "0", "--json", *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"graft serve did not start: {self.process.stderr.read()}")
        self.port = json.loads(line)["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self):
        """Ends it as a service manager does; returns the exit code and what it said."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said

    def memory_mb(self):
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1e6

    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Expectations:
    """Prints what is not as expected, and at the end how much was."""

    def __init__(self, name):
        self.name, self.right, self.wrong = name, 0, 0

    def __call__(self, right, what):
        if right:
            self.right += 1
        else:
            self.wrong += 1
            print(f"{self.name}: FAILED {what}", flush=True)

    def end(self):
        print(f"{self.name}: {self.right + self.wrong} checks, {self.wrong} failed", flush=True)
        sys.exit(1 if self.wrong else 0)


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_answer(connection, seconds=30):
    """Status, head and body of one answer; status 0 where the connection was closed without one."""
    data, until = b"", time.monotonic() + seconds
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    while True:
        head, mark, body = data.partition(b"\r\n\r\n")
        if mark:
            length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
            if len(body) >= length:
                return int(head[9:12]), head.decode("latin-1"), body
        ready = waiting.poll(max(0, 1000 * (until - time.monotonic())))
        try:
            part = connection.recv(65536) if ready else b""
        except OSError:
            part = b""
        if not part:
            return (int(data[9:12]) if data[:5] == b"HTTP/" and mark else 0), data.decode("latin-1"), b""
        data += part


def ask(port, method="GET", path="/", body=b"", headers="", host=None):
    """One request on a connection of its own."""
    host = f"127.0.0.1:{port}" if host is None else host
    length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
    with connect(port) as connection:
        try:
            connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}{length}\r\n".encode() + body)
        except OSError:
            pass  # refused before its body was sent
        return read_answer(connection)


def raw(port, data, seconds=10):
    """The status of an answer to these bytes."""
    with connect(port) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass
        return read_answer(connection, seconds)[0]


def photos_of(folder, count):
    """The bytes of some photos below a folder."""
    files = sorted(path for path in pathlib.Path(folder).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".ppm"))
    if not files:
        sys.exit(f"there are no photos in {folder}")
    return [path.read_bytes() for path in files[:: max(1, len(files) // count)][:count]]


def arguments():
    """GRAFT MODEL PHOTOS of the command line."""
    if len(sys.argv) < 4:
        sys.exit(f"usage: {sys.argv[0]} GRAFT MODEL PHOTOS")
    return os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
