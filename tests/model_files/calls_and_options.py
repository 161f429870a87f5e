# SPDX-License-Identifier: Apache-2.0
"""More kinds of model for make_files.py: axes, options of layers, number formats, shared and nested models.

Each is a function of the input tensor (N, 24, 24, 3), as in further_kinds.py.
"""

import numpy as np


def both(keras):
    """Kinds that Keras 2 and Keras 3 have."""
    L = keras.layers

    def scaled(x):
        return L.Rescaling(1 / 127.5, offset=-1)(x)

    def conv(x, filters=8, **options):
        return L.Conv2D(filters, 3, **options)(scaled(x))

    def tokens(x):
        return L.Reshape((-1, 8))(L.MaxPooling2D(4)(conv(x)))

    def frozen_parts(x, outer=True):
        i = keras.Input((24, 24, 3))
        first = L.Conv2D(6, 3, name="first")
        y = L.BatchNormalization(name="bn1")(first(i))
        y = L.BatchNormalization(name="bn2")(L.Conv2D(5, 3, name="second")(y))
        model = keras.Model(i, y, name="parts")
        first.trainable = False
        model.get_layer("bn2").trainable = outer
        return model(scaled(x))

    def frozen_whole(x):
        i = keras.Input((24, 24, 3))
        model = keras.Model(i, L.BatchNormalization()(L.SeparableConv2D(6, 3)(i)), name="whole")
        model.trainable = False
        return L.Conv2D(4, 3)(model(scaled(x)))

    def sandwich(x):
        i = keras.Input((24, 24, 3))
        inner = keras.Sequential([L.Conv2D(5, 3), L.BatchNormalization()], name="innermost")
        functional = keras.Model(i, L.ReLU()(inner(i)), name="middle")
        outer = keras.Sequential([keras.Input((24, 24, 3)), functional, L.Conv2D(4, 3)], name="outermost")
        return outer(scaled(x))

    def same_names(x):
        def one():
            return keras.Sequential([keras.Input((24, 24, 3)), L.Conv2D(4, 3, name="c"), L.BatchNormalization(name="b")],
                                    name=None)
        return L.Add()([one()(scaled(x)), one()(L.Rescaling(0.01)(x))])

    def second_node(x):
        layer = L.Conv2D(4, 3, name="used_outside")
        layer(keras.Input((24, 24, 3)))  # a call that is no part of the model
        return layer(scaled(x))

    def cut_out(x):
        i = keras.Input((24, 24, 3))
        y = L.Conv2D(6, 3, name="kept")(i)
        z = L.Conv2D(7, 3, name="cut_off")(y)
        keras.Model(i, z)
        return keras.Model(i, y, name="front")(scaled(x))

    def deferred(x):
        return keras.Sequential([L.Rescaling(1 / 99.0), L.Conv2D(4, 3), L.LeakyReLU()], name="deferred")(x)

    def open_size(x):
        i = keras.Input((None, None, 3))
        model = keras.Model(i, L.Conv2D(4, 3, strides=2, padding="same")(i), name="open")
        return L.Concatenate()([L.GlobalAveragePooling2D()(model(scaled(x))),
                                L.GlobalAveragePooling2D()(model(L.Cropping2D(3)(scaled(x))))])

    def thrice(x):
        block = keras.Sequential([keras.Input((24, 24, 3)), L.Conv2D(3, 3, padding="same", activation="tanh")])
        y = scaled(x)
        for _ in range(3):
            y = block(y)
        return y

    kinds = {
        "c_concat_minus2": lambda x: L.Concatenate(axis=-2)([conv(x), conv(x)]),
        "c_concat_minus3": lambda x: L.Concatenate(axis=-3)([conv(x), conv(x)]),
        "c_concat_minus4": lambda x: L.Concatenate(axis=3)([conv(x), conv(x, 3), conv(x, 2)]),
        "c_softmax_minus2": lambda x: L.Softmax(axis=-2)(conv(x)),
        "c_softmax_minus3": lambda x: L.Softmax(axis=-3)(conv(x)),
        "c_softmax_list": lambda x: L.Softmax(axis=[-1])(conv(x)),
        "c_ln_minus2": lambda x: L.LayerNormalization(axis=-2)(conv(x)),
        "c_ln_minus12": lambda x: L.LayerNormalization(axis=[-2, -1])(conv(x)),
        "c_ln_minus3": lambda x: L.LayerNormalization(axis=(-3,), center=False)(conv(x)),
        "c_ln_tokens": lambda x: L.LayerNormalization(axis=1)(tokens(x)),
        "c_bn_minus3": lambda x: L.BatchNormalization(axis=-3)(conv(x)),
        "c_bn_plain": lambda x: L.BatchNormalization(scale=False, center=False)(conv(x)),
        "c_bn_no_scale_axis1": lambda x: L.BatchNormalization(axis=1, scale=False)(conv(x, 22)),
        "c_bn_epsilon": lambda x: L.BatchNormalization(epsilon=0.3, momentum=0.5)(conv(x)),
        "c_bn_dense": lambda x: L.BatchNormalization()(L.Flatten()(conv(x))),
        "c_bn_first": lambda x: conv(L.BatchNormalization()(x)),
        "c_bn_twice": lambda x: (lambda b: L.Add()([b(conv(x)), b(conv(x))]))(L.BatchNormalization()),
        "c_first_gap": lambda x: L.GlobalAveragePooling2D(data_format="channels_first")(conv(x)),
        "c_first_gmp": lambda x: L.GlobalMaxPooling2D(data_format="channels_first")(conv(x)),
        "c_first_flatten": lambda x: L.Flatten(data_format="channels_first")(conv(x)),
        "c_first_pad": lambda x: L.ZeroPadding2D(2, data_format="channels_first")(conv(x)),
        "c_first_crop": lambda x: L.Cropping2D(2, data_format="channels_first")(conv(x)),
        "c_first_upsample": lambda x: L.UpSampling2D(2, data_format="channels_first")(conv(x)),
        "c_first_conv": lambda x: L.Conv2D(4, 3, data_format="channels_first")(conv(x)),
        "c_first_pool": lambda x: L.MaxPooling2D(2, data_format="channels_first")(conv(x)),
        "c_first_resizing": lambda x: L.Resizing(5, 5, data_format="channels_first")(conv(x)),
        "c_first_spatial_dropout": lambda x: L.SpatialDropout2D(0.4, data_format="channels_first")(conv(x)),
        "c_gap_keep": lambda x: L.Conv2D(4, 1)(L.GlobalAveragePooling2D(keepdims=True)(conv(x))),
        "c_gmp_keep": lambda x: L.Multiply()([conv(x), L.GlobalMaxPooling2D(keepdims=True)(conv(x))]),
        "c_dense_map": lambda x: L.Dense(5, activation="relu")(conv(x)),
        "c_dense_tokens": lambda x: L.Dense(5, activation="gelu")(tokens(x)),
        "c_conv_groups": lambda x: L.Conv2D(6, 3, groups=2)(conv(x)),
        "c_conv_dilated": lambda x: L.Conv2D(6, 3, dilation_rate=(2, 3), padding="same")(conv(x)),
        "c_conv_strided_same": lambda x: L.Conv2D(6, (2, 3), strides=(2, 3), padding="same")(conv(x)),
        "c_depthwise_multiplier": lambda x: L.DepthwiseConv2D(3, depth_multiplier=3, strides=2, padding="same")(conv(x)),
        "c_depthwise_dilated": lambda x: L.DepthwiseConv2D(3, dilation_rate=2)(conv(x)),
        "c_separable_multiplier": lambda x: L.SeparableConv2D(5, 3, depth_multiplier=2, activation="relu")(conv(x)),
        "c_transpose": lambda x: L.Conv2DTranspose(4, 3, strides=2, padding="same")(L.MaxPooling2D()(conv(x))),
        "c_transpose_output": lambda x: L.Conv2DTranspose(4, 3, strides=3, output_padding=1)(L.MaxPooling2D(3)(conv(x))),
        "c_transpose_valid": lambda x: L.Conv2DTranspose(4, 4, strides=2)(L.MaxPooling2D(3)(conv(x))),
        "c_transpose_dilated": lambda x: L.Conv2DTranspose(4, 3, dilation_rate=2)(L.MaxPooling2D(3)(conv(x))),
        "c_average_same": lambda x: L.AveragePooling2D(3, strides=2, padding="same")(conv(x)),
        "c_max_odd": lambda x: L.MaxPooling2D((2, 3), strides=(1, 2), padding="same")(conv(x)),
        "c_pad_sides": lambda x: L.ZeroPadding2D(((1, 2), (0, 3)))(conv(x)),
        "c_crop_sides": lambda x: L.Cropping2D(((1, 2), (0, 3)))(conv(x)),
        "c_upsample_sides": lambda x: L.UpSampling2D((2, 3))(conv(x)),
        "c_reshape_map": lambda x: L.Conv2D(4, 3)(L.Reshape((11, 44, 8))(conv(x))),
        "c_permute_last": lambda x: L.Permute((2, 1, 3))(conv(x)),
        "c_add_self": lambda x: (lambda y: L.Add()([y, y, y]))(conv(x)),
        "c_subtract": lambda x: L.Subtract()([conv(x), conv(x)]),
        "c_average": lambda x: L.Average()([conv(x), conv(x), conv(x)]),
        "c_maximum_broadcast": lambda x: L.Maximum()([conv(x), conv(x, 1)]),
        "c_minimum": lambda x: L.Minimum()([conv(x), conv(x)]),
        "c_add_vector": lambda x: L.Add()([conv(x), L.Reshape((1, 1, 8))(L.GlobalAveragePooling2D()(conv(x)))]),
        "c_add_ranks": lambda x: L.Add()([tokens(x), L.Dense(8)(L.Reshape((1, -1))(L.GlobalAveragePooling2D()(conv(x))))]),
        "c_prelu_shared": lambda x: L.PReLU(shared_axes=[1, 2])(conv(x)),
        "c_prelu_alone": lambda x: L.PReLU()(conv(x)),
        "c_leaky_number": lambda x: L.LeakyReLU(np.float32(0.25))(conv(x)),
        "c_relu_numbers": lambda x: L.ReLU(np.float32(2.0))(conv(x)),
        "c_spatial_dropout": lambda x: L.SpatialDropout2D(0.5)(conv(x)),
        "c_noise": lambda x: L.GaussianNoise(0.9)(L.GaussianDropout(0.4)(L.AlphaDropout(0.3)(conv(x)))),
        "c_noise_training": lambda x: L.GaussianNoise(0.9)(conv(x), training=True),
        "c_dropout_training": lambda x: L.Dropout(0.5)(conv(x), training=True),
        "c_random_all": lambda x: conv(L.RandomFlip("vertical")(L.RandomZoom((-0.3, 0.2), fill_mode="nearest")(
            L.RandomRotation((-0.1, 0.3))(L.RandomContrast((0.3, 0.2))(x))))),
        "c_lambda_inside": lambda x: keras.Sequential([L.Lambda(lambda t: t * 2.0), L.Conv2D(4, 3)])(scaled(x)),
        "c_dtype_float64": lambda x: L.Dense(4, dtype="float64")(L.Flatten()(L.MaxPooling2D(4)(conv(x)))),
        "c_embedding": lambda x: L.Embedding(300, 4)(L.Flatten()(L.MaxPooling2D(8)(x))),
        "c_zero_dropout": lambda x: L.Dropout(0.0)(conv(x)),
        "c_frozen_parts": frozen_parts, "c_frozen_bn": lambda x: frozen_parts(x, False), "c_frozen_whole": frozen_whole,
        "c_sandwich": sandwich, "c_same_names": same_names, "c_second_node": second_node, "c_cut_out": cut_out,
        "c_deferred": deferred, "c_open_size": open_size, "c_thrice": thrice,
    }
    for name in ["relu", "softmax", "sigmoid", "linear", "selu", "exponential"]:
        kinds["cf_" + name] = lambda x, name=name: conv(x, activation=getattr(keras.activations, name))
    return kinds


