#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What calibration does to the probabilities of new photos, and whether a later round learns corrected labels.

  benchmarks/answers.py --data ../shared/data                                  both, five seeds
  benchmarks/answers.py --data ../shared/data calibration --set hands --seeds 1
  benchmarks/answers.py --data ../shared/data corrected --set hands --seeds 1

calibration: each set is trained with and without --calibrate; log loss and expected calibration error (15 bins) are those of
`graft evaluate` on the set's test photos, which took no part in training. corrected: a run is trained with six wrong labels, then
the labels are corrected, forty photos are added, and `graft train --from` continues in four ways; beside it a training from nothing
on the same photos. Finished runs are kept in --work: a second call continues where the first stopped. Needs Python 3, no package.
"""
import argparse
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[1]
SETS = {"landuse": "test", "hands": "test", "xray": "test", "ants_bees": "val", "cats_dogs": "test"}
CORRECTED_SETS = ["ants_bees", "hands", "landuse"]
WRONG, ADDED = 6, 40


def graft(options, *words):
    """Runs the program; its one JSON object."""
    done = subprocess.run([options.graft, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"graft {' '.join(map(str, words))}: exit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def train(options, photos, out, *more):
    """A run, unless it is there already."""
    if not (out / "result.json").exists():
        shutil.rmtree(out, ignore_errors=True)
        graft(options, "train", photos, "--out", out, "--json", "--no-report", *more)
    return out


def scores(options, run, photos):
    """Accuracy, log loss and calibration error on photos that the run has not seen."""
    kept = run / "scores.json"
    if not kept.exists():
        kept.write_text(json.dumps(graft(options, "evaluate", run, photos, "--json", "--no-report")))
    found = json.loads(kept.read_text())
    return found["accuracy"], found["loss"], found["ece"]


def network(options):
    return ["--model", options.network, "--recipe", "head"]


def calibration(options):
    print("| set | log loss, without -> with | calibration error | by seed (log loss, error) |\n|---|---|---|---|")
    for name in options.set or SETS:
        folder, test = options.data / "photos" / name, options.data / "photos" / name / SETS[name]
        pairs = []
        for seed in range(1, options.seeds + 1):
            row = []
            for flag in ("--no-calibrate", "--calibrate"):
                out = options.work / f"calibration-{name}-{seed}{flag}"
                train(options, folder / "train", out, "--test", test, "--seed", seed, flag, *network(options))
                row.append(scores(options, out, test)[1:])
            pairs.append(row)
        mean = [[statistics.mean(row[i][k] for row in pairs) for k in (0, 1)] for i in (0, 1)]
        each = "; ".join(f"{a[0]:.3f} -> {b[0]:.3f}, {100 * a[1]:.1f} -> {100 * b[1]:.1f} %" for a, b in pairs)
        print(f"| {name} | {mean[0][0]:.3f} -> {mean[1][0]:.3f} | {100 * mean[0][1]:.1f} -> {100 * mean[1][1]:.1f} % | {each} |",
              flush=True)


def link(folder, label, file):
    target = folder / label / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_symlink():
        target.symlink_to(file.resolve())


def photos_of(folder):
    return [(path.parent.name, path) for path in sorted(folder.rglob("*")) if path.is_file()]


def parts_of_corrected(options, name, seed):
    """Folders: the first round with wrong labels, all photos with right ones, and only what is new or corrected."""
    place = options.work / f"corrected-{name}-{seed}"
    draw = random.Random(seed)
    photos = photos_of(options.data / "photos" / name / "train")
    classes = sorted({label for label, _ in photos})
    draw.shuffle(photos)
    first, added = photos[ADDED:ADDED + options.photos], photos[:ADDED]
    wrong = draw.sample(first, WRONG)
    for label, file in first:
        planted = (label, file) in wrong
        told = draw.choice([other for other in classes if other != label]) if planted else label
        link(place / "first", told, file)
        link(place / "all", label, file)
        if planted:
            link(place / "new", label, file)
    for label, file in added:
        link(place / "all", label, file)
        link(place / "new", label, file)
    return place, wrong


def learnt(options, run, wrong):
    """How many of the corrected photos get their right answer."""
    found = graft(options, "predict", run, *[file for _, file in wrong], "--top", 1, "--json")["photos"]
    return sum(one["predictions"][0]["name"] == label for one, (label, _) in zip(found, wrong))


def corrected(options):
    print("| set, seed | before | all photos, --rehearse 50 | all photos | new and corrected | the same, --rehearse 20 | anew |\n"
          "|---|---|---|---|---|---|---|")
    for name in options.set or CORRECTED_SETS:
        for seed in range(1, options.seeds + 1):
            place, wrong = parts_of_corrected(options, name, seed)
            test = options.data / "photos" / name / SETS[name]
            common = ["--test", test, "--seed", seed]
            before = train(options, place / "first", place / "before", *common, *network(options))
            ways = {"rehearse": ("all", ["--from", before, "--rehearse", 50]), "alone": ("all", ["--from", before]),
                    "few": ("new", ["--from", before]), "few-rehearse": ("new", ["--from", before, "--rehearse", 20]),
                    "anew": ("all", network(options))}
            cells = []
            for out, (photos, words) in {"before": ("first", []), **ways}.items():
                run = place / out if out == "before" else train(options, place / photos, place / out, *common, *words)
                accuracy, loss, _ = scores(options, run, test)
                cells.append(f"{learnt(options, run, wrong)} of {WRONG}, {accuracy:.3f}, {loss:.3f}")
            print(f"| {name}, {seed} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["calibration", "corrected"], help="default: both")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="the folder with photos/")
    parser.add_argument("--graft", default=str(PROJECT / "build/release/bin/graft"))
    parser.add_argument("--work", type=pathlib.Path, default=PROJECT / "build/answers")
    parser.add_argument("--network", default="efficientnet_lite0")
    parser.add_argument("--set", action="append", choices=list(SETS), help="may be repeated; default: all")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--photos", type=int, default=160, help="corrected: photos of the first round")
    options = parser.parse_args()
    for what, run in {"calibration": calibration, "corrected": corrected}.items():
        if options.what in (None, what):
            run(options)
            print()


if __name__ == "__main__":
    main()
