// SPDX-License-Identifier: Apache-2.0
// What is beside a model file: the scaling of the program around it, class names, weights, a config.
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/classifier_metadata.hpp"
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

TEST(Pixels, OfAModelThatScalesThemItselfHaveANote) {
  const fs::path scaled = model_cases() / "operator_multiply" / "k3_se_ops_multiply.keras";
  EXPECT_TRUE(has_note(Classifier::open(scaled, {.pixels = Preprocessing::tf}), "they are scaled twice"));
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

/// A safetensors file of one number.
void write_safetensors(const fs::path& file) {
  const std::string header = R"({"conv_stem.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  write(file, bytes + header + std::string(4, '\0'));
}

TEST(WeightsConfig, MeanAndStdReplaceTheUsualOnes) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  write_safetensors(file);
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

/// A safetensors file of zeros with these names and sizes.
void write_zeros(const fs::path& file, const std::vector<std::pair<std::string, std::vector<int>>>& tensors) {
  Json header = Json::object();
  int end = 0;
  for (const auto& [name, shape] : tensors) {
    int bytes = 4;
    for (const int size : shape) bytes *= size;
    header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {end, end + bytes}}};
    end += bytes;
  }
  const std::string text = header.dump();
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 2; ++i) length[i] = static_cast<char>((text.size() >> (8 * i)) & 0xFFU);
  write(file, length + text + std::string(static_cast<std::size_t>(end), '\0'));
}

/// The number of classes of a classifier in a file of PyTorch's.
TEST(WeightsOfAClassifier, HaveItsNumberOfClasses) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "model.safetensors").string();
  write_zeros(file, {{"conv1.weight", {4, 3, 3, 3}}, {"fc.weight", {7, 4}}, {"fc.bias", {7}}});
  EXPECT_EQ(classify::classes_of_weights(file), 7);
  write_zeros(file, {{"conv1.weight", {4, 3, 3, 3}}, {"fc.1.weight", {6, 4}}, {"fc.1.bias", {6}}});
  EXPECT_EQ(classify::classes_of_weights(file), 6) << "Sequential(Dropout, Linear)";
  write_zeros(file,
              {{"classifier.1.weight", {9, 4}}, {"classifier.1.bias", {9}}, {"classifier.4.bias", {2}}});
  EXPECT_EQ(classify::classes_of_weights(file), 0) << "not the last layer";
  write_zeros(file, {{"resnet.embedder.embedder.convolution.weight", {4, 3, 3, 3}},
                     {"classifier.1.weight", {5, 4}},
                     {"classifier.1.bias", {5}}});
  EXPECT_EQ(classify::classes_of_weights(file), 5) << "transformers' ResNet";
  write_zeros(file, {{"conv1.weight", {4, 3, 3, 3}}});
  EXPECT_EQ(classify::classes_of_weights(file), 0);
}

TEST(WeightsConfig, CropIsThatOfTheConfig) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  write_safetensors(file);
  EXPECT_EQ(classify::resize_for_weights(file.string()).center_crop, 0);
  fs::copy_file(model_cases() / "timm_mean_std" / "config.json", folder.path() / "config.json");
  const data::ResizeOptions resize = classify::resize_for_weights(file.string());
  EXPECT_EQ(resize.center_crop, 0.9);
  EXPECT_TRUE(resize.antialias);
  EXPECT_EQ(resize.interpolation, data::ResizeMethod::bicubic);
  const std::string note = classify::note_of_config(file.string(), 224);
  EXPECT_NE(note.find("resized to 248 and the middle 224 x 224"), std::string::npos) << note;

  const std::string whole = R"({"mean": [0.5], "std": [0.5], "crop_pct": 1.0, "crop_mode": ")";
  write(folder.path() / "config.json", whole + "squash\"}");
  EXPECT_EQ(classify::resize_for_weights(file.string()).center_crop, 0) << "squashed whole";
  write(folder.path() / "config.json", whole + "center\"}");
  EXPECT_EQ(classify::resize_for_weights(file.string()).center_crop, 1) << "the aspect ratio is kept";
  write(folder.path() / "config.json", whole + "border\"}");
  const data::ResizeOptions border = classify::resize_for_weights(file.string());
  EXPECT_EQ(border.crop_mode, data::CropMode::border);
  EXPECT_EQ(border.border_color[0], 128) << "half of 255, to the nearest even number as Python rounds";
  EXPECT_NE(classify::note_of_config(file.string(), 224).find("with a border"), std::string::npos);
}

TEST(WeightsConfig, InputSizeIsThatOfTheConfig) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  write_safetensors(file);
  const applications::Application& network = applications::find_application("resnet18");
  EXPECT_EQ(classify::input_shape_for_weights(network, file.string()), (Shape{224, 224, 3}));
  const auto shape_of = [&](const char* name, const std::string& text) {
    write(folder.path() / name, text);
    return classify::input_shape_for_weights(network, file.string());
  };
  const std::string timm = R"({"pretrained_cfg": {"mean": [0.5], "std": [0.5], "input_size": )";
  EXPECT_EQ(shape_of("config.json", timm + "[1, 160, 192]}}"), (Shape{160, 192, 1}));
  EXPECT_NE(classify::note_of_config(file.string(), {160, 192}).find("grey values"), std::string::npos);
  for (const char* broken : {"[3, 0, 160]}}", "160}}", "[3, 160]}}", "[3, 1e9, 160]}}"})
    EXPECT_THROW((void)shape_of("config.json", timm + broken), Error) << broken;
  fs::remove(folder.path() / "config.json");
  const std::string transformers = R"({"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], )";
  EXPECT_EQ(shape_of("preprocessor_config.json",
                     transformers + R"("do_center_crop": true, "crop_size": {"height": 192, "width": 192},
                                       "size": {"shortest_edge": 224}})"),
            (Shape{192, 192, 3}));
  EXPECT_EQ(shape_of("preprocessor_config.json", transformers + R"("size": {"height": 96, "width": 128}})"),
            (Shape{96, 128, 3}));
}

