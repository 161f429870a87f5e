# SPDX-License-Identifier: Apache-2.0
"""Makes model files of many kinds with Keras 3 and NAME.ref.json with Keras's probabilities for two images.

    python make_files.py FOLDER                     Keras 3, whichever version is installed
    python make_files.py FOLDER tf_keras            Keras 2, where tf_keras is installed
    python make_files.py FOLDER keras 'p_*' 'm_*'   only the kinds of these names

Run model_files_tests with GRAFT_MODEL_FILES=FOLDER: each file is computed like Keras or refused, never otherwise.
"""

import fnmatch
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

FOLDER = sys.argv[1]
LEGACY = "tf_keras" in sys.argv[2:3]
ONLY = sys.argv[3:] or ["*"]
if LEGACY:
    import tf_keras as keras
    import tensorflow as tf
else:
    import keras
    from keras import ops
import calls_and_options
import further_kinds

L = keras.layers
SIZE = 24
os.makedirs(FOLDER, exist_ok=True)
row, column = np.mgrid[0:SIZE, 0:SIZE]
images = np.stack([
    np.stack([row * 10, 255 - column * 9, (row + column) * 5], axis=-1) * np.array([1.0, 0.6, 0.3]),
    np.random.RandomState(5).randint(0, 256, (SIZE, SIZE, 3)) * np.array([0.3, 1.0, 0.7]),
]).astype("int32").astype("float32")
with open(os.path.join(FOLDER, "images.json"), "w") as stream:
    json.dump({"images": images.reshape(2, -1).astype(int).tolist()}, stream)


def trained_looking(model, seed):
    """Weights far from their initial values, so that a missed one shows."""
    random = np.random.RandomState(seed)
    for weight in model.weights:
        name = getattr(weight, "path", weight.name)
        shape = tuple(weight.shape)
        value = random.normal(0, 0.4 / max(1, np.prod(shape[:-1])) ** 0.5 * 3, shape)
        if "variance" in name:
            value = 0.3 + random.uniform(0, 2, shape)
        if "gamma" in name:
            value = 1 + 0.3 * value
        if "seed" in name or "count" in name or str(weight.dtype).find("int") >= 0:
            continue
        weight.assign(value.astype("float32"))
    for layer in model._flatten_layers():
        if type(layer).__name__ == "Normalization":
            layer.finalize_state()  # as after loading: it computes with copies of its weights


def write(name, model, formats=("keras", "h5")):
    trained_looking(model, sum(map(ord, name)))
    expected = np.array(model(images, training=False), "float32")  # as model.predict(), without its compilation
    if not np.isfinite(expected).all():
        print(name, "not made: Keras's own output is not finite")
        return
    spread = float(np.abs(expected[0] - expected[1]).max())
    files = []
    for ending in formats:
        file = f"{name}.{ending}"
        try:
            model.save(os.path.join(FOLDER, file))
            files.append(file)
        except Exception as error:
            print(name, ending, "not saved:", str(error)[:100])
    with open(os.path.join(FOLDER, name + ".ref.json"), "w") as out:
        json.dump({"name": name, "files": files, "spread": spread, "output": expected.tolist()}, out)


def classifier(body, name, **extra):
    if LEGACY:
        keras.backend.clear_session()
    else:
        keras.utils.clear_session()
    x = inputs = keras.Input((SIZE, SIZE, 3))
    x = body(x)
    if len(x.shape) > 2:
        x = L.GlobalMaxPooling2D()(x) if len(x.shape) == 4 else L.Flatten()(x)
    write(name, keras.Model(inputs, L.Dense(5, activation="softmax")(x)), **extra)


def conv(x, filters=8, **options):
    return L.Conv2D(filters, 3, **options)(x)


def scaled(x):
    return L.Rescaling(1 / 127.5, offset=-1)(x)


def norms(axis):
    return lambda x: L.BatchNormalization(axis=axis)(conv(scaled(x), 22))


