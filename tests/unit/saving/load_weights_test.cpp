// SPDX-License-Identifier: Apache-2.0
#include "graft/base/atomic_file.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/weights_h5.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using saving::load_weights;
using saving::LoadReport;
using test::expect_error;

fs::path golden(const std::string& name) { return test::goldens() / "files" / name; }

/// The goldens' small CNN: what the script that made the files built.
Model small_cnn(std::int64_t size, std::int64_t channels, bool extra, bool top,
                const std::string& prefix = "") {
  const auto name = [&](const char* layer) { return prefix + layer; };
  std::vector<Layer> row{
      layers::InputLayer({.shape = {size, size, channels}, .name = name("input")}),
      layers::Conv2D({.filters = 8, .kernel_size = 3, .activation = "relu", .name = name("conv1")}),
      layers::MaxPooling2D({.name = name("pool1")}),
      layers::Conv2D({.filters = 16, .kernel_size = 3, .name = name("conv2")})};
  if (extra) row.push_back(layers::Conv2D({.filters = 16, .kernel_size = 1, .name = name("conv_extra")}));
  row.push_back(layers::GlobalAveragePooling2D({.name = name("gap")}));
  row.push_back(layers::Dense({.units = 32, .name = name("fc1")}));
  if (top) row.push_back(layers::Dense({.units = 5, .name = name("predictions")}));
  return Sequential(row, prefix + "small");
}

TEST(LoadWeights, ReadsEveryFormatOfKeras) {
  for (const char* file : {"small_cnn.h5", "small_cnn.weights.h5", "small_cnn.keras"}) {
    SCOPED_TRACE(file);
    Model model = small_cnn(28, 1, false, true);
    const LoadReport report = load_weights(model, golden(file));
    EXPECT_EQ(report.matched.size(), 8U);
    EXPECT_EQ(report.summary(), "8 weights loaded");
    EXPECT_EQ(test::golden_difference(model), 0);
  }
}

TEST(LoadWeights, ByOrderAndByGroupWhereNamesDiffer) {
  for (const char* file : {"small_cnn.h5", "small_cnn.weights.h5", "small_cnn.keras"}) {
    SCOPED_TRACE(file);
    Model model = small_cnn(28, 1, false, true, "my_");
    EXPECT_EQ(load_weights(model, golden(file)).matched.size(), 8U);
    Model expected = small_cnn(28, 1, false, true);
    load_weights(expected, golden(file));
    for (std::size_t i = 0; i < 8; ++i) {
      EXPECT_EQ(
          test::max_difference(model.weights()[i]->value().data(), expected.weights()[i]->value().data()), 0);
    }
  }
}

/// Keras 2 writes no names of layers into the groups of its .keras and .weights.h5.
TEST(LoadWeights, ABaseWithinAFileWithoutNames) {
  const Model whole = test::small_transfer();
  float next = 0;
  for (const VariablePtr& weight : whole.weights()) weight->assign(Tensor::full(weight->shape(), ++next));
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "k2.weights.h5";
  saving::save_weights(whole, file);
  const formats::WeightsH5 content = formats::read_weights_h5(file);
  formats::write_weights_h5(file, content.weights, {});
  Model base = test::small_base();
  EXPECT_EQ(load_weights(base, file).matched.size(), base.weights().size());
  const std::vector<VariablePtr> expected = whole.get_layer("base").weights();
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(test::max_difference(base.weights()[i]->value().data(), expected[i]->value().data()), 0) << i;
}

TEST(LoadWeights, AFileWithItsTopIntoAModelWithout) {
  for (const char* file : {"small_cnn.h5", "small_cnn.weights.h5", "small_cnn.keras"}) {
    SCOPED_TRACE(file);
    Model model = small_cnn(28, 1, false, false);
    const LoadReport report = load_weights(model, golden(file));
    EXPECT_EQ(report.matched.size(), 6U);
    EXPECT_EQ(report.unused.size(), 2U);
    EXPECT_TRUE(report.missing.empty());
    EXPECT_NE(report.summary().find("2 of the file not used"), std::string::npos) << report.summary();
    EXPECT_EQ(test::golden_difference(model), 0);
  }
}

TEST(LoadWeights, LayersThatCannotBePairedAreExplained) {
  Model model = small_cnn(64, 3, true, true, "my_");
  for (const char* file : {"small_cnn.h5", "small_cnn.weights.h5"}) {
    expect_error([&] { load_weights(model, golden(file)); }, ErrorKind::shape_mismatch,
                 {"4", "5", "'my_conv1'"});
  }
  expect_error([&] { load_weights(model, golden("small_cnn.h5"), {.by_name = true}); }, ErrorKind::not_found,
               {"small_cnn.h5", "not one"});
}

TEST(LoadWeights, ShapesThatDifferNameBothSidesAndChangeNothing) {
  Model model = small_cnn(28, 3, false, true);
  const std::vector<float> before(model.weights()[2]->value().data().begin(),
                                  model.weights()[2]->value().data().end());
  expect_error([&] { load_weights(model, golden("small_cnn.h5")); }, ErrorKind::shape_mismatch,
               {"conv1/kernel", "(3, 3, 1, 8)", "(3, 3, 3, 8)"});
  EXPECT_EQ(test::max_difference(model.weights()[2]->value().data(), before), 0);
  const LoadReport report = load_weights(model, golden("small_cnn.h5"), {.skip_mismatch = true});
  EXPECT_EQ(report.shape_mismatch, std::vector<std::string>{"conv1/kernel"});
  EXPECT_EQ(report.matched.size(), 7U);
  EXPECT_GT(test::max_difference(model.weights()[2]->value().data(), before), 0);
}

