#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A set of photos with several labels, composed of photos with one, and what graft makes of it.

    several_labels.py GRAFT CLASS_FOLDERS WORK [--photos 600] [more options of graft train]

Each composed photo is one, two or three photos side by side; its labels are their classes. No photo is in composed photos of two
parts of the split. Trains with `graft train --labels`, and compares the figures of result.json with scikit-learn's for the answers in
predictions.csv. Needs numpy, Pillow and scikit-learn.
"""
import argparse
import csv
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn import metrics

SIDE = 224


def compose(folders, out, count, seed=1):
    """Writes out/NAME.jpg and out/labels.csv."""
    rng = random.Random(seed)
    photos = {p.name: sorted(f for f in p.iterdir() if f.is_file()) for p in sorted(folders.iterdir()) if p.is_dir()}
    parts = {"train": 0.7, "val": 0.15, "test": 0.15}
    out.mkdir(parents=True)
    rows = []
    for part, share in parts.items():
        pool = {}
        for name, files in photos.items():
            order = files[:]
            random.Random(f"{seed} {name}").shuffle(order)
            begin = {"train": 0, "val": 0.7, "test": 0.85}[part]
            pool[name] = order[int(begin * len(order)):int((begin + share) * len(order))]
        for i in range(int(count * share)):
            names = [rng.choice(list(photos)) for _ in range(rng.choice([1, 2, 2, 3]))]
            pieces = [Image.open(rng.choice(pool[name])).convert("RGB").resize((SIDE, SIDE)) for name in names]
            sheet = Image.new("RGB", (SIDE * len(pieces), SIDE))
            for at, piece in enumerate(pieces):
                sheet.paste(piece, (at * SIDE, 0))
            sheet.save(out / f"{part}_{i}.jpg", quality=92)
            rows.append((f"{part}_{i}.jpg", "|".join(sorted(set(names))), part))
    with open(out / "labels.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "labels", "split"), *rows])


def scikit_learn(run):
    """The figures of the test photos by scikit-learn."""
    result = json.loads((run / "result.json").read_text())["several_labels"]
    with open(run / "predictions.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "test"]
    names = result["classes"]
    truth = np.array([[name in row["truths"].split("|") for name in names] for row in rows], int)
    scores = np.array([[float(row[name]) for name in names] for row in rows])
    said = (scores >= np.array(result["thresholds"])).astype(int)
    mine = result["test"]
    theirs = {
        "mean_average_precision": metrics.average_precision_score(truth, scores, average="macro"),
        "f1_micro": metrics.f1_score(truth, said, average="micro"),
        "f1_macro": metrics.f1_score(truth, said, average="macro", zero_division=0),
        "exact_match": metrics.accuracy_score(truth, said),
        "hamming_loss": metrics.hamming_loss(truth, said),
    }
    half = metrics.f1_score(truth, scores >= 0.5, average="macro", zero_division=0)
    print(f"{'':24}{'graft':>10}{'sklearn':>10}")
    for name, value in theirs.items():
        print(f"{name:24}{mine[name]:10.6f}{value:10.6f}")
        if abs(mine[name] - value) > 1e-6:
            sys.exit(f"{name} differs")
    print(f"{'f1_macro at 0.5':24}{'':10}{half:10.6f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graft", type=Path)
    parser.add_argument("folders", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--photos", type=int, default=600)
    given, more = parser.parse_known_args()
    if not (given.work / "photos").exists():
        compose(given.folders, given.work / "photos", given.photos)
    subprocess.run([given.graft, "train", given.work / "photos", "--labels", given.work / "photos/labels.csv", "--multi-label",
                    "--out", given.work / "run", *more], check=True)
    scikit_learn(given.work / "run")


if __name__ == "__main__":
    main()
