#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy and log loss of graft's recipes over several sets of photos, networks and seeds: writes docs/accuracy.md.

  benchmarks/accuracy.py --data ../shared/data                       everything, five seeds
  benchmarks/accuracy.py --data ../shared/data --set hands --network efficientnet_lite0 --column default --seeds 2

A cell is one set, one network, one column, one seed: one run of `graft train --json`. Its answer is kept in --work, so that a
second call continues where the first stopped and only draws the table when nothing is left to do. Needs Python 3 and no
package.
"""
import argparse
import csv
import json
import math
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[1]
MOBILENET = "mobilenet_v2_1.0_224_no_top_keras_layout.h5"  # in DATA/weights
PUBLISHED = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
NETWORKS = {
    "mobilenet_v2": ["--model", "mobilenet_v2"],
    "efficientnet_lite0": ["--model", "efficientnet_lite0"],
    "auto": ["--model", "auto"],
    "auto, one network": ["--model", "auto", "--single"],
}
COLUMNS = {
    "default": [],
    "head": ["--recipe", "head"],
    "head, not calibrated": ["--recipe", "head", "--no-calibrate"],
    "logistic": ["--head", "logistic"],
    "linear SVM": ["--head", "linear_svm"],
    "tutorial": ["--recipe", "tutorial"],
    "always": ["--always-fine-tune"],
    "scikit-learn": None,  # logistic regression on the same features, by --python
}
# Columns that are run where none is named.
USUAL = ["default", "head", "always", "logistic"]


def links(folder, part, files):
    for name, file in files:
        link = folder / part / name / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(file.resolve())


def faces(source, folder):
    """The first five photos of each person train, the other five test; links, no copies."""
    for person in range(1, 41):
        photos = [(f"s{person}", source / f"s{person}" / f"{number}.pgm") for number in range(1, 11)]
        links(folder, "train", photos[:5])
        links(folder, "test", photos[5:])
    return folder / "train", folder / "test"


def first_photos(train, folder, count):
    """About this many photos of each class, in equal steps through the sorted names; links, no copies."""
    for one in sorted(path for path in train.iterdir() if path.is_dir()):
        photos = sorted(one.iterdir())
        steps = min(count, len(photos))
        links(folder, "train", [(one.name, photos[i * len(photos) // steps]) for i in range(steps)])
    return folder / "train"


def smaller_sets(sets, counts, work):
    """The sets with fewer photos to train with, as "hands, 25 a class"."""
    smaller = {}
    for count in counts:
        for name, (train, test) in sets.items():
            if test:
                smaller[f"{name}, {count} a class"] = (first_photos(train, work / f"{name}-{count}", count), test)
    return smaller


def photo_sets(data, work):
    """Name -> (folder to train with, folder to test with or None: a part of the first)."""
    photos = data / "photos"
    sets = {name: (photos / name / "train", photos / name / ("val" if name == "ants_bees" else "test"))
            for name in ("hands", "landuse", "xray", "ants_bees", "cats_dogs", "cifar10")}
    sets["faces"] = faces(photos / "orl_faces", work / "faces")
    sample = subprocess.run([PROJECT / "scripts/get_sample_photos"], capture_output=True, text=True)
    if sample.returncode == 0:
        sets["sample photos"] = (pathlib.Path(sample.stdout.strip().splitlines()[-1]), None)
    else:
        print(f"left out: sample photos: {sample.stderr.strip()}", file=sys.stderr)
    return sets


def weights_folder(arguments):
    """A folder with the weights of all networks under their published names."""
    folder = arguments.work / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {PUBLISHED: arguments.data / "weights" / MOBILENET}
    wanted.update({path.name: path for place in arguments.weights for path in sorted(place.iterdir())})
    for name, path in wanted.items():
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(path.resolve())
    return folder


def log_loss(predictions):
    """Mean of -log of the right class's probability over the test photos, from predictions.csv."""
    losses = []
    with open(predictions, newline="") as file:
        for row in csv.DictReader(file):
            if row["part"] == "test":
                losses.append(-math.log(max(float(row[row["truth"]]), 1e-7)))
    return statistics.fmean(losses)


