#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""serve_load.py GRAFT MODEL PHOTO... : graft serve under load, beside a Python server with ONNX Runtime on the same work.

Prints: requests per second of both (they take turns) and their ratio; latency of single requests beside a prediction by
graft predict --stdin; whether every answer belongs to its photo; a plain request while 10,000 connections idle; resident memory over
--requests requests (a million with --requests 1000000).

The Python server is FastAPI with uvicorn, Pillow and ONNX Runtime. Its model is --onnx FILE, a network with an input
(N, 3, 224, 224) or (N, 224, 224, 3); without it the graft model alone is measured. Needs aiohttp here, and what --python names
needs fastapi, uvicorn, onnxruntime, pillow. Figures depend on what else runs: look at the ratios.
"""
import argparse, asyncio, json, os, resource, socket, statistics, subprocess, sys, tempfile, time
import aiohttp

PEER = '''
import io, os, sys
import numpy as np, onnxruntime, uvicorn
from fastapi import FastAPI, Request
from PIL import Image
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ["THREADS"])
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
entry = session.get_inputs()[0]
first = entry.shape[1] == 3
app = FastAPI()
def classify(body):
    pixels = np.asarray(Image.open(io.BytesIO(body)).convert("RGB").resize((224, 224), Image.BILINEAR), dtype=np.float32)
    batch = pixels.transpose(2, 0, 1)[None] if first else pixels[None]
    row = session.run(None, {entry.name: np.ascontiguousarray(batch)})[0][0]
    best = row.argsort()[::-1][:5]
    return {"predictions": [{"class": int(i), "probability": float(row[i])} for i in best]}
@app.post("/predict")
async def predict(request: Request):
    body = await request.body()
    from starlette.concurrency import run_in_threadpool
    return await run_in_threadpool(classify, body)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
'''


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def memory_mb(process):
    with open(f"/proc/{process.pid}/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize() / 1e6


async def wait_for(url):
    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            try:
                async with session.get(url):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
    sys.exit(f"{url} does not answer")


async def send(session, url, photo):
    for _ in range(100):
        async with session.post(url, data=photo) as response:
            if response.status == 503:
                await asyncio.sleep(0.05)
                continue
            if response.status != 200:
                sys.exit(f"{url}: {response.status} {await response.text()}")
            return await response.json()
    sys.exit(f"{url}: busy for too long")


async def throughput(url, photos, seconds, clients, check=None):
    """Requests per second of `clients` that ask one after the other."""
    end, done = time.monotonic() + seconds, 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async def client(number):
            nonlocal done
            i = number
            while time.monotonic() < end:
                answer = await send(session, url, photos[i % len(photos)])
                if check:
                    check(i % len(photos), answer)
                done += 1
                i += 7
        begin = time.monotonic()
        await asyncio.gather(*(client(n) for n in range(clients)))
        return done / (time.monotonic() - begin)


async def latencies(url, photos, count):
    times = []
    async with aiohttp.ClientSession() as session:
        for i in range(count + 5):
            begin = time.perf_counter()
            await send(session, url, photos[i % len(photos)])
            times.append((time.perf_counter() - begin) * 1000)
            await asyncio.sleep(0.01)
    return sorted(times[5:])


def stdin_latencies(graft, model, photos, count, settings):
    process = subprocess.Popen([graft, "predict", model, "--stdin", "--quiet", *settings], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    times = []
    for i in range(count + 5):
        photo = photos[i % len(photos)]
        begin = time.perf_counter()
        process.stdin.write(b"=%d\n" % len(photo) + photo)
        process.stdin.flush()
        process.stdout.readline()
        times.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.01)
    process.stdin.close()
    process.wait()
    return sorted(times[5:])


async def idle_connections(port, photos, count):
    """A plain request while connections that say nothing are opened and stay."""
    sockets, slowest = [], 0.0
    async with aiohttp.ClientSession() as session:
        for i in range(count):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", port))
            sockets.append(s)
            if i % 250 == 249:
                await asyncio.sleep(0.02)
                begin = time.perf_counter()
                async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
                    if response.status != 200:
                        sys.exit(f"healthz: {response.status}")
                slowest = max(slowest, (time.perf_counter() - begin) * 1000)
        answer = await send(session, f"http://127.0.0.1:{port}/v1/predict", photos[0])
    for s in sockets:
        s.close()
    return slowest, bool(answer["photos"])


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graft"), parser.add_argument("model"), parser.add_argument("photos", nargs="+")
    parser.add_argument("--onnx"), parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--seconds", type=float, default=8), parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=32), parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--precision", default="float32", help="of graft; ONNX Runtime computes in float32")
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    photos = [open(name, "rb").read() for name in given.photos]
    port, peer_port = free_port(), free_port()
    settings = ["--threads", str(given.threads), "--precision", given.precision]
    graft = subprocess.Popen([given.graft, "serve", f"model={given.model}", "--port", str(port), "--quiet",
                              *settings])
    peer = None
    if given.onnx:
        script = tempfile.NamedTemporaryFile("w", suffix=".py")
        script.write(PEER), script.flush()
        peer = subprocess.Popen([given.python, script.name, given.onnx, str(peer_port)], env={**os.environ, "THREADS": str(given.threads)})
    try:
        url, peer_url = f"http://127.0.0.1:{port}/v1/predict", f"http://127.0.0.1:{peer_port}/predict"
        await wait_for(f"http://127.0.0.1:{port}/healthz")
        if peer:
            await wait_for(f"http://127.0.0.1:{peer_port}/docs")
        async with aiohttp.ClientSession() as session:
            alone = [(await send(session, url, photo))["photos"][0]["predictions"] for photo in photos]
        wrong = 0

        def check(i, answer):
            nonlocal wrong
            got = answer["photos"][0]["predictions"]
            # Batches round differently by some units in the last place of a float.
            wrong += got[0]["name"] != alone[i][0]["name"] or abs(got[0]["probability"] - alone[i][0]["probability"]) > 0.02

        own, other = [], []
        for _ in range(given.rounds):
            own.append(await throughput(url, photos, given.seconds, given.clients, check))
            if peer:
                other.append(await throughput(peer_url, photos, given.seconds, given.clients))
        print(f"requests per second, {given.clients} clients: graft {statistics.median(own):.1f}" +
              (f", FastAPI with ONNX Runtime {statistics.median(other):.1f}, ratio {statistics.median(own) / statistics.median(other):.2f}" if peer else ""))
        print(f"answers that are not those of their photo: {wrong}")
        batches = subprocess.run([given.graft, "predict", given.model, *given.photos * max(1, 256 // len(photos)), "--json", "--quiet",
                                  *settings], capture_output=True, check=True)
        count = len(json.loads(batches.stdout)["photos"])
        begin = time.monotonic()
        subprocess.run([given.graft, "predict", given.model, *given.photos * max(1, 256 // len(photos)), "--json", "--quiet",
                        *settings], capture_output=True, check=True)
        whole = time.monotonic() - begin
        begin = time.monotonic()
        subprocess.run([given.graft, "predict", given.model, given.photos[0], "--json", "--quiet", *settings], capture_output=True, check=True)
        start = time.monotonic() - begin
        per_second = (count - 1) / max(whole - start, 1e-3)
        print(f"graft predict in batches: {per_second:.1f} photos per second; served {100 * statistics.median(own) / per_second:.0f} % of it")
        served, single = await latencies(url, photos, 200), stdin_latencies(given.graft, given.model, photos, 200, settings)
        p99 = lambda values: values[int(0.99 * (len(values) - 1))]
        print(f"one at a time: served median {statistics.median(served):.1f} ms, p99 {p99(served):.1f} ms; a single prediction median "
              f"{statistics.median(single):.1f} ms; p99 by that {p99(served) / statistics.median(single):.2f}")
        slowest, answered = await idle_connections(port, photos, 10000)
        print(f"10,000 idle connections: slowest plain request {slowest:.1f} ms; a photo is answered: {answered}")
        before, sent = memory_mb(graft), 0
        begin = time.monotonic()
        peak = before
        while sent < given.requests:
            rate = await throughput(url, photos, min(20, given.seconds), given.clients)
            sent += int(rate * min(20, given.seconds))
            peak = max(peak, memory_mb(graft))
        print(f"resident memory: {before:.1f} MB, after {sent} more requests {memory_mb(graft):.1f} MB ({100 * (memory_mb(graft) / before - 1):+.1f} %), "
              f"largest {peak:.1f} MB, in {time.monotonic() - begin:.0f} s")
    finally:
        graft.terminate()
        if peer:
            peer.terminate()
        graft.wait()


asyncio.run(main())
