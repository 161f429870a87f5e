# Makes tests/golden/data/explain.json.gz: Grad-CAM, Grad-CAM++ and occlusion of a flat and a nested Keras network.
#   python keras_explain.py DATA | gzip -9n > ../explain.json.gz     (DATA: the folder with photos/ and weights/)
# A map is divided by its largest value after relu; occlusion is the fall of the probability.
import json, os, sys
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import numpy as np, keras, tensorflow as tf
from keras import layers as L
from PIL import Image
from keras_models import fill

DATA = sys.argv[1]
PHOTOS = ['n02085620/n02085620_Chihuahua.JPEG', 'n02123045/n02123045_tabby.JPEG', 'n01518878/n01518878_ostrich.JPEG']


def formula(layer):
    for v in layer.weights: v.assign(fill(f'{layer.name}/{v.name}', v.name, tuple(v.shape)))


def flat():
    i = x = keras.Input((96, 96, 3), name='image')
    x = L.Rescaling(1 / 127.5, -1, name='rescaling')(x)
    for n, (filters, strides) in enumerate([(8, 2), (16, 2), (24, 1)]):
        x = L.Conv2D(filters, 3, strides=strides, padding='same', name=f'conv{n}')(x)
        x = L.BatchNormalization(name=f'bn{n}')(x)
        x = L.ReLU(name=f'relu{n}')(x)
        if n == 1: x = L.MaxPooling2D(name='pool')(x)
    x = L.GlobalAveragePooling2D(name='gap')(x)
    x = L.Dense(12, activation='relu', name='hidden')(x)
    m = keras.Model(i, L.Dense(4, activation='softmax', name='predictions')(x))
    for layer in m.layers: formula(layer)
    x = m.get_layer('relu2').output
    features = keras.Model(i, x)
    tail = lambda a: tf.matmul(m.get_layer('hidden')(tf.reduce_mean(a, (1, 2))), m.get_layer('predictions').kernel) + m.get_layer('predictions').bias
    return m, features, tail


def nested():
    base = keras.applications.MobileNetV2(input_shape=(224, 224, 3), include_top=False,
        weights=os.path.join(DATA, 'weights/mobilenet_v2_1.0_224_no_top_keras_layout.h5'))
    i = keras.Input((224, 224, 3), name='image')
    x = base(L.Rescaling(1 / 127.5, -1, name='rescaling')(i), training=False)
    features = keras.Model(i, x)
    dense = L.Dense(5, activation='softmax', name='predictions')
    m = keras.Model(i, dense(L.GlobalAveragePooling2D(name='gap')(x)))
    formula(dense)
    return m, features, lambda a: tf.matmul(tf.reduce_mean(a, (1, 2)), dense.kernel) + dense.bias


def cams(features, tail, photo, c):
    a = features(photo[None], training=False)
    with tf.GradientTape() as tape:
        tape.watch(a)
        score = tail(a)[0, c]
    g = tape.gradient(score, a).numpy()[0].astype('float64')
    a = a.numpy()[0].astype('float64')
    plain = np.tensordot(a, g.mean((0, 1)), 1)
    below = 2 * g ** 2 + g ** 3 * a.sum((0, 1))
    alpha = np.where(below != 0, g ** 2 / np.where(below != 0, below, 1), 0)
    plus = np.tensordot(a, (alpha * np.maximum(g, 0)).sum((0, 1)), 1)
    return plain, plus


def normalised(values):
    values = np.maximum(values, 0)
    return values / values.max() if values.max() > 0 else values


def occlusion(m, photo, c, patch):
    h, w = photo.shape[:2]
    starts = lambda size: list(range(0, size - patch, patch // 2)) + [size - patch]
    p = m.predict(photo[None], verbose=0)[0, c]
    fall, covers = np.zeros((h, w)), np.zeros((h, w))
    squares = [(t, l) for t in starts(h) for l in starts(w)]
    covered = np.repeat(photo[None], len(squares), 0)
    for row, (t, l) in enumerate(squares): covered[row, t:t + patch, l:l + patch] = photo.mean((0, 1))
    for (t, l), q in zip(squares, m.predict(covered, verbose=0, batch_size=64)[:, c]):
        fall[t:t + patch, l:l + patch] += p - q
        covers[t:t + patch, l:l + patch] += 1
    return fall / covers


rounded = lambda values: [float(f'{x:.6g}') for x in np.ravel(values)]
result = []
for name, make in [('flat', flat), ('nested', nested)]:
    m, features, tail = make()
    size = m.input_shape[1]
    for path in PHOTOS:
        pixels = np.array(Image.open(os.path.join(DATA, 'photos/imagenet_samples', path)).convert('RGB'))
        photo = tf.image.resize(pixels, (size, size)).numpy()
        probabilities = m.predict(photo[None], verbose=0)[0]
        for c in {int(probabilities.argmax()), 1}:
            plain, plus = cams(features, tail, photo, c)
            fall = occlusion(m, photo, c, size // 8)
            heat = tf.image.resize(normalised(plain)[..., None], (size, size)).numpy()[..., 0]
            result.append(dict(network=name, photo=path, class_index=c, probabilities=rounded(probabilities),
                               rows=plain.shape[0], grad_cam=rounded(normalised(plain)), grad_cam_plus_plus=rounded(normalised(plus)),
                               heat_step=9, heat=rounded(heat[::9, ::9]), occlusion=rounded(fall[::9, ::9])))
json.dump(dict(keras=keras.__version__, tensorflow=tf.__version__, cases=result), sys.stdout)