KINDS = {
    "bn_axis1": norms(1), "bn_axis2": norms(2), "bn_axis3": norms(3), "bn_axis_minus2": norms(-2),
    "ln_axis1": lambda x: L.LayerNormalization(axis=1)(conv(scaled(x))),
    "ln_axes12": lambda x: L.LayerNormalization(axis=[1, 2])(conv(scaled(x))),
    "ln_axes123": lambda x: L.LayerNormalization(axis=[1, 2, 3])(conv(scaled(x))),
    "softmax_axis1": lambda x: L.Softmax(axis=1)(conv(scaled(x))),
    "softmax_axis_last": lambda x: L.Softmax(axis=3)(conv(scaled(x))),
    "softmax_axis1_flat": lambda x: L.Flatten()(L.Softmax(axis=1)(conv(scaled(x)))),
    "concat_axis1": lambda x: L.Concatenate(axis=1)([conv(scaled(x)), conv(scaled(x))]),
    "concat_axis2": lambda x: L.Concatenate(axis=2)([conv(scaled(x)), conv(scaled(x))]),
    "act_relu6": lambda x: conv(scaled(x), activation=L.ReLU(6.0)),
    "act_relu_all": lambda x: conv(scaled(x), activation=L.ReLU(1.0, 0.1, 0.2)),
    "act_leaky": lambda x: conv(scaled(x), activation=L.LeakyReLU()),
    "act_elu": lambda x: conv(scaled(x), activation=L.ELU(0.5)),
    "act_softmax": lambda x: conv(scaled(x), activation=L.Softmax()),
    "act_prelu": lambda x: conv(scaled(x), activation=L.PReLU()),
    "dense_act_leaky": lambda x: L.Dense(7, activation=L.LeakyReLU())(L.Flatten()(conv(scaled(x)))),
    "bn_training_false": lambda x: L.BatchNormalization()(conv(scaled(x)), training=False),
    "dropout_training_true": lambda x: L.Dropout(0.5)(conv(scaled(x)), training=False),
    "gaussian_dropout": lambda x: conv(L.GaussianDropout(0.3)(scaled(x))),
    "alpha_dropout": lambda x: conv(L.AlphaDropout(0.3)(scaled(x))),
    "activity_regularization": lambda x: L.ActivityRegularization(0.1)(conv(scaled(x))),
    "adaptive": lambda x: conv(scaled(x), padding="same", strides=2),
    "upsampling_bicubic": lambda x: L.UpSampling2D(2, interpolation="bicubic")(conv(scaled(x))),
    "upsampling_bilinear": lambda x: L.UpSampling2D(2, interpolation="bilinear")(conv(scaled(x))),
    "resizing_crop": lambda x: conv(scaled(L.Resizing(16, 12, crop_to_aspect_ratio=True)(x))),
    "resizing_bicubic": lambda x: conv(scaled(L.Resizing(16, 16, interpolation="bicubic")(x))),
    "normalization_one": lambda x: conv(L.Normalization(mean=120.0, variance=900.0)(x)),
    "normalization_none": lambda x: conv(L.Normalization(axis=None, mean=120.0, variance=900.0)(x)),
    "reshape_softmax": lambda x: L.Softmax(axis=1)(L.Reshape((-1, 8))(conv(scaled(x)))),
    "permute": lambda x: L.BatchNormalization(axis=1)(L.Permute((3, 1, 2))(conv(scaled(x)))),
    "multiply_broadcast": lambda x: L.Multiply()([conv(scaled(x)), conv(scaled(x), 1, activation="sigmoid")]),
    "dot": lambda x: L.Dot(axes=1)([L.Flatten()(conv(scaled(x))), L.Flatten()(conv(scaled(x)))]),
    "unit_axis1": lambda x: L.UnitNormalization(axis=1)(conv(scaled(x))),
    "group_norm": lambda x: L.GroupNormalization(4)(conv(scaled(x))),
    "group_norm_axis1": lambda x: L.GroupNormalization(2, axis=1)(conv(scaled(x))),
}
if not LEGACY:
    KINDS.update({
        "rms_axis1": lambda x: L.RMSNormalization(axis=1)(conv(scaled(x))),
        "identity": lambda x: conv(L.Identity()(scaled(x))),
        "random_shear": lambda x: conv(scaled(L.RandomShear(0.2, 0.2)(x))),
        "random_hue": lambda x: conv(scaled(L.RandomHue(0.2)(x))),
        "random_erasing": lambda x: conv(scaled(L.RandomErasing()(x))),
        "rand_augment": lambda x: conv(scaled(L.RandAugment()(x))),
        "mix_up": lambda x: conv(scaled(L.MixUp()(x))),
        "solarization": lambda x: conv(scaled(L.Solarization(0.3)(x))),
        "auto_contrast": lambda x: conv(scaled(L.AutoContrast()(x))),
        "op_getitem_bgr": lambda x: conv(scaled(x[..., ::-1])),
        "op_getitem_crop": lambda x: conv(scaled(x[:, 2:-3, 1:, :])),
        "op_getitem_channel": lambda x: conv(scaled(x[..., 1:2])),
        "op_getitem_newaxis": lambda x: conv(scaled(x[..., 0][..., None])),
        "op_getitem_stride": lambda x: conv(scaled(x[:, ::2, ::3])),
        "op_constants": lambda x: conv((x - np.array([120.0, 110.0, 100.0], "float32")) / 60.0),
        "op_constant_first": lambda x: conv(2.0 - x / 127.5),
        "op_constant_map": lambda x: conv(scaled(x) * np.linspace(0, 1, SIZE * SIZE).reshape(SIZE, SIZE, 1).astype("float32")),
        "op_multiply": lambda x: conv(scaled(x)) * conv(scaled(x), activation="sigmoid"),
        "op_broadcast": lambda x: conv(scaled(x)) - conv(scaled(x), 1),
        "op_divide": lambda x: conv(scaled(x)) / (1.5 + conv(scaled(x), activation="sigmoid")),
        "op_cbam": lambda x: (lambda y: y * L.Conv2D(1, 5, padding="same", activation="sigmoid")(
            ops.concatenate([ops.mean(y, axis=-1, keepdims=True), ops.max(y, axis=-1, keepdims=True)], axis=-1)))(conv(scaled(x))),
        "op_mean_hw": lambda x: ops.mean(conv(scaled(x)), axis=[1, 2]),
        "op_sum_h": lambda x: ops.sum(conv(scaled(x)), axis=1) * 0.05,
        "op_min": lambda x: ops.min(conv(scaled(x)), axis=(1, 2), keepdims=True),
        "op_relu": lambda x: ops.relu(conv(scaled(x))),
        "op_leaky": lambda x: ops.leaky_relu(conv(scaled(x)), 0.3),
        "op_gelu": lambda x: ops.gelu(conv(scaled(x))),
        "op_gelu_exact": lambda x: ops.gelu(conv(scaled(x)), approximate=False),
        "op_silu": lambda x: ops.silu(conv(scaled(x))),
        "op_softmax": lambda x: ops.softmax(conv(scaled(x)), axis=-1),
        "op_softmax_axis1": lambda x: ops.softmax(conv(scaled(x)), axis=1),
        "op_clip": lambda x: ops.clip(conv(scaled(x)), -0.2, 0.3),
        "op_abs": lambda x: ops.abs(conv(scaled(x))),
        "op_square": lambda x: ops.square(conv(scaled(x))),
        "op_negative": lambda x: -conv(scaled(x)),
        "op_power": lambda x: conv(scaled(x)) ** 2,
        "op_sqrt": lambda x: ops.sqrt(ops.abs(conv(scaled(x)))),
        "op_maximum": lambda x: ops.maximum(conv(scaled(x)), 0.1),
        "op_reshape": lambda x: ops.reshape(conv(scaled(x)), (-1, 22 * 22, 8)),
        "op_transpose": lambda x: ops.transpose(conv(scaled(x)), (0, 3, 1, 2)),
        "op_expand_squeeze": lambda x: ops.squeeze(ops.expand_dims(conv(scaled(x)), 1), 1),
        "op_flip": lambda x: ops.flip(conv(scaled(x)), axis=1),
        "op_stack": lambda x: ops.stack([x[..., 2], x[..., 1], x[..., 0]], axis=-1) / 255.0,
        "op_cast": lambda x: ops.cast(conv(scaled(x)), "float32"),
        "op_where": lambda x: ops.where(conv(scaled(x)) > 0, conv(scaled(x)), 0.0),
        "op_pad": lambda x: ops.pad(conv(scaled(x)), [[0, 0], [1, 1], [1, 1], [0, 0]]),
        "op_matmul": lambda x: ops.matmul(conv(scaled(x)), np.eye(8, dtype="float32") * 2),
        "activation_function": lambda x: keras.activations.relu(conv(scaled(x)), negative_slope=0.1, max_value=2.0),
        "preprocess_resnet": lambda x: conv(keras.applications.resnet50.preprocess_input(x) / 50.0),
        "preprocess_densenet": lambda x: conv(keras.applications.densenet.preprocess_input(x)),
        "preprocess_inception": lambda x: conv(keras.applications.inception_v3.preprocess_input(x)),
    })
