# The Keras program that ../guide_faces.cpp follows line by line.
import random
import sys
import keras
from keras import layers

train, test = keras.utils.image_dataset_from_directory(sys.argv[1], image_size=(128, 128), seed=1, validation_split=0.2, subset="both")
people = train.class_names
base = keras.applications.MobileNetV2(input_shape=(128, 128, 3), include_top=False, pooling="avg")
base.trainable = False
inputs = keras.Input((128, 128, 3))
x = base(keras.applications.mobilenet_v2.preprocess_input(inputs), training=False)
model = keras.Model(inputs, layers.Dense(len(people), activation="softmax")(x))
model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", ["accuracy"])
model.fit(train, epochs=10)
print("test accuracy", model.evaluate(test)[1])
model.save("faces.keras")
faces, labels = next(iter(test.unbatch().batch(1000)))
random.seed(1)
for line in sys.stdin:
    i = random.randrange(len(faces))
    answer = model.predict(faces[i:i + 1])
    best = answer[0].argmax()
    keras.utils.save_img("random.png", faces[i], scale=False)
    print("true", people[labels[i]] + ", predicted", people[best])
