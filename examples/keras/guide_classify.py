# The Keras program that ../guide_classify.cpp follows line by line.
import sys
from keras.applications.mobilenet_v2 import MobileNetV2, decode_predictions, preprocess_input
from keras.utils import img_to_array, load_img

model = MobileNetV2()
image = load_img(sys.argv[1], target_size=(224, 224))
image = img_to_array(image)
image = image.reshape((1, 224, 224, 3))
image = preprocess_input(image)
yhat = model.predict(image)
label = decode_predictions(yhat)[0][0]
print("%s (%.2f%%)" % (label[1], label[2] * 100))
