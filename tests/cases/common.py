# SPDX-License-Identifier: Apache-2.0
"""Runs graft as a user would and collects what it printed as rows of a table."""
import json
import os
import pathlib
import re
import shutil
import subprocess

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Row:
    """One line of the table: what was tried, what was printed before the issue, what is printed now, whether it is right."""

    def __init__(self, case, before, now, right):
        self.case, self.before, self.now, self.right = case, before, now, right

    def text(self):
        cells = [self.case, self.before, self.now.replace("|", "\\|"), "yes" if self.right else "**no**"]
        return "| " + " | ".join(cells) + " |"


class Run:
    """What a command printed and its exit code."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        self.text = ESCAPES.sub("", out + err)

    def lines(self, *patterns):
        """The lines that hold one of the patterns, in the order of the output, without repetition."""
        found = [line.strip() for line in self.text.splitlines() if any(re.search(p, line) for p in patterns)]
        return list(dict.fromkeys(found))

    def has(self, *patterns):
        return all(re.search(p, self.text) for p in patterns)

    def json(self):
        return json.loads(self.out)


class Tried:
    """The program, the inputs and a folder to work in; rows are printed as soon as they are known."""

    def __init__(self, graft, shared, work):
        self.program, self.shared, self.work = graft.resolve(), shared.resolve(), work.resolve()
        self.cases, self.data = self.shared / "cases", self.shared / "data"
        weights = self.data / "weights/mobilenet_v2_1.0_224_no_top_keras_layout.h5"
        self.small = ["--weights", weights, "--model", "mobilenet_v2", "--image-size", "96", "--recipe", "head"]
        self.base = self.small[:-2]
        self.lite = ["--model", "efficientnet_lite0"]
        self.rows = []

    def __call__(self, *words, cwd=None, env=None, user=None, prefix=(), stdin=None, timeout=600):
        command = [*prefix, self.program, *words]
        done = subprocess.run([os.fsencode(str(w)) if not isinstance(w, bytes) else w for w in command], cwd=cwd or self.work,
                              env={**os.environ, **(env or {})}, user=user, capture_output=True, input=stdin,
                              check=False, timeout=timeout)
        return Run(done.returncode, done.stdout.decode("utf-8", "backslashreplace"),
                   done.stderr.decode("utf-8", "backslashreplace"))

    def folder(self, name):
        """An empty folder to work in."""
        path = self.work / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def case(self, name):
        """A copy of a case's input."""
        path = self.work / name
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.cases / "photos" / name, path, symlinks=True)
        return path

    def photos(self, name, source, per_class, start=0):
        """`per_class` photos of each class of a set, as copies: one number for all classes, or {class: number}."""
        path = self.folder(name)
        for folder in sorted(p for p in (self.data / "photos" / source).iterdir() if p.is_dir()):
            count = per_class.get(folder.name, 0) if isinstance(per_class, dict) else per_class
            chosen = sorted(p for p in folder.iterdir() if p.is_file())[start:start + count]
            if chosen:
                (path / folder.name).mkdir()
            for photo in chosen:
                shutil.copy(photo, path / folder.name / photo.name)
        return path

    def row(self, case, before, now, right):
        """`now`: text, or a Run of which the first 200 characters stand, or lines of one."""
        if isinstance(now, Run):
            now = f"exit {now.code}: " + " / ".join(now.text.strip().splitlines())[:200]
        elif isinstance(now, (list, tuple)):
            now = " / ".join(now)
        now = now.replace(str(self.work) + "/", "").replace(str(self.shared), "../shared")
        self.rows.append(Row(case, before, now[:420], bool(right)))
        print(self.rows[-1].text(), flush=True)


def result(folder):
    return json.loads((pathlib.Path(folder) / "result.json").read_text())
