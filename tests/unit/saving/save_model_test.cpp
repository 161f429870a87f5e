// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>

#include "graft/base/json.hpp"
#include "graft/formats/keras_archive.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using saving::load_model;
using saving::LoadedModel;
using saving::save_model;
using test::expect_error;

void expect_equal_weights(const Model& a, const Model& b) {
  const std::vector<VariablePtr> left = a.weights();
  const std::vector<VariablePtr> right = b.weights();
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(left[i]->path(), right[i]->path());
    ASSERT_EQ(left[i]->shape(), right[i]->shape());
    EXPECT_EQ(0, std::memcmp(left[i]->value().raw(), right[i]->value().raw(), left[i]->value().size_bytes()))
        << left[i]->path();
  }
}

TEST(SaveModel, WeightsComeBackBitForBit) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "m.keras";
  const Model model = test::small_transfer();
  const Json compile{{"optimizer", "adam"}, {"loss", "categorical_crossentropy"}};
  save_model(model, path, {.extra = {{"graft.json", "{\"a\": 1}"}}, .compile_config = compile});
  const LoadedModel loaded = load_model(path);
  EXPECT_EQ(saving::model_config(loaded.model), saving::model_config(model));
  expect_equal_weights(loaded.model, model);
  EXPECT_EQ(loaded.compile_config, compile);
  EXPECT_EQ(loaded.extra, (std::map<std::string, std::string>{{"graft.json", "{\"a\": 1}"}}));
  model.save(folder.path() / "again.keras");
  EXPECT_TRUE(load_model(folder.path() / "again.keras").compile_config->is_null());
}

TEST(SaveModel, ALayerInTwoModelsStaysOne) {
  const test::TemporaryFolder folder;
  const SymbolicTensor input = Input({4}, "in");
  const Layer shared = layers::Dense({.units = 4, .name = "shared"});
  const Model inner(input, shared(input), "inner");
  const SymbolicTensor other = Input({4}, "other");
  const Model model(other, layers::Add("add")(std::vector{inner(other), shared(other)}), "outer");
  test::set_golden_weights(model);
  model.save(folder.path() / "m.keras");
  const Model loaded = load_model(folder.path() / "m.keras").model;
  EXPECT_EQ(loaded.weights().size(), 2U);
  expect_equal_weights(loaded, model);
  const auto nested = std::dynamic_pointer_cast<models::FunctionalModel>(loaded.get_layer("inner").base());
  EXPECT_EQ(Model(nested).get_layer("shared"), loaded.get_layer("shared"));
}

TEST(SaveModel, TheSameModelProducesTheSameBytes) {
  const test::TemporaryFolder folder;
  const Model model = test::small_transfer();
  model.save(folder.path() / "a.keras");
  model.save(folder.path() / "b.keras");
  EXPECT_EQ(test::read_file(folder.path() / "a.keras"), test::read_file(folder.path() / "b.keras"));
}

TEST(SaveModel, LayoutIsThatOfKeras) {
  const test::TemporaryFolder folder;
  test::small_transfer().save(folder.path() / "m.keras");
  const formats::KerasArchive archive = formats::read_keras_archive(folder.path() / "m.keras");
  std::vector<std::string> paths;
  for (const formats::NamedTensor& weight : archive.weights) paths.push_back(weight.path);
  const std::string inner = "layers/functional/layers/";
  EXPECT_EQ(paths, (std::vector<std::string>{
                       "layers/dense/vars/0", "layers/dense/vars/1", inner + "batch_normalization/vars/0",
                       inner + "batch_normalization/vars/1", inner + "batch_normalization/vars/2",
                       inner + "batch_normalization/vars/3", inner + "conv2d/vars/0",
                       inner + "depthwise_conv2d/vars/0", inner + "depthwise_conv2d/vars/1"}));
  EXPECT_EQ(archive.group_names.at("vars"), "transfer");
  EXPECT_EQ(archive.group_names.at("layers/random_flip/vars"), "flip");
  EXPECT_EQ(archive.group_names.at("layers/functional/vars"), "base");
  EXPECT_EQ(archive.group_names.at(inner + "re_lu/vars"), "relu");
}

/// The groups and names that Keras itself wrote, written again by graft.
TEST(SaveModel, GroupsEqualThoseOfAKerasFile) {
  for (const char* name : {"small_cnn", "small_cnn_64x3_extra", "nested_transfer"}) {
    const fs::path golden = test::goldens() / "files" / (std::string(name) + ".keras");
    const test::TemporaryFolder folder;
    load_model(golden).model.save(folder.path() / "m.keras");
    const formats::KerasArchive theirs = formats::read_keras_archive(golden);
    const formats::KerasArchive ours = formats::read_keras_archive(folder.path() / "m.keras");
    std::map<std::string, std::string> expected;
    for (const auto& [group, layer] : theirs.group_names) {
      if (!group.starts_with("optimizer") && !layer.empty()) expected[group] = layer;
    }
    EXPECT_EQ(ours.group_names, expected) << name;
    for (const formats::NamedTensor& weight : theirs.weights) {
      if (weight.path.starts_with("optimizer")) continue;
      const auto found = std::ranges::find(ours.weights, weight.path, &formats::NamedTensor::path);
      ASSERT_NE(found, ours.weights.end()) << weight.path;
      EXPECT_EQ(test::max_difference(found->tensor.data(), weight.tensor.data()), 0) << weight.path;
    }
  }
}

