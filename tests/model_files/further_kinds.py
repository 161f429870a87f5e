# SPDX-License-Identifier: Apache-2.0
"""More kinds of model for make_files.py: options, activations and operators that a reader could miss.

Each is a function of the input tensor (N, 24, 24, 3); a kind that this version of Keras does not have is reported
as "not made".
"""

import numpy as np

ACTIVATIONS = ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "mish", "softplus", "softsign",
               "tanh", "sigmoid", "hard_sigmoid", "hard_silu", "hard_swish", "exponential", "linear", "log_softmax", "softmax",
               "log_sigmoid", "squareplus", "soft_shrink", "hard_shrink", "tanh_shrink", "hard_tanh", "sparse_plus",
               "sparsemax", "threshold"]


def scaled(L, x):
    return L.Rescaling(1 / 127.5, offset=-1)(x)


def both(keras):
    """Kinds that Keras 2 and Keras 3 have."""
    L = keras.layers

    def conv(x, filters=8, **options):
        return L.Conv2D(filters, 3, **options)(scaled(L, x))

    def base(name, filters=6):
        i = keras.Input((24, 24, 3))
        y = L.BatchNormalization()(L.Conv2D(filters, 3, name="c")(i))
        return keras.Model(i, L.ReLU(6.0)(y), name=name)

    def twice(x):
        layer = L.Conv2D(3, 3, padding="same", activation="tanh")
        return layer(layer(scaled(L, x)))

    def base_twice(x):
        inner = base("inner")
        return L.Concatenate()([inner(scaled(L, x)), inner(L.Rescaling(1 / 60.0)(x))])

    def sequential_inside(x):
        inner = keras.Sequential([L.Conv2D(6, 3, activation="relu"), L.MaxPooling2D(), L.Conv2D(4, 3)], name="features")
        return inner(scaled(L, x))

    def nested_deep(x):
        i = keras.Input((24, 24, 3))
        outer = keras.Model(i, L.ELU()(base("deepest")(L.Rescaling(1 / 99.0)(i))), name="outer")
        return outer(x)

    def adapted(x):
        layer = L.Normalization()
        layer.adapt(np.random.RandomState(3).uniform(0, 255, (8, 24, 24, 3)).astype("float32"))
        return L.Conv2D(8, 3)(layer(x))

    kinds = {
        "m_groups": lambda x: L.Conv2D(8, 3, groups=4)(conv(x)),
        "m_dilation": lambda x: conv(x, dilation_rate=(2, 3)),
        "m_dilation_same": lambda x: conv(x, dilation_rate=2, padding="same"),
        "m_even_kernel_same": lambda x: L.Conv2D(5, (2, 4), strides=(2, 1), padding="same")(scaled(L, x)),
        "m_transpose": lambda x: L.Conv2DTranspose(5, 3, strides=2, padding="same")(conv(x)),
        "m_transpose_valid": lambda x: L.Conv2DTranspose(5, (4, 3), strides=(2, 3), padding="valid")(conv(x)),
        "m_transpose_output_padding": lambda x: L.Conv2DTranspose(
            5, 3, strides=2, padding="same", output_padding=1)(conv(x)),
        "m_transpose_dilation": lambda x: L.Conv2DTranspose(5, 3, dilation_rate=2)(conv(x)),
        "m_depthwise": lambda x: L.DepthwiseConv2D(3, depth_multiplier=3, strides=2, padding="same")(conv(x)),
        "m_depthwise_dilation": lambda x: L.DepthwiseConv2D(3, dilation_rate=2)(conv(x)),
        "m_separable": lambda x: L.SeparableConv2D(7, 3, depth_multiplier=2, activation="relu")(conv(x)),
        "m_pool_same": lambda x: L.AveragePooling2D(3, strides=2, padding="same")(conv(x)),
        "m_pool_stride": lambda x: L.MaxPooling2D((3, 2), strides=(1, 3), padding="same")(conv(x)),
        "m_global_keepdims": lambda x: L.GlobalAveragePooling2D(keepdims=True)(conv(x)),
        "m_global_channels_first": lambda x: L.GlobalAveragePooling2D(data_format="channels_first")(conv(x)),
        "m_max_channels_first": lambda x: L.MaxPooling2D(2, data_format="channels_first")(conv(x)),
        "m_flatten_channels_first": lambda x: L.Flatten(data_format="channels_first")(L.MaxPooling2D(5)(conv(x))),
        "m_pad_channels_first": lambda x: L.ZeroPadding2D(((1, 2), (0, 3)), data_format="channels_first")(conv(x)),
        "m_crop_channels_first": lambda x: L.Cropping2D(((1, 2), (0, 3)), data_format="channels_first")(conv(x)),
        "m_up_channels_first": lambda x: L.UpSampling2D(2, data_format="channels_first")(conv(x)),
        "m_conv_channels_first": lambda x: L.Conv2D(4, 3, data_format="channels_first")(L.Permute((3, 1, 2))(conv(x))),
        "m_pad": lambda x: L.ZeroPadding2D(((1, 2), (0, 3)))(conv(x)),
        "m_crop": lambda x: L.Cropping2D(((1, 2), (0, 3)))(conv(x)),
        "m_up": lambda x: L.UpSampling2D((2, 3))(conv(x)),
        "m_bn_plain": lambda x: L.BatchNormalization(center=False, scale=False, epsilon=0.1)(conv(x)),
        "m_bn_renamed": lambda x: L.BatchNormalization(momentum=0.5, name="normalise me")(conv(x)),
        "m_ln_plain": lambda x: L.LayerNormalization(center=False, epsilon=0.2)(conv(x)),
        "m_gn_instance": lambda x: L.GroupNormalization(groups=-1)(conv(x)),
        "m_gn_options": lambda x: L.GroupNormalization(2, epsilon=0.3, scale=False)(conv(x)),
        "m_unit": lambda x: L.UnitNormalization()(conv(x)),
        "m_softmax_axes": lambda x: L.Softmax(axis=[1, 2])(conv(x)),
        "m_dense_4d": lambda x: L.Dense(5, activation="relu")(conv(x)),
        "m_prelu_shared": lambda x: L.PReLU(shared_axes=[1, 2])(conv(x)),
        "m_prelu_one": lambda x: L.PReLU(shared_axes=[1])(conv(x)),
        "m_leaky_layer": lambda x: L.LeakyReLU(0.17)(conv(x)),
        "m_leaky_default": lambda x: L.LeakyReLU()(conv(x)),
        "m_relu_options": lambda x: L.ReLU(max_value=2.0, negative_slope=0.2, threshold=0.3)(conv(x)),
        "m_elu_alpha": lambda x: L.ELU(0.4)(conv(x)),
        "m_average": lambda x: L.Average()([conv(x), conv(x), conv(x)]),
        "m_minimum": lambda x: L.Minimum()([conv(x), conv(x)]),
        "m_subtract": lambda x: L.Subtract()([conv(x), conv(x)]),
        "m_add_broadcast": lambda x: L.Add()([conv(x), conv(x, 1)]),
        "m_concat3": lambda x: L.Concatenate()([conv(x, 2), conv(x, 3), conv(x, 4)]),
        "m_dot_normalized": lambda x: L.Dot(axes=1, normalize=True)([L.Flatten()(conv(x)), L.Flatten()(conv(x))]),
        "m_rescaling_list": lambda x: L.Conv2D(8, 3)(L.Rescaling([0.01, 0.02, 0.03], offset=[-1.0, 0.5, 0.0])(x)),
        "m_normalization_list": lambda x: L.Conv2D(8, 3)(
            L.Normalization(mean=[100.0, 120.0, 90.0], variance=[900.0, 400.0, 2500.0])(x)),
        "m_normalization_adapted": adapted,
        "m_normalization_invert": lambda x: L.Conv2D(8, 3)(
            L.Rescaling(0.01)(L.Normalization(mean=[0.1, 0.2, 0.3], variance=[4.0, 9.0, 1.0], invert=True)(x))),
        "m_normalization_axes": lambda x: L.Conv2D(8, 3)(L.Normalization(
            axis=(1, 3), mean=np.arange(72).reshape(24, 3) * 2.0, variance=np.arange(72).reshape(24, 3) * 9.0 + 100)(x)),
        "m_center_crop": lambda x: conv(L.CenterCrop(15, 12)(x)),
        "m_center_crop_larger": lambda x: conv(L.CenterCrop(30, 12)(x)),
        "m_resizing_nearest": lambda x: conv(L.Resizing(17, 31, interpolation="nearest")(x)),
        "m_resizing_area": lambda x: conv(L.Resizing(9, 9, interpolation="area")(x)),
        "m_resizing_lanczos": lambda x: conv(L.Resizing(17, 31, interpolation="lanczos3")(x)),
        "m_resizing_up": lambda x: conv(L.Resizing(50, 41)(x)),
        "m_random": lambda x: conv(L.RandomContrast(0.2)(L.RandomZoom(0.2)(L.RandomTranslation(0.1, 0.1)(
            L.RandomRotation(0.2, fill_mode="constant")(L.RandomFlip()(x)))))),
        "m_random_crop": lambda x: conv(L.RandomCrop(15, 18)(x)),
        "m_random_crop_same": lambda x: conv(L.RandomCrop(24, 24)(x)),
        "m_random_brightness": lambda x: conv(L.RandomBrightness(0.2)(x)),
        "m_dropouts": lambda x: L.SpatialDropout2D(0.2)(L.Dropout(0.3, noise_shape=(None, 1, 1, 8))(L.GaussianNoise(0.1)(conv(x)))),
        "m_reshape": lambda x: L.Reshape((22, -1))(conv(x)),
        "m_reshape_tokens": lambda x: L.GlobalAveragePooling1D()(L.Reshape((-1, 8))(conv(x))),
        "m_conv1d": lambda x: L.Conv1D(6, 3)(L.Reshape((-1, 8))(conv(x))),
        "m_max1d": lambda x: L.GlobalMaxPooling1D()(L.Reshape((-1, 8))(conv(x))),
        "m_repeat": lambda x: L.RepeatVector(3)(L.GlobalMaxPooling2D()(conv(x))),
        "m_attention": lambda x: (lambda t: L.MultiHeadAttention(2, 4)(t, t))(L.Reshape((-1, 8))(L.MaxPooling2D(4)(conv(x)))),
        "m_simple_attention": lambda x: (lambda t: L.Attention()([t, t]))(L.Reshape((-1, 8))(L.MaxPooling2D(4)(conv(x)))),
        "m_lstm": lambda x: L.LSTM(4)(L.Reshape((-1, 8))(L.MaxPooling2D(4)(conv(x)))),
        "m_bidirectional": lambda x: L.Bidirectional(L.GRU(4))(L.Reshape((-1, 8))(L.MaxPooling2D(4)(conv(x)))),
        "m_time_distributed": lambda x: L.TimeDistributed(L.Dense(4))(L.Reshape((-1, 8))(L.MaxPooling2D(4)(conv(x)))),
        "m_conv3d": lambda x: L.Conv3D(2, 3)(L.Reshape((22, 22, 8, 1))(conv(x))),
        "m_spectral": lambda x: L.SpectralNormalization(L.Conv2D(4, 3))(conv(x)),
        "m_einsum": lambda x: L.EinsumDense("abcd,de->abce", output_shape=(None, None, 5), bias_axes="e")(conv(x)),
        "m_lambda": lambda x: L.Lambda(lambda t: t / 255.0)(x),
        "m_masking": lambda x: L.Masking(0.0)(conv(x)),
        "m_layer_twice": twice, "m_base_twice": base_twice, "m_sequential_inside": sequential_inside,
        "m_nested_deep": nested_deep,
        "m_base_frozen": lambda x: (lambda b: (setattr(b, "trainable", False), b(scaled(L, x), training=False))[1])(base("b")),
        "m_constraints": lambda x: conv(x, kernel_constraint="max_norm", kernel_regularizer="l2", bias_initializer="ones"),
        "m_no_bias": lambda x: conv(x, use_bias=False),
        "m_name_with_space": lambda x: conv(x, name="my conv (1)"),
        "m_float64": lambda x: L.Conv2D(4, 3, dtype="float64")(scaled(L, x)),
        "m_float16": lambda x: L.Conv2D(4, 3, dtype="float16")(scaled(L, x)),
        "m_mixed": lambda x: L.Activation("relu", dtype="float32")(L.Conv2D(4, 3, dtype="mixed_bfloat16")(scaled(L, x))),
        "m_locally": lambda x: L.LocallyConnected2D(4, 3)(conv(x)),
    }
    for name in ACTIVATIONS:
        kinds["a_" + name] = lambda x, name=name: conv(x, activation=name)
        kinds["al_" + name] = lambda x, name=name: L.Activation(name)(conv(x))
    return kinds


