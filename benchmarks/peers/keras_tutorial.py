# SPDX-License-Identifier: Apache-2.0
"""keras_tutorial.py TRAIN TEST WEIGHTS: Keras's transfer-learning tutorial on a folder of photos: MobileNetV2 at 160
pixels, 10 epochs of the head, 10 of fine-tuning from layer 100, mirrored and turned photos."""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import tensorflow as tf

train_folder, test_folder, weights = sys.argv[1:4]
keras.utils.set_random_seed(1)


def photos(folder, shuffle, **split):
    dataset = keras.utils.image_dataset_from_directory(folder, shuffle=shuffle, batch_size=32, image_size=(160, 160),
                                                       seed=1, verbose=False, **split)
    return dataset, dataset.class_names


training, names = photos(train_folder, True, validation_split=0.2, subset="training")
validation, _ = photos(train_folder, True, validation_split=0.2, subset="validation")
test, _ = photos(test_folder, False)
training, validation, test = (one.prefetch(tf.data.AUTOTUNE) for one in (training, validation, test))

base = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(160, 160, 3))
base.load_weights(weights)
base.trainable = False
image = keras.Input((160, 160, 3))
x = keras.layers.RandomFlip("horizontal")(image)
x = keras.layers.RandomRotation(0.2)(x)
x = keras.applications.mobilenet_v2.preprocess_input(x)
x = keras.layers.GlobalAveragePooling2D()(base(x, training=False))
x = keras.layers.Dropout(0.2)(x)
model = keras.Model(image, keras.layers.Dense(1 if len(names) == 2 else len(names))(x))
if len(names) == 2:
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    metrics = [keras.metrics.BinaryAccuracy(threshold=0, name="accuracy")]
else:
    loss, metrics = keras.losses.SparseCategoricalCrossentropy(from_logits=True), ["accuracy"]

model.compile(keras.optimizers.Adam(1e-4), loss, metrics=metrics)
model.fit(training, epochs=10, validation_data=validation, verbose=0)
base.trainable = True
for layer in base.layers[:100]:
    layer.trainable = False
model.compile(keras.optimizers.RMSprop(1e-5), loss, metrics=metrics)
model.fit(training, epochs=20, initial_epoch=10, validation_data=validation, verbose=0)
print("test accuracy", model.evaluate(test, verbose=0)[1])
