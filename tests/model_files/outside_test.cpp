// SPDX-License-Identifier: Apache-2.0
// What stands beside a model file: the scaling of the program around it, class names, weights, a config.
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/classifier.hpp"
#include "graft/error.hpp"
#include "graft/pretrained.hpp"
#include "graft/saving.hpp"

#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using applications::Preprocessing;

fs::path model_cases() { return test::goldens() / "cases"; }
fs::path teachable() { return model_cases() / "pixels_scaled_outside" / "cases_tm.h5"; }

void write(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

bool has_note(const Classifier& classifier, const std::string& part) {
  for (const std::string& note : classifier.notes()) {
    if (note.find(part) != std::string::npos) return true;
  }
  return false;
}

/// The probabilities of the three small photos are those of expected.json.
void expect_probabilities(const Classifier& classifier, const char* which) {
  const Json expected = test::read_json(model_cases() / "pixels_scaled_outside" / "expected.json").at(which);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const fs::path photo = model_cases() / "photos" / ("c_64x64_" + std::to_string(i) + ".png");
    for (const Prediction& one : classifier.predict(photo, {.top = 3}))
      EXPECT_NEAR(one.probability, expected[i][static_cast<std::size_t>(one.index)].get<double>(), 1e-4);
  }
}

TEST(Pixels, ScaledAsTheProgramAroundTheModelDid) {
  expect_probabilities(Classifier::open(teachable(), {.pixels = Preprocessing::tf}), "scaled -1..1");
  expect_probabilities(Classifier::open(teachable()), "raw 0..255");
}

TEST(Pixels, AModelThatScalesNothingHasANote) {
  EXPECT_TRUE(has_note(Classifier::open(teachable()), "no layer of the model scales its pixels"));
  EXPECT_TRUE(Classifier::open(teachable(), {.pixels = Preprocessing::tf}).notes().empty());
  const fs::path scaled = model_cases() / "operator_multiply" / "k3_se_ops_multiply.keras";
  EXPECT_TRUE(Classifier::open(scaled).notes().empty());
}

TEST(Pixels, AreKeptInTheEditedModel) {
  const test::TemporaryFolder folder;
  const Model model = saving::load_model(teachable()).model;
  Json metadata;
  const Model edited = classify::scale_pixels(model, metadata, Preprocessing::tf).model;
  saving::save_model(edited, folder.path() / "model.keras", {.extra = {{kMetadataEntry, metadata.dump()}}});
  const Classifier again = Classifier::open(folder.path());
  EXPECT_TRUE(again.notes().empty());
  expect_probabilities(again, "scaled -1..1");
  EXPECT_THROW((void)classify::scale_pixels(again.model(), metadata, Preprocessing::tf), Error);
}

TEST(Pixels, OfEveryModeAreThoseOfPreprocessInput) {
  const Model model = saving::load_model(teachable()).model;
  for (const Preprocessing mode :
       {Preprocessing::tf, Preprocessing::unit, Preprocessing::caffe, Preprocessing::torch}) {
    Json metadata;
    const Classifier scaled(classify::scale_pixels(model, metadata, mode).model, metadata);
    const Classifier raw(model, nullptr);
    Tensor images = test::golden_image(64, 64);
    const Tensor prepared = applications::preprocess_input(images, mode);
    EXPECT_LT(test::max_difference(scaled.probabilities(images).data(), raw.probabilities(prepared).data()),
              1e-4);
  }
}

TEST(ClassNames, AreReadFromAFileBesideTheModel) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "keras_model.h5";
  fs::copy_file(teachable(), file);
  EXPECT_EQ(Classifier::open(file).class_names(), (std::vector<std::string>{"0", "1", "2"}));
  write(folder.path() / "metadata.json", R"({"labels": ["x", "y", "z"], "imageSize": 64})");
  EXPECT_EQ(Classifier::open(file).class_names(), (std::vector<std::string>{"x", "y", "z"}));
  write(folder.path() / "labels.txt", "0 cat\r\n1 dog\r\n2 a 3rd one\r\n");
  EXPECT_EQ(Classifier::open(file).class_names(), (std::vector<std::string>{"cat", "dog", "a 3rd one"}));
  EXPECT_TRUE(has_note(Classifier::open(file), "labels.txt"));
  write(folder.path() / "labels.txt", "cat\ndog\n");
  fs::remove(folder.path() / "metadata.json");
  EXPECT_EQ(Classifier::open(file).class_names(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_TRUE(has_note(Classifier::open(file), "2 names, the model 3 classes"));
}

TEST(ClassNames, AreGivenWithoutTouchingWeights) {
  const Model model = saving::load_model(teachable()).model;
  Json metadata;
  const models::Edited edited = classify::name_classes(model, metadata, {"cat", "dog", "cow"});
  EXPECT_EQ(edited.report.kept.size(), model.weights().size());
  EXPECT_EQ(Classifier(edited.model, metadata).class_names()[2], "cow");
  EXPECT_THROW((void)classify::name_classes(model, metadata, {"cat", "dog"}), Error);
  EXPECT_THROW((void)classify::name_classes(model, metadata, {"cat", "dog", "dog"}), Error);
}

TEST(JsonModel, HasItsWeightsInAnotherFile) {
  const fs::path folder = model_cases() / "json_and_weights";
  const Classifier classifier =
      Classifier::open(folder / "k2_model.json", {.weights = (folder / "k2_weights.h5").string()});
  const Model model = saving::load_model(folder / "k2_model.json", folder / "k2_weights.h5").model;
  EXPECT_EQ(classifier.model().count_params(), model.count_params());
  EXPECT_TRUE(has_note(Classifier::open(folder / "k2_model.json"), "no weights"));
  EXPECT_THROW((void)Classifier::open(teachable(), {.weights = (folder / "k2_weights.h5").string()}), Error);
}

TEST(WeightsConfig, MeanAndStdReplaceTheUsualOnes) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  const std::string header = R"({"conv_stem.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  write(file, bytes + header + std::string(4, '\0'));
  EXPECT_FALSE(classify::config_of_weights(file.string()).has_value());
  fs::copy_file(model_cases() / "timm_mean_std" / "config.json", folder.path() / "config.json");
  const auto config = classify::config_of_weights(file.string());
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->interpolation, "bicubic");
  const applications::Application& network = applications::find_application("efficientnet_b0");
  const Model model = network.build({.weights = "none", .definition = applications::Definition::timm});
  const auto scaling = classify::scaling_for_weights(network, model, file.string());
  ASSERT_TRUE(scaling.affine.has_value());
  // Then the network's own layers: (x / 255 - mean) / deviation of ImageNet.
  EXPECT_NEAR(scaling.affine->scale[0], 0.229 / 0.5, 1e-5);
  EXPECT_NEAR(scaling.affine->offset[0], 255 * (0.485 - 0.229), 1e-3);
  write(folder.path() / "config.json", R"({"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]})");
  EXPECT_FALSE(classify::scaling_for_weights(network, model, file.string()).affine.has_value());
  write(folder.path() / "config.json", R"({"mean": [0.5], "std": [0]})");
  EXPECT_THROW((void)classify::config_of_weights(file.string()), Error);
}

}  // namespace
}  // namespace graft
