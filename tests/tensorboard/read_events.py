#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a log_dir of graft with TensorBoard's own reader: read_events.py LOG_DIR. Needs the package tensorboard."""
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

for part in sorted(os.listdir(sys.argv[1])):
    events = EventAccumulator(os.path.join(sys.argv[1], part), size_guidance={"images": 0, "scalars": 0})
    events.Reload()
    for tag in events.Tags()["scalars"]:
        print(part, tag, [(e.step, e.value) for e in events.Scalars(tag)])
    for tag in events.Tags()["images"]:
        print(part, tag, [(e.step, e.height, e.width, len(e.encoded_image_string)) for e in events.Images(tag)])
    if events.Tags()["graph"]:
        print(part, "graph", [(n.name, n.op, list(n.input)) for n in events.Graph().node])
