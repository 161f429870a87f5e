// SPDX-License-Identifier: Apache-2.0
#include "graft/applications/catalogue.hpp"

#include <array>
#include <cctype>
#include <string>

#include "graft/applications/efficientnet_lite.hpp"
#include "graft/applications/mobilenet.hpp"
#include "graft/applications/mobilenet_v2.hpp"
#include "graft/applications/vgg.hpp"
#include "graft/base/error.hpp"

#include "applications/plain_name.hpp"

namespace graft::applications {
namespace {

constexpr std::array kCatalogue{
    Application{.name = "efficientnet_lite0",
                .keras_name = "EfficientNetLite0",
                .default_size = 224,
                .preprocessing = Preprocessing::lite,
                .build = EfficientNetLite0,
                .published_weights = efficientnet_lite0_weights},
    Application{.name = "mobilenet",
                .keras_name = "MobileNet",
                .default_size = 224,
                .preprocessing = Preprocessing::tf,
                .build = MobileNet,
                .published_weights = mobilenet_weights},
    Application{.name = "mobilenet_v2",
                .keras_name = "MobileNetV2",
                .default_size = 224,
                .preprocessing = Preprocessing::tf,
                .build = MobileNetV2,
                .published_weights = mobilenet_v2_weights},
    Application{.name = "vgg16",
                .keras_name = "VGG16",
                .default_size = 224,
                .preprocessing = Preprocessing::caffe,
                .build = VGG16,
                .published_weights = vgg16_weights},
};

}  // namespace

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '_' && c != '-') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

std::span<const Application> catalogue() { return kCatalogue; }

const Application* look_up_application(std::string_view name) {
  const std::string wanted = plain_name(name);
  for (const Application& application : kCatalogue) {
    if (plain_name(application.name) == wanted || plain_name(application.keras_name) == wanted)
      return &application;
  }
  return nullptr;
}

const Application& find_application(std::string_view name) {
  if (const Application* found = look_up_application(name)) return *found;
  std::string known;
  for (const Application& application : kCatalogue) known += cat(known.empty() ? "" : ", ", application.name);
  fail(ErrorKind::not_found, "there is no model named '", name, "'; known are ", known);
}

}  // namespace graft::applications
