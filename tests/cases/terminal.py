# SPDX-License-Identifier: Apache-2.0
"""Widths of --help and of the output of commands in terminals of 40, 80 and 200 columns, in a dumb one and in a pipe."""
import fcntl
import os
import pty
import re
import shutil
import struct
import termios

from common import ESCAPES

COMMANDS = ["train", "evaluate", "predict", "features", "advise", "inspect", "edit", "serve", "report"]


def in_terminal(graft, columns, kind, words):
    """The bytes that a terminal of that width receives."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = kind
        os.chdir(graft.work)
        os.execv(graft.program, [str(graft.program), *map(str, words)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    seen = b""
    try:
        while chunk := os.read(terminal, 65536):
            seen += chunk
    except OSError:
        pass  # the program has ended
    os.waitpid(child, 0)
    return seen.decode("utf-8", "backslashreplace")


def widest(text, ignored=()):
    """Columns of the widest line; a line that is drawn again counts by itself."""
    lines = [line for line in re.split(r"[\r\n]", ESCAPES.sub("", text)) if not any(part in line for part in ignored)]
    return max((len(line) for line in lines), default=0)


def all_cases(graft):
    photos = graft.photos("terminal_photos", "ants_bees/train", 20)
    model = graft.work / "terminal_model"
    runs = {"train": ["train", photos, *graft.small, "--no-cache", "--out", model], "evaluate": ["evaluate", model, photos, "--no-report"],
            "predict": ["predict", model, photos, "--top", "1"], "features": ["features", model, photos, "-o", "terminal.npy"]}
    # A path is never cut: it can be longer than the line.
    ignored = (str(graft.work), "terminal_photos")
    for kind in ("xterm", "dumb"):
        for columns in (40, 80, 200):
            for name, words in runs.items():
                if name == "train":
                    shutil.rmtree(model, ignore_errors=True)
                text = in_terminal(graft, columns, kind, words)
                escapes = len(ESCAPES.findall(text))
                right = widest(text, ignored) <= columns and (kind == "xterm" or escapes == 0)
                graft.row(f"{name}, {columns} columns, {kind}", "lines wrap, escape codes", f"widest {widest(text, ignored)}, {escapes} escape codes", right)
    for columns in (40, 80, 200):
        wide = {c: widest(in_terminal(graft, columns, "xterm", [c, "--help"])) for c in COMMANDS}
        graft.row(f"--help, {columns} columns", "lines wrap", f"widest {max(wide.values())} ({max(wide, key=wide.get)})", max(wide.values()) <= columns)
    run = graft("predict", model, photos, "--top", "1")
    graft.row("pipe", "-", f"{len(ESCAPES.findall(run.out + run.err))} escape codes", not ESCAPES.findall(run.out + run.err))
