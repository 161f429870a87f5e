// SPDX-License-Identifier: Apache-2.0
#include "graft/base/atomic_file.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/keras_h5.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

using test::expect_error;

/// Two models within one, whose layers share names.
Model twins() {
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  const SymbolicTensor a = test::small_base("left")(input);
  const SymbolicTensor b = test::small_base("right")(input);
  const SymbolicTensor x =
      layers::GlobalAveragePooling2D({.name = "gap"})(layers::Add("sum")(std::vector{a, b}));
  return {input, layers::Dense({.units = 2, .name = "head"})(x), "twins"};
}

void fill(const Model& model) {
  float next = 1;
  for (const VariablePtr& weight : model.weights()) {
    Tensor value(weight->shape());
    for (float& element : value.data()) element = next += 0.5F;
    weight->assign(value);
  }
}

void expect_same_weights(const Model& a, const Model& b) {
  ASSERT_EQ(a.weights().size(), b.weights().size());
  for (std::size_t i = 0; i < a.weights().size(); ++i) {
    EXPECT_EQ(test::max_difference(a.weights()[i]->value().data(), b.weights()[i]->value().data()), 0)
        << a.weights()[i]->path();
  }
}

TEST(SaveWeights, EveryFormatComesBackBitForBit) {
  const test::TemporaryFolder folder;
  const Model model = twins();
  fill(model);
  for (const char* name : {"w.weights.h5", "w.h5", "w.safetensors", "w.npz"}) {
    SCOPED_TRACE(name);
    model.save_weights(folder.path() / name);
    Model copy = twins();
    const saving::LoadReport report = copy.load_weights(folder.path() / name);
    EXPECT_EQ(report.matched.size(), model.weights().size());
    EXPECT_TRUE(report.missing.empty() && report.unused.empty()) << report.summary();
    expect_same_weights(model, copy);
    // Into a model whose weights have values already.
    fill(test::small_base("other"));
    EXPECT_EQ(copy.load_weights(folder.path() / name).matched.size(), model.weights().size());
    expect_same_weights(model, copy);
  }
  expect_error([&] { model.save_weights(folder.path() / "w.txt"); }, ErrorKind::invalid_argument,
               {"w.txt", ".safetensors"});
}

TEST(SaveWeights, ReportsMissingUnusedAndMismatchedNames) {
  const test::TemporaryFolder folder;
  const Model model = test::small_transfer();
  model.save_weights(folder.path() / "w.npz");
  Model base = test::small_base();
  expect_error([&] { base.load_weights(folder.path() / "w.npz"); }, ErrorKind::not_found, {"w.npz", "base"});
  test::small_base().save_weights(folder.path() / "base.safetensors");
  write_file_atomically(folder.path() / "none.npz", "PK");
  expect_error([&] { base.load_weights(folder.path() / "none.npz"); }, ErrorKind::bad_file, {"none.npz"});
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  Model other(input,
              layers::Conv2D({.filters = 4, .kernel_size = 3, .use_bias = false, .name = "conv"})(
                  layers::BatchNormalization({.name = "extra"})(input)),
              "other");
  const auto file = folder.path() / "base.safetensors";
  expect_error([&] { other.load_weights(file); }, ErrorKind::shape_mismatch, {"conv/kernel"});
}

TEST(SaveModel, WholeModelH5ComesBack) {
  const test::TemporaryFolder folder;
  for (const Model& model : {test::small_transfer(), twins()}) {
    fill(model);
    const Json compiled = {{"optimizer",
                            {{"module", "keras.optimizers"},
                             {"class_name", "Adam"},
                             {"config", {{"learning_rate", 0.001}}},
                             {"registered_name", nullptr}}},
                           {"loss", "mse"}};
    saving::save_model(model, folder.path() / "m.h5", {.compile_config = compiled});
    const saving::LoadedModel loaded = saving::load_model(folder.path() / "m.h5");
    expect_same_weights(model, loaded.model);
    // The order of keys does not matter.
    for (const auto& [key, value] : compiled["optimizer"].items())
      EXPECT_EQ((*loaded.compile_config)["optimizer"].at(key), value) << key;
    for (std::size_t i = 0; i < model.layers().size(); ++i)
      EXPECT_EQ(model.layers()[i].trainable(), loaded.model.layers()[i].trainable());
  }
  expect_error([&] { twins().save(folder.path() / "m.weights.h5"); }, ErrorKind::invalid_argument,
               {"save_weights"});
}

TEST(SaveModel, H5HasTheLayoutOfKeras) {
  const test::TemporaryFolder folder;
  for (const char* name : {"small_cnn", "nested_transfer"}) {
    const auto golden = test::goldens() / "files" / (std::string(name) + ".h5");
    saving::load_model(golden).model.save(folder.path() / "m.h5");
    const formats::H5Weights ours = formats::read_keras_h5(folder.path() / "m.h5");
    const formats::H5Weights keras = formats::read_keras_h5(golden);
    ASSERT_EQ(ours.layers.size(), keras.layers.size());
    for (std::size_t i = 0; i < ours.layers.size(); ++i) {
      EXPECT_EQ(ours.layers[i].layer, keras.layers[i].layer);
      ASSERT_EQ(ours.layers[i].weights.size(), keras.layers[i].weights.size());
      for (std::size_t k = 0; k < ours.layers[i].weights.size(); ++k) {
        EXPECT_EQ(test::max_difference(ours.layers[i].weights[k].tensor.data(),
                                       keras.layers[i].weights[k].tensor.data()),
                  0);
      }
    }
  }
}

}  // namespace
}  // namespace graft
