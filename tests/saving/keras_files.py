# SPDX-License-Identifier: Apache-2.0
"""Real Keras and graft read each other's files, every format: python keras_files.py FOLDER

For each NAME.keras in FOLDER, which graft wrote, NAME.h5 must be the same model and NAME.weights.h5 and
NAME.legacy.h5 the same weights: equal outputs. Then Keras writes back.keras, back.h5 and back.weights.h5 of it,
for graft to read. An application's weights, APPLICATION.app.weights.h5 with its arguments in APPLICATION.app.json,
must load into Keras's own application of that name, and APPLICATION.app.keras and .h5 must open, all giving the
output that graft gives.
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


def own_layers():
    """Layers of Keras's applications that Keras itself knows only when told of them."""
    from keras.src.applications import convnext, inception_resnet_v2

    return {"LayerScale": convnext.LayerScale, "CustomScaleLayer": inception_resnet_v2.CustomScaleLayer}


def opens(path):
    try:
        return keras.models.load_model(path, compile=False, custom_objects=own_layers())
    except (ValueError, TypeError):
        return None


def close(x, y, what):
    scale = abs(y).max()
    assert x.shape == y.shape, f"{what}: shapes {x.shape} and {y.shape}"
    assert abs(x - y).max() <= 1e-3 * scale + 1e-6, f"{what}: outputs differ by {abs(x - y).max()} of {scale}"


def check_application(path):
    """STEM.app.json: the application's name and arguments, and its layers' names and parameters in graft;
    STEM.app.npz: an image and graft's output for it."""
    stem = path[: -len(".weights.h5")]
    with open(stem + ".json", encoding="utf-8") as file:
        facts = json.load(file)
    model = getattr(keras.applications, facts["name"])(weights=None, **facts["arguments"])
    assert [[layer.name, layer.count_params()] for layer in model.layers] == facts["layers"], f"{path}: layers"
    spoil(model)
    model.load_weights(path)
    example = numpy.load(stem + ".npz")
    expected = numpy.asarray(model(example["image"], training=False))
    close(example["output"], expected, f"{path}: graft's")
    for ending in (".keras", ".h5"):
        opened = opens(stem + ending)
        if opened is None and ending == ".h5":
            # Some of Keras's own applications do not come back from the .h5 that Keras writes of them.
            model.save(stem + ".own.h5")
            assert opens(stem + ".own.h5") is None, f"{path}: Keras opens its own .h5 but not graft's"
            print("Keras opens no .h5 of", facts["name"], "not even its own")
            continue
        assert opened is not None, f"Keras does not open {stem + ending}"
        close(numpy.asarray(opened(example["image"], training=False)), expected, stem + ending)


def main():
    folder = sys.argv[1]
    models = sorted(glob.glob(os.path.join(folder, "*.keras")))
    stems = [p[: -len(".keras")] for p in models if ".back." not in p and ".app." not in p]
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
