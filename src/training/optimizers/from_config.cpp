// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/optimizers/readers.hpp"

namespace graft {
namespace {

using training::OptimizerSource;
using training::Settings;

struct Entry {
  const char* class_name;
  double learning_rate;
  OptimizerPtr (*make)(const OptimizerSource& source);
};

constexpr std::array kOptimizers{
    Entry{"SGD", 0.01, training::read_sgd},
    Entry{"RMSprop", 0.001, training::read_rmsprop},
    Entry{"Adam", 0.001, [](const OptimizerSource& s) { return Adam(training::read_adam_options(s)); }},
    Entry{"AdamW", 0.001, [](const OptimizerSource& s) { return AdamW(training::read_adam_options(s)); }},
    Entry{"Nadam", 0.001, [](const OptimizerSource& s) { return Nadam(training::read_adam_options(s)); }},
    Entry{"Adamax", 0.001, [](const OptimizerSource& s) { return Adamax(training::read_adam_options(s)); }},
    Entry{"Lion", 0.001, training::read_lion},
    Entry{"Adagrad", 0.001, training::read_adagrad},
    Entry{"Adadelta", 0.001, training::read_adadelta},
    Entry{"Ftrl", 0.001, training::read_ftrl},
};

bool same_name(const std::string& a, const std::string& b) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::ranges::equal(a, b, {}, lower, lower);
}

OptimizerOptions read_shared(const Settings& s) {
  return {.weight_decay = s.optional_number("weight_decay"),
          .clipnorm = s.optional_number("clipnorm"),
          .clipvalue = s.optional_number("clipvalue"),
          .global_clipnorm = s.optional_number("global_clipnorm"),
          .use_ema = s.boolean("use_ema", false),
          .ema_momentum = s.number("ema_momentum", 0.99),
          .ema_overwrite_frequency = s.optional_integer("ema_overwrite_frequency"),
          .loss_scale_factor = s.optional_number("loss_scale_factor"),
          .gradient_accumulation_steps = s.integer("gradient_accumulation_steps", 1),
          .name = s.text("name", "")};
}

}  // namespace

OptimizerPtr optimizer_from_config(const Json& serialised) {
  training::Serialised given{.class_name = {}, .config = Json::object()};
  if (serialised.is_string()) {
    given.class_name = serialised.get<std::string>();
  } else {
    given = training::read_serialised(serialised, "optimizer");
  }
  const auto* found = std::ranges::find_if(
      kOptimizers, [&](const Entry& entry) { return same_name(entry.class_name, given.class_name); });
  if (found == kOptimizers.end()) {
    std::string known;
    for (const Entry& entry : kOptimizers)
      known += (known.empty() ? "" : ", ") + std::string(entry.class_name);
    fail(ErrorKind::unsupported, "optimizer '", given.class_name, "' is not known; known are ", known);
  }
  const Settings settings(given.config, cat("optimizer ", found->class_name));
  const Json* rate = settings.find("learning_rate");
  return found->make({.settings = settings,
                      .learning_rate = rate ? learning_rate_from_config(*rate) : found->learning_rate,
                      .shared = read_shared(settings)});
}

}  // namespace graft
