# SPDX-License-Identifier: Apache-2.0
"""Measures graft and its peers side by side: every program is prepared, then they take turns, round after round, two
threads each, so that whatever else the machine does hits all of them alike. See benchmarks/README.md."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import commands
from cases import CASES, competitors
from report import Report, machine

HERE = pathlib.Path(__file__).resolve().parent
# Seconds before each turn: OpenMP's threads wait by spinning for up to 0.2 s after their work is done, which would take
# the cores from the peer with the next turn.
PAUSE = 0.4
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "2", "TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "2"}


class Program:
    """One competitor's process."""

    def __init__(self, name, wanted, arguments):
        self.name, self.times, self.memory = name, [], None
        if wanted["program"] == "graft":
            build = arguments.before if name.startswith("before") else arguments.build
            command = [str(build / "bin" / "graft_peer")]
        else:
            command = [sys.executable, str(HERE / wanted["program"])]
        begin = time.perf_counter()
        self.process = subprocess.Popen(command + [json.dumps(wanted)], env=ENVIRONMENT, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.process.stdout.readline().strip() != "ready":
            error = self.process.communicate()[1].strip().splitlines()
            raise RuntimeError(error[-1] if error else "stopped")
        self.cold = time.perf_counter() - begin

    def turn(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        self.times.append(json.loads(self.process.stdout.readline()))

    def close(self):
        output = self.process.communicate()[0]
        self.memory = int(output.split()[-1]) * 1024

    def result(self):
        rounds = [statistics.median(times) for times in self.times]
        median = statistics.median(rounds)
        spread = (max(rounds) - min(rounds)) / median
        return {"ms": median * 1e3, "best_ms": min(map(min, self.times)) * 1e3, "spread": spread,
                "cold_s": self.cold, "memory_mb": self.memory / 1e6}


def export_onnx(case):
    path = f"{os.environ.get('TMPDIR', '/tmp')}/graft-compare-onnx/{case['network']}_{case['size']}_{case['batch']}.onnx"
    if not os.path.exists(path):
        subprocess.run([sys.executable, str(HERE / "export_onnx.py"), case["network"], str(case["size"]),
                        str(case["batch"]), path], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(case, arguments, features):
    programs, results = [], {}
    for name, wanted in competitors(case, arguments.before is not None).items():
        if arguments.only and not any(name.startswith(one) for one in [*arguments.only, "before"]):
            continue
        if wanted["program"] == "runtime_peer.py":
            export_onnx(case)
        if "bfloat16" in wanted["precision"] and not features & {"avx512_bf16", "amx_bf16"}:
            results[name] = {"error": "the processor does not multiply bfloat16"}
            continue
        try:
            programs.append(Program(name, wanted, arguments))
        except RuntimeError as error:
            results[name] = {"error": str(error)}
    for _ in range(arguments.rounds):
        for program in programs:
            time.sleep(PAUSE)
            program.turn(arguments.seconds)
    for program in programs:
        program.close()
        results[program.name] = program.result()
    return results


def main():
    parser = argparse.ArgumentParser(prog="benchmarks/compare", description="graft beside other frameworks, in one run")
    parser.add_argument("--case", action="append", help="one case, or all that begin so; may be repeated")
    parser.add_argument("--list", action="store_true", help="names of all cases")
    parser.add_argument("--only", action="append", help="only competitors that begin so, such as graft")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each competitor in each round")
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build" / "release")
    parser.add_argument("--before", type=pathlib.Path,
                        help="another build of graft, measured in turn with the first; its ratio is its time by graft's")
    parser.add_argument("--data", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("GRAFT_DATA", HERE.parent.parent.parent / "shared" / "data")))
    parser.add_argument("--out", type=pathlib.Path, help="write the table (Markdown) here, and the figures beside it as .json")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(CASES))
        return
    wanted = {name: case for name, case in CASES.items()
              if not arguments.case or any(name.startswith(one) for one in arguments.case)}
    if not wanted:
        parser.error(f"no case is called {', '.join(arguments.case)}; --list gives the names")
    report = Report(machine(arguments.build))
    for name, case in wanted.items():
        if case["kind"] == "command":
            results = commands.measure(name, arguments)
        elif case["kind"] == "kernels":
            results = commands.kernels(case, arguments)
        else:
            results = measure(case, arguments, set(report.about["features"]))
        report.add(name, case, results)
        print(report.rows(name), flush=True)
    print("\n" + report.summary())
    if arguments.out:
        arguments.out.write_text(report.markdown())
        arguments.out.with_suffix(".json").write_text(json.dumps(report.figures(), indent=1))


if __name__ == "__main__":
    main()