def keras3(keras):
    """Kinds that only Keras 3 has: operators on tensors of the graph."""
    L, ops = keras.layers, keras.ops

    def conv(x, filters=8, **options):
        return L.Conv2D(filters, 3, **options)(scaled(L, x))

    def squeeze_excite(x):
        y = conv(x)
        s = ops.mean(y, axis=(1, 2), keepdims=True)
        return y * ops.sigmoid(L.Dense(8)(ops.relu(L.Dense(2)(s))))

    def lora(x):
        layer = L.Dense(6)
        y = layer(L.Flatten()(L.MaxPooling2D(5)(conv(x))))
        layer.enable_lora(2)
        return y

    unary = {name: (lambda x, name=name: getattr(ops, name)(conv(x))) for name in [
        "tanh", "sigmoid", "exp", "sign", "floor", "ceil", "round", "sin", "cos", "log1p", "expm1", "relu6", "elu", "selu",
        "silu", "softplus", "softsign", "hard_sigmoid", "hard_silu", "log_sigmoid", "mish", "celu", "squareplus", "arctan",
        "reciprocal", "ones_like", "isnan", "logical_not", "normalize", "hard_tanh", "erf", "sinh", "trunc"]}
    unary.update({"abs_log": lambda x: ops.log(ops.abs(conv(x)) + 0.1), "rsqrt": lambda x: ops.rsqrt(ops.abs(conv(x)) + 0.1)})
    kinds = {"u_" + name: body for name, body in unary.items()}
    kinds.update({
        "p_var": lambda x: ops.var(conv(x), axis=(1, 2)),
        "p_std": lambda x: ops.std(conv(x), axis=-1, keepdims=True) * conv(x),
        "p_prod": lambda x: ops.prod(conv(x, 3), axis=-1, keepdims=True) * conv(x),
        "p_logsumexp": lambda x: ops.logsumexp(conv(x), axis=(1, 2)),
        "p_mean_all": lambda x: conv(x) - ops.mean(conv(x), axis=(1, 2, 3), keepdims=True),
        "p_mean_negative_axes": lambda x: ops.mean(conv(x), axis=(-3, -2)),
        "p_max_h": lambda x: ops.max(conv(x), axis=1),
        "p_amax": lambda x: ops.amax(conv(x), axis=(1, 2)),
        "p_argmax": lambda x: ops.cast(ops.argmax(conv(x), axis=-1), "float32"),
        "p_cumsum": lambda x: ops.cumsum(conv(x), axis=1) * 0.05,
        "p_norm": lambda x: conv(x) / (ops.norm(conv(x), axis=-1, keepdims=True) + 1.0),
        "p_normalize": lambda x: ops.normalize(conv(x), axis=-1, order=2),
        "p_minimum": lambda x: ops.minimum(conv(x), 0.2),
        "p_add_reversed": lambda x: 3.0 + conv(x),
        "p_power_half": lambda x: (conv(x) ** 2 + 0.5) ** 0.5,
        "p_power_reversed": lambda x: 1.5 ** conv(x),
        "p_mod": lambda x: conv(x) % 0.7,
        "p_floordiv": lambda x: conv(x) // 0.7,
        "p_greater": lambda x: ops.cast(conv(x) > 0.1, "float32") * conv(x),
        "p_where": lambda x: ops.where(conv(x) > 0, conv(x), 0.1 * conv(x)),
        "p_matmul": lambda x: ops.matmul(L.Reshape((22, -1))(conv(x)), np.linspace(-1, 1, 176 * 4).reshape(176, 4).astype("float32")),
        "p_einsum": lambda x: ops.einsum("bhwc,cd->bhwd", conv(x), np.eye(8, 5, dtype="float32")),
        "p_tensordot": lambda x: ops.dot(conv(x), np.eye(8, 5, dtype="float32")),
        "p_split": lambda x: (lambda parts: parts[0] * ops.sigmoid(parts[1]))(ops.split(conv(x), 2, axis=-1)),
        "p_split_sizes": lambda x: ops.split(conv(x), [3, 5], axis=-1)[1],
        "p_unstack": lambda x: (lambda c: ops.stack([c[2] - 103.9, c[1] - 116.8, c[0] - 123.7], axis=-1) / 60.0)(ops.unstack(x, axis=-1)),
        "p_repeat": lambda x: ops.repeat(conv(x, 3), 2, axis=-1),
        "p_tile": lambda x: ops.tile(conv(x, 3), [1, 1, 2, 1]),
        "p_moveaxis": lambda x: ops.moveaxis(conv(x), -1, 1),
        "p_swapaxes": lambda x: ops.swapaxes(conv(x), 1, 2),
        "p_roll": lambda x: ops.roll(conv(x), 3, axis=1),
        "p_take": lambda x: ops.take(conv(x), [2, 0, 1], axis=-1),
        "p_max_pool": lambda x: ops.max_pool(conv(x), 2, 2),
        "p_average_pool": lambda x: ops.average_pool(conv(x), 3, 2, padding="same"),
        "p_conv": lambda x: ops.conv(conv(x), np.linspace(-1, 1, 9 * 8 * 4).reshape(3, 3, 8, 4).astype("float32"), padding="same"),
        "p_resize": lambda x: conv(ops.image.resize(x, (17, 19))),
        "p_resize_antialias": lambda x: conv(ops.image.resize(x, (9, 11), antialias=True)),
        "p_grayscale": lambda x: conv(ops.image.rgb_to_grayscale(x)),
        "p_gelu_float": lambda x: ops.gelu(conv(x), approximate=True),
        "p_softmax_two": lambda x: ops.softmax(conv(x), axis=(1, 2)),
        "p_log_softmax": lambda x: ops.log_softmax(conv(x)),
        "p_leaky_default": lambda x: ops.leaky_relu(conv(x)),
        "p_elu_alpha": lambda x: ops.elu(conv(x), 0.3),
        "p_concat_h": lambda x: ops.concatenate([conv(x), conv(x)], axis=1),
        "p_squeeze_excite": squeeze_excite,
        "p_getitem_negative": lambda x: conv(x)[:, -10:-2, ...],
        "p_getitem_int": lambda x: conv(x)[:, 3],
        "p_getitem_reverse_h": lambda x: conv(x)[:, ::-1],
        "p_getitem_reverse_step": lambda x: conv(x)[:, 20:4:-3],
        "p_getitem_list": lambda x: conv(x)[..., 1] + conv(x)[..., -1],
        "p_mul_constant_hw": lambda x: conv(x) * np.linspace(0, 1, 22).reshape(1, 22, 1, 1).astype("float32"),
        "p_clip_by_np": lambda x: ops.clip(x, 20.0, 200.0) / 100.0,
        "p_pad_reflect": lambda x: ops.pad(conv(x), [[0, 0], [2, 2], [1, 1], [0, 0]], mode="reflect"),
        "p_pad_value": lambda x: ops.pad(conv(x), [[0, 0], [2, 2], [1, 1], [0, 0]], constant_values=0.5),
        "p_batch_normalization": lambda x: ops.batch_normalization(
            conv(x), np.linspace(0, 1, 8).astype("float32"), np.linspace(1, 2, 8).astype("float32"), axis=-1),
        "p_rms_scaling": lambda x: L.LayerNormalization(rms_scaling=True)(conv(x)),
        "p_rms": lambda x: L.RMSNormalization()(conv(x)),
        "p_resizing_pad": lambda x: conv(L.Resizing(20, 40, pad_to_aspect_ratio=True)(x)),
        "p_resizing_antialias": lambda x: conv(L.Resizing(9, 7, antialias=True)(x)),
        "p_up_lanczos": lambda x: L.UpSampling2D(2, interpolation="lanczos3")(conv(x)),
        "p_adaptive": lambda x: L.AdaptiveAveragePooling2D(3)(conv(x)),
        "p_lora": lora,
        "p_random_gray": lambda x: conv(L.RandomGrayscale(0.5)(x)),
        "p_random_blur": lambda x: conv(L.RandomGaussianBlur()(x)),
        "p_random_sharp": lambda x: conv(L.RandomSharpness(0.5)(x)),
        "p_random_posterize": lambda x: conv(L.RandomPosterization(4)(x)),
        "p_random_perspective": lambda x: conv(L.RandomPerspective()(x)),
        "p_random_elastic": lambda x: conv(L.RandomElasticTransform()(x)),
        "p_random_invert": lambda x: conv(L.RandomInvert()(x)),
        "p_color_jitter": lambda x: conv(L.RandomColorJitter(brightness_factor=0.2)(x)),
        "p_saturation": lambda x: conv(L.RandomSaturation(0.4)(x)),
        "p_equalization": lambda x: conv(L.Equalization()(x)),
        "p_cut_mix": lambda x: conv(L.CutMix()(x)),
        "p_aug_mix": lambda x: conv(L.AugMix()(x)),
        "p_pipeline": lambda x: conv(L.Pipeline([L.RandomFlip(), L.Rescaling(0.5)])(x)),
        "p_stft_free_identity": lambda x: L.Identity(name="same")(conv(x)),
        "p_float8": lambda x: L.Conv2D(4, 3, dtype="bfloat16")(scaled(L, x)),
    })
    return kinds


