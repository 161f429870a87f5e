// SPDX-License-Identifier: Apache-2.0
// The networks that graft knows by name, and everything that belongs to them: one function per network, as in
// keras.applications. Each returns a new Model with random weights, or with pretrained ones:
//
//   Model model = applications::MobileNetV2({.input_shape = {160, 160, 3}, .include_top = false, .weights =
//   "imagenet"});
//
// All throw Error{invalid_argument} for sizes, classes or options outside what Keras allows, and for an
// option that the network does not have (alpha for VGG16).
#pragma once

#include "graft/catalogue.hpp"

#pragma GCC visibility push(default)

namespace graft::applications {

// ---- Networks of keras.applications ----

/// VGG with 16 or 19 layers that have weights (Simonyan and Zisserman 2014), with Keras's layer names and
/// order.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("vgg16"): BGR less its mean
///   Output   (N, classes); without the top (N, H / 32, W / 32, 512), or (N, 512) when pooled
[[nodiscard]] Model VGG16(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG19(const ApplicationOptions& options = {});

/// Residual networks of 50, 101 and 152 layers (He et al. 2015) with Keras's layer names and order. As in
/// Keras, a block that halves does so in its first 1 x 1 convolution.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("resnet"): BGR less its mean
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), 2048), or (N, 2048) when pooled
[[nodiscard]] Model ResNet50(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet101(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet152(const ApplicationOptions& options = {});

/// The same with normalisation and ReLU before each convolution (He et al. 2016). A stage halves in the 3 x 3
/// convolution of its last block.
///   Input    as above, but from preprocess_input("resnet_v2"): -1..1
///   Output, Throws  as above
[[nodiscard]] Model ResNet50V2(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet101V2(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet152V2(const ApplicationOptions& options = {});

/// MobileNet (Howard et al. 2017) with Keras's layer names and order: 86 layers without the top.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("mobilenet"): -1..1
///   Output   (N, classes); without the top (N, H / 32, W / 32, 1024 alpha), or (N, 1024 alpha) when pooled
///   Options  alpha: filters of every layer times this, cut to whole numbers; depth_multiplier; dropout_rate
[[nodiscard]] Model MobileNet(const ApplicationOptions& options = {});

/// MobileNetV2 (Sandler et al. 2018) with Keras's layer names and order: 154 layers without the top.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("mobilenet_v2"): -1..1
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), 1280), or (N, 1280) when pooled
///   Options  alpha: filters of every layer times this, to a multiple of 8; the last one grows only
///   Throws   Error{invalid_argument}: sizes, classes or alpha outside what Keras allows
[[nodiscard]] Model MobileNetV2(const ApplicationOptions& options = {});

/// MobileNetV3 (Howard et al. 2019) with Keras's layer names and order.
///   Input    (N, H, W, C), H and W at least 32 and open by default, also with the top: pixels from 0 to 255,
///            or from -1 to 1 with include_preprocessing = false
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled, with F
///            576 (small) or 960 (large) at alpha 1
///   Options  alpha: filters of every layer but the first times this, to a multiple of 8; minimalistic;
///            dropout_rate; include_preprocessing
[[nodiscard]] Model MobileNetV3Small(const ApplicationOptions& options = {});
[[nodiscard]] Model MobileNetV3Large(const ApplicationOptions& options = {});

/// EfficientNet (Tan and Le 2019) with Keras's layer names and order; each of B0 to B7 is wider and deeper
/// than the one before, for inputs from 224 x 224 to 600 x 600.
///   Input    (N, H, W, C), H and W at least 32: pixels from 0 to 255, which the model normalises itself
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled, with F
///            from 1280 (B0) to 2560 (B7)
///   Weights  with "imagenet" the model has one more Rescaling layer than without: the published weights were
///            trained with pixels divided by the variance where Keras's Normalization divides by its root
[[nodiscard]] Model EfficientNetB0(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB1(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB2(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB3(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB4(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB5(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB6(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB7(const ApplicationOptions& options = {});

/// EfficientNetV2 (Tan and Le 2021) with Keras's layer names and order.
///   Input    (N, H, W, C), H and W at least 32: pixels from 0 to 255, which the model normalises itself; or
///            already normalised with include_preprocessing = false
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled; F is
///            1280, of B2 1408 and of B3 1536
///   Options  include_preprocessing
[[nodiscard]] Model EfficientNetV2B0(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2B1(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2B2(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2B3(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2S(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2M(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2L(const ApplicationOptions& options = {});

/// DenseNets of 121, 169 and 201 layers (Huang et al. 2017) with Keras's layer names and order.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("densenet"): 0..1 less
///            ImageNet's mean, over its standard deviation
///   Output   (N, classes); without the top (N, H', W', C') with H' about H / 32 and C' 1024, 1664 or 1920;
///            or (N, C') when pooled
[[nodiscard]] Model DenseNet121(const ApplicationOptions& options = {});
[[nodiscard]] Model DenseNet169(const ApplicationOptions& options = {});
[[nodiscard]] Model DenseNet201(const ApplicationOptions& options = {});

/// Inception V3 (Szegedy et al. 2015) with Keras's layer names and order. Most names are automatic ones
/// (conv2d_5), numbered on from the names used since clear_session(), as in Keras.
///   Input    (N, H, W, C), H and W at least 75, from preprocess_input("inception_v3"): -1..1
///   Output   (N, classes); without the top (N, H', W', 2048), 8 x 8 for 299 x 299; or (N, 2048) when pooled
[[nodiscard]] Model InceptionV3(const ApplicationOptions& options = {});

/// Inception-ResNet V2 (Szegedy et al. 2016) with Keras's layer names and order. Most names are automatic
/// ones (conv2d_5), numbered on from the names used since clear_session(), as in Keras.
///   Input    (N, H, W, C), H and W at least 75, from preprocess_input("inception_resnet_v2"): -1..1
///   Output   (N, classes); without the top (N, H', W', 1536), 8 x 8 for 299 x 299; or (N, 1536) when pooled
[[nodiscard]] Model InceptionResNetV2(const ApplicationOptions& options = {});

/// Xception (Chollet 2017) with Keras's layer names and order. The convolutions beside its blocks have
/// automatic names (conv2d_2), numbered on from the names used since clear_session(), as in Keras.
///   Input    (N, H, W, C), H and W at least 71, from preprocess_input("xception"): -1..1
///   Output   (N, classes); without the top (N, H', W', 2048), 10 x 10 for 299 x 299; or (N, 2048) when
///            pooled
[[nodiscard]] Model Xception(const ApplicationOptions& options = {});

/// NASNet-A (Zoph et al. 2017) with Keras's layer names and order.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("nasnet_mobile"): -1..1. By
///            default 224 x 224 (mobile, also without the top) and 331 x 331 (large, with the top)
///   Output   (N, classes); without the top (N, about H / 32, about W / 32, F), or (N, F) when pooled, with F
///            1056 (mobile) or 4032 (large)
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows; an open height or width
///            with weights = "imagenet"
/// Which layers halve what comes from two cells before depends on the width, so the width should be known:
/// with an open one Keras builds, and so does this, a network that fits no image.
[[nodiscard]] Model NASNetMobile(const ApplicationOptions& options = {});
[[nodiscard]] Model NASNetLarge(const ApplicationOptions& options = {});

/// ConvNeXt (Liu et al. 2022) with Keras's layer names and order. The names begin with the model's, so
/// another options.name changes the layer names; the stem and the layers that halve the image are in models
/// of their own, as in Keras.
///   Input    (N, H, W, C), H and W at least 32: pixels from 0 to 255; with include_preprocessing = false, or
///            other than 3 channels, as ImageNet's statistics normalise them
///   Output   (N, classes); without the top (N, H / 32, W / 32, F), or (N, F) when pooled, normalised over
///   its
///            last axis, with F from 768 (tiny) to 2048 (xlarge)
///   Options  include_preprocessing
[[nodiscard]] Model ConvNeXtTiny(const ApplicationOptions& options = {});
[[nodiscard]] Model ConvNeXtSmall(const ApplicationOptions& options = {});
[[nodiscard]] Model ConvNeXtBase(const ApplicationOptions& options = {});
[[nodiscard]] Model ConvNeXtLarge(const ApplicationOptions& options = {});
[[nodiscard]] Model ConvNeXtXLarge(const ApplicationOptions& options = {});

// ---- Networks that Keras lacks ----

/// The residual networks that Keras lacks, as defined in torchvision: ResNet18 and 34 of two-layer blocks (He
/// et al. 2015), ResNeXt, whose blocks' middle convolution has 32 or 64 groups (Xie et al. 2017), and Wide
/// ResNet, where it is twice as wide (Zagoruyko and Komodakis 2016). Blocks of three layers have their stride
/// in the 3 x 3 ("v1.5"). Layers have torchvision's module names with '_' for '.': conv1, layer1_0_conv1, and
/// layer1_0 for the block's output. ResNet50, 101 and 152 are in Keras.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("resnet18")
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled, with F
///            512 for ResNet18 and 34 and 2048 for the others
[[nodiscard]] Model ResNet18(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet34(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNeXt50_32x4d(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNeXt101_32x8d(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNeXt101_64x4d(const ApplicationOptions& options = {});
[[nodiscard]] Model WideResNet50_2(const ApplicationOptions& options = {});
[[nodiscard]] Model WideResNet101_2(const ApplicationOptions& options = {});

/// The VGG networks (Simonyan and Zisserman 2014) that Keras lacks, as defined in torchvision: with 11 or 13
/// layers that have weights, and with batch normalisation after each convolution (_BN). Layers have
/// torchvision's module names with '_' for '.': features_0, classifier_6. VGG16 and VGG19 without it are
/// above.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("vgg11"): ImageNet's mean and
///            standard deviation, unlike Keras's VGG16
///   Output   (N, classes); without the top (N, H / 32, W / 32, 512), or (N, 512) when pooled
[[nodiscard]] Model VGG11(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG13(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG11_BN(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG13_BN(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG16_BN(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG19_BN(const ApplicationOptions& options = {});

/// AlexNet as defined in torchvision (Krizhevsky 2014, "one weird trick"). Keras lacks it; layers have
/// torchvision's module names with '_' for '.': features_0, classifier_6.
///   Input    (N, H, W, C), H and W at least 63, from preprocess_input("alexnet")
///   Output   (N, classes); without the top (N, H', W', 256), 6 x 6 at 224 x 224, or (N, 256) when pooled
[[nodiscard]] Model AlexNet(const ApplicationOptions& options = {});

/// SqueezeNet (Iandola et al. 2016) as defined in torchvision; 1.1 has the accuracy of 1.0 with 2.4 times
/// less arithmetic. Keras lacks it; layers have torchvision's module names with '_' for '.': features_0,
/// features_3_squeeze, and features_3 for the output of this Fire module.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("squeezenet1_1")
///   Output   (N, classes); without the top (N, H', W', 512), 13 x 13 at 224 x 224, or (N, 512) when pooled
/// The files squeezenet_weights_tf_dim_ordering_tf_kernels[_notop].h5 that circulate for Keras fit
/// SqueezeNet1_1, in the order of layers; they need pixels from preprocess_input("vgg16").
[[nodiscard]] Model SqueezeNet1_0(const ApplicationOptions& options = {});
[[nodiscard]] Model SqueezeNet1_1(const ApplicationOptions& options = {});

/// ShuffleNetV2 (Ma et al. 2018) as defined in torchvision, 0.5 to 2 times as wide. Keras lacks it; layers
/// have torchvision's module names with '_' for '.': conv1_0, stage2_0_branch1_0, and stage2_0 for the output
/// of this unit. A unit shuffles its channels and the next one splits them; both are done by Reshape, Permute
/// and Cropping2D, which Keras itself can load, and for which height and width must be known.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("shufflenet_v2_x1_0"); where no
///            shape is given 224 x 224, without the top too
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled, with F
///            2048 at twice the width, else 1024
///   Throws   Error{invalid_argument}: sizes or classes outside what is allowed, an open height or width
[[nodiscard]] Model ShuffleNetV2_x0_5(const ApplicationOptions& options = {});
[[nodiscard]] Model ShuffleNetV2_x1_0(const ApplicationOptions& options = {});
[[nodiscard]] Model ShuffleNetV2_x1_5(const ApplicationOptions& options = {});
[[nodiscard]] Model ShuffleNetV2_x2_0(const ApplicationOptions& options = {});

/// GoogLeNet, or Inception v1 (Szegedy et al. 2014), as defined in torchvision: with batch normalisation, 3 x
/// 3 for the paper's 5 x 5, and without the two auxiliary classifiers, which only help training from random
/// weights. Keras lacks it; layers have torchvision's module names with '_' for '.': conv1_conv,
/// inception3a_branch2_0_bn, and inception3a for the output of the whole module.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("googlenet"): -1..1
///   Output   (N, classes); without the top (N, H', W', 1024), 7 x 7 at 224 x 224, or (N, 1024) when pooled
/// torchvision's published weights were trained with -1..1: its transform_input converts the standardised
/// pixels of torchvision's other networks back to that range.
[[nodiscard]] Model GoogLeNet(const ApplicationOptions& options = {});

/// EfficientNet-Lite0 to 4: EfficientNet-B0 to B4 (Tan and Le 2019) without squeeze-and-excitation, with
/// ReLU6 and with the same stem and head in all sizes, as TensorFlow's authors published it for phones. Keras
/// lacks it; layers are named as in Keras's EfficientNet. Default sizes are 224, 240, 260, 280 and 300.
///   Input    (N, H, W, C), H and W at least 32, from preprocess_input("efficientnet_lite0")
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), 1280), or (N, 1280) when pooled
[[nodiscard]] Model EfficientNetLite0(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetLite1(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetLite2(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetLite3(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetLite4(const ApplicationOptions& options = {});

}  // namespace graft::applications

#pragma GCC visibility pop
