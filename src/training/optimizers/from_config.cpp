// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/training/configs.hpp"

#include "training/optimizers/fields.hpp"
#include "training/registry.hpp"

namespace graft {
namespace {

template <typename Options, std::size_t kCount>
OptimizerPtr read_optimizer(const FieldArray<Options, kCount>& list, OptimizerPtr (*make)(const Options&),
                            const ConfigReader& reader) {
  Options options = read_options(list, reader);
  if (const Json* rate = reader.find("learning_rate"))
    options.learning_rate = learning_rate_from_config(*rate);
  options.shared = read_options(training::kSharedFields, reader);
  return make(options);
}

struct OptimizerEntry {
  const char* class_name;
  OptimizerPtr (*make)(const ConfigReader& reader);
};

constexpr std::array kOptimizers{
    OptimizerEntry{"SGD", [](const ConfigReader& r) { return read_optimizer(training::kSgdFields, SGD, r); }},
    OptimizerEntry{
        "RMSprop",
        [](const ConfigReader& r) { return read_optimizer(training::kRmspropFields, RMSprop, r); }},
    OptimizerEntry{"Adam",
                   [](const ConfigReader& r) { return read_optimizer(training::kAdamFields, Adam, r); }},
    OptimizerEntry{"AdamW",
                   [](const ConfigReader& r) { return read_optimizer(training::kAdamFields, AdamW, r); }},
    OptimizerEntry{
        "Nadam", [](const ConfigReader& r) { return read_optimizer(training::kNoAmsgradFields, Nadam, r); }},
    OptimizerEntry{
        "Adamax",
        [](const ConfigReader& r) { return read_optimizer(training::kNoAmsgradFields, Adamax, r); }},
    OptimizerEntry{"Lion",
                   [](const ConfigReader& r) { return read_optimizer(training::kLionFields, Lion, r); }},
    OptimizerEntry{
        "Adagrad",
        [](const ConfigReader& r) { return read_optimizer(training::kAdagradFields, Adagrad, r); }},
    OptimizerEntry{
        "Adadelta",
        [](const ConfigReader& r) { return read_optimizer(training::kAdadeltaFields, Adadelta, r); }},
    OptimizerEntry{"Ftrl",
                   [](const ConfigReader& r) { return read_optimizer(training::kFtrlFields, Ftrl, r); }},
};

bool same_name(const std::string& a, const std::string& b) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::ranges::equal(a, b, {}, lower, lower);
}

const OptimizerEntry* find_optimizer(const std::string& name) {
  const auto* found = std::ranges::find_if(
      kOptimizers, [&](const OptimizerEntry& entry) { return same_name(entry.class_name, name); });
  return found == kOptimizers.end() ? nullptr : found;
}

training::Registry<OptimizerPtr, OptimizerConfig>& registered_optimizers() {
  static training::Registry<OptimizerPtr, OptimizerConfig> registry;
  return registry;
}

OptimizerPtr make_registered(const auto& make, const ConfigReader& reader) {
  OptimizerConfig given{.config = reader.json(),
                        .learning_rate = std::nullopt,
                        .shared = read_options(training::kSharedFields, reader)};
  if (const Json* rate = reader.find("learning_rate")) given.learning_rate = learning_rate_from_config(*rate);
  return make(given);
}

}  // namespace

bool training::is_builtin_optimizer(const std::string& class_name) {
  return find_optimizer(class_name) != nullptr;
}

Json training::write_registered_optimizer(const std::string& class_name, Json config) {
  return registered_optimizers().write(class_name, std::move(config));
}

void register_optimizer(const std::string& package, const std::string& class_name,
                        std::function<OptimizerPtr(const OptimizerConfig& config)> from_config) {
  registered_optimizers().add("optimizer", package, class_name, std::move(from_config),
                              find_optimizer(class_name) != nullptr);
}

OptimizerPtr optimizer_from_name(const std::string& name) {
  const Json config = Json::object();
  const ConfigReader reader(config, "optimizer " + name);
  if (const auto make = registered_optimizers().find(name)) return make_registered(make, reader);
  if (const OptimizerEntry* entry = find_optimizer(name)) return entry->make(reader);
  fail(ErrorKind::invalid_argument, "optimizer '", name, "' is not known; known are ",
       comma_list(kOptimizers, &OptimizerEntry::class_name), registered_optimizers().names());
}

OptimizerPtr optimizer_from_config(const Json& serialised) {
  training::Serialised given{.class_name = {}, .config = Json::object()};
  if (serialised.is_string()) {
    given.class_name = serialised.get<std::string>();
  } else {
    given = training::read_serialised(serialised, "optimizer");
  }
  const ConfigReader reader(given.config, "optimizer " + given.class_name);
  if (const auto make = registered_optimizers().find(given.class_name)) return make_registered(make, reader);
  if (const OptimizerEntry* entry = find_optimizer(given.class_name)) return entry->make(reader);
  fail(ErrorKind::unsupported, "optimizer '", given.class_name, "' is not known; known are ",
       comma_list(kOptimizers, &OptimizerEntry::class_name), registered_optimizers().names(),
       "; a program adds its own with register_optimizer()");
}

}  // namespace graft
