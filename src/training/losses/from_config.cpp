// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/training/configs.hpp"
#include "graft/training/losses.hpp"

#include "training/losses/fields.hpp"
#include "training/registry.hpp"

namespace graft {
namespace {

/// Of a loss without options.
template <LossPtr (*kMake)()>
LossPtr make_loss(const ConfigReader&) {
  return kMake();
}

struct LossEntry {
  const char* class_name;
  const char* name;
  const char* short_name;
  LossPtr (*make)(const ConfigReader& reader);
};

using training::read_object;

constexpr std::array kLosses{
    LossEntry{"BinaryCrossentropy", "binary_crossentropy", "bce",
              read_object<BinaryCrossentropy, training::kCrossentropyFields>},
    LossEntry{"CategoricalCrossentropy", "categorical_crossentropy", "",
              read_object<CategoricalCrossentropy, training::kCrossentropyFields>},
    LossEntry{"SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", "",
              read_object<SparseCategoricalCrossentropy, training::kSparseCrossentropyFields>},
    LossEntry{"BinaryFocalCrossentropy", "binary_focal_crossentropy", "",
              read_object<BinaryFocalCrossentropy, training::kBinaryFocalFields>},
    LossEntry{"CategoricalFocalCrossentropy", "categorical_focal_crossentropy", "",
              read_object<CategoricalFocalCrossentropy, training::kCategoricalFocalFields>},
    LossEntry{"Hinge", "hinge", "", make_loss<Hinge>},
    LossEntry{"SquaredHinge", "squared_hinge", "", make_loss<SquaredHinge>},
    LossEntry{"CategoricalHinge", "categorical_hinge", "", make_loss<CategoricalHinge>},
    LossEntry{"MeanSquaredError", "mean_squared_error", "mse", make_loss<MeanSquaredError>},
    LossEntry{"MeanAbsoluteError", "mean_absolute_error", "mae", make_loss<MeanAbsoluteError>},
    LossEntry{"KLDivergence", "kl_divergence", "kld", make_loss<KLDivergence>},
};

const LossEntry* find_loss(const std::string& name) {
  const auto* found = std::ranges::find_if(kLosses, [&](const LossEntry& entry) {
    return name == entry.class_name || name == entry.name || (name == entry.short_name && !name.empty());
  });
  return found == kLosses.end() ? nullptr : found;
}

training::Registry<LossPtr, Json>& registered_losses() {
  static training::Registry<LossPtr, Json> registry;
  return registry;
}

[[noreturn]] void unknown_loss(ErrorKind kind, const std::string& name) {
  fail(kind, "loss '", name, "' is not known; known are ", comma_list(kLosses, &LossEntry::name),
       registered_losses().names(), "; a program adds its own with register_loss()");
}

}  // namespace

bool training::is_builtin_loss(const std::string& name) { return find_loss(name) != nullptr; }

Json Loss::serialised(const std::string& class_name, Json config) {
  return registered_losses().write(class_name, std::move(config));
}

void register_loss(const std::string& package, const std::string& class_name,
                   std::function<LossPtr(const Json& config)> from_config) {
  registered_losses().add("loss", package, class_name, std::move(from_config),
                          find_loss(class_name) != nullptr);
}

LossPtr loss_from_name(const std::string& name) {
  if (const auto make = registered_losses().find(name)) return make(Json::object());
  const LossEntry* entry = find_loss(name);
  if (entry == nullptr) unknown_loss(ErrorKind::invalid_argument, name);
  return entry->make(ConfigReader(Json::object(), name));
}

LossPtr loss_from_config(const Json& config) {
  if (config.is_string()) return loss_from_name(config.get<std::string>());
  const training::Serialised given = training::read_serialised(config, "loss");
  if (const auto make = registered_losses().find(given.class_name)) return make(given.config);
  const LossEntry* entry = find_loss(given.class_name);
  if (entry == nullptr) unknown_loss(ErrorKind::unsupported, given.class_name);
  const ConfigReader reader(given.config, "loss " + given.class_name);
  const std::string reduction = reader.text("reduction", "sum_over_batch_size");
  // Keras 2's default is "auto", which fit() takes for the mean over the batch.
  if (reduction != "sum_over_batch_size" && reduction != "auto") {
    fail(ErrorKind::unsupported, reader.owner(), ": reduction '", reduction,
         "' is not supported; expected sum_over_batch_size");
  }
  return entry->make(reader);
}

}  // namespace graft
