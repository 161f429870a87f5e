# Makes tests/golden/data/augmentation.json: what Keras's augmentation layers make of one picture when told what to draw.
#   python keras_augmentation.py > ../augmentation.json
import json, os
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import numpy as np, keras
from keras import layers as L
from keras_models import u01

H, W = 7, 9
x = np.floor(u01('augmentation', H * W * 3) * 200 + 20).reshape(1, H, W, 3).astype('float32')
out = {'height': H, 'width': W, 'cases': []}


def case(name, numbers, image):
    out['cases'].append(dict(name=name, numbers=numbers, after=[float(v) for v in np.ravel(image)]))


one = lambda v: np.array(v, 'float32').reshape(1, 1, 1, 1)
for delta in (40., -60.): case('brightness', [delta], L.RandomBrightness(.5).transform_images(x.copy(), {'rgb_delta': one(delta)}))
for f in (.4, 1.7): case('contrast', [f], L.RandomContrast(.5).transform_images(x, {'contrast_factor': one(f)}))
for f in (.3, 1.): case('fade', [f], L.RandomColorDegeneration(.5).transform_images(x, {'factor': one(f)}))
for f in (0., .5, .9): case('sharpness', [f], L.RandomSharpness(.5).transform_images(x, {'factor': np.array([f], 'float32')}))
for b in (1, 3, 8): case('posterise', [b], L.RandomPosterization(4).transform_images(x, {'shift_factor': np.array([8 - b], 'uint8')}))
for a, t in ((0., 128.), (60., 100.)): case('solarise', [a, t], L.Solarization(.5, .5).transform_images(x, {'additions': one(a), 'thresholds': one(t)}))
case('auto_contrast', [], L.AutoContrast().transform_images(x))
case('equalise', [], L.Equalization().transform_images(x, None))
for sx, sy in ((.3, .1), (-.4, -.2)): case('shear', [sx, sy], L.RandomShear(.5, .5).transform_images(x, {'shear_factor': np.array([[sx, sy]], 'float32'), 'input_shape': x.shape}))
for dx, dy in ((2.25, 1.5), (-3., .75)): case('translation', [dx, dy], L.RandomTranslation(.5, .5).transform_images(x, {'translations': np.array([[dx, dy]], 'float32'), 'input_shape': x.shape}))
for turn in (.05, .3, -.125): case('rotation', [turn], L.RandomRotation((turn, turn))(x, training=True))
print(json.dumps(out))
