#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a training step takes on many machines: constants measured here, the model checked here, a table. Prints Markdown.

  benchmarks/cluster_model.py --photos cats_dogs/train                         MobileNetV2 at 160 x 160, fine-tuned from its middle
  benchmarks/cluster_model.py --photos flowers --model resnet50 --image-size 224 --measured measured.json
  benchmarks/cluster_model.py --measured measured.json --ranks-per-machine 16  other tables from constants that were measured before
  benchmarks/cluster_model.py --self-test                                      the formulas alone; nothing is measured

Every rank has one thread and a core of its own. Measured are computing, decoding, and what the exchange costs the processor. The network
is not: its rate is that of the table's heading times --efficiency, its latency --latency-us. Needs Python 3 and no package.
"""
import argparse
import json
import math
import os
import pathlib
import subprocess
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[1]
GROUP = 8  # photos: docs/decisions/0088-groups-of-samples.md
LEAST_BUCKET, LEAST_SLICE = 1 << 20, 64 << 10  # bytes: src/cluster/running_sum.cpp
GATHERS = 2  # of a step: its results, and whether to stop


# The model. Times in seconds, sizes in bytes.

def nodes_of(groups):
    """Nodes of the tree of sums that a rank sends: one where its groups are a power of two and begin at a multiple of it."""
    return max(1, bin(groups).count("1"))


def step(constants, ranks, groups, network=None, ranks_per_machine=1, half=False):
    """A step of `ranks` ranks with `groups` groups each; network: (bytes a second, latency), or None: one machine."""
    compute = constants["step"] + groups * constants["group"]
    parts = {"compute": compute, "exchange": 0.0, "waiting": 0.0}
    if ranks > 1:
        size = constants["bytes"] * (0.5 if half else 1)
        bucket = max(LEAST_BUCKET, ranks * LEAST_SLICE)
        buckets = max(1, math.ceil(size / bucket))
        # What the processor does for it: a message to and from each other rank, twice a bucket; copying and adding.
        parts["exchange"] = buckets * 2 * (ranks - 1) * constants["message"] + nodes_of(groups) * size * constants["byte"]
        # What the network carries while the backward pass runs, out of one machine: nodes to other ranks, then sums to them.
        carried = 0.0
        if network:
            rate, latency = network
            outside = max(0, ranks - ranks_per_machine) / ranks
            machine = ranks_per_machine * (nodes_of(groups) + 1) * outside
            last = min(bucket, size) * machine / rate + 2 * latency
            carried = max(size * machine / rate + 2 * latency - constants["overlap"], last)
        gathers = GATHERS * 2 * math.ceil(math.log2(ranks)) * (network[1] if network else 0)
        parts["waiting"] = carried + gathers + GATHERS * constants["gather"]
    parts["all"] = sum(parts.values())
    return parts


def self_test():
    constants = {"step": 0.001, "group": 0.1, "overlap": 0.06, "bytes": 8e6, "message": 1e-6, "byte": 1e-10, "gather": 1e-5}
    fast, slow = (1e20, 0.0), (1.25e9, 3e-5)
    alone = step(constants, 1, 4)
    assert math.isclose(alone["all"], 0.401)
    assert step(constants, 2, 4)["all"] > alone["all"], "the exchange costs something"
    assert step(constants, 64, 1, slow)["all"] > step(constants, 64, 1, fast)["all"]
    assert step(constants, 64, 1, slow, half=True)["all"] < step(constants, 64, 1, slow)["all"]
    big = {**constants, "bytes": 5e8}
    assert step(big, 8, 1, slow)["waiting"] > 0.5, "a large network waits for a slow wire"
    assert step(big, 8, 1, slow, ranks_per_machine=4)["waiting"] > step(big, 8, 1, slow)["waiting"], "ranks share the wire"
    hidden = step(constants, 8, 1, slow)
    assert hidden["waiting"] < 8e6 * 2 / 1.25e9, "most is hidden behind the backward pass"
    assert [nodes_of(groups) for groups in (0, 1, 2, 3, 4, 7)] == [1, 1, 1, 2, 1, 3]
    print("the formulas hold")


# Measurements.

def run(command):
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                   "OMPI_MCA_rmaps_base_oversubscribe": "1"}
    done = subprocess.run([str(word) for word in command], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode > 1:  # 1: a photo could not be read
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def train(arguments, ranks, batch):
    """What --json says of a fine-tuning by so many ranks."""
    with tempfile.TemporaryDirectory() as folder:
        words = [arguments.launcher, "-n", ranks, arguments.graft, "train", arguments.photos, "--model", arguments.model,
                 "--image-size", arguments.image_size, "--always-fine-tune", "--epochs", arguments.epochs, "--precision", "float32",
                 "--no-inspection", "--no-report", "--json", "--quiet", "--batch-size", batch, "--out", f"{folder}/out"]
        return json.loads(run(words))


def seconds_of(answer):
    """Of a step of the first rank: all, and its parts."""
    first = answer["ranks"][0]
    if not first["steps"]:
        raise SystemExit("nothing was fine-tuned: the model needs steps of training")
    of = {name: first[f"{name}_seconds"] / first["steps"] for name in ("step", "input", "exchange", "overlap", "waiting")}
    of["compute"] = of["step"] - of["input"] - of["exchange"] - of["waiting"]
    return of


def exchange_figures(arguments, ranks):
    lines = run([arguments.launcher, "-n", ranks, arguments.benchmark, 1, 1024, 65536]).splitlines()
    rows = [json.loads(line) for line in lines if line.startswith("{")]
    sums = {row["kilobytes"]: row["seconds"] for row in rows if row.get("bits") == 32}
    return sums, next(row["gather_seconds"] for row in rows if "gather_seconds" in row)


def measure(arguments):
    # Computing: a step of one group and one of four tell a group's part from what every step takes.
    one, four = (train(arguments, 1, groups * GROUP) for groups in (1, 4))
    group = (seconds_of(four)["compute"] - seconds_of(one)["compute"]) / 3
    # The exchange: a tiny sum is messages, a large one is bytes. On as many ranks as there are cores for.
    ranks = min(os.cpu_count() or 1, 4)
    sums, gather = exchange_figures(arguments, ranks)
    message = sums[1] / (2 * (ranks - 1)) if ranks > 1 else 0.0
    large = 65536 * 1024
    buckets = math.ceil(large / max(LEAST_BUCKET, ranks * LEAST_SLICE))
    photos = four["photos"]
    measured = {"model": arguments.model, "image_size": arguments.image_size, "cores": os.cpu_count(),
                "group": group, "step": max(0.0, seconds_of(one)["compute"] - group),
                "overlap": seconds_of(four)["overlap"], "bytes": four["ranks"][0]["step_bytes"],
                "message": message, "byte": max(0.0, (sums[65536] - buckets * 2 * (ranks - 1) * message) / large), "gather": gather,
                "decode": four["facts"]["seconds"]["photos"] / sum(photos.values()), "photos": sum(photos.values()), "checks": []}
    for count in (1, 2, 4):
        if count > (os.cpu_count() or 1):
            continue  # ranks would take turns on a core
        seconds = seconds_of(train(arguments, count, 32))
        measured["checks"].append({"ranks": count, "batch": 32, **seconds})
    return measured


# Tables.

def constants_table(measured):
    rows = [("a step, whatever its photos", measured["step"], "s"), ("a group of 8 photos, forward and backward", measured["group"], "s"),
            ("of it the backward pass, from its first gradients on", measured["overlap"], "s"),
            ("gradients and statistics of a step", measured["bytes"] / 1e6, "MB"),
            ("a message to and from one rank", measured["message"], "s"), ("copying and adding a MB", measured["byte"] * 1e6, "s"),
            ("a small gather", measured["gather"], "s"), ("decoding and measuring a photo", measured["decode"], "s")]
    print(f"\nConstants: {measured['model']} at {measured['image_size']}, one thread of this machine ({measured['cores']} cores).\n")
    print("| constant | measured |\n|---|---|")
    for name, value, unit in rows:
        print(f"| {name} | {value:.3g} {unit} |")


def checks_table(measured):
    print("\nThe model beside steps of 32 photos measured here:\n\n| ranks | measured | model | off by | measured share of waiting |\n"
          "|---|---|---|---|---|")
    for check in measured["checks"]:
        groups = math.ceil(check["batch"] / GROUP / check["ranks"])
        model = step(measured, check["ranks"], groups)["all"] + check["input"]
        print(f"| {check['ranks']} | {1e3 * check['step']:.1f} ms | {1e3 * model:.1f} ms | {100 * (model / check['step'] - 1):+.0f} % |"
              f" {100 * check['waiting'] / check['step']:.1f} % |")


def machines_table(arguments, measured, gigabits, half):
    network = (gigabits * 1e9 / 8 * arguments.efficiency, arguments.latency_us * 1e-6)
    own = arguments.ranks_per_machine
    alone = {groups: own * groups * GROUP / step(measured, own, groups)["all"] for groups in arguments.groups}
    print(f"\n{gigabits:g} Gbit/s, {'bfloat16' if half else 'float32'} exchange, {own} ranks a machine. Share of waiting, and photos a second beside"
          " those of as many machines that need not talk:\n")
    print("| machines |" + "".join(f" {groups * GROUP} photos a rank |" for groups in arguments.groups) +
          " decoding a million photos |\n|---" + "|---" * len(arguments.groups) + "|---|")
    ends = {}
    for machines in arguments.machines:
        ranks, cells = machines * own, []
        for groups in arguments.groups:
            parts = step(measured, ranks, groups, network, own, half)
            useful = ranks * groups * GROUP / parts["all"] / (machines * alone[groups])
            if useful < 0.5:
                ends.setdefault(groups, machines)
            cells.append(f" {100 * parts['waiting'] / parts['all']:.0f} %, {100 * useful:.0f} % |")
        print(f"| {machines} |" + "".join(cells) + f" {1e6 * measured['decode'] / ranks / 60:.1f} min |")
    for groups in arguments.groups:
        end = ends.get(groups)
        print(f"\n{groups * GROUP} photos a rank: " + (f"below half of that from {end} machines on." if end else
              f"at least half of that with up to {max(arguments.machines)} machines."))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--photos", type=pathlib.Path, help="folder of photos, a few hundred at least")
    parser.add_argument("--measured", type=pathlib.Path, help="file for the constants: read where it exists, else written")
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--image-size", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--graft", type=pathlib.Path, default=PROJECT / "build/release/bin/graft")
    parser.add_argument("--benchmark", type=pathlib.Path, default=PROJECT / "build/release/benchmarks/exchange_benchmark")
    parser.add_argument("--launcher", default="mpirun", help="of the MPI that graft was built with")
    parser.add_argument("--machines", type=int, nargs="+", default=[2, 4, 8, 16, 32, 64, 128, 256])
    parser.add_argument("--ranks-per-machine", type=int, default=1)
    parser.add_argument("--groups", type=int, nargs="+", default=[1, 4, 16], help="groups of 8 photos that a rank has in a step")
    parser.add_argument("--gigabits", type=float, nargs="+", default=[10, 100])
    parser.add_argument("--latency-us", type=float, default=30, help="of a message, assumed")
    parser.add_argument("--efficiency", type=float, default=0.9, help="part of the rate that arrives, assumed")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    if arguments.measured and arguments.measured.exists():
        measured = json.loads(arguments.measured.read_text())
    elif arguments.photos:
        measured = measure(arguments)
        if arguments.measured:
            arguments.measured.write_text(json.dumps(measured, indent=1))
    else:
        parser.error("expected --photos to measure with, or --measured with constants")
    constants_table(measured)
    checks_table(measured)
    for gigabits in arguments.gigabits:
        for half in (False, True):
            machines_table(arguments, measured, gigabits, half)
    return None


if __name__ == "__main__":
    main()
