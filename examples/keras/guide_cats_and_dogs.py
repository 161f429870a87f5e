# The Keras program that ../guide_cats_and_dogs.cpp follows line by line.
import sys
import keras
from keras import layers

initial_epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
total_epochs = initial_epochs + (int(sys.argv[2]) if len(sys.argv) > 2 else 10)
test = keras.utils.image_dataset_from_directory("test", label_mode="binary", image_size=(160, 160), shuffle=False)
train, validation = keras.utils.image_dataset_from_directory("train", label_mode="binary", image_size=(160, 160), seed=123, validation_split=0.2, subset="both")
augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2)])
base = keras.applications.MobileNetV2(input_shape=(160, 160, 3), include_top=False)
base.trainable = False
inputs = keras.Input((160, 160, 3))
x = augmentation(inputs)
x = keras.applications.mobilenet_v2.preprocess_input(x)
x = base(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
model.compile(keras.optimizers.Adam(1e-4), "binary_crossentropy", ["accuracy"])
print(sum(w.numpy().size for w in model.trainable_weights), "parameters train")
print("before training: accuracy", model.evaluate(validation)[1])
history = model.fit(train, epochs=initial_epochs, validation_data=validation)
print("head: validation accuracy", history.history["val_accuracy"][-1])
base.trainable = True
for layer in base.layers[:100]:
    layer.trainable = False
model.compile(keras.optimizers.RMSprop(1e-5), "binary_crossentropy", ["accuracy"])
print(sum(w.numpy().size for w in model.trainable_weights), "parameters train")
model.fit(train, epochs=total_epochs, initial_epoch=initial_epochs, validation_data=validation)
print("fine-tuned: test accuracy", model.evaluate(test)[1])
model.save("cats_dogs.keras")
