# The Keras program that ../guide_cifar10.cpp follows line by line.
import sys
import keras
from keras import layers

epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 10
photos = dict(label_mode="categorical", batch_size=64, image_size=(48, 48), seed=1)
train = keras.utils.image_dataset_from_directory(sys.argv[1], **photos)
test = keras.utils.image_dataset_from_directory(sys.argv[2], **photos)
weights = sys.argv[4] if len(sys.argv) > 4 else "imagenet"
base = keras.applications.VGG16(input_shape=(48, 48, 3), include_top=False, weights=None if weights == "none" else weights)
base.trainable = False
inputs = keras.Input((48, 48, 3))
x = base(keras.applications.vgg16.preprocess_input(inputs))
x = layers.Flatten()(x)
x = layers.Dense(1000, activation="relu")(x)
x = layers.Dropout(0.3)(x)
model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
model.compile(keras.optimizers.Adam(1e-3), "categorical_crossentropy", ["accuracy"])
print(sum(w.numpy().size for w in model.trainable_weights), "of", model.count_params(), "train")
model.fit(train, epochs=epochs)
print("frozen base: test accuracy", model.evaluate(test)[1])
base.trainable = True
for layer in base.layers:
    layer.trainable = layer.name.startswith("block5")
model.compile(keras.optimizers.Adam(1e-5), "categorical_crossentropy", ["accuracy"])
print(sum(w.numpy().size for w in model.trainable_weights), "of", model.count_params(), "train")
model.fit(train, epochs=epochs)
print("from block5_conv1: test accuracy", model.evaluate(test)[1])
