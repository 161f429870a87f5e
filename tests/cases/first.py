# SPDX-License-Identifier: Apache-2.0
"""The first result on a computer with only EfficientNet-Lite0's file; also with little address space and on one core."""
import os
import pathlib
import shutil
import time

from common import result

WEIGHTS = "efficientnet-lite0-57934424.pth"


def all_cases(graft):
    home = graft.folder("home")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "graft"
    (home / ".cache/graft").mkdir(parents=True)
    shutil.copy(cache / WEIGHTS, home / ".cache/graft")
    photos = graft.data / "photos/ants_bees"
    for name, prefix in {"plain": [], "ulimit -v 4000000": ["sh", "-c", 'ulimit -v 4000000 && exec "$0" "$@"'],
                         "one core": ["taskset", "-c", "0"]}.items():
        start = time.monotonic()
        run = graft("train", photos / "train", "--test", photos / "val", "--no-cache", "--out", home / "out", prefix=prefix,
                    env={"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")})
        accuracy = result(home / "out")["test_accuracy"] if run.code == 0 else 0
        graft.row(f"first result, {name}", "reads 1,100 photos, then fails; exit 8",
                  f"exit {run.code}, test {100 * accuracy:.1f} % in {time.monotonic() - start:.1f} s", accuracy >= 0.93)
        shutil.rmtree(home / "out", ignore_errors=True)