TEST(LoadModel, ReadsFilesOfKeras) {
  const Json expected = test::read_json(test::goldens() / "files" / "expected.json");
  for (const char* name : {"small_cnn", "small_cnn_64x3_extra", "nested_transfer"}) {
    for (const char* extension : {".keras", ".h5"}) {
      SCOPED_TRACE(std::string(name) + extension);
      const LoadedModel loaded = load_model(test::goldens() / "files" / (std::string(name) + extension));
      EXPECT_EQ(test::golden_difference(loaded.model), 0);
      EXPECT_EQ(loaded.model.count_params(), expected[name]["total_params"].get<std::int64_t>());
      EXPECT_EQ(count_params(loaded.model.trainable_weights()),
                expected[name]["trainable_params"].get<std::int64_t>());
      EXPECT_EQ((*loaded.compile_config)["loss"], "categorical_crossentropy");
      for (const Json& layer : expected[name]["layers"]) {
        const Layer found = loaded.model.get_layer(layer[0].get<std::string>());
        EXPECT_EQ(found.class_name(), layer[1]);
        EXPECT_EQ(found.output_shape().without_batch().sizes(), layer[2].get<std::vector<std::int64_t>>());
        EXPECT_EQ(found.count_params(), layer[3].get<std::int64_t>());
      }
    }
  }
}

TEST(LoadModel, ConfigOfAKerasFileRoundTrips) {
  for (const char* name : {"small_cnn", "nested_transfer"}) {
    const Model model = load_model(test::goldens() / "files" / (std::string(name) + ".keras")).model;
    const Json config = saving::model_config(model);
    EXPECT_EQ(saving::model_config(saving::model_from_config(config)), config);
  }
}

/// Changes an archive that graft wrote and expects the load to fail.
template <typename Change>
void expect_refused(const Change& change, ErrorKind kind, const std::vector<std::string>& texts) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "m.keras";
  test::small_transfer().save(path);
  formats::KerasArchive archive = formats::read_keras_archive(path);
  change(archive);
  formats::write_keras_archive(path, archive);
  expect_error([&] { (void)load_model(path); }, kind, texts);
}

TEST(LoadModel, WeightsThatDoNotFitAreRefused) {
  expect_refused(
      [](formats::KerasArchive& a) {
        std::erase_if(a.weights, [](const auto& w) { return w.path == "layers/dense/vars/1"; });
      },
      ErrorKind::shape_mismatch, {"'predictions'"});
  expect_refused(
      [](formats::KerasArchive& a) {
        std::erase_if(a.weights, [](const auto& w) { return w.path.starts_with("layers/dense/"); });
      },
      ErrorKind::bad_file, {"'predictions'", "layers/dense/vars"});
  expect_refused(
      [](formats::KerasArchive& a) {
        a.weights.push_back({"layers/dense_1/vars/0", Tensor({2})});
      },
      ErrorKind::bad_file, {"layers/dense_1/vars/0"});
  expect_refused([](formats::KerasArchive& a) { a.weights[0].tensor = Tensor({7}); },
                 ErrorKind::shape_mismatch, {"(7,)"});
  expect_refused([](formats::KerasArchive& a) { a.group_names["layers/dense/vars"] = "other"; },
                 ErrorKind::bad_file, {"'other'", "'predictions'"});
  expect_refused([](formats::KerasArchive& a) { a.config["class_name"] = "Odd"; }, ErrorKind::unsupported,
                 {"Odd"});
}

TEST(LoadModel, FilesThatAreNone) {
  const test::TemporaryFolder folder;
  expect_error([&] { (void)load_model(folder.path() / "none.keras"); }, ErrorKind::not_found, {"none.keras"});
  expect_error([&] { (void)load_model(folder.path()); }, ErrorKind::not_found, {folder.path().string()});
  for (const std::string& bytes :
       {std::string(), std::string("PK"), std::string("hello"), std::string(4000, 'x')}) {
    std::ofstream(folder.path() / "odd.keras", std::ios::binary) << bytes;
    expect_error([&] { (void)load_model(folder.path() / "odd.keras"); }, ErrorKind::bad_file, {"odd.keras"});
  }
  expect_error([&] { (void)load_model(test::goldens() / "files" / "small_cnn.weights.h5"); },
               ErrorKind::bad_file, {});
}

TEST(SaveModel, RefusesOtherNamesAndTakenEntries) {
  const test::TemporaryFolder folder;
  const Model model = test::small_base();
  expect_error([&] { model.save(folder.path() / "m.zip"); }, ErrorKind::invalid_argument, {".keras"});
  expect_error(
      [&] {
        save_model(model, folder.path() / "m.keras", {.extra = {{"config.json", "x"}}});
      },
      ErrorKind::invalid_argument, {"config.json"});
  expect_error([&] { model.save(folder.path() / "no" / "m.keras"); }, ErrorKind::io, {"m.keras"});
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace graft
