#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""protocols.py GRAFT MODEL PHOTOS kserve|prometheus : clients that others wrote.

kserve: NVIDIA's tritonclient (PyPI) asks for the model, its versions, and probabilities of pixels, as JSON and as binary data, and gets
what /v1/predict answers. prometheus: prometheus_client's parser reads /metrics, and its counters are those of the requests that were sent.
"""
import io
import json
import sys

from common import Expectations, Server, arguments, ask, photos_of


def kserve(server, expect, photo):
    import numpy
    import tritonclient.http as triton
    from PIL import Image

    client = triton.InferenceServerClient(f"127.0.0.1:{server.port}")
    expect(client.is_server_live() and client.is_server_ready(), "the server is not ready")
    expect(client.is_model_ready("model"), "the model is not ready")
    expect(not client.is_model_ready("other"), "another model is ready")
    about = client.get_model_metadata("model")
    version, (_, height, width, channels) = about["versions"][0], about["inputs"][0]["shape"]
    expect(client.get_model_metadata("model", version)["versions"] == [version], "the version has other metadata")
    expect(client.is_model_ready("model", version) and not client.is_model_ready("model", "none"), "versions are not told apart")

    picture = Image.open(io.BytesIO(photo)).convert("RGB" if channels == 3 else "L").resize((width, height))
    pixels = numpy.asarray(picture).reshape(1, height, width, channels)
    packed = io.BytesIO()
    picture.save(packed, "png")
    answer = json.loads(ask(server.port, "POST", "/v1/predict?top=1000", packed.getvalue())[2])["photos"][0]["predictions"]
    names = json.loads(ask(server.port, path="/v1/models")[2])["models"][0]["classes"]
    expected = {one["name"]: one["probability"] for one in answer}
    for datatype, values in (("UINT8", pixels.astype(numpy.uint8)), ("FP32", pixels.astype(numpy.float32))):
        for binary in (True, False):
            for many in (1, 3):
                entry = triton.InferInput("image", [many, height, width, channels], datatype)
                entry.set_data_from_numpy(numpy.repeat(values, many, axis=0), binary_data=binary)
                found = client.infer("model", [entry], request_id="7", outputs=[triton.InferRequestedOutput("probabilities", binary_data=binary)])
                rows = found.as_numpy("probabilities")
                expect(found.get_response()["id"] == "7", "the id is another")
                expect(rows.shape == (many, len(names)), f"{datatype}: shape {rows.shape}")
                for row in rows:
                    worst = max(abs(float(row[i]) - expected[name]) for i, name in enumerate(names))
                    expect(worst < 1e-3, f"{datatype}, binary {binary}, {many} photos: off by {worst}")
    for name, shape in (("model", [1, height + 1, width, channels]), ("other", [1, height, width, channels])):
        entry = triton.InferInput("image", shape, "UINT8")
        entry.set_data_from_numpy(numpy.zeros(shape, numpy.uint8))
        try:
            client.infer(name, [entry])
            expect(False, f"{name} {shape} is answered")
        except triton.InferenceServerException as error:
            expect(error.status() in ("400", "404"), f"{name} {shape}: {error.status()}")


def prometheus(server, expect, photo):
    from prometheus_client.parser import text_string_to_metric_families

    for _ in range(3):
        ask(server.port, "POST", "/v1/predict", photo)
    ask(server.port, "POST", "/v1/predict", b"no photo")
    families = {family.name: family for family in text_string_to_metric_families(ask(server.port, path="/metrics")[2].decode())}
    expect({"graft_requests", "graft_request_seconds", "graft_photos", "graft_queue_photos", "graft_connections", "process_resident_memory_bytes"}
           <= set(families), f"families: {sorted(families)}")
    value = {(sample.name, *sorted(sample.labels.items())): sample.value for family in families.values() for sample in family.samples}
    for status, count in (("200", 3), ("400", 1)):
        found = value.get(("graft_requests_total", ("route", "/v1/predict"), ("status", status)))
        expect(found == count, f"requests with {status}: {found}")
    expect(value.get(("graft_request_seconds_count", ("route", "/v1/predict"))) == 4, "the histogram counts others")
    for family in families.values():
        expect(family.type in ("counter", "gauge", "histogram") and family.documentation, f"{family.name}: {family.type}")
    expect(1e6 < families["process_resident_memory_bytes"].samples[0].value < 1e11, "the resident memory is none")


def main():
    graft, model, photos = arguments()
    part = sys.argv[4]
    expect = Expectations(part)
    server = Server(graft, model)
    try:
        {"kserve": kserve, "prometheus": prometheus}[part](server, expect, photos_of(photos, 1)[0])
    finally:
        server.stop()
    expect.end()


if __name__ == "__main__":
    main()
