# SPDX-License-Identifier: Apache-2.0
"""Whole commands from start to end, and convolution kernels against the ceiling."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
WEIGHTS = "mobilenet_v2_1.0_224_no_top_keras_layout.h5"
WITH_TOP = "mobilenet_v2_1.0_224_keras_layout_head_dequantised.h5"

MODEL_ONLY = ["--no-report", "--no-inspection"]  # a build from before these steps has no such options


def run(command, cache):
    """Wall time, peak memory and output of a command; cache: where graft keeps features, empty for a cold run."""
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "GRAFT_CACHE": cache}
    with tempfile.TemporaryFile("w+") as output:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        output.seek(0)
        text = output.read()
    if status != 0:
        raise RuntimeError(f"{command[0]} ended with status {status}")
    return seconds, usage.ru_maxrss * 1024, text


def figures(runs):
    seconds = [one[0] for one in runs]
    median = statistics.median(seconds)
    return {"ms": median * 1e3, "best_ms": min(seconds) * 1e3, "spread": (max(seconds) - min(seconds)) / median,
            "cold_s": seconds[0], "memory_mb": max(one[1] for one in runs) / 1e6, "answer": runs[-1][2].strip()[-600:]}


def commands_of(name, arguments, folder):
    graft = str(arguments.build / "bin" / "graft")
    photos = arguments.data / "photos" / "cats_dogs"
    weights = arguments.data / "weights"
    if name == "command_predict_cold":
        photo = str(sorted((photos / "test").rglob("*.jpg"))[0])
        ours = [graft, "predict", "mobilenet_v2", "--weights", str(weights / WITH_TOP), photo, "--top", "1"]
        theirs = [sys.executable, str(HERE / "keras_predict.py"), str(weights / WITH_TOP), photo]
        return ours, theirs, 5, range(5)
    ours = [graft, "train", str(photos / "train"), "--test", str(photos / "test"), "--model", "mobilenet_v2",
            "--weights", str(weights / WEIGHTS), "--seed", "1", "--json"]
    if name.startswith("command_tutorial"):
        ours += ["--recipe", "tutorial", "--image-size", "160"]
    if name.endswith("_model_only"):
        ours += MODEL_ONLY
    theirs = [sys.executable, str(HERE / "keras_tutorial.py"), str(photos / "train"), str(photos / "test"),
              str(weights / WEIGHTS)]
    return ours, theirs, 3, (1,)  # the peer's training takes minutes: once, between graft's runs


_peers_runs = {}


def run_peer(command, rounds):
    """The peer's run number `rounds` of a command; two cases that compare with the same long run share it."""
    runs = _peers_runs.setdefault(tuple(command), [])
    while len(runs) <= rounds:
        runs.append(run(command, ""))
    return runs[rounds]


def builds_of(arguments):
    return {"graft": arguments.build} | ({"before": arguments.before} if arguments.before else {})


def measure(name, arguments):
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs, rounds, peers_rounds = commands_of(name, arguments, folder)
        runs = {"graft": [], "before": [], "keras": []}
        for i in range(rounds):
            for who, build in builds_of(arguments).items():
                extra = ["--out", f"{folder}/{who}{i}"] if ours[1] == "train" else []
                words = [word for word in ours[1:] if who == "graft" or word not in MODEL_ONLY]
                runs[who].append(run([str(build / "bin" / "graft"), *words, *extra], f"{folder}/cache_{who}{i}"))
            if i in peers_rounds and (not arguments.only or "keras" in arguments.only):
                runs["keras"].append(run_peer(theirs, len(runs["keras"])))
        return {who: figures(of) for who, of in runs.items() if of}


def kernels(case, arguments):
    return {who: kernels_of(case, build) for who, build in builds_of(arguments).items()}


def kernels_of(case, build):
    """All convolutions of a network together, as a part of the matrix-product ceiling."""
    output = subprocess.run([str(build / "bin" / "graft"), "profile", case["network"], "--batch", str(case["batch"]),
                             "--threads", "2", "--runs", "10", "--json"], check=True, capture_output=True,
                            text=True).stdout
    profile = json.loads(output)
    convolutions = [step for step in profile["steps"] if step["op"] == "Convolution"]
    rate = sum(step["gflop"] for step in convolutions) / sum(step["ms"] for step in convolutions) * 1e3
    return {"convolutions_gflops": round(rate), "ceiling_gflops": round(profile["ceiling_gflops"]),
            "of_ceiling": round(rate / profile["ceiling_gflops"], 3)}