TEST(LoadWeights, TheOlderResNet50IsRecognisedByItsLayerNames) {
  const test::TemporaryFolder folder;
  const auto two = [](const char* first, const char* second) {
    return Sequential({layers::InputLayer({.shape = {4, 4, 2}, .name = "in"}),
                       layers::Conv2D({.filters = 2, .kernel_size = 1, .name = first}),
                       layers::Conv2D({.filters = 2, .kernel_size = 1, .name = second})},
                      "resnet50");
  };
  two("conv1", "res2a_branch2a").save_weights(folder.path() / "old.h5");
  Model today = two("conv1_conv", "conv2_block1_1_conv");
  expect_error([&] { load_weights(today, folder.path() / "old.h5"); }, ErrorKind::unsupported,
               {"old.h5", "ResNet50", "res2a_branch2a"});
}

TEST(LoadWeights, AutomaticNamesOfAnotherSessionGoByOrder) {
  const test::TemporaryFolder folder;
  const auto two = [](const char* first, const char* second) {
    return Sequential({layers::InputLayer({.shape = {4, 4, 2}, .name = "in"}),
                       layers::Conv2D({.filters = 2, .kernel_size = 1, .name = first}),
                       layers::Conv2D({.filters = 2, .kernel_size = 1, .name = second})},
                      "inception");
  };
  // As InceptionV3's published file, whose first convolution is conv2d_1 and today's conv2d.
  const Model published = two("conv2d_1", "conv2d_2");
  test::set_golden_weights(published);
  published.save_weights(folder.path() / "w.h5");
  Model today = two("conv2d", "conv2d_1");
  EXPECT_EQ(load_weights(today, folder.path() / "w.h5").matched.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(
        test::max_difference(today.weights()[i]->value().data(), published.weights()[i]->value().data()), 0);
  }
}

TEST(LoadWeights, ByNameLoadsCommonLayers) {
  Model model = small_cnn(64, 3, true, true);
  const LoadReport report =
      load_weights(model, golden("small_cnn.h5"), {.by_name = true, .skip_mismatch = true});
  EXPECT_EQ(report.missing, (std::vector<std::string>{"conv_extra/kernel", "conv_extra/bias"}));
  EXPECT_EQ(report.shape_mismatch, std::vector<std::string>{"conv1/kernel"});
  EXPECT_EQ(report.matched.size(), 7U);
}

TEST(LoadWeights, NestedModelsAreOneRowInLegacyFiles) {
  const Model source = saving::load_model(golden("nested_transfer.keras")).model;
  for (const char* file : {"nested_transfer.h5", "nested_transfer.weights.h5", "nested_transfer.keras"}) {
    for (const bool trainable : {false, true}) {
      SCOPED_TRACE(file);
      const test::TemporaryFolder folder;
      source.save(folder.path() / "copy.keras");
      Model model = saving::load_model(folder.path() / "copy.keras").model;
      model.get_layer("mobilenetv2_0.35_96").set_trainable(trainable);
      for (const VariablePtr& weight : model.weights()) weight->assign(Tensor(weight->shape()));
      EXPECT_EQ(load_weights(model, golden(file)).matched.size(), 262U);
      EXPECT_EQ(test::golden_difference(model), 0);
    }
  }
}

/// A model with its head's weights loads from a file of the base below: names agree.
TEST(LoadWeights, GroupedFilesOfTheBaseFitByName) {
  const test::TemporaryFolder folder;
  const Model base = test::small_base();
  test::set_golden_weights(base);
  base.save(folder.path() / "base.keras");
  Model transfer = test::small_transfer();
  const LoadReport report = load_weights(transfer, folder.path() / "base.keras");
  EXPECT_EQ(report.matched.size(), 7U);
  EXPECT_EQ(report.missing, (std::vector<std::string>{"predictions/kernel", "predictions/bias"}));
}

TEST(LoadWeights, OtherElementTypesAreConverted) {
  const test::TemporaryFolder folder;
  const SymbolicTensor input = Input({2}, "i");
  Model model(input, layers::Dense({.units = 1, .use_bias = false, .name = "d"})(input), "m");
  const Tensor values = Tensor::from({2, 1}, std::vector<float>{0.5F, -3}).to(DType::float64);
  write_file_atomically(folder.path() / "w.weights.h5",
                        formats::write_weights_h5({{"layers/dense/vars/0", values}}));
  EXPECT_EQ(load_weights(model, folder.path() / "w.weights.h5").matched.size(), 1U);
  EXPECT_EQ(model.weights()[0]->value().data()[1], -3);
}

TEST(LoadWeights, FilesThatAreNone) {
  Model model = small_cnn(28, 1, false, true);
  expect_error([&] { load_weights(model, golden("none.h5")); }, ErrorKind::not_found, {"none.h5"});
  expect_error([&] { load_weights(model, golden("expected.json")); }, ErrorKind::bad_file, {"expected.json"});
  const test::TemporaryFolder folder;
  write_file_atomically(folder.path() / "empty.weights.h5", formats::write_weights_h5({}));
  EXPECT_THROW(load_weights(model, folder.path() / "empty.weights.h5"), Error);
}

}  // namespace
}  // namespace graft
