# SPDX-License-Identifier: Apache-2.0
"""What every peer's program shares: it prepares one case, then runs it whenever the driver says so.

Program CASE(JSON); prints "ready" after the first run; then for each line "SECONDS" on standard input runs the case for
about that long and prints the times of the runs as JSON; at the end of input prints its peak memory. A turn begins with
a run that is not timed: caches, and memory that the system took away while others had their turn, are not the case's."""
import json
import resource
import sys
import time


def serve(make):
    case = json.loads(sys.argv[1])
    run = make(case)
    run()
    print("ready", flush=True)
    for line in sys.stdin:
        run()
        times, end = [], time.perf_counter() + float(line)
        while not times or (time.perf_counter() < end and len(times) < 1000):
            begin = time.perf_counter()
            run()
            times.append(time.perf_counter() - begin)
        print(json.dumps(times), flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
