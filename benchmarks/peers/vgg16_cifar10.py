# SPDX-License-Identifier: Apache-2.0
"""Keras from the initial weights that examples/vgg16_cifar10 wrote (start=FILE.keras), with its settings:
    python vgg16_cifar10.py START.keras TRAIN OPTIMIZER RATE EPOCHS PHOTOS BATCH
Batches are shuffled by Keras and Dropout draws its own numbers, so that losses are alike and not equal."""
import os
import sys
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import numpy as np
import keras

start, train, optimizer, rate, epochs, photos, batch = sys.argv[1:]
keras.utils.set_random_seed(1)
model = keras.models.load_model(start, compile=False)
model.trainable = True
data = keras.utils.image_dataset_from_directory(train, label_mode='categorical', image_size=(48, 48), shuffle=False,
                                                batch_size=256, verbose=False)
images, labels = (np.concatenate(part) for part in zip(*[(x.numpy(), y.numpy()) for x, y in data]))
count = int(photos) or len(images)
rows = np.arange(count) * len(images) // count
rule = keras.optimizers.Adam(float(rate)) if optimizer == 'adam' else keras.optimizers.SGD(float(rate), momentum=.9)
model.compile(optimizer=rule, loss='categorical_crossentropy', metrics=['accuracy'])


class Show(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(f'epoch {epoch + 1}  loss {logs["loss"]:.4f}  accuracy {logs["accuracy"]:.4f}', flush=True)


trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
print(f'{trained:,} of {model.count_params():,} parameters train')
model.fit(images[rows], labels[rows], batch_size=int(batch), epochs=int(epochs), callbacks=[Show()], verbose=0)
