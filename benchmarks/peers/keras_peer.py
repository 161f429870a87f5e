# SPDX-License-Identifier: Apache-2.0
"""Keras on TensorFlow."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import keras
import tensorflow as tf

from serve import serve

tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(2)

NETWORKS = {
    "mobilenet_v2": keras.applications.MobileNetV2,
    "resnet50": keras.applications.ResNet50,
    "inception_v3": keras.applications.InceptionV3,
    "vgg16": keras.applications.VGG16,
    "efficientnetb0": keras.applications.EfficientNetB0,
    "densenet121": keras.applications.DenseNet121,
}


def predict(case):
    size = case["size"]
    model = NETWORKS[case["network"]](weights=None, input_shape=(size, size, 3))
    function = tf.function(lambda x: model(x, training=False))
    x = tf.random.uniform((case["batch"], size, size, 3))
    return lambda: function(x).numpy()


def first_trained(base, case):
    """Index of the first layer that trains."""
    if case["train"] == "all":
        return 0
    if case["train"] == "none":
        return len(base.layers)
    if isinstance(case["train"], int):
        return case["train"]
    return next(i for i, layer in enumerate(base.layers) if layer.name.startswith(case["train"]))


def step(case):
    size, batch = case["size"], case["batch"]
    base = NETWORKS[case["network"]](weights=None, include_top=False, input_shape=(size, size, 3))
    for layer in base.layers[: first_trained(base, case)]:
        layer.trainable = False
    image = keras.Input((size, size, 3))
    x = base(image, training=True if case.get("bn_training") else False)
    if case.get("hidden"):
        x = keras.layers.Flatten()(x)
        x = keras.layers.Dense(case["hidden"], activation="relu")(x)
        x = keras.layers.Dropout(0.3)(x)
    else:
        x = keras.layers.GlobalAveragePooling2D()(x)
        x = keras.layers.Dropout(0.2)(x)
    model = keras.Model(image, keras.layers.Dense(10)(x))
    model.compile(keras.optimizers.Adam(1e-5), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    images = tf.random.uniform((batch, size, size, 3))
    labels = tf.constant(np.arange(batch) % 10)
    return lambda: model.train_on_batch(images, labels)


def head_epoch(case):
    """One epoch of a head over photos that go through the frozen network each time, as fit does it."""
    one = step(case)
    return lambda: [one() for _ in range((case["photos"] + case["batch"] - 1) // case["batch"])]


serve(lambda case: globals()[case["kind"]](case))
