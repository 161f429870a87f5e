#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Later rounds beside training from the start on the same photos.

  benchmarks/rounds.py --data ../shared/data --graft build/release/bin/graft [--model efficientnet_lite0] [--seeds 3]

The training photos of a set arrive in three rounds of a third each. After every round: `graft train NEW --from EARLIER
--rehearse 50`, and `graft train ALL`, on the same test photos. Prints accuracy, log loss and seconds of both as a Markdown table.
Needs Python 3 and no package; GRAFT_WEIGHTS names the folder of weights.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

from accuracy import links, log_loss

ROUNDS = 3


def parts(train, folder):
    """Folders of the photos that are new in each round, and of all so far; links, no copies."""
    for one in sorted(path for path in train.iterdir() if path.is_dir()):
        for i, photo in enumerate(sorted(one.iterdir())):
            links(folder, f"new{i % ROUNDS}", [(one.name, photo)])
            for later in range(i % ROUNDS, ROUNDS):
                links(folder, f"all{later}", [(one.name, photo)])


def train(arguments, photos, test, out, more):
    done = subprocess.run([str(arguments.graft), "train", str(photos), "--test", str(test), "--out", str(out), "--json",
                           "--quiet", "--no-report", *more], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    answer = json.loads(done.stdout)
    return answer["test_accuracy"], log_loss(out / "predictions.csv"), answer["seconds"]


def run(arguments, name, seed, work):
    photos = arguments.data / "photos" / name
    test = photos / ("val" if name == "ants_bees" else "test")
    parts(photos / "train", work)
    first = ["--model", arguments.model, "--seed", str(seed)]
    rows = []
    for i in range(ROUNDS):
        anew = train(arguments, work / f"all{i}", test, work / f"anew{i}", first)
        later = ["--from", str(work / f"round{i - 1}"), "--rehearse", "50"] if i else first
        rounds = train(arguments, work / f"new{i}", test, work / f"round{i}", later)
        rows.append((rounds, anew))
    return rows


def cell(values):
    return " | ".join(f"{statistics.fmean(value[k] for value in values):.{digits}f}" for k, digits in ((0, 3), (1, 3), (2, 1)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--graft", type=pathlib.Path, required=True)
    parser.add_argument("--model", default="efficientnet_lite0")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", action="append")
    arguments = parser.parse_args()
    print("| photos | round | by rounds: accuracy | log loss | seconds | anew: accuracy | log loss | seconds |\n" + "|---" * 8 + "|")
    for name in arguments.set or ("hands", "landuse", "ants_bees"):
        runs = []
        for seed in range(1, arguments.seeds + 1):
            with tempfile.TemporaryDirectory() as work:
                runs.append(run(arguments, name, seed, pathlib.Path(work)))
        for i in range(ROUNDS):
            print(f"| {name} | {i + 1} | {cell([one[i][0] for one in runs])} | {cell([one[i][1] for one in runs])} |", flush=True)


if __name__ == "__main__":
    main()
