"""Outputs of single Keras layers: python layers.py > ../layers.json

Each case has a class, a config, the shapes of its inputs (with the batch axis) and the output of the layer in
inference mode. Input i is 4 u01("case/i", n) - 2, every weight is the README's formula with the key
"layer/weight", alpha as a bias.
"""
import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import layers
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer
from keras_models import fill, u01

image = (2, 6, 5, 4)
gate = (2, 1, 1, 4)
CASES = [
    (layers.Add(), [image, gate]),
    (layers.Add(), [image, (2, 4)]),
    (layers.Multiply(), [image, gate]),
    (layers.Multiply(), [image, image, (2, 6, 1, 4)]),
    (layers.Subtract(), [gate, image]),
    (layers.Average(), [image, gate, image]),
    (layers.Maximum(), [image, (2, 1, 5, 1)]),
    (layers.Minimum(), [image, image]),
    (CustomScaleLayer(0.17), [image, image]),
    (layers.SeparableConv2D(3, 3, padding="same", depth_multiplier=2, strides=2), [image]),
    (layers.SeparableConv2D(3, (3, 2), dilation_rate=2, activation="gelu", use_bias=False), [image]),
    (layers.Conv2D(6, 3, groups=2, dilation_rate=(2, 1), activation="hard_swish"), [image]),
    (layers.DepthwiseConv2D((2, 3), depth_multiplier=2, strides=2, padding="same"), [image]),
    (layers.Conv2DTranspose(3, 3, strides=2, padding="same"), [image]),
    (layers.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1), [image]),
    (layers.Conv2DTranspose(3, (2, 3), strides=(3, 2)), [image]),
    (layers.Conv2DTranspose(3, 3, strides=2, output_padding=1, use_bias=False), [image]),
    (layers.Conv2DTranspose(3, 3, dilation_rate=2, padding="same", activation="mish"), [image]),
    (layers.Conv2DTranspose(2, 4, strides=2, padding="same"), [image]),
    (layers.UpSampling2D((2, 3)), [image]),
    (layers.UpSampling2D(2, interpolation="bilinear"), [image]),
    (layers.Cropping2D(((0, 1), (2, 1))), [image]),
    (layers.Permute((3, 1, 2)), [image]),
    (layers.Permute((2, 1)), [(2, 3, 7)]),
    (layers.LayerNormalization(), [image]),
    (layers.LayerNormalization(axis=[1, 2, 3], epsilon=1e-6), [image]),
    (layers.LayerNormalization(center=False, scale=False), [(3, 7)]),
    (layers.GroupNormalization(2), [image]),
    (layers.GroupNormalization(-1, epsilon=1e-5, center=False), [image]),
    (LayerScale(1e-6, 4), [image]),
    (StochasticDepth(0.3), [image]),
    (layers.LeakyReLU(), [image]),
    (layers.LeakyReLU(negative_slope=0.1), [image]),
    (layers.ELU(), [image]),
    (layers.ELU(alpha=0.4), [image]),
    (layers.PReLU(), [image]),
    (layers.PReLU(shared_axes=[1, 2]), [image]),
    (layers.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2), [image]),
    (layers.Dropout(0.5, noise_shape=(2, 1, 1, 4)), [image]),
    (layers.SpatialDropout2D(0.5), [image]),
    (layers.GaussianNoise(0.5), [image]),
    (layers.CenterCrop(3, 2), [image]),
    (layers.CenterCrop(8, 3), [image]),
    (layers.CenterCrop(7, 9), [image]),
    (layers.Rescaling([0.5, 1.0, 2.0, 3.0], [0.0, 1.0, -1.0, 0.5]), [image]),
    (layers.Normalization(), [image]),
    (layers.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 0.5, 0.0]), [image]),
    (layers.GlobalAveragePooling2D(keepdims=True), [image]),
    (layers.GlobalMaxPooling2D(keepdims=True), [image]),
    (layers.MaxPooling2D(3, 2, padding="same"), [image]),
    (layers.AveragePooling2D((2, 3), 2, padding="same"), [image]),
    (layers.Dense(3, activation="softmax"), [image]),
] + [
    (layers.Activation(name), [image])
    for name in "relu relu6 leaky_relu sigmoid tanh silu swish hard_sigmoid hard_silu hard_swish elu selu celu gelu "
    "softplus softsign exponential mish log_sigmoid hard_tanh tanh_shrink soft_shrink hard_shrink squareplus "
    "sparse_plus sparse_sigmoid linear softmax".split()
] + [
    (layers.UnitNormalization(), [image]),
    (layers.UnitNormalization(axis=-1), [(3, 7)]),
    (layers.RMSNormalization(), [image]),
    (layers.RMSNormalization(epsilon=0.5), [(3, 7)]),
]


def run(index, layer, shapes):
    inputs = [
        (4 * u01(f"{index}/{i}", int(np.prod(shape))) - 2).reshape(shape).astype(np.float32)
        for i, shape in enumerate(shapes)
    ]
    argument = inputs if len(inputs) > 1 else inputs[0]
    layer.build([x.shape for x in inputs] if len(inputs) > 1 else inputs[0].shape)
    for w in layer.weights:
        name = "gamma" if isinstance(layer, LayerScale) else w.name
        w.assign(fill(f"layer/{name}", "bias" if name in ("alpha", "scale") else name, tuple(w.shape)))
    if isinstance(layer, layers.Normalization):
        layer.finalize_state()
    output = np.asarray(layer(argument, training=False) if "training" in layer._call_signature.parameters
                        else layer(argument))
    config = keras.saving.serialize_keras_object(layer)["config"]
    config["name"] = "layer"
    return {
        "class_name": type(layer).__name__,
        "config": config,
        "inputs": [list(shape) for shape in shapes],
        "shape": list(output.shape),
        "output": [float(f"{x:.8g}") for x in output.ravel()],
    }


print("[", ",\n ".join(json.dumps(run(i, *case)) for i, case in enumerate(CASES)), "]", sep="")
