"""Losses of VGG16 at 48 x 48 with all layers training, as keras_training.py's: writes training_vgg16_all.json beside it."""
import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import layers as L
from keras_models import fill, u01


def images(n, h, w, key):
    return (np.floor(u01(f"{key}/{n}x{h}x{w}x3", n * h * w * 3) * 256).reshape(n, h, w, 3) / 127.5 - 1).astype("float32")


STEPS, BATCH = 4, 16  # Steps small enough that the loss follows the gradient: at 1e-4 this very script in float64 gives 2.0964 for the last loss, in float32 2.0981.
x = images(32, 48, 48, "cifar48")
y = np.eye(10, dtype="float32")[np.floor(u01("cifar48/labels", 32) * 10).astype("int64")]
base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(48, 48, 3))
h = L.Flatten(name="flatten")(base.output)
h = L.Dense(1000, activation="relu", name="fc1")(h)
model = keras.Model(base.input, L.Dense(10, activation="softmax", name="predictions")(h))
for layer in model.layers:
    for v in layer.weights:
        v.assign(fill(f"{layer.name}/{v.name}", v.name, tuple(v.shape)))
optimizer = keras.optimizers.Adam(1e-5)
model.compile(optimizer=optimizer, loss="categorical_crossentropy")
losses = []
for step in range(STEPS):
    a = step * BATCH % len(x)
    losses.append(float(model.train_on_batch(x[a:a + BATCH], y[a:a + BATCH])))
    model.reset_metrics()
after = {}
for layer in model.layers:
    for v in layer.weights:
        a = np.asarray(v.value).ravel().astype("float64")
        at = np.linspace(0, a.size - 1, 4).astype(int)
        after[f"{layer.name}/{v.name}"] = [a.mean(), a.std()] + [a[i] for i in at]
case = {
    "name": "vgg16_48/all",
    "note": "all layers train; Flatten, Dense 1000 relu fc1, Dense 10 softmax (no dropout)",
    "optimizer": keras.optimizers.serialize(optimizer),
    "loss": "categorical_crossentropy",
    "batch": BATCH,
    "steps": STEPS,
    "images": list(x.shape),
    "losses": losses,
    "trainable_variables": len(model.trainable_variables),
    "trainable_params": int(sum(np.prod(v.shape) for v in model.trainable_variables)),
    "weights_after": after,
}
print(losses)
with open(os.path.join(os.path.dirname(__file__), "..", "training_vgg16_all.json"), "w") as f:
    json.dump([case], f, separators=(",", ":"))
