#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples.py PAGE URL PHOTO : runs the examples of docs/serve.md, section "For programs", against a server.

curl, Python, JavaScript (node) and C++ (g++, libcurl); one whose program is not installed is left out and named. Each must end with 0
and print a class of the model. The address of the page becomes URL, and new.jpg, a.jpg and b.jpg are PHOTO.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from common import Expectations


def blocks(page):
    """Kind and text of each block of the section."""
    section = page.split("\n## For programs\n")[1].split("\n## ")[0]
    return re.findall(r"```(\w+)\n(.*?)```", section, re.S)


def command_of(kind, text, folder):
    """What runs an example; none: why it cannot run here."""
    if kind == "python":
        if "tritonclient" in text and subprocess.run([sys.executable, "-c", "import tritonclient.http, numpy"], capture_output=True).returncode != 0:
            return None, "tritonclient is not installed"
        return [sys.executable, "-c", text], ""
    if kind == "js":
        text = 'import { readFileSync } from "node:fs";\nconst photo = new Blob([readFileSync("new.jpg")]);\n' + text
        (folder / "example.mjs").write_text(text)
        return (["node", "example.mjs"], "") if shutil.which("node") else (None, "node is not installed")
    (folder / "example.cpp").write_text(text)
    built = subprocess.run(["g++", "-std=c++20", "-Wall", "-Werror", "example.cpp", "-o", "example", "-lcurl"], cwd=folder, capture_output=True, text=True)
    if built.returncode != 0 and "curl/curl.h" in built.stderr:
        return None, "libcurl's headers are not installed"
    return (["./example"], "") if built.returncode == 0 else (["sh", "-c", f"echo '{built.stderr[:300]}'; exit 1"], "")


def main():
    page, url, photo = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    expect = Expectations("examples")
    model = json.load(urllib.request.urlopen(url + "/v1/models"))["models"][0]
    kinds = set()
    with tempfile.TemporaryDirectory(prefix="graft-examples-") as name:
        folder = pathlib.Path(name)
        for copy in ("new.jpg", "a.jpg", "b.jpg"):
            shutil.copy(photo, folder / copy)
        for kind, text in blocks(page.read_text()):
            text = re.sub(r"http://(127\.0\.0\.1|192\.168\.1\.5):8080", url, text).replace("127.0.0.1:8080", url.removeprefix("http://"))
            text = text.replace('"MODEL"', f'"{model["name"]}"')
            runs = [["sh", "-c", line] for line in text.splitlines() if line.startswith("curl")] if kind == "sh" else [command_of(kind, text, folder)]
            for run in runs:
                command, reason = run if isinstance(run, tuple) else (run, "")
                if command is None:
                    print(f"examples: {kind}: skipped: {reason}", flush=True)
                    continue
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
                found = any(f'"{name}"' in done.stdout or f"'{name}'" in done.stdout for name in model["classes"]) or "[[" in done.stdout
                expect(done.returncode == 0 and found, f"{kind}: {text[:60]!r}: {done.returncode}, {done.stdout[:200]} {done.stderr[-300:]}")
                kinds.add(kind)
        expect({"sh", "python"} <= kinds, f"only {kinds} was tried")
    expect.end()


if __name__ == "__main__":
    main()
