# The Keras program that ../guide_svm.cpp follows line by line.
import sys
import numpy as np
import keras
from sklearn.svm import LinearSVC

inputs = keras.Input((224, 224, 3))
base = keras.applications.MobileNetV2(include_top=False, pooling="avg", input_shape=(224, 224, 3))
network = keras.Model(inputs, base(keras.applications.mobilenet_v2.preprocess_input(inputs), training=False))
train = keras.utils.image_dataset_from_directory(sys.argv[1], image_size=(224, 224), shuffle=False)
test = keras.utils.image_dataset_from_directory(sys.argv[2], image_size=(224, 224), shuffle=False)
train_labels = np.concatenate([labels for _, labels in train])
svm = LinearSVC(C=0.001, dual=False).fit(network.predict(train), train_labels)
answers = svm.predict(network.predict(test))
truth = np.concatenate([labels for _, labels in test])
right = (answers == truth).sum()
print("keras:", right, "of", len(truth), "new photos are right")
