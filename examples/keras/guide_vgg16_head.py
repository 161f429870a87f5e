# The Keras program that ../guide_vgg16_head.cpp follows line by line.
import keras
from keras import layers

base = keras.applications.VGG16(input_shape=(300, 300, 3), include_top=False, weights=None)
x = layers.Flatten()(base.output)
x = layers.Dense(1024, activation="relu")(x)
model = keras.Model(base.input, layers.Dense(10, activation="softmax")(x))
model.summary()
base.trainable = False
print("base frozen:", sum(w.numpy().size for w in model.trainable_weights), "parameters train")
base.trainable = True
for layer in base.layers:
    layer.trainable = layer.name.startswith("block5")
print("block5 trains:", sum(w.numpy().size for w in model.trainable_weights), "parameters train")