def keras3(keras):
    """Kinds of Keras 3 alone: classes of the user, number formats, operators."""
    L, ops = keras.layers, keras.ops

    def scaled(x):
        return L.Rescaling(1 / 127.5, offset=-1)(x)

    def conv(x, filters=8, **options):
        return L.Conv2D(filters, 3, **options)(scaled(x))

    @keras.saving.register_keras_serializable(package="mypkg", name="Conv2D")
    class OwnConv(L.Conv2D):
        def call(self, inputs):
            return 2 * super().call(inputs)

    @keras.saving.register_keras_serializable(package="mypkg", name="relu")
    def own_relu(x):
        return ops.relu(x) + 1

    @keras.saving.register_keras_serializable(package="keras", name="ReLU")
    class OwnReLU(L.Layer):
        def call(self, inputs):
            return ops.relu(inputs) + 1

    def quantized(x, mode):
        layer = L.Dense(6)
        y = layer(L.Flatten()(L.MaxPooling2D(5)(conv(x))))
        layer.quantize(mode)
        return y

    return {
        "d_own_class": lambda x: OwnConv(4, 3)(scaled(x)),
        "d_own_function": lambda x: conv(x, activation=own_relu),
        "d_own_in_keras": lambda x: OwnReLU()(conv(x)),
        "d_quantized": lambda x: quantized(x, "int8"),
        "d_quantized4": lambda x: quantized(x, "int4"),
        "d_float8": lambda x: quantized(x, "float8"),
        "d_policy_object": lambda x: L.Conv2D(4, 3, dtype=keras.DTypePolicy("mixed_float16"))(scaled(x)),
        "d_policy_float32": lambda x: L.Conv2D(4, 3, dtype=keras.DTypePolicy("float32"))(scaled(x)),
        "d_bn_mask": lambda x: L.BatchNormalization()(L.Masking()(L.Reshape((-1, 8))(conv(x)))),
        "d_ln_rms": lambda x: L.LayerNormalization(rms_scaling=True, axis=1)(conv(x)),
        "d_activation_layer": lambda x: L.Activation(L.LeakyReLU(0.2))(conv(x)),
        "d_softmax_function": lambda x: keras.activations.softmax(conv(x), axis=1),
        "d_silu_operator": lambda x: (lambda y: y * ops.sigmoid(y))(conv(x)),
        "d_reciprocal": lambda x: 1.0 / (2.0 + ops.abs(conv(x))),
        "d_int_power": lambda x: conv(x) ** 3,
        "d_mean_var": lambda x: (lambda y: (y - ops.mean(y, axis=(1, 2), keepdims=True)) / (
            ops.max(ops.abs(y), axis=(1, 2), keepdims=True) + 1e-3))(conv(x)),
        "d_concat_operator": lambda x: ops.concatenate([conv(x), conv(x)], axis=-3),
        "d_split_last": lambda x: ops.split(conv(x), 4, axis=-1)[3],
        "d_max_negative": lambda x: ops.max(conv(x), axis=-2),
        "d_mean_none": lambda x: conv(x) * ops.mean(conv(x), axis=-1, keepdims=True),
        "d_getitem_last": lambda x: conv(x)[:, -1],
        "d_getitem_two": lambda x: conv(x)[:, 2:, None, :, 3][..., None],
        "d_expand": lambda x: ops.expand_dims(conv(x), -1)[..., 0],
        "d_flip_default": lambda x: ops.flip(conv(x), axis=(1, 2)),
        "d_transpose": lambda x: ops.transpose(conv(x), (0, 2, 1, 3)),
        "d_clip": lambda x: ops.clip(conv(x), x_min=-0.1, x_max=0.2),
        "d_cast_int": lambda x: ops.cast(ops.cast(conv(x) * 10, "int32"), "float32"),
        "d_cast_uint8": lambda x: conv(ops.cast(ops.cast(x, "uint8"), "float32")),
        "d_identity_last": lambda x: L.Identity()(conv(x)),
        "d_conv_kernel_one": lambda x: L.Conv2D(4, 1, padding="same", strides=2)(conv(x)),
        "d_adaptive_max": lambda x: L.AdaptiveMaxPooling2D((2, 5))(conv(x)),
        "d_swapped_arguments": lambda x: ops.subtract(1.0, conv(x)),
        "d_hard_swish_operator": lambda x: (lambda y: y * ops.relu6(y + 3.0) / 6.0)(conv(x)),
    }


