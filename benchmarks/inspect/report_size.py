# SPDX-License-Identifier: Apache-2.0
"""Size, time and memory of the report of whole trainings.

Usage: python benchmarks/inspect/report_size.py --graft build/release/bin/graft --photos FOLDER --weights FILE
           [--counts 200 2000 20000] [--model mobilenet] [-- further options of graft train]
Needs Pillow. FOLDER has one sub-folder of photos per class. Each count is a set of cuts of these photos, of different place and size,
so that no two are equal. Every set is trained twice, with and without report and inspection, one after the other without a cache.
Then `graft report RUN` writes the report again, with 200 photos and with none.
"""
import argparse
import itertools
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

from PIL import Image

SUFFIXES = {".jpg", ".jpeg", ".png"}


def make_photos(source, target, count):
    """`count` cuts of the photos of each class in turn, 75 to 95 % of the width and height, at most 500 pixels wide."""
    chance = random.Random(count)
    classes = [sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
               for folder in sorted(source.iterdir()) if folder.is_dir()]
    files = [file for one_of_each in itertools.zip_longest(*classes) for file in one_of_each if file]
    for number in range(count):
        file = files[number % len(files)]
        folder = target / file.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        with Image.open(file) as photo:
            photo.draft("RGB", (500, 500))
            width, height = photo.size
            share = chance.uniform(0.75, 0.95)
            left, top = chance.uniform(0, 1 - share), chance.uniform(0, 1 - share)
            cut = photo.convert("RGB").crop((int(left * width), int(top * height), int((left + share) * width), int((top + share) * height)))
            cut.thumbnail((500, 500))
            cut.save(folder / f"{number:06}.jpg", quality=88)


def measured(command):
    """(seconds of the clock, seconds of the processor, MB of memory at most)."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{errors}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def sizes(page):
    """(MB of the page, MB without its pictures)."""
    text = page.read_text(encoding="utf-8")
    return len(text) / 1e6, len(re.sub(r'data:image/[a-z+]+;base64,[A-Za-z0-9+/=]*', "", text)) / 1e6


def main():
    further = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graft", required=True)
    parser.add_argument("--photos", required=True, type=pathlib.Path)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--model", default="mobilenet")
    parser.add_argument("--counts", nargs="+", type=int, default=[200, 2000, 20000])
    given = parser.parse_args(sys.argv[1:sys.argv.index("--")] if further else None)
    print("| photos | training, s | with report, s | extra processor time | memory, MB | with report, MB | page, MB | without pictures | report again, s | MB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for count in given.counts:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            make_photos(given.photos, folder / "photos", count)
            train = [given.graft, "train", folder / "photos", "--model", given.model, "--weights", given.weights, "--no-cache", "--quiet", *further]
            plain = measured([*train, "--no-report", "--no-inspection", "--out", folder / "plain"])
            whole = measured([*train, "--out", folder / "whole"])
            page, bare = sizes(folder / "whole" / "report.html")
            again = measured([given.graft, "report", folder / "whole", "--quiet"])
            shutil.rmtree(folder / "photos")
        print(f"| {count:,} | {plain[0]:.1f} | {whole[0]:.1f} | {100 * (whole[1] / plain[1] - 1):.1f} % | {plain[2]:.0f} | {whole[2]:.0f} | {page:.2f} | {bare:.2f} "
              f"| {again[0]:.2f} | {again[2]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
