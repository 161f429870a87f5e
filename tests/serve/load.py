#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""load.py GRAFT MODEL PHOTOS CLIENT [REQUESTS] : many requests, bounded in count and time (default 20,000, five minutes).

Every answer is the photo's own, to the last bit, none fails, and resident memory stays within 2 % of what it was after the first requests; while
the load runs, the model's file is replaced, which no request notices. CLIENT is benchmarks/serve_client, one thread of C++, so that
the clients leave the processor to the server. A million requests: pass 1000000. Throughput is measured by benchmarks/serve_load.py.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from common import Expectations, Server, arguments, ask, photos_of

MOST_SECONDS = 300
CLIENTS = 16


def client(binary, port, requests, seconds, files, clients=CLIENTS):
    out = subprocess.run([binary, str(port), "/v1/predict?top=1", str(clients), str(requests), str(seconds), '"probability":', *files],
                         capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def main():
    graft, model, photos = arguments()
    binary = sys.argv[4]
    requests = int(sys.argv[5]) if len(sys.argv) > 5 else 20000
    seconds = MOST_SECONDS if requests <= 20000 else requests / 20
    expect = Expectations("load")
    with tempfile.TemporaryDirectory(prefix="graft-load-") as folder:
        files = []
        for i, photo in enumerate(photos_of(photos, 24)):
            files.append(f"{folder}/{i}")
            pathlib.Path(files[-1]).write_bytes(photo)
        served = pathlib.Path(folder) / "served.keras"
        source = pathlib.Path(model)
        shutil.copy(source / "model.keras" if source.is_dir() else source, served)
        server = Server(graft, served)
        try:
            # The allocator's caches are filled.
            client(binary, server.port, max(500, requests // 20), seconds / 4, files)
            client(binary, server.port, 200, 60, files, 1)
            before, largest, done, begin = server.memory_mb(), 0.0, 0, time.monotonic()
            totals = {"wrong": 0, "busy": 0, "errors": 0}
            while done < requests and time.monotonic() - begin < seconds:
                result = client(binary, server.port, min(requests - done, max(1000, requests // 20)), seconds, files)
                done += result["requests"]
                for name in totals:
                    totals[name] += result[name]
                largest = max(largest, server.memory_mb())
            took = time.monotonic() - begin
            print(f"load: {done} requests in {took:.0f} s, resident {before:.1f} MB before, {server.memory_mb():.1f} MB after, {largest:.1f} MB "
                  f"at most; {totals}", flush=True)
            expect(done >= min(requests, 1000), f"only {done} requests in {took:.0f} s")
            expect(not any(totals.values()), f"of {done} answers: {totals}")
            expect(server.memory_mb() <= 1.02 * before, f"memory: {before:.1f} MB before, {server.memory_mb():.1f} MB after")

            # A new file under load: written beside it and renamed, as graft train does.
            running = subprocess.Popen([binary, str(server.port), "/v1/predict?top=1", str(CLIENTS), "100000000", "8", '"probability":', *files],
                                       stdout=subprocess.PIPE, text=True)
            version = json.loads(ask(server.port, path="/v1/models")[2])["models"][0]["version"]
            time.sleep(1)
            shutil.copy(served, f"{folder}/new.keras")
            pathlib.Path(f"{folder}/new.keras").rename(served)
            result = json.loads(running.communicate()[0])
            now = json.loads(ask(server.port, path="/v1/models")[2])["models"][0]["version"]
            expect(now != version, "the new file was not loaded")
            expect(result["wrong"] + result["busy"] + result["errors"] == 0, f"while the file was replaced: {result}")

            # SIGTERM under load: what was accepted is answered, so the clients see closed connections and no broken answers.
            running = subprocess.Popen([binary, str(server.port), "/v1/predict?top=1", "4", "100000000", "20", "", *files], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
            time.sleep(1)
            begin = time.monotonic()
            code, _ = server.stop()
            expect(code == 0 and time.monotonic() - begin < 10, f"SIGTERM: exit code {code} after {time.monotonic() - begin:.1f} s")
            running.communicate()
        finally:
            if server.process.poll() is None:
                server.process.kill()
    expect.end()


if __name__ == "__main__":
    main()