def scikit_learn(arguments, name, network, seed):
    """Accuracy and log loss of scikit-learn's logistic regression, its strength cross-validated, on graft's features."""
    train, test = arguments.sets[name]
    files = []
    for part, photos in (("train", train), ("test", test)):
        files.append(arguments.work / f"features-{network}-{name}-{part}.npz".replace(" ", "_").replace(",", ""))
        if not files[-1].exists():
            subprocess.run([str(arguments.graft), "features", network, str(photos), "-o", str(files[-1]), "--quiet"],
                           check=True, env=dict(os.environ, GRAFT_WEIGHTS=str(weights_folder(arguments))))
    script = pathlib.Path(__file__).with_name("sklearn_logistic.py")
    done = subprocess.run([str(arguments.python), str(script), *map(str, files), str(seed)], capture_output=True, text=True,
                          check=True)
    answer = json.loads(done.stdout)
    train_photos = answer.pop("train_photos")
    return dict(answer, facts={}, photos={"train": train_photos, "validation": 0, "test": answer["test_photos"]})


def run_cell(arguments, name, network, column, seed):
    """graft's own answer for one cell, from --work when it is there."""
    kept = arguments.work / "-".join((name, network, column, f"{seed}.json")).replace(" ", "_").replace(",", "")
    if kept.exists():
        return json.loads(kept.read_text())
    if arguments.kept:
        return None
    train, test = arguments.sets[name]
    if column == "scikit-learn":
        if not arguments.python or not test or network.startswith("auto"):
            return None
        return keep(kept, name, network, column, seed, scikit_learn(arguments, name, network, seed))
    out = arguments.work / "model"
    shutil.rmtree(out, ignore_errors=True)
    command = [str(arguments.graft), "train", str(train), "--seed", str(seed), "--out", str(out), "--json", "--quiet",
               *NETWORKS[network], *COLUMNS[column], *(["--test", str(test)] if test else [])]
    environment = dict(os.environ, GRAFT_CACHE=str(arguments.work / "cache"),
                       GRAFT_WEIGHTS=str(weights_folder(arguments)))
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        print(f"{shlex.join(command)}\n{done.stderr}", file=sys.stderr)
        raise SystemExit(f"{name}, {network}, {column}, seed {seed}: graft ended with {done.returncode}")
    answer = json.loads(done.stdout)
    answer["log_loss"] = log_loss(out / "predictions.csv")
    return keep(kept, name, network, column, seed, answer)


def keep(kept, name, network, column, seed, answer):
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(answer))
    part.rename(kept)
    print(f"{name}, {network}, {column}, seed {seed}: {answer['test_accuracy']:.4f}, {answer['log_loss']:.3f},"
          f" {answer['seconds']:.1f} s", file=sys.stderr)
    return answer


def summary(answers):
    accuracies = [answer["test_accuracy"] for answer in answers]
    return {"mean": statistics.fmean(accuracies), "least": min(accuracies), "most": max(accuracies),
            "loss": statistics.fmean(answer["log_loss"] for answer in answers),
            "seconds": statistics.median(answer["seconds"] for answer in answers), "seeds": len(answers),
            "kept": [answer["facts"].get("fine_tuning", {}).get("kept") for answer in answers],
            "networks": [one["model"] for answer in answers for one in answer["facts"].get("networks", [])
                         if one["chosen"]]}


def cell_text(cell):
    spread = f"{cell['least']:.3f}…{cell['most']:.3f}, " if cell["seeds"] > 1 else ""
    tuned = [kept for kept in cell["kept"] if kept is not None]
    notes = f"; fine-tuning kept {sum(tuned)} of {len(tuned)}" if tuned else ""
    if cell["networks"]:
        counts = {name: cell["networks"].count(name) for name in dict.fromkeys(cell["networks"])}
        notes += "; " + ", ".join(f"{name} {count} ×" for name, count in counts.items())
    return f"**{cell['mean']:.3f}**, {cell['loss']:.3f}<br>{spread}{cell['seconds']:.0f} s{notes}"