else:
    KINDS.update({
        "k2_slash": lambda x: L.BatchNormalization(name="a/BatchNorm")(L.Conv2D(8, 3, name="a")(scaled(x))),
        "k2_getitem": lambda x: conv(scaled(x[..., ::-1])),
        "k2_crop": lambda x: conv(scaled(x[:, 2:-3, 1:])),
        "k2_mean": lambda x: tf.reduce_mean(conv(scaled(x)), axis=[1, 2]),
        "k2_max_keep": lambda x: tf.reduce_max(conv(scaled(x)), axis=-1, keepdims=True) * conv(scaled(x)),
        "k2_sum": lambda x: tf.reduce_sum(conv(scaled(x)), axis=2) * 0.05,
        "k2_clip": lambda x: tf.clip_by_value(conv(scaled(x)), -0.2, 0.3),
        "k2_leaky": lambda x: tf.nn.leaky_relu(conv(scaled(x)), alpha=0.3),
        "k2_gelu": lambda x: tf.nn.gelu(conv(scaled(x))),
        "k2_square": lambda x: tf.square(conv(scaled(x))),
        "k2_abs": lambda x: tf.abs(conv(scaled(x))),
        "k2_negative": lambda x: -conv(scaled(x)),
        "k2_maximum": lambda x: tf.maximum(conv(scaled(x)), 0.1),
        "k2_stack": lambda x: conv(tf.stack([x[..., 2], x[..., 1], x[..., 0]], axis=-1) / 255.0),
        "k2_expand": lambda x: tf.squeeze(tf.expand_dims(conv(scaled(x)), 1), 1),
        "k2_transpose": lambda x: tf.transpose(conv(scaled(x)), [0, 3, 1, 2]),
        "k2_reverse": lambda x: tf.reverse(conv(scaled(x)), [1]),
        "k2_cast": lambda x: tf.cast(conv(scaled(x)), tf.float32),
        "k2_divide": lambda x: conv(scaled(x)) / (1.5 + conv(scaled(x), activation="sigmoid")),
        "k2_random_height": lambda x: conv(scaled(L.RandomHeight(0.2)(x))),
        "k2_random_width": lambda x: conv(scaled(L.RandomWidth(0.2)(x))),
        "k2_thresholded": lambda x: L.ThresholdedReLU(0.3)(conv(scaled(x))),
        "k2_caffe": lambda x: conv(keras.applications.resnet50.preprocess_input(x) / 50.0),
        "k2_torch": lambda x: conv(keras.applications.densenet.preprocess_input(x)),
        "k2_mobilenet": lambda x: conv(keras.applications.mobilenet_v2.preprocess_input(x)),
        "k2_mobilenet_v3": lambda x: keras.applications.MobileNetV3Small(
            input_shape=(32, 32, 3), include_top=False, weights=None)(L.Resizing(32, 32)(x)),
    })

for kinds in (further_kinds, calls_and_options):
    KINDS.update(kinds.both(keras))
    KINDS.update(kinds.keras2(keras, tf) if LEGACY else kinds.keras3(keras))
for kind, body in KINDS.items():
    if not any(fnmatch.fnmatch(kind, pattern) for pattern in ONLY):
        continue
    try:
        classifier(body, kind)
    except Exception as error:
        print(kind, "not made:", str(error).replace("\n", " ")[:160])
