// SPDX-License-Identifier: Apache-2.0
// Pretrained networks on labelled photos: the same class and probability as Keras and PyTorch give.
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "graft/applications/torch_names.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/pth.hpp"
#include "graft/image.hpp"
#include "graft/plan/plan.hpp"
#include "graft/saving.hpp"

#include "golden_models.hpp"

namespace graft {
namespace {

/// A JPEG decoder of another version moves a pixel by a few levels: see the goldens' README.
constexpr double kProbabilityTolerance = 0.02;

struct Run {
  const Model& model;
  applications::Preprocessing preprocessing = applications::Preprocessing::none;
  bool nearest = false;  ///< how photos are resized; else bilinear
  std::string key;       ///< of photos.json
};

void expect_photo(const Tensor& probabilities, const Json& expected) {
  const auto row = probabilities.data();
  const auto classes = applications::imagenet_classes();
  std::map<std::string, float> by_wnid;
  for (std::size_t i = 0; i < row.size(); ++i) by_wnid[std::string(classes[i].wnid)] = row[i];
  const auto best = applications::decode_predictions(probabilities, 1).front().front();
  const double lead = expected[0][2].get<double>() - expected[1][2].get<double>();
  // Two classes that are nearer to each other than the tolerance may change places.
  if (lead > kProbabilityTolerance) {
    EXPECT_EQ(best.wnid, expected[0][0].get<std::string>());
  }
  for (const Json& entry : expected) {
    EXPECT_NEAR(by_wnid.at(entry[0]), entry[2].get<double>(), kProbabilityTolerance) << entry[1];
  }
}

/// Rows or columns that Pillow's nearest takes, which the goldens were made with: it adds up the step in
/// float64, where TensorFlow multiplies in float32, so that middles between two pixels fall elsewhere.
std::vector<std::int64_t> nearest_places(std::int64_t from, std::int64_t to) {
  const double step = static_cast<double>(from) / static_cast<double>(to);
  std::vector<std::int64_t> places;
  for (double place = step * 0.5; std::ssize(places) < to; place += step) {
    places.push_back(static_cast<std::int64_t>(place));
  }
  return places;
}

Tensor nearest(const Tensor& image, std::int64_t size) {
  Tensor result({size, size, 3});
  const auto from = image.data<std::uint8_t>();
  auto to = result.data().begin();
  for (const std::int64_t row : nearest_places(image.shape()[0], size)) {
    for (const std::int64_t column : nearest_places(image.shape()[1], size)) {
      for (std::int64_t c = 0; c < 3; ++c) {
        *to++ = from[static_cast<std::size_t>((row * image.shape()[1] + column) * 3 + c)];
      }
    }
  }
  return result;
}

/// Photos are decoded and scaled as the goldens were made: EXIF's note is not applied.
void expect_photos(const Run& run, const std::filesystem::path& photos) {
  plan::Plan plan = plan::Plan::lower(run.model, {});
  std::size_t compared = 0;
  for (const Json& entry : test::read_json(test::goldens() / "photos.json")) {
    if (!entry.contains(run.key)) continue;
    const auto name = entry.at("photo").get<std::string>();
    SCOPED_TRACE(run.key + " on " + name);
    if (!std::filesystem::exists(photos / name)) continue;
    const Tensor raw = data::read_image(photos / name, {.exif = data::Exif::ignore});
    const Tensor small = run.nearest ? nearest(raw, 224) : data::resize(raw, 224);
    const Tensor input = applications::preprocess_input(small.reshape({1, 224, 224, 3}), run.preprocessing);
    plan.forward(input);
    expect_photo(plan.output(), entry.at(run.key));
    ++compared;
  }
  EXPECT_GE(compared, 40U) << "photos of photos.json in " << photos;
}

TEST(Photos, MobileNetV2SeesWhatKerasSees) {
  GRAFT_REQUIRE_DATA(data);
  Model model = applications::MobileNetV2({.weights = "none"});
  saving::load_weights(model, data / "weights/mobilenet_v2_1.0_224_keras_layout_head_dequantised.h5");
  const auto tf = applications::Preprocessing::tf;
  expect_photos({model, tf, false, "MobileNetV2_bilinear"}, data / "photos");
  expect_photos({model, tf, true, "MobileNetV2_nearest"}, data / "photos");
}

/// The weights of a whole model as Keras 2 stored it, which Keras 3 refuses.
TEST(Photos, MobileNetOfAKeras2FileSeesWhatKerasSees) {
  GRAFT_REQUIRE_DATA(data);
  const std::filesystem::path file = data / "weights/mobilenet_v1_0.25_224_imagenet.h5";
  Model application = applications::MobileNet({.weights = "none", .alpha = 0.25});
  saving::load_weights(application, file);
  const auto tf = applications::Preprocessing::tf;
  expect_photos({application, tf, false, "MobileNet_0.25_bilinear"}, data / "photos");
  expect_photos({application, tf, true, "MobileNet_0.25_nearest"}, data / "photos");
}

/// The weights of EfficientNet-Lite0 in graft's cache folder, or nothing.
std::filesystem::path lite0_file() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  std::filesystem::path folder = cache != nullptr && *cache != '\0' ? std::filesystem::path(cache)
                                 : home != nullptr                  ? std::filesystem::path(home) / ".cache"
                                                                    : std::filesystem::path();
  folder /= "graft";
  if (!std::filesystem::is_directory(folder)) return {};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("efficientnet-lite0") && name.ends_with(".pth")) return entry.path();
  }
  return {};
}

void load_torch(const Model& model, const std::filesystem::path& file) {
  std::map<std::string, Tensor> tensors;
  std::vector<std::string> names;
  for (const formats::NamedTensor& entry : formats::read_pth(file)) {
    tensors[entry.path] = entry.tensor;
    names.push_back(entry.path);
  }
  std::set<const Variable*> set;
  for (const applications::TorchWeight& weight : applications::torch_names(model, names)) {
    SCOPED_TRACE(weight.torch_name);
    ASSERT_TRUE(tensors.contains(weight.torch_name));
    const Shape& shape = weight.variable->shape();
    const bool depthwise = weight.layout == applications::TorchLayout::depthwise;
    weight.variable->assign(
        applications::from_torch(tensors.at(weight.torch_name), weight.layout, depthwise ? shape[2] : 0));
    set.insert(weight.variable.get());
  }
  EXPECT_EQ(set.size(), model.weights().size()) << "weights that were loaded, of all";
}

TEST(Photos, EfficientNetLite0SeesWhatPyTorchSees) {
  GRAFT_REQUIRE_DATA(data);
  const std::filesystem::path file = lite0_file();
  if (file.empty()) GTEST_SKIP() << "EfficientNet-Lite0's weights are not in graft's cache folder";
  const Model model = applications::EfficientNetLite0({.weights = "none"});
  load_torch(model, file);
  expect_photos(
      {model, applications::Preprocessing::lite, false, "EfficientNetLite0_bilinear_x-127_over_128"},
      data / "photos");
}

}  // namespace
}  // namespace graft