def draw(tables, arguments):
    lines = ["# Accuracy", "", "Made by", "", "```", f"benchmarks/accuracy.py {shlex.join(sys.argv[1:])}", "```", "",
             "A cell: mean accuracy and mean log loss on the test photos, which are the same for all seeds; then the least and"
             " the most accuracy of the seeds, and the median of the seconds of the whole command. Features of photos stay on"
             " disk between the runs, so that most runs find them there. `default` is `graft train PHOTOS`, `head` with"
             " `--recipe head`, `logistic` with `--head logistic`.", ""]
    for network, table in tables.items():
        columns = [column for column in COLUMNS if any(column in row for row in table.values())]
        seeds = max(cell["seeds"] for row in table.values() for cell in row.values() if isinstance(cell, dict))
        lines += [f"## {network}", "", f"Seeds 1 to {seeds}.", "",
                  "| photos | trained on, tested on | " + " | ".join(columns) + " |", "|---" * (len(columns) + 2) + "|"]
        for name, row in table.items():
            lines.append(f"| {name} | {row['photos']} | " +
                         " | ".join(cell_text(row[column]) if column in row else "" for column in columns) + " |")
        complete = [row for row in table.values() if all(column in row for column in columns)]
        means = [f"**{statistics.fmean(row[column]['mean'] for row in complete):.4f}**,"
                 f" {statistics.fmean(row[column]['loss'] for row in complete):.3f}" for column in columns] if complete else []
        lines += [f"| mean of {len(complete)} sets | | " + " | ".join(means) + " |", ""]
    arguments.out.write_text("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with photos/ and weights/")
    parser.add_argument("--weights", type=pathlib.Path, action="append", default=[],
                        help="a folder with further weights under their published names; may be given again")
    parser.add_argument("--graft", type=pathlib.Path, default=PROJECT / "build/release/bin/graft")
    parser.add_argument("--work", type=pathlib.Path, default=PROJECT / "build/accuracy", help="where answers are kept")
    parser.add_argument("--out", type=pathlib.Path, default=PROJECT / "docs/accuracy.md")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--python", type=pathlib.Path, help="a Python with scikit-learn, for the column scikit-learn")
    parser.add_argument("--per-class", type=int, action="append", default=[],
                        help="also with this many photos of each class to train with: a learning curve; may be given again")
    parser.add_argument("--kept", action="store_true", help="run nothing: the table of what --work holds")
    parser.add_argument("--set", action="append", help="only this set; may be given again")
    parser.add_argument("--network", action="append", choices=NETWORKS, help="only this network; may be given again")
    parser.add_argument("--column", action="append", choices=COLUMNS, help="only this column; may be given again")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.sets = photo_sets(arguments.data, arguments.work)
    if arguments.set:
        arguments.sets = {name: arguments.sets[name] for name in arguments.set}
    arguments.sets.update(smaller_sets(arguments.sets, arguments.per_class, arguments.work))
    tables = {}
    for seed in range(1, arguments.seeds + 1):  # all sets with one seed first: an early end leaves whole rows
        for name in arguments.sets:
            for network in arguments.network or NETWORKS:
                for column in arguments.column or USUAL:
                    run_cell(arguments, name, network, column, seed)
    for network in arguments.network or NETWORKS:
        for name in arguments.sets:
            for column in arguments.column or COLUMNS:
                arguments.kept = True
                answers = [run_cell(arguments, name, network, column, seed) for seed in range(1, arguments.seeds + 1)]
                answers = [answer for answer in answers if answer]
                if not answers:
                    continue
                photos = answers[0]["photos"]
                row = tables.setdefault(network, {}).setdefault(
                    name, {"photos": f"{photos['train'] + photos['validation']}, {photos['test']}"})
                row[column] = summary(answers)
    draw(tables, arguments)
    print(arguments.out.read_text())


if __name__ == "__main__":
    main()
