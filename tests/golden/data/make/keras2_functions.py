"""A Keras 2 model that calls TensorFlow's functions: python keras2_functions.py FOLDER

Writes k2_functions.h5, with TFOpLambda layers of the usual kinds, and k2_functions.json, its output for the goldens'
image of 20 x 16. Needs tf_keras.
"""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
import tf_keras as keras

from keras_models import fill, image

L = keras.layers


def functions():
    x = inputs = L.Input((20, 16, 3), name="image")
    x = tf.math.truediv(x, 127.5)
    x = 1.0 - x
    x = tf.subtract(x, [0.1, 0.2, 0.3])
    x = tf.image.resize(x, (12, 12))
    a = tf.nn.relu6(L.Conv2D(4, 3, padding="same", name="a")(x))
    b = tf.nn.swish(L.Conv2D(4, 3, padding="same", name="b")(x))
    y = tf.concat([a + b, tf.maximum(a, b), a * tf.sigmoid(b), tf.subtract(a, b)], axis=-1)
    y = y * 2.0 + 0.5
    z = tf.reduce_mean(y, axis=[1, 2])
    y = tf.reshape(tf.nn.tanh(z), (-1, 4, 4))
    return keras.Model(inputs, tf.nn.softmax(L.Flatten(name="flat")(y)), name="functions")


def main():
    folder = sys.argv[1]
    model = functions()
    for layer in model.layers:
        for weight in layer.weights:
            kind = weight.name.split("/")[-1].split(":")[0]
            weight.assign(fill(f"{layer.name}/{kind}", kind, tuple(weight.shape)))
    model.save(f"{folder}/k2_functions.h5")
    with open(f"{folder}/k2_functions.json", "w", encoding="utf-8") as file:
        output = model(image(20, 16), training=False).numpy().ravel()
        json.dump({"layers": [layer.name for layer in model.layers], "output": [float(v) for v in output]}, file)


if __name__ == "__main__":
    main()
