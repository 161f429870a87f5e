// SPDX-License-Identifier: Apache-2.0
#include "layer_cases.hpp"

#include "graft/base/json.hpp"
#include "graft/layers.hpp"
#include "graft/layers/operation.hpp"

namespace graft::test {

using namespace layers;

namespace {

SymbolicTensor scaled(const SymbolicTensor& x) { return Rescaling({.scale = 1 / 64.0, .offset = -2})(x); }
SymbolicTensor pooled(const SymbolicTensor& x) { return GlobalAveragePooling2D()(x); }
SymbolicTensor operation(const char* class_name, const std::vector<SymbolicTensor>& inputs) {
  const OperationCall call{.settings = Json::object(),
                           .arguments = Json::array({tensor_placeholder(0), tensor_placeholder(1)}),
                           .keywords = Json::object()};
  return Layer(std::make_shared<Operation>(class_name, call, ""))(inputs);
}

}  // namespace

std::vector<LayerCase> convolutions() {
  return {
      {"same",
       [](const auto& x) {
         return Conv2D({.filters = 5, .kernel_size = 3, .strides = 2, .padding = Padding::same})(x);
       }},
      {"valid",
       [](const auto& x) {
         return Conv2D({.filters = 4, .kernel_size = {3, 2}, .dilation_rate = 2, .activation = "relu6"})(x);
       }},
      {"groups",
       [](const auto& x) {
         return Conv2D({.filters = 6, .kernel_size = 3, .groups = 3, .use_bias = false})(x);
       }},
      {"depthwise",
       [](const auto& x) {
         return DepthwiseConv2D({.kernel_size = 3, .padding = Padding::same, .depth_multiplier = 2})(x);
       }},
      {"separable",
       [](const auto& x) {
         return SeparableConv2D({.filters = 4, .kernel_size = 3, .depth_multiplier = 2})(x);
       }},
      {"transpose",
       [](const auto& x) {
         return Conv2DTranspose({.filters = 4, .kernel_size = 3, .strides = 2, .padding = Padding::same})(x);
       }},
      {"transpose_valid",
       [](const auto& x) { return Conv2DTranspose({.filters = 4, .kernel_size = 2, .strides = 3})(x); }},
      {"padded",
       [](const auto& x) {
         return Conv2D({.filters = 4, .kernel_size = 3})(
             ZeroPadding2D({.top = 0, .bottom = 1, .left = 2, .right = 3})(x));
       }},
      {"padded_twice",
       [](const auto& x) {
         const SymbolicTensor wide = ZeroPadding2D(1)(x);
         return Concatenate()({Conv2D({.filters = 4, .kernel_size = 3})(wide),
                               Conv2D({.filters = 2, .kernel_size = 3})(wide)});
       }},
      {"max_pool",
       [](const auto& x) {
         return MaxPooling2D({.pool_size = 3, .strides = 2, .padding = Padding::same})(x);
       }},
      {"average_pool",
       [](const auto& x) {
         return AveragePooling2D({.pool_size = 3, .strides = 2, .padding = Padding::same})(x);
       }},
      {"global_max",
       [](const auto& x) { return GlobalMaxPooling2D()(Conv2D({.filters = 4, .kernel_size = 3})(x)); }},
      {"global_plain", [](const auto& x) { return GlobalMaxPooling2D()(x); }},
  };
}

namespace {

std::vector<LayerCase> shapes() {
  return {
      {"crop", [](const auto& x) { return Cropping2D({.top = 1, .bottom = 0, .left = 2, .right = 3})(x); }},
      {"upsample",
       [](const auto& x) {
         return UpSampling2D({.size = {2, 3}})(x);
       }},
      {"upsample_bilinear",
       [](const auto& x) { return UpSampling2D({.size = 2, .interpolation = "bilinear"})(x); }},
      {"resize", [](const auto& x) { return Resizing({.height = 7, .width = 19})(x); }},
      {"resize_nearest",
       [](const auto& x) { return Resizing({.height = 7, .width = 19, .interpolation = "nearest"})(x); }},
      {"flatten",
       [](const auto& x) {
         return Dense({.units = 4})(Flatten()(Conv2D({.filters = 3, .kernel_size = 3, .strides = 3})(x)));
       }},
      {"reshape",
       [](const auto& x) {
         return Reshape({.target_shape = {-1, 6}})(x);
       }},
      {"permute",
       [](const auto& x) {
         return Permute({.dims = {3, 1, 2}})(x);
       }},
      {"squeeze_excite",
       [](const auto& x) {
         const SymbolicTensor y = Conv2D({.filters = 4, .kernel_size = 3})(x);
         const SymbolicTensor gate = Dense({.units = 4, .activation = "sigmoid"})(pooled(y));
         return Multiply()({y, Reshape({.target_shape = {1, 1, 4}})(gate)});
       }},
      {"slice",
       [](const auto& x) {
         return Concatenate({.axis = 1})({Cropping2D(Size2D(4, 0))(x), Cropping2D(Size2D(4, 0))(x)});
       }},
      {"dense_on_pixels", [](const auto& x) { return Dense({.units = 5, .activation = "gelu"})(x); }},
  };
}

std::vector<LayerCase> normalizations() {
  return {
      {"batch",
       [](const auto& x) { return BatchNormalization()(Conv2D({.filters = 4, .kernel_size = 3})(x)); }},
      {"batch_rows", [](const auto& x) { return BatchNormalization({.scale = false})(pooled(x)); }},
      {"batch_axis_1", [](const auto& x) { return BatchNormalization({.axis = 1})(x); }},
      {"layer",
       [](const auto& x) {
         return LayerNormalization({.epsilon = 1e-6})(Conv2D({.filters = 8, .kernel_size = 3})(x));
       }},
      {"group",
       [](const auto& x) {
         return GroupNormalization({.groups = 2})(Conv2D({.filters = 8, .kernel_size = 3})(x));
       }},
      {"scale", [](const auto& x) { return LayerScale({.init_values = 0.1, .projection_dim = 3})(x); }},
      {"statistics",
       [](const auto& x) {
         return Normalization({.mean = {10, 20, 30}, .variance = {4, 5, 6}})(x);
       }},
      {"softmax", [](const auto& x) { return Softmax()(x); }},
      {"softmax_axis", [](const auto& x) { return Softmax({.axis = 1})(x); }},
      {"prelu",
       [](const auto& x) {
         return PReLU({.shared_axes = {1, 2}})(Conv2D({.filters = 4, .kernel_size = 3})(x));
       }},
      {"threshold",
       [](const auto& x) { return ReLU({.max_value = 1.5, .negative_slope = 0.1, .threshold = 0.5})(x); }},
      {"leaky", [](const auto& x) { return LeakyReLU({.negative_slope = 0.2})(x); }},
      {"arithmetic",
       [](const auto& x) {
         return (x * 2.0 - 1.0) * x + Maximum()({x, x * 0.5}) - Minimum()({x, x * x});
       }},
      {"divide",
       [](const auto& x) {
         return operation("TrueDivide", {x, x * x + 1.0});
       }},
      {"attention",
       [](const auto& x) {
         const SymbolicTensor rows = Reshape({.target_shape = {-1, 3}})(x * 0.25);
         const SymbolicTensor scores = operation("Matmul", {rows, Permute({.dims = {2, 1}})(rows)});
         return operation("Matmul", {Softmax()(scores), rows});
       }},
  };
}

std::vector<LayerCase> activations() {
  std::vector<LayerCase> result;
  for (const char* name :
       {"relu",         "relu6",       "leaky_relu", "sigmoid",     "tanh",          "silu",
        "hard_sigmoid", "hard_silu",   "elu",        "selu",        "gelu",          "softplus",
        "softsign",     "exponential", "mish",       "log_sigmoid", "hard_tanh",     "tanh_shrink",
        "soft_shrink",  "hard_shrink", "squareplus", "sparse_plus", "sparse_sigmoid"})
    result.push_back({name, [name](const auto& x) { return Activation(name)(x); }});
  return result;
}

}  // namespace

std::vector<LayerCase> all_layers() {
  std::vector<LayerCase> all;
  for (const auto& group : {convolutions(), shapes(), normalizations(), activations()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

Model model_of(const LayerCase& one) {
  const SymbolicTensor input = Input({12, 11, 3});
  return {input, one.build(scaled(input))};
}

}  // namespace graft::test
