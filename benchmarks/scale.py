#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How time and memory of graft grow with photos, classes, image size and batch: prints Markdown tables.

  benchmarks/scale.py --data ../shared/data                          photos up to 10,000, classes up to 10,000
  benchmarks/scale.py --data ../shared/data --photos 100 1000        other numbers of photos
  benchmarks/scale.py --data ../shared/data --table classes          one table

Photos are generated (PNM, 96 x 96 pixels, a coarse random pattern tinted by class) into a folder that is removed again.
What was not run is extrapolated from the two largest runs by a straight line, and says so. Needs Python 3 and no package.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[1]
WEIGHTS = "weights/mobilenet_v2_1.0_224_no_top_keras_layout.h5"
SIDE, BLOCK = 96, 12
EXTRAPOLATED = (100_000, 1_000_000)


def picture(seed, tint):
    """A PNM picture of blocks of random colour, a little moved towards the tint."""
    draws = random.Random(seed)
    lines = []
    for _ in range(SIDE // BLOCK):
        row = b"".join(bytes((draws.randrange(192) + tint[c]) for c in range(3)) * BLOCK for _ in range(SIDE // BLOCK))
        lines.append(row * BLOCK)
    return b"P6 %d %d 255\n" % (SIDE, SIDE) + b"".join(lines)


def generate(folder, photos, classes):
    for label in range(classes):
        (folder / f"class_{label:05}").mkdir(parents=True)
    draws = random.Random(0)
    tints = [[draws.randrange(64) for _ in range(3)] for _ in range(classes)]
    for number in range(photos):
        label = number % classes
        (folder / f"class_{label:05}" / f"{number}.ppm").write_bytes(picture(number, tints[label]))


def anonymous_mb(process):
    """Memory of its own that a process holds now, without pages of files, which the system can take back."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith("RssAnon")), 0)


def run(command, cache):
    """Seconds, peak of the process's own memory and of all its resident memory in MB, and the answer of a command."""
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "GRAFT_CACHE": str(cache)}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=errors, env=environment)
        own, ended = 0, 0
        while not ended:
            own = max(own, anonymous_mb(process))
            time.sleep(0.02)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.perf_counter() - begin
        output.seek(0)
        errors.seek(0)
        if status != 0:
            raise SystemExit(f"{' '.join(map(str, command))}\n{errors.read()}")
        return seconds, own, usage.ru_maxrss * 1024 / 1e6, json.loads(output.read())


def train(arguments, work, photos, seed=1):
    return run([arguments.graft, "train", photos, "--weights", arguments.data / WEIGHTS, "--recipe", "head", "--image-size", "96",
                "--json", "--quiet", "--seed", seed, "--out", work / f"model{seed}"], work / "cache")


def photos_table(arguments):
    print("\n| photos | seconds | of these features | head | seconds with the features kept | own memory | resident |\n" +
          "|---" * 7 + "|")
    points = []
    for count in arguments.photos:
        with tempfile.TemporaryDirectory(dir=arguments.work) as name:
            work = pathlib.Path(name)
            generate(work / "photos", count, 10)
            seconds, own, resident, answer = train(arguments, work, work / "photos")
            again = train(arguments, work, work / "photos", seed=2)[0]
            parts = answer["facts"]["seconds"]
            points.append((count, seconds, own, resident))
            print(f"| {count:,} | {seconds:.1f} | {parts.get('features', 0):.1f} | {parts.get('head', 0):.1f} | {again:.1f} |"
                  f" {own:.0f} MB | {resident:.0f} MB |", flush=True)
    if len(points) > 1:
        before, last = points[-2:]
        for count in EXTRAPOLATED:
            later = (count - last[0]) / (last[0] - before[0])
            seconds, own, resident = (b + later * (b - a) for a, b in zip(before[1:], last[1:]))
            print(f"| {count:,} (extrapolated) | {seconds:,.0f} | | | | {own:,.0f} MB | {resident:,.0f} MB |")


def classes_table(arguments):
    print("\n| classes | photos | seconds | of these head | own memory | resident |\n" + "|---" * 6 + "|")
    for count in arguments.classes:
        with tempfile.TemporaryDirectory(dir=arguments.work) as name:
            work = pathlib.Path(name)
            photos = max(1000, 3 * count)
            generate(work / "photos", photos, count)
            seconds, own, resident, answer = train(arguments, work, work / "photos")
            print(f"| {count:,} | {photos:,} | {seconds:.1f} | {answer['facts']['seconds'].get('head', 0):.1f} |"
                  f" {own:.0f} MB | {resident:.0f} MB |", flush=True)


def shape_table(arguments):
    print("\n| image size | batch | ms a photo | own memory |\n|---|---|---|---|")
    for size, batch in [(96, 32), (160, 32), (224, 32), (320, 32), (448, 32), (224, 1), (224, 8), (224, 128)]:
        command = [str(arguments.graft), "profile", "mobilenet_v2", "--no-top", "--input-shape", f"{size},{size},3", "--batch",
                   str(batch), "--threads", "2", "--json"]
        _, own, _, answer = run(command, arguments.work / "cache")
        print(f"| {size} | {batch} | {answer['ms'] / batch:.2f} | {own:.0f} MB |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with weights/")
    parser.add_argument("--graft", type=pathlib.Path, default=PROJECT / "build/release/bin/graft")
    parser.add_argument("--work", type=pathlib.Path, default=PROJECT / "build/scale", help="room for the generated photos")
    parser.add_argument("--photos", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--classes", type=int, nargs="+", default=[2, 100, 1000, 10_000])
    parser.add_argument("--table", action="append", choices=["photos", "classes", "shape"])
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    for table in arguments.table or ["photos", "classes", "shape"]:
        {"photos": photos_table, "classes": classes_table, "shape": shape_table}[table](arguments)


if __name__ == "__main__":
    main()
