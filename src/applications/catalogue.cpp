// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"

#include "applications/families.hpp"
#include "applications/plain_name.hpp"

namespace graft::applications {
namespace {

constexpr std::array kFamilies{
    alexnet_family,
    convnext_family,
    densenet_family,
    efficientnet_family,
    efficientnet_lite_family,
    efficientnet_v2_family,
    googlenet_family,
    inception_resnet_v2_family,
    inception_v3_family,
    mobilenet_family,
    mobilenet_v2_family,
    mobilenet_v3_family,
    nasnet_family,
    resnet_family,
    shufflenet_v2_family,
    squeezenet_family,
    torchvision_resnet_family,
    torchvision_vgg_family,
    vgg_family,
    xception_family,
};

std::vector<Application> join_families() {
  std::vector<Application> all;
  for (const auto family : kFamilies) {
    const std::span<const Application> members = family();
    all.insert(all.end(), members.begin(), members.end());
  }
  std::ranges::sort(all, {}, &Application::name);
  return all;
}

}  // namespace

Preprocessing Application::preprocessing_for(Definition definition) const {
  // A network that scales raw pixels itself does so in its own layers.
  if (definition == Definition::keras || preprocessing == Preprocessing::none) return preprocessing;
  return torch_preprocessing;
}

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '_' && c != '-') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

std::span<const Application> catalogue() {
  static const std::vector<Application> all = join_families();
  return all;
}

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  for (const Application& application : catalogue()) names.emplace_back(application.name);
  return names;
}

const Application* look_up_application(std::string_view name) {
  const std::string wanted = plain_name(name);
  for (const Application& application : catalogue()) {
    if (plain_name(application.name) == wanted || plain_name(application.keras_name) == wanted)
      return &application;
  }
  return nullptr;
}

const Application& find_application(std::string_view name) {
  if (const Application* found = look_up_application(name)) return *found;
  fail(ErrorKind::not_found, "there is no network named '", name, "'",
       similar_text(name, network_names(), "; graft models lists the networks"));
}

}  // namespace graft::applications
