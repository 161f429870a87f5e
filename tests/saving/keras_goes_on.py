# Continues training a model that graft saved: keras_goes_on.py FOLDER. Reads model.keras and images.npy (steps, batch,
# H, W, C), labels.npy; trains on step 3, saves keras.keras, trains on steps 4 and 5; writes the losses.
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

folder = sys.argv[1]
images, labels = np.load(f"{folder}/images.npy"), np.load(f"{folder}/labels.npy")
model = keras.models.load_model(f"{folder}/model.keras")


def step(number):
    return float(model.train_on_batch(images[number], labels, return_dict=True)["loss"])


losses = [step(3)]
model.save(f"{folder}/keras.keras")
# train_on_batch gives the mean since the last reset.
for number in (4, 5):
    model.reset_metrics()
    losses.append(step(number))
json.dump(losses, open(f"{folder}/losses.json", "w"))
