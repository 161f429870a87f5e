// SPDX-License-Identifier: Apache-2.0
// One file of the goldens made with PyTorch: a model, and weights under their names there.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/applications/torch_names.hpp"

#include "golden_models.hpp"

namespace graft::test {

class TorchGolden : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    golden_ = read_json(GetParam());
    std::vector<std::string> names;
    for (const Json& entry : golden_.at("state_dict")) {
      names.push_back(entry[0].get<std::string>());
      shapes_[names.back()] = Shape(entry[1].get<std::vector<std::int64_t>>());
    }
    clear_session();
    // Fails with a list of the known applications where the golden's is not among them.
    const std::string name = golden_.at("model").get<std::string>();
    const std::string bare = name.substr(name.find('.') + 1);
    application_ = &applications::find_application(golden_.value("application", bare));
    options_ = golden_.contains("kwargs") ? options_of(golden_) : options_of_torchvision();
    if (application_->has_torch_definition) options_.definition = applications::torch_definition(names, name);
    model_ = application_->build(options_);
    weights_ = applications::torch_names(model_, names);
  }

  /// torchvision's goldens say the size alone.
  [[nodiscard]] applications::ApplicationOptions options_of_torchvision() const {
    // Not every EfficientNetV2 has ImageNet's statistics, which input() undoes.
    const bool own_statistics = application_->name.starts_with("efficientnet_v2");
    return {.input_shape = Shape(input_size()),
            .weights = "none",
            .classifier_activation = "linear",
            .include_preprocessing = !own_statistics};
  }
  [[nodiscard]] std::vector<std::int64_t> input_size() const {
    return golden_.at(golden_.contains("input") ? "input" : "input_nhwc").get<std::vector<std::int64_t>>();
  }

  /// Every weight becomes the goldens' formula for its name in PyTorch.
  void fill() const {
    for (const applications::TorchWeight& weight : weights_) {
      const Tensor torch = golden_torch_weight(weight.torch_name, shapes_.at(weight.torch_name));
      weight.variable->assign(applications::from_torch(torch, weight));
    }
    for (const applications::PixelStatistic& statistic : applications::torch_pixel_statistics(model_))
      statistic.variable->assign(statistic.value);
  }

  /// The golden's image as the network takes it: one that standardises raw pixels itself gets the pixels that
  /// give the golden's.
  [[nodiscard]] Tensor input() const {
    const std::vector<std::int64_t> size = input_size();
    Tensor image = scaled(golden_image(size[0], size[1], size[2]));
    if (application_->preprocessing != applications::Preprocessing::none || !options_.include_preprocessing)
      return image;
    constexpr std::array kMean{0.485, 0.456, 0.406};
    constexpr std::array kDeviation{0.229, 0.224, 0.225};
    std::size_t i = 0;
    for (float& x : image.data()) {
      x = static_cast<float>(255 * (x * kDeviation[i % 3] + kMean[i % 3]));
      ++i;
    }
    return image;
  }

  /// Each weight of ours has one name in the state_dict and its shape, each name a weight of ours.
  void expect_all_names() const {
    std::map<std::string, int> ours;
    for (const applications::TorchWeight& weight : weights_) {
      EXPECT_EQ(++ours[weight.torch_name], 1) << weight.torch_name << " comes twice";
      const auto found = shapes_.find(weight.torch_name);
      ASSERT_NE(found, shapes_.end()) << weight.torch_name << " for " << weight.variable->path();
      EXPECT_EQ(applications::from_torch(Tensor(found->second), weight).shape(), weight.variable->shape())
          << weight.torch_name;
    }
    std::int64_t parameters = 0;
    for (const auto& [name, shape] : shapes_) {
      EXPECT_EQ(ours.contains(name), !applications::is_torch_bookkeeping(name)) << name;
      if (!applications::is_torch_bookkeeping(name) && !name.ends_with("running_mean") &&
          !name.ends_with("running_var"))
        parameters += shape.count();
    }
    EXPECT_EQ(parameters, golden_.at("total_params").get<std::int64_t>());
    EXPECT_EQ(count_params(model_.trainable_weights()), parameters);
  }

  Json golden_;
  std::map<std::string, Shape> shapes_;
  const applications::Application* application_ = nullptr;
  applications::ApplicationOptions options_;
  Model model_;
  std::vector<applications::TorchWeight> weights_;
};

}  // namespace graft::test
