// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/training/losses.hpp"

#include "training/settings.hpp"

namespace graft {
namespace {

using training::Settings;

CrossentropyOptions crossentropy(const Settings& s) {
  return {.from_logits = s.boolean("from_logits", false), .label_smoothing = s.number("label_smoothing", 0)};
}

FocalCrossentropyOptions focal(const Settings& s) {
  return {.alpha = s.number("alpha", 0.25),
          .gamma = s.number("gamma", 2),
          .apply_class_balancing = s.boolean("apply_class_balancing", false),
          .from_logits = s.boolean("from_logits", false),
          .label_smoothing = s.number("label_smoothing", 0)};
}

struct Entry {
  const char* class_name;
  const char* name;
  const char* short_name;
  LossPtr (*make)(const Settings& s);
};

constexpr std::array kLosses{
    Entry{"BinaryCrossentropy", "binary_crossentropy", "bce",
          [](const Settings& s) { return BinaryCrossentropy(crossentropy(s)); }},
    Entry{"CategoricalCrossentropy", "categorical_crossentropy", "",
          [](const Settings& s) { return CategoricalCrossentropy(crossentropy(s)); }},
    Entry{"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", "",
          [](const Settings& s) { return SparseCategoricalCrossentropy(crossentropy(s)); }},
    Entry{"BinaryFocalCrossentropy", "binary_focal_crossentropy", "",
          [](const Settings& s) { return BinaryFocalCrossentropy(focal(s)); }},
    Entry{"CategoricalFocalCrossentropy", "categorical_focal_crossentropy", "",
          [](const Settings& s) { return CategoricalFocalCrossentropy(focal(s)); }},
    Entry{"Hinge", "hinge", "", [](const Settings&) { return Hinge(); }},
    Entry{"SquaredHinge", "squared_hinge", "", [](const Settings&) { return SquaredHinge(); }},
    Entry{"CategoricalHinge", "categorical_hinge", "", [](const Settings&) { return CategoricalHinge(); }},
    Entry{"MeanSquaredError", "mean_squared_error", "mse",
          [](const Settings&) { return MeanSquaredError(); }},
    Entry{"MeanAbsoluteError", "mean_absolute_error", "mae",
          [](const Settings&) { return MeanAbsoluteError(); }},
    Entry{"KLDivergence", "kl_divergence", "kld", [](const Settings&) { return KLDivergence(); }},
};

const Entry* find_entry(const std::string& name) {
  const auto* found = std::ranges::find_if(kLosses, [&](const Entry& entry) {
    return name == entry.class_name || name == entry.name || (name == entry.short_name && !name.empty());
  });
  return found == kLosses.end() ? nullptr : found;
}

[[noreturn]] void unknown(ErrorKind kind, const std::string& name) {
  std::string known;
  for (const Entry& entry : kLosses) known += (known.empty() ? "" : ", ") + std::string(entry.name);
  fail(kind, "loss '", name, "' is not known; known are ", known);
}

}  // namespace

LossPtr loss_from_name(const std::string& name) {
  const Entry* entry = find_entry(name);
  if (entry == nullptr) unknown(ErrorKind::invalid_argument, name);
  return entry->make(Settings(Json::object(), name));
}

LossPtr loss_from_config(const Json& config) {
  if (config.is_string()) return loss_from_name(config.get<std::string>());
  const training::Serialised given = training::read_serialised(config, "loss");
  const Entry* entry = find_entry(given.class_name);
  if (entry == nullptr) unknown(ErrorKind::unsupported, given.class_name);
  const Settings settings(given.config, "loss " + given.class_name);
  const std::string reduction = settings.text("reduction", "sum_over_batch_size");
  if (reduction != "sum_over_batch_size") {
    fail(ErrorKind::unsupported, settings.owner(), ": reduction '", reduction,
         "' is not supported; expected sum_over_batch_size");
  }
  if (settings.find("ignore_class") != nullptr)
    fail(ErrorKind::unsupported, settings.owner(), ": ignore_class is not supported");
  return entry->make(settings);
}

}  // namespace graft
