# SPDX-License-Identifier: Apache-2.0
"""keras_predict.py WEIGHTS PHOTO: the likeliest class of one photo, as a person would write it in Keras."""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras

model = keras.applications.MobileNetV2(weights=None)
model.load_weights(sys.argv[1])
image = keras.utils.img_to_array(keras.utils.load_img(sys.argv[2], target_size=(224, 224)))
scores = model.predict(keras.applications.mobilenet_v2.preprocess_input(image[None]), verbose=0)[0]
print(scores.argmax(), scores.max())
