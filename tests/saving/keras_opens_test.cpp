// SPDX-License-Identifier: Apache-2.0
// Writes models of every kind and has real Keras open them, where there is one.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/npy.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"
#include "transfer/base/base_model.hpp"
#include "transfer/base/classifier_graph.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using namespace layers;

Model several_ends() {
  const SymbolicTensor a = Input({4}, "a");
  const SymbolicTensor b = Input({4}, "b");
  const Layer shared = Dense({.units = 5, .name = "shared"});
  const SymbolicTensor x = shared(a);
  const Model inner(a, Activation("relu", "act")(x), "inner");
  const SymbolicTensor y = shared(b);
  const SymbolicTensor z = Concatenate({.name = "cat"})(std::vector{y, x, inner(b)});
  return {{a, b}, {z, y, inner(a)}, "ends"};
}

SymbolicTensor augmented(SymbolicTensor x) {
  x = RandomFlip({.mode = Flip::horizontal_and_vertical, .seed = 7, .name = "flip"})(x);
  x = RandomRotation({.factor = 0.2, .name = "rotate"})(x);
  x = RandomZoom({.height_factor = {-0.1, 0.2}, .name = "zoom"})(x);
  x = RandomTranslation({.height_factor = 0.1, .width_factor = 0.2, .name = "shift"})(x);
  x = RandomContrast({.factor = 0.2, .name = "contrast"})(x);
  return RandomBrightness({.factor = 0.2, .name = "brightness"})(x);
}

/// Every layer class that has one input.
Model every_layer() {
  const SymbolicTensor input = Input({32, 32, 3}, "image");
  SymbolicTensor x = augmented(Resizing({.height = 24, .width = 20, .name = "resize"})(input));
  x = Normalization({.mean = {1, 2, 3}, .variance = {4, 5, 6}, .name = "given"})(x);
  x = Normalization({.name = "learned"})(x);
  x = ZeroPadding2D({.top = 0, .bottom = 1, .left = 2, .right = 3, .name = "pad"})(x);
  x = Conv2D({.filters = 8, .kernel_size = 3, .strides = 2, .activation = "relu6", .name = "conv"})(x);
  x = BatchNormalization({.momentum = 0.9, .epsilon = 1e-5, .scale = false, .name = "bn"})(x);
  x = ReLU({.max_value = 6.0, .negative_slope = 0.1, .name = "relu"})(x);
  x = MaxPooling2D({.pool_size = 3, .strides = 2, .padding = Padding::same, .name = "max"})(x);
  x = AveragePooling2D({.pool_size = 2, .strides = 1, .name = "average"})(x);
  x = Reshape({.target_shape = Shape{-1}, .name = "reshape"})(x);
  x = Dense({.units = 6, .activation = "swish", .name = "dense"})(x);
  x = Dropout({.rate = 0.5, .seed = 3, .name = "drop"})(x);
  return {input, Softmax({.name = "softmax"})(Reshape({.target_shape = Shape{3, 2}, .name = "pairs"})(x)),
          "every"};
}

Model sequential_over_a_model() {
  return Sequential({InputLayer({.shape = {16, 16, 3}, .name = "in"}), test::small_base(),
                     GlobalMaxPooling2D({.name = "max"}), Dense({.units = 2, .name = "dense"})},
                    "row");
}

Model ends_in_a_model() {
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  return {input, test::small_base()(input), "wrapped"};
}

/// Makes Keras open every file in the folder.
void expect_keras_opens(const fs::path& folder, const char* python) {
  const fs::path log = folder / "log.txt";
  const std::string command =
      cat("'", python, "' '", GRAFT_KERAS_OPENS, "' '", folder.string(), "' > '", log.string(), "' 2>&1");
  const int status =
      std::system(command.c_str());  // NOLINT(cert-env33-c): the person who sets the variable chose it
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_EQ(status, 0) << text.str();
}

const char* keras_python() { return std::getenv("GRAFT_KERAS_PYTHON"); }

TEST(KerasOpens, WhatGraftSaves) {
  const char* python = keras_python();
  if (python == nullptr)
    GTEST_SKIP() << "set GRAFT_KERAS_PYTHON to a python that has keras, tensorflow and h5py";
  const test::TemporaryFolder folder;
  const auto save = [&](const Model& model, const std::string& name) {
    saving::save_model(model, folder.path() / (name + ".keras"), {.extra = {{"graft.json", "{}"}}});
  };
  for (const char* name : {"small_cnn", "small_cnn_64x3_extra", "nested_transfer"}) {
    const fs::path golden = test::goldens() / "files" / (std::string(name) + ".keras");
    const saving::LoadedModel loaded = saving::load_model(golden);
    saving::save_model(loaded.model, folder.path() / (std::string(name) + ".keras"),
                       {.compile_config = loaded.compile_config});
    fs::copy_file(golden, folder.path() / (std::string(name) + ".reference.keras"));
  }
  save(several_ends(), "several_ends");
  save(every_layer(), "every_layer");
  save(sequential_over_a_model(), "sequential_over_a_model");
  save(ends_in_a_model(), "ends_in_a_model");
  save(test::small_transfer(), "small_transfer");
  expect_keras_opens(folder.path(), python);
}

/// Random kernels as large as those of He, Zhang, Ren and Sun (2015): signals do not die on their way, so
/// that photos get answers that differ.
void make_lively(const Model& base) {
  for (const Layer& layer : base.layers()) {
    const std::vector<VariablePtr> weights = layer.weights();
    if (weights.size() != 1 || weights[0]->shape().rank() != 4) continue;
    const Shape& shape = weights[0]->shape();
    const bool depthwise = layer.class_name() == "DepthwiseConv2D";
    const auto fan = static_cast<double>(shape[0] * shape[1] * (depthwise ? 1 : shape[2]));
    const std::vector<double> u = test::u01(layer.name(), static_cast<std::size_t>(shape.count()));
    const std::span<float> kernel = weights[0]->mutable_value().data();
    for (std::size_t i = 0; i < u.size(); ++i)
      kernel[i] = static_cast<float>((2 * u[i] - 1) * std::sqrt(6 / fan));
  }
}

/// What the default recipe saves where the head looks at several depths: ten photos get the same answers.
TEST(KerasOpens, AHeadOnSeveralDepths) {
  const char* python = keras_python();
  if (python == nullptr)
    GTEST_SKIP() << "set GRAFT_KERAS_PYTHON to a python that has keras, tensorflow and h5py";
  const test::TemporaryFolder folder;
  set_random_seed(5);
  const transfer::BaseModel base = transfer::make_base({.weights = "none"}, {64, 64});
  const std::vector<SymbolicTensor> depths = transfer::head_depths(base.model);
  ASSERT_EQ(depths.size(), 3U);
  transfer::ClassifierGraph classifier = transfer::build_classifier(base, {64, 64}, 5, depths);
  make_lively(base.model);
  Tensor photos({10, 64, 64, 3});
  const std::vector<double> pixels = test::u01("ten photos", photos.data().size());
  for (std::size_t i = 0; i < pixels.size(); ++i) photos.data()[i] = static_cast<float>(255 * pixels[i]);
  saving::save_model(classifier.model, folder.path() / "depths.keras", {.extra = {{"graft.json", "{}"}}});
  formats::write_npy(folder.path() / "depths.input.npy", photos);
  formats::write_npy(folder.path() / "depths.expected.npy", classifier.model.predict(photos));
  expect_keras_opens(folder.path(), python);
}

}  // namespace
}  // namespace graft
