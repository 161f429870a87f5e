// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "graft/applications/options.hpp"
#include "graft/applications/preprocess.hpp"

#pragma GCC visibility push(default)

namespace graft::applications {

/// Accuracy of an application with its published weights on ImageNet's 50 000 validation photos, 0..1, as its
/// publisher states it; 0: not stated.
struct Accuracy {
  double top1 = 0;
  double top5 = 0;
};

/// One architecture that graft knows by name.
struct Application {
  std::string_view name;        ///< on the command line: "mobilenet_v2"
  std::string_view keras_name;  ///< of the function: "MobileNetV2"
  std::int64_t default_size;    ///< height and width of the input
  Preprocessing preprocessing;
  Accuracy accuracy;
  /// Whether ApplicationOptions::definition may be torch or timm, with which torchvision's or timm's weights
  /// give equal outputs.
  bool has_torch_definition = false;
  Preprocessing torch_preprocessing = Preprocessing::torch;  ///< of those definitions
  /// The preprocessing that the weights of a definition need: Keras's and torchvision's differ.
  [[nodiscard]] Preprocessing preprocessing_for(Definition definition) const;
  Model (*build)(const ApplicationOptions& options);
  /// The file that weights = "imagenet" means with these options.
  PublishedWeights (*published_weights)(const ApplicationOptions& options);
};

/// All of them, sorted by name.
[[nodiscard]] std::span<const Application> catalogue();

/// By either name; case, '_' and '-' do not matter: MobileNetV2, mobilenet_v2, mobilenetv2.
/// Null when it is none of them.
[[nodiscard]] const Application* look_up_application(std::string_view name);
/// Throws Error{not_found} listing the known names.
[[nodiscard]] const Application& find_application(std::string_view name);

}  // namespace graft::applications

#pragma GCC visibility pop
