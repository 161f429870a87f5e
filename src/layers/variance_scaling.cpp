// SPDX-License-Identifier: Apache-2.0
#include "layers/variance_scaling.hpp"

#include <array>
#include <charconv>

#include "graft/base/error.hpp"

namespace graft::layers {
namespace {

constexpr std::string_view kPrefix = "variance_scaling(";

bool is_sensible(const VarianceScaling& scaling) {
  const std::string& mode = scaling.mode;
  const std::string& distribution = scaling.distribution;
  return scaling.scale > 0 && (mode == "fan_in" || mode == "fan_out" || mode == "fan_avg") &&
         (distribution == "truncated_normal" || distribution == "untruncated_normal" ||
          distribution == "uniform");
}

}  // namespace

std::optional<VarianceScaling> variance_scaling_of(const std::string& initializer) {
  if (!initializer.starts_with(kPrefix)) return std::nullopt;
  VarianceScaling scaling;
  const std::size_t mode = initializer.find(',');
  const std::size_t distribution = initializer.find(',', mode + 1);
  if (mode != std::string::npos && distribution != std::string::npos && initializer.ends_with(')')) {
    const char* begin = initializer.data() + kPrefix.size();
    const auto [end, error] = std::from_chars(begin, initializer.data() + mode, scaling.scale);
    scaling.mode = initializer.substr(mode + 1, distribution - mode - 1);
    scaling.distribution = initializer.substr(distribution + 1, initializer.size() - distribution - 2);
    if (error == std::errc() && end == initializer.data() + mode && is_sensible(scaling)) return scaling;
  }
  fail(ErrorKind::unsupported, "initializer '", initializer,
       "': expected variance_scaling(SCALE,MODE,DISTRIBUTION) with a scale above 0, fan_in, fan_out or ",
       "fan_avg, and truncated_normal, untruncated_normal or uniform");
}

std::string initializer_name(const VarianceScaling& scaling) {
  std::array<char, 32> scale{};
  const auto end = std::to_chars(scale.data(), scale.data() + scale.size(), scaling.scale).ptr;
  return cat(kPrefix, std::string(scale.data(), end), ",", scaling.mode, ",", scaling.distribution, ")");
}

Json initializer_json(const std::string& initializer) {
  const auto scaling = variance_scaling_of(initializer);
  if (!scaling) return initializer;
  return {{"module", "keras.initializers"},
          {"class_name", "VarianceScaling"},
          {"config",
           {{"scale", scaling->scale},
            {"mode", scaling->mode},
            {"distribution", scaling->distribution},
            {"seed", nullptr}}},
          {"registered_name", nullptr}};
}

}  // namespace graft::layers
