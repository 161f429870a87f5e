#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""serve_load.py GRAFT MODEL CLIENT PHOTO... : how fast graft serve is, beside graft predict and a Python server on the same work.

Rounds in which these take turns, so that other load of the machine affects all: graft serve with some clients (--clients, several
numbers), graft predict over the same photos in its own batches, and a Python server. Prints each round and the medians of the ratios;
then the latency of one client beside graft predict --stdin. The milliseconds of processor that a request costs depend less on what
else runs than the requests per second: a server of many threads gets more of a busy machine than one of two. CLIENT is
build/release/benchmarks/serve_client. For memory, idle connections and attacks see tests/serve.

The Python server is FastAPI with uvicorn, Pillow and ONNX Runtime. Its model is --onnx FILE, a network with an input (N, 3, H, W) or
(N, H, W, 3) of pixels from 0 to 255, such as `graft export MODEL -o FILE.onnx` writes; without it graft alone is measured. What
--python names needs fastapi, uvicorn, onnxruntime, numpy and pillow.
"""
import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

PEER = '''
import io, os, sys
import numpy as np, onnxruntime, uvicorn
from fastapi import FastAPI, Request
from PIL import Image
from starlette.concurrency import run_in_threadpool
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ["THREADS"])
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
entry = session.get_inputs()[0]
first = entry.shape[1] == 3
height, width = entry.shape[2:4] if first else entry.shape[1:3]
app = FastAPI()
def classify(body):
    pixels = np.asarray(Image.open(io.BytesIO(body)).convert("RGB").resize((width, height), Image.BILINEAR), dtype=np.float32)
    batch = pixels.transpose(2, 0, 1)[None] if first else pixels[None]
    row = session.run(None, {entry.name: np.ascontiguousarray(batch)})[0][0]
    best = row.argsort()[::-1][:5]
    return {"predictions": [{"class": int(i), "probability": float(row[i])} for i in best]}
@app.post("/predict")
async def predict(request: Request):
    body = await request.body()
    return await run_in_threadpool(classify, body)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
'''


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url):
    for _ in range(600):
        try:
            urllib.request.urlopen(url).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} does not answer")


def cpu_seconds(process):
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_seconds():
    """Of all processors together since the start."""
    fields = open("/proc/stat").readline().split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def client_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def asked(given, server, port, path, clients, requests, mark):
    begin, idle, own, since = cpu_seconds(server), idle_seconds(), client_seconds(), time.monotonic()
    out = subprocess.run([given.client, str(port), path, str(clients), str(requests), str(given.seconds), mark, *given.photos],
                         capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"{path}: {out.returncode} {out.stderr} {out.stdout}")
    found = json.loads(out.stdout)
    all_requests = found["requests"] + (len(given.photos) if mark else 0)  # with a mark each photo is asked alone first
    found["cpu_ms"] = 1000 * (cpu_seconds(server) - begin) / all_requests
    found["client_ms"] = 1000 * (client_seconds() - own) / all_requests
    found["idle"] = 100 * (idle_seconds() - idle) / (time.monotonic() - since) / os.cpu_count()
    if found["wrong"] or found["errors"]:
        sys.exit(f"{path}: {found}")
    return found


def seconds_of(command):
    begin = time.monotonic()
    subprocess.run(command, capture_output=True, check=True)
    return time.monotonic() - begin


def batches(given, settings):
    """Photos per second of graft predict, without its start."""
    many = given.photos * max(1, 256 // len(given.photos))
    command = [given.graft, "predict", given.model, "--json", "--quiet", *settings]
    alone = seconds_of([*command, given.photos[0]])
    return (len(many) - 1) / max(seconds_of([*command, *many]) - alone, 1e-3)


def stdin_milliseconds(given, settings, count):
    process = subprocess.Popen([given.graft, "predict", given.model, "--stdin", "--quiet", *settings], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    times = []
    for i in range(count + 5):
        photo = open(given.photos[i % len(given.photos)], "rb").read()
        begin = time.perf_counter()
        process.stdin.write(b"=%d\n" % len(photo) + photo)
        process.stdin.flush()
        process.stdout.readline()
        times.append((time.perf_counter() - begin) * 1000)
    process.stdin.close()
    process.wait()
    return sorted(times[5:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("graft", "model", "client"):
        parser.add_argument(name)
    parser.add_argument("photos", nargs="+")
    parser.add_argument("--onnx"), parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--seconds", type=float, default=8), parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[32]), parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--precision", default="float32", help="of graft; ONNX Runtime computes in float32")
    given = parser.parse_args()
    settings = ["--threads", str(given.threads), "--precision", given.precision]
    port, peer_port = free_port(), free_port()
    graft = subprocess.Popen([given.graft, "serve", f"model={given.model}", "--port", str(port), "--quiet", *settings])
    peer, script = None, tempfile.NamedTemporaryFile("w", suffix=".py")
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        if given.onnx:
            script.write(PEER), script.flush()
            peer = subprocess.Popen([given.python, script.name, given.onnx, str(peer_port)], env={**os.environ, "THREADS": str(given.threads)})
            wait_for(f"http://127.0.0.1:{peer_port}/docs")
        for clients in given.clients:
            of_batches, of_peer, speed = [], [], []
            for _ in range(given.rounds):
                own = asked(given, graft, port, "/v1/predict", clients, 10**9, '"probability":')
                served = own["per_second"]
                predicted = batches(given, settings)
                speed.append(served)
                of_batches.append(served / predicted)
                line = (f"{clients} clients: graft serve {served:.1f} a second ({own['cpu_ms']:.1f} ms of processor each, "
                        f"{own['client_ms']:.1f} of the client, processors idle {own['idle']:.0f} %), graft predict {predicted:.1f}")
                if peer:
                    other = asked(given, peer, peer_port, "/predict", clients, 10**9, "")
                    of_peer.append(served / other["per_second"])
                    line += f", FastAPI with ONNX Runtime {other['per_second']:.1f} ({other['cpu_ms']:.1f} ms, idle {other['idle']:.0f} %)"
                print(line, flush=True)
            print(f"{clients} clients: {statistics.median(speed):.1f} a second, {100 * statistics.median(of_batches):.0f} % of graft predict's batches" +
                  (f", {statistics.median(of_peer):.2f} times the Python server" if of_peer else ""), flush=True)
        single = stdin_milliseconds(given, settings, 300)
        served = asked(given, graft, port, "/v1/predict", 1, 300, "")
        middle = statistics.median(single)
        print(f"one client: median {served['median_ms']:.1f} ms, p99 {served['p99_ms']:.1f} ms; graft predict --stdin {middle:.1f} ms; "
              f"p99 by that {served['p99_ms'] / middle:.2f}", flush=True)
    finally:
        for process in (graft, peer):
            if process:
                process.terminate()
                process.wait()


if __name__ == "__main__":
    main()
