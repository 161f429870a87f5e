// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/registry.hpp"
#include "graft/layers/regularization.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/surgery.hpp"

#include "models/carry_weights.hpp"
#include "models/head_layers.hpp"
#include "models/rebuild.hpp"

namespace graft::models {
namespace {

/// How the outputs of the new classifier come from the old one's.
struct Columns {
  std::vector<std::int64_t> from;  ///< as ReplaceHeadOptions; empty: all new
  bool from_one_output = false;    ///< the old one has one output for two classes, the new one has several

  [[nodiscard]] bool unchanged(std::int64_t units) const {
    if (static_cast<std::int64_t>(from.size()) != units || from_one_output) return false;
    std::vector<std::int64_t> counted(from.size());
    std::iota(counted.begin(), counted.end(), std::int64_t{0});
    return from == counted;
  }

  /// The last axis of a kernel or bias, filled from the old one's; new columns stay as they are.
  void fill(const Tensor& old, Tensor& to) const {
    const auto width = static_cast<std::size_t>(old.shape()[-1]);
    const std::size_t rows = static_cast<std::size_t>(old.count()) / width;
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i] < 0) continue;
        float& value = to.data()[row * from.size() + i];
        const auto column = static_cast<std::size_t>(from[i]);
        // softmax of (0, z) equals sigmoid(z).
        value = from_one_output ? (column == 0 ? 0.0F : old.data()[row]) : old.data()[row * width + column];
      }
    }
  }
};

Columns columns_of(const HeadLayers& head, const ReplaceHeadOptions& options) {
  const bool one_output = head.units == 1 && options.classes > 1;
  const std::int64_t known = head.units == 1 ? 2 : head.units;
  if (options.classes < 1)
    fail(ErrorKind::invalid_argument, "classes: expected at least 1, received ", options.classes);
  if (!options.from.empty() && static_cast<std::int64_t>(options.from.size()) != options.classes) {
    fail(ErrorKind::invalid_argument, "from: expected one number for each of ", options.classes,
         " classes, received ", options.from.size());
  }
  for (const std::int64_t index : options.from) {
    if (index >= -1 && index < known) continue;
    fail(ErrorKind::invalid_argument, "from: expected an old class from 0 to ", known - 1,
         ", or -1, received ", index);
  }
  if (!options.from.empty() && options.classes == 1) {
    fail(ErrorKind::invalid_argument,
         "a head with one output distinguishes two classes and cannot take over "
         "the weights of one; use 2 classes");
  }
  return {.from = options.from, .from_one_output = one_output};
}

/// The activation that fits the number of outputs.
void fit_activation(Json& config, const HeadLayers& head, std::int64_t classes) {
  if (!config.contains("activation")) return;
  if (head.units == 1 && classes > 1 && config["activation"] == "sigmoid") config["activation"] = "softmax";
  if (head.units > 1 && classes == 1 && config["activation"] == "softmax") config["activation"] = "sigmoid";
}

std::vector<Layer> hidden_layers(const Model& model, const ReplaceHeadOptions& options) {
  std::vector<Layer> row;
  int number = 0;
  for (const std::int64_t units : *options.hidden) {
    row.push_back(layers::Dense(
        {.units = units, .activation = "relu", .name = free_name(model, cat("head_dense_", ++number))}));
  }
  if (options.dropout > 0)
    row.push_back(layers::Dropout({.rate = options.dropout, .name = free_name(model, "head_dropout")}));
  return row;
}

RebuildPlan plan_of(const Model& model, const HeadLayers& head, const ReplaceHeadOptions& options) {
  RebuildPlan plan;
  plan.make = [&head, &options](const Layer& layer, const std::vector<SymbolicTensor>&) -> Layer {
    const bool is_after = std::ranges::find(head.after, layer) != head.after.end();
    if (layer != head.classifier && !is_after) return {};
    Json config = layer.config();
    fit_activation(config, head, options.classes);
    if (is_after) {
      fit_target_shape(config, head.units, options.classes);
    } else {
      config[layer.class_name() == "Dense" ? "units" : "filters"] = options.classes;
      config["trainable"] = true;
    }
    return layers::from_config(layer.class_name(), config);
  };
  if (!options.hidden) return plan;
  if (head.classifier.class_name() != "Dense") {
    fail(ErrorKind::invalid_argument, "the classifier '", head.classifier.name(), "' is a ",
         head.classifier.class_name(), "; hidden layers need a Dense classifier");
  }
  for (const Layer& layer : head.in_front) plan.edits[layer.base().get()].removed = true;
  plan.edits[head.classifier.base().get()].before = hidden_layers(model, options);
  return plan;
}

}  // namespace

Edited replace_head(const Model& model, const ReplaceHeadOptions& options) {
  const HeadLayers head = find_head(model);
  const Columns columns = columns_of(head, options);
  if (options.dropout != 0 && !options.hidden)
    fail(ErrorKind::invalid_argument, "dropout needs hidden layers; insert a Dropout layer instead");
  for (const Layer& layer : head.after) {
    const bool softmax =
        layer.class_name() == "Softmax" || layer.config().value("activation", Json()) == "softmax";
    if (options.classes == 1 && head.units > 1 && softmax) {
      fail(ErrorKind::invalid_argument, "the head ends in '", layer.name(),
           "', a softmax, which is 1 for a single output; use 2 classes");
    }
  }
  const std::int64_t new_columns = std::ranges::count(columns.from, -1);
  const std::int64_t taken = static_cast<std::int64_t>(columns.from.size()) - new_columns;
  const auto adapt = [&](const LayerPair& pair, const Variable& from, Variable& to) -> Fate {
    if (pair.from != head.classifier) return {};
    const bool same_rows = from.count() / head.units == to.count() / options.classes;
    if (columns.unchanged(head.units) && from.shape() == to.shape() && !options.hidden) return {};
    if (taken == 0 || options.hidden || !same_rows) return {Fate::Kind::reset, "initialised again"};
    columns.fill(from.value(), to.mutable_value());
    return {Fate::Kind::adapted, new_columns == 0
                                     ? cat(taken, " classes taken over")
                                     : cat(taken, " of ", options.classes, " classes taken over")};
  };
  return carry_weights(model, rebuild(model, plan_of(model, head, options)),
                       cat("head '", head.classifier.name(), "' with ", options.classes,
                           options.classes == 1 ? " output" : " classes instead of ",
                           options.classes == 1 ? std::string() : cat(head.units == 1 ? 2 : head.units)),
                       adapt);
}

}  // namespace graft::models
