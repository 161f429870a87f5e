# SPDX-License-Identifier: Apache-2.0
"""Real Keras opens what graft saved: python keras_opens.py FOLDER

FOLDER holds NAME.keras files that graft wrote and, beside some, NAME.reference.keras, the file of Keras that
graft had read, or NAME.input.npy and NAME.expected.npy, photos and graft's answers. Every file must load, hold the
same weights when Keras stores it again, and predict exactly what its reference predicts and nearly what graft does.
"""

import glob
import io
import os
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py
import keras
import numpy


def weights_of(path):
    found = {}

    def take(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("optimizer"):
            found[name] = numpy.array(item)

    with zipfile.ZipFile(path) as archive:
        h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r").visititems(take)
    return found


def check(path):
    model = keras.models.load_model(path)
    again = path[: -len(".keras")] + ".again.keras"
    model.save(again)
    ours, theirs = weights_of(path), weights_of(again)
    os.remove(again)
    assert set(ours) == set(theirs), f"{path}: {sorted(set(ours) ^ set(theirs))}"
    for name in ours:
        assert numpy.array_equal(ours[name], theirs[name]), f"{path}: {name}"
    reference = path[: -len(".keras")] + ".reference.keras"
    if os.path.exists(reference):
        batch = numpy.random.default_rng(0).random((2, *model.input_shape[1:])).astype("float32") * 255
        expected = keras.models.load_model(reference).predict(batch, verbose=0)
        difference = abs(model.predict(batch, verbose=0) - expected).max()
        assert difference == 0, f"{path}: predictions differ by {difference}"
    if os.path.exists(path[: -len(".keras")] + ".input.npy"):
        photos, expected = (numpy.load(path[: -len(".keras")] + end) for end in (".input.npy", ".expected.npy"))
        difference = abs(model.predict(photos, verbose=0) - expected).max()
        spread = abs(expected - expected[0]).max()
        assert difference < 1e-4 < spread, f"{path}: differs by {difference}, photos differ by {spread}"


def main():
    paths = [p for p in sorted(glob.glob(os.path.join(sys.argv[1], "*.keras"))) if ".reference." not in p]
    assert paths, f"no .keras file in {sys.argv[1]}"
    for path in paths:
        check(path)
        print("Keras opens", os.path.basename(path))


if __name__ == "__main__":
    main()
