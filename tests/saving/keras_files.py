# SPDX-License-Identifier: Apache-2.0
"""Real Keras and graft read each other's files, every format: python keras_files.py FOLDER

For each NAME.keras in FOLDER, which graft wrote, NAME.h5 must be the same model and NAME.weights.h5 and
NAME.legacy.h5 the same weights: equal outputs. Then Keras writes back.keras, back.h5 and back.weights.h5 of it,
for graft to read. An application's weights, APPLICATION.app.weights.h5 with its arguments in APPLICATION.app.json,
must load into Keras's own application of that name and give its reference model's outputs.
"""

import glob
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy


def outputs(model):
    random = numpy.random.default_rng(0)
    shapes = [tuple(32 if n is None else n for n in i.shape[1:]) for i in model.inputs]
    batches = [(random.random((2, *shape)) * 255).astype("float32") for shape in shapes]
    found = model(batches if len(batches) > 1 else batches[0], training=False)
    return [numpy.asarray(value) for value in (found if isinstance(found, (list, tuple)) else [found])]


def same(a, b, what):
    assert len(a) == len(b), what
    for x, y in zip(a, b):
        assert numpy.array_equal(x, y), f"{what}: outputs differ by {abs(x - y).max()}"


def spoil(model):
    for weight in model.weights:
        if "seed" not in weight.path:
            weight.assign(numpy.full(weight.shape, 0.25, "float32"))


def check_model(stem):
    model = keras.models.load_model(stem + ".keras", compile=False)
    expected = outputs(model)
    same(outputs(keras.models.load_model(stem + ".h5", compile=False)), expected, stem + ".h5")
    for ending in (".weights.h5", ".legacy.h5"):
        spoil(model)
        model.load_weights(stem + ending)
        same(outputs(model), expected, stem + ending)
    model.save(stem + ".back.keras")
    model.save(stem + ".back.h5")
    model.save_weights(stem + ".back.weights.h5")


def check_application(path):
    with open(path[: -len(".weights.h5")] + ".json", encoding="utf-8") as file:
        facts = json.load(file)
    build = getattr(keras.applications, facts["name"])
    model = build(weights=None, **facts["arguments"])
    model.load_weights(path)
    reference = keras.models.load_model(path[: -len(".app.weights.h5")] + ".app.h5", compile=False)
    for x, y in zip(outputs(model), outputs(reference)):
        scale = abs(y).max()
        assert abs(x - y).max() <= 1e-5 * scale + 1e-6, f"{path}: outputs differ by {abs(x - y).max()} of {scale}"


def main():
    folder = sys.argv[1]
    stems = [p[: -len(".keras")] for p in sorted(glob.glob(os.path.join(folder, "*.keras"))) if ".back." not in p]
    for stem in stems:
        check_model(stem)
        print("Keras reads and writes", os.path.basename(stem))
    applications = sorted(glob.glob(os.path.join(folder, "*.app.weights.h5")))
    for path in applications:
        check_application(path)
        print("Keras's own application takes", os.path.basename(path))
    assert stems or applications, f"nothing to read in {folder}"


if __name__ == "__main__":
    main()