TEST(ClassNames, AreReadFromTheConfigOfWeights) {
  const Model model = saving::load_model(teachable()).model;
  const test::TemporaryFolder folder;
  const auto names_with = [&](const std::string& config) {
    write(folder.path() / "config.json", config);
    Json metadata;
    std::vector<std::string> notes;
    classify::add_names_beside(metadata, model, folder.path() / "model.safetensors", notes);
    return metadata.is_null() ? std::vector<std::string>{}
                              : metadata["class_names"].get<std::vector<std::string>>();
  };
  const std::vector<std::string> animals{"cat", "dog", "cow"};
  EXPECT_EQ(names_with(R"({"id2label": {"2": "cow", "0": "cat", "1": "dog"}})"), animals) << "transformers";
  EXPECT_EQ(names_with(R"({"num_classes": 3, "label_names": ["cat", "dog", "cow"]})"), animals) << "timm";
  EXPECT_EQ(names_with(R"({"pretrained_cfg": {"label_names": ["cat", "dog", "cow"]}})"), animals);
  EXPECT_TRUE(names_with(R"({"id2label": {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}})").empty());
  EXPECT_TRUE(names_with(R"({"id2label": {"0": "cat", "1": "dog", "3": "cow"}})").empty());
  EXPECT_TRUE(names_with(R"({"id2label": {"0": "cat", "1": "dog"}})").empty()) << "another number";
  EXPECT_FALSE(classify::names_other_than_imagenet(folder.path() / "model.safetensors", 3));
  write(folder.path() / "config.json", R"({"label_names": ["cat", "dog", "cow"]})");
  EXPECT_TRUE(classify::names_other_than_imagenet(folder.path() / "model.safetensors", 3));
  write(folder.path() / "config.json", R"({"label_names": ["n01440764", "dog", "cow"]})");
  EXPECT_FALSE(classify::names_other_than_imagenet(folder.path() / "model.safetensors", 3)) << "ImageNet's";
}

/// The image processors of transformers' CNNs, as their files state them.
TEST(WeightsConfig, ThatOfTransformersIsRead) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "model.safetensors";
  write_safetensors(file);
  const auto resize_of = [&](const std::string& more) {
    write(folder.path() / "preprocessor_config.json",
          R"({"image_mean": [0.485, 0.456, 0.406], "image_std": [0.5, 0.4, 0.3], )" + more + "}");
    return classify::resize_for_weights(file.string());
  };
  const data::ResizeOptions mobilenet = resize_of(
      R"("resample": 2, "do_center_crop": true, "size": {"shortest_edge": 256},
         "crop_size": {"height": 224, "width": 224})");
  EXPECT_NEAR(mobilenet.center_crop, 0.875, 1e-12);
  EXPECT_EQ(mobilenet.crop_mode, data::CropMode::center);
  const data::ResizeOptions resnet =
      resize_of(R"("resample": 3, "crop_pct": 0.875, "size": {"shortest_edge": 224})");
  EXPECT_EQ(resnet.center_crop, 0.875);
  EXPECT_EQ(resnet.interpolation, data::ResizeMethod::bicubic);
  EXPECT_EQ(resize_of(R"("crop_pct": 0.875, "size": {"shortest_edge": 384}, "resample": 3)").center_crop, 0);
  const data::ResizeOptions efficientnet =
      resize_of(R"("resample": 0, "size": {"height": 224, "width": 224}, "include_top": true)");
  EXPECT_EQ(efficientnet.interpolation, data::ResizeMethod::nearest);
  EXPECT_EQ(efficientnet.center_crop, 0);
  EXPECT_NEAR(classify::config_of_weights(file.string())->deviation[1], 0.16, 1e-12) << "divided by twice";
  static_cast<void>(resize_of(R"("rescale_factor": 0.00784313725490196, "rescale_offset": true)"));
  EXPECT_NEAR(classify::config_of_weights(file.string())->mean[0], (0.485 + 1) / 2, 1e-9);
}

TEST(WeightsConfig, IsKeptInTheMetadata) {
  const Model model = saving::load_model(teachable()).model;
  const Json metadata{
      {"interpolation", "bicubic"}, {"antialias", true}, {"center_crop", 0.8}, {"crop_mode", "squash"}};
  const data::ResizeOptions resize = photo_options(model, metadata).resize;
  EXPECT_TRUE(resize.antialias);
  EXPECT_EQ(resize.crop_mode, data::CropMode::squash);
  EXPECT_EQ(resize.center_crop, 0.8);
  for (const Json& broken : {Json{{"center_crop", 0}}, Json{{"center_crop", "all"}}, Json{{"antialias", 1}},
                             Json{{"center_crop", 0.5}, {"crop_mode", "border"}},
                             Json{{"center_crop", 0.5}, {"crop_mode", "middle"}}})
    EXPECT_THROW((void)photo_options(model, broken), Error) << broken;
}

}  // namespace
}  // namespace graft
