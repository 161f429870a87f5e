# SPDX-License-Identifier: Apache-2.0
"""What the OpenAPI description cannot say: which bytes are a photo, and how large a model's input is.

GRAFT_TEST_PHOTOS: a folder of photos. GRAFT_TEST_URL, GRAFT_TEST_TOKEN: of the server.
"""
import json
import os
import pathlib
import urllib.request

import schemathesis
from hypothesis import strategies
from schemathesis.generation import GenerationMode

photos = [path.read_bytes() for path in sorted(pathlib.Path(os.environ["GRAFT_TEST_PHOTOS"]).rglob("*.*"))[:5]]
schemathesis.openapi.format("binary", strategies.sampled_from(photos))
schemathesis.openapi.media_type("application/octet-stream", strategies.sampled_from(photos))


def about(path):
    request = urllib.request.Request(os.environ["GRAFT_TEST_URL"] + path, headers={"Authorization": f"Bearer {os.environ['GRAFT_TEST_TOKEN']}"})
    return json.load(urllib.request.urlopen(request))


shape = [1, *about("/v2/models/model")["inputs"][0]["shape"][1:]]
values = shape[1] * shape[2] * shape[3]


@schemathesis.hook
def map_case(context, case):
    """Requests that are right by the description are right for the model."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return case
    if case.operation.path.endswith("/infer") and isinstance(case.body, dict):
        case.body["inputs"] = [{"name": "image", "datatype": "UINT8", "shape": shape, "data": [7] * values}]
        case.body.pop("outputs", None)
    if case.query and "reject" in case.query:
        case.query["reject"] = "false"  # of a model with a threshold only
    return case