def keras2(keras, tf):
    """Kinds of Keras 2 alone."""
    L = keras.layers

    def scaled(x):
        return L.Rescaling(1 / 127.5, offset=-1)(x)

    def conv(x, filters=8, **options):
        return L.Conv2D(filters, 3, **options)(scaled(x))

    @keras.utils.register_keras_serializable(package="mypkg", name="Conv2D")
    class OwnConv(L.Conv2D):
        def call(self, inputs):
            return 2 * super().call(inputs)

    return {
        "e_own_class": lambda x: OwnConv(4, 3)(scaled(x)),
        "e_sync_bn": lambda x: L.BatchNormalization(synchronized=True)(conv(x)),
        "e_bn_renorm": lambda x: keras.layers.experimental.SyncBatchNormalization()(conv(x)),
        "e_bn_list_axis": lambda x: L.BatchNormalization(axis=[3])(conv(x)),
        "e_bn_two_axes": lambda x: L.BatchNormalization(axis=[1, 3])(conv(x)),
        "e_random_translation": lambda x: conv(L.RandomTranslation((-0.2, 0.3), 0.1)(L.RandomBrightness(0.3)(x))),
        "e_tf_silu": lambda x: tf.nn.silu(conv(x), beta=2.0),
        "e_tf_relu_alpha": lambda x: keras.activations.relu(conv(x), max_value=1.5),
        "e_tf_mean_default": lambda x: conv(x) * tf.reduce_mean(conv(x)),
        "e_tf_maximum": lambda x: tf.maximum(conv(x), conv(x)),
        "e_tf_cast_int": lambda x: tf.cast(tf.cast(conv(x) * 10.0, tf.int32), tf.float32),
        "e_tf_softmax_axis": lambda x: tf.nn.softmax(conv(x), axis=-2),
        "e_tf_concat_values": lambda x: tf.concat(values=[conv(x), conv(x)], axis=2),
        "e_tf_squeeze": lambda x: tf.squeeze(tf.reduce_mean(conv(x), [1, 2], keepdims=True), [1, 2]),
        "e_tf_subtract": lambda x: tf.subtract(1.0, conv(x)),
        "e_tf_divide": lambda x: tf.divide(conv(x), 3.0),
        "e_tf_bias": lambda x: tf.nn.bias_add(conv(x), np.arange(8, dtype="float32")),
        "e_tf_clip": lambda x: tf.clip_by_value(conv(x), clip_value_min=-0.1, clip_value_max=0.2),
        "e_tf_leaky": lambda x: tf.nn.leaky_relu(conv(x), 0.4),
        "e_tf_reverse": lambda x: conv(tf.reverse(x, axis=[-1])),
        "e_tf_shape": lambda x: tf.reshape(conv(x), (-1, 22, 176)),
        "e_k_softmax": lambda x: keras.activations.softmax(conv(x), axis=2),
        "e_backend_int": lambda x: keras.backend.int_shape(x) and conv(x),
        "e_backend_relu": lambda x: keras.backend.relu(conv(x), alpha=0.2),
        "e_backend_concat": lambda x: keras.backend.concatenate([conv(x), conv(x)], axis=1),
        "e_backend_sum": lambda x: keras.backend.sum(conv(x), axis=(1, 2)) * 0.01,
        "e_hard_sigmoid_layer": lambda x: L.Activation("hard_sigmoid")(conv(x)),
        "e_random_crop": lambda x: conv(L.RandomCrop(20, 22)(x)),
    }