def keras2(keras, tf):
    """Kinds of Keras 2: TensorFlow's functions, which become TFOpLambda layers."""
    L = keras.layers

    def conv(x, filters=8, **options):
        return L.Conv2D(filters, 3, **options)(scaled(L, x))

    return {
        "t_tanh": lambda x: tf.tanh(conv(x)), "t_sigmoid": lambda x: tf.sigmoid(conv(x)),
        "t_exp": lambda x: tf.exp(conv(x)), "t_relu6": lambda x: tf.nn.relu6(conv(x)), "t_silu": lambda x: tf.nn.silu(conv(x)),
        "t_swish": lambda x: tf.nn.swish(conv(x)), "t_elu": lambda x: tf.nn.elu(conv(x)), "t_selu": lambda x: tf.nn.selu(conv(x)),
        "t_leaky_default": lambda x: tf.nn.leaky_relu(conv(x)), "t_softmax": lambda x: tf.nn.softmax(conv(x)),
        "t_softmax_axis": lambda x: tf.nn.softmax(conv(x), axis=1), "t_gelu_approximate": lambda x: tf.nn.gelu(conv(x), approximate=True),
        "t_l2": lambda x: tf.math.l2_normalize(conv(x), axis=-1), "t_pow": lambda x: tf.pow(conv(x), 2.0),
        "t_sqrt": lambda x: tf.sqrt(tf.abs(conv(x))), "t_rsqrt": lambda x: tf.math.rsqrt(tf.abs(conv(x)) + 0.1),
        "t_log": lambda x: tf.math.log(tf.abs(conv(x)) + 0.1), "t_subtract_list": lambda x: conv(x - [103.9, 116.8, 123.7]),
        "t_divide_list": lambda x: conv(x / [50.0, 60.0, 70.0]), "t_minus_reversed": lambda x: conv(255.0 - x),
        "t_concat": lambda x: tf.concat([conv(x), conv(x)], axis=-1), "t_concat_h": lambda x: tf.concat([conv(x), conv(x)], 1),
        "t_split": lambda x: tf.split(conv(x), 2, axis=-1)[1], "t_unstack": lambda x: tf.stack(tf.unstack(x, axis=-1)[::-1], -1) / 99.0,
        "t_reshape": lambda x: tf.reshape(conv(x), [-1, 22 * 22, 8]), "t_reshape_shape": lambda x: (
            lambda y: tf.reshape(y, [tf.shape(y)[0], 22 * 22 * 8]))(conv(x)),
        "t_pad": lambda x: tf.pad(conv(x), [[0, 0], [1, 2], [3, 0], [0, 0]]),
        "t_pad_reflect": lambda x: tf.pad(conv(x), [[0, 0], [1, 2], [3, 0], [0, 0]], mode="REFLECT"),
        "t_resize": lambda x: conv(tf.image.resize(x, (17, 19))), "t_per_image": lambda x: conv(tf.image.per_image_standardization(x)),
        "t_depth_to_space": lambda x: tf.nn.depth_to_space(conv(x), 2), "t_space_to_depth": lambda x: tf.nn.space_to_depth(conv(x), 2),
        "t_max_pool": lambda x: tf.nn.max_pool2d(conv(x), 2, 2, "VALID"), "t_avg_pool": lambda x: tf.nn.avg_pool2d(conv(x), 3, 2, "SAME"),
        "t_where": lambda x: tf.where(conv(x) > 0, conv(x), 0.1), "t_variance": lambda x: tf.math.reduce_variance(conv(x), axis=[1, 2]),
        "t_std": lambda x: tf.math.reduce_std(conv(x), axis=[1, 2]), "t_prod": lambda x: tf.reduce_prod(conv(x, 3), axis=-1),
        "t_min": lambda x: tf.reduce_min(conv(x), axis=[1, 2], keepdims=True), "t_add_n": lambda x: tf.add_n([conv(x), conv(x)]),
        "t_multiply": lambda x: tf.multiply(conv(x), conv(x)), "t_gather": lambda x: tf.gather(conv(x), [2, 0, 1], axis=-1),
        "t_tile": lambda x: tf.tile(conv(x), [1, 2, 1, 1]), "t_roll": lambda x: tf.roll(conv(x), 2, axis=1),
        "t_identity": lambda x: tf.identity(conv(x)), "t_stop_gradient": lambda x: tf.stop_gradient(conv(x)),
        "t_matmul": lambda x: tf.matmul(tf.reshape(conv(x), [-1, 22, 176]), np.eye(176, 7, dtype="float32")),
        "t_one_minus": lambda x: 1 - tf.sigmoid(conv(x)), "t_getitem_int": lambda x: conv(x)[:, 3],
        "t_getitem_newaxis": lambda x: conv(x)[..., None, 0], "t_cast_half": lambda x: tf.cast(tf.cast(conv(x), tf.float16), tf.float32),
        "t_backend_mean": lambda x: keras.backend.mean(conv(x), axis=[1, 2]), "t_backend_square": lambda x: keras.backend.square(conv(x)),
        "t_random_height_width": lambda x: conv(L.RandomHeight(0.2)(L.RandomWidth(0.2)(L.Resizing(24, 24)(x)))),
        "t_relu_function": lambda x: keras.activations.relu(conv(x), alpha=0.1, max_value=2.0, threshold=0.1),
        "t_hard_sigmoid": lambda x: keras.activations.hard_sigmoid(conv(x)),
    }
