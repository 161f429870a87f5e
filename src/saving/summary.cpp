// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/models/preprocessing_layer.hpp"
#include "graft/saving.hpp"

#include "saving/model_walk.hpp"
#include "saving/text_table.hpp"

namespace graft::saving {
namespace {

constexpr int kShortestLine = 40;
/// Columns that Keras assumes where there is no terminal.
constexpr int kUsualWidth = 80;
/// What Keras leaves free of a terminal's width.
constexpr int kMargin = 4;

/// Bytes as Keras prints them: 218.17 MB.
std::string memory_text(std::int64_t bytes) {
  constexpr std::array kUnits = {"B", "KB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  std::array<char, 48> text{};
  (void)std::snprintf(text.data(), text.size(), "%.2f %s", size, kUnits[unit]);
  return text.data();
}

/// A chain of calls, each with one input, no layer twice: Keras leaves "Connected to" out of its table.
bool is_chain(const Model& model) {
  if (model.class_name() == "Sequential") return true;
  std::set<const layers::LayerBase*> seen;
  std::set<std::pair<const layers::LayerBase*, int>> used;
  for (const models::Call& call : model.functional()->calls()) {
    const layers::Node& node = call.layer->nodes().at(static_cast<std::size_t>(call.node));
    if (!seen.insert(call.layer.get()).second || node.inputs.size() > 1) return false;
    if (node.inputs.empty() != (seen.size() == 1)) return false;
    for (const SymbolicTensor& input : node.inputs) {
      if (!used.insert({input.layer.get(), input.node}).second) return false;
    }
  }
  return true;
}

std::string shape_text(const Layer& layer) {
  const std::vector<layers::Node>& nodes = layer.base()->nodes();
  if (nodes.empty()) return "?";
  std::string text;
  for (const Shape& shape : nodes.back().outputs) {
    text += text.empty() ? "(" : ", (";
    for (std::size_t i = 0; i < shape.rank(); ++i) {
      const std::int64_t size = shape.sizes()[i];
      text += cat(i == 0 ? "" : ", ", size < 0 ? "None" : std::to_string(size));
    }
    text += ")";
  }
  return nodes.back().outputs.size() > 1 ? cat("[", text, "]") : text;
}

class Summary {
 public:
  Summary(const Model& model, const SummaryOptions& options)
      : options_(options), chain_(is_chain(model)), table_(columns(), line_length()) {
    for (const models::Call& call : model.functional()->calls())
      calls_[call.layer.get()].push_back(call.node);
    for (const Layer& layer : keras_layers(model)) add(layer, 0);
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> lines = table_.lines();
    if (options_.console_width > 0) {
      for (std::string& line : lines) line = cut_text(line, static_cast<std::size_t>(options_.console_width));
    }
    return lines;
  }

 private:
  [[nodiscard]] int line_length() const {
    if (options_.line_length > 0) return options_.line_length;
    const int own = (chain_ ? 88 : 108) + (options_.show_trainable ? 12 : 0);
    const int narrow = std::max(options_.console_width - kMargin, kShortestLine);
    return options_.console_width > 0 ? std::min(own, narrow) : own;
  }

  [[nodiscard]] std::vector<TableColumn> columns() const {
    const int length = line_length();
    if (length < kShortestLine) {
      fail(ErrorKind::invalid_argument, "summary: expected a line_length of at least ", kShortestLine,
           ", received ", length);
    }
    std::vector<TableColumn> columns{{"Layer (type)"}, {"Output Shape"}, {"Param #", Align::right}};
    if (!chain_) columns.push_back({"Connected to"});
    // Keras's shares of the line, where each column ends.
    std::vector<double> ends =
        chain_ ? std::vector<double>{0.45, 0.80, 1.0} : std::vector<double>{0.3, 0.56, 0.74, 1.0};
    if (options_.show_trainable) {
      for (double& end : ends) end *= 0.90;
      ends.push_back(1.0);
      columns.push_back({"Trainable", Align::center});
    }
    int current = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i].width = static_cast<int>(ends[i] * length) - current;
      current += columns[i].width;
    }
    return columns;
  }

  [[nodiscard]] std::string connections(const Layer& layer) const {
    std::string text;
    const auto found = calls_.find(layer.base().get());
    if (found == calls_.end()) return "-";
    std::set<int> nodes(found->second.begin(), found->second.end());
    for (const int index : nodes) {
      for (const SymbolicTensor& input : layer.base()->nodes().at(static_cast<std::size_t>(index)).inputs) {
        text += cat(text.empty() ? "" : ", ", input.layer->name(), "[", input.node, "][", input.index, "]");
      }
    }
    return text.empty() ? "-" : text;
  }

  void add(const Layer& layer, int level) {
    std::string indent;
    for (int i = 0; i < level; ++i) indent += "   ";
    if (level > 0) indent += "└ ";
    std::vector<std::string> cells{cat(indent, layer.name(), " (", layer.class_name(), ")"),
                                   shape_text(layer), with_commas(layer.count_params())};
    if (!chain_) cells.push_back(connections(layer));
    if (options_.show_trainable)
      cells.emplace_back(layer.weights().empty() ? "-" : layer.trainable() ? "Y" : "N");
    table_.add_row(std::move(cells));
    const Model nested = as_model(layer);
    if (!options_.expand_nested || nested.base() == nullptr) return;
    for (const Layer& inner : keras_layers(nested)) add(inner, level + 1);
  }

  const SummaryOptions& options_;
  bool chain_;
  TextTable table_;
  std::map<const layers::LayerBase*, std::vector<int>> calls_;
};

/// How much a list of weights is, each counted once.
struct Amount {
  std::int64_t params = 0;
  std::int64_t bytes = 0;
};

Amount amount_of(const std::vector<VariablePtr>& weights) {
  Amount amount;
  for (const VariablePtr& weight : std::set<VariablePtr>(weights.begin(), weights.end())) {
    amount.params += weight->count();
    // float32 throughout but for Normalization's count of samples, which Keras keeps in 8 bytes.
    const bool counter = weight->name() == "count" && weight->shape().rank() == 0;
    amount.bytes += weight->count() * (counter ? 8 : 4);
  }
  return amount;
}

/// Layers of a model that feed this one, each once, in order.
Json connected_to(const Model& model, const Layer& layer) {
  Json names = Json::array();
  for (const models::Call& call : model.functional()->calls()) {
    if (call.layer != layer.base()) continue;
    for (const SymbolicTensor& input : call.layer->nodes().at(static_cast<std::size_t>(call.node)).inputs) {
      if (std::find(names.begin(), names.end(), input.layer->name()) == names.end())
        names.push_back(input.layer->name());
    }
  }
  return names;
}

}  // namespace

std::string summary(const Model& model, const SummaryOptions& options) {
  std::string text = "Model: \"" + model.name() + "\"\n";
  for (const std::string& line : Summary(model, options).lines()) text += line + "\n";
  const Amount all = amount_of(model.weights());
  const Amount trainable = amount_of(model.trainable_weights());
  const std::int64_t kept = options.optimizer_params;
  // float32 as well, except the step count of 8 bytes.
  const std::int64_t kept_bytes = kept > 0 ? 4 * kept + 4 : 0;
  const auto line = [&text](const char* what, std::int64_t params, std::int64_t bytes) {
    text += cat(" ", what, " params: ", with_commas(params), " (", memory_text(bytes), ")\n");
  };
  line("Total", all.params + kept, all.bytes + kept_bytes);
  line("Trainable", trainable.params, trainable.bytes);
  line("Non-trainable", all.params - trainable.params, all.bytes - trainable.bytes);
  if (kept > 0) line("Optimizer", kept, kept_bytes);
  const std::int64_t prepares = models::preprocessing_params(model);
  if (prepares > 0)
    text += cat(" Of these preprocessing: ", prepares, ", the layer ", models::kReversesChannels, "\n");
  return text;
}

Json summary_json(const Model& model) {
  const std::int64_t all = amount_of(model.weights()).params;
  const std::int64_t trainable = amount_of(model.trainable_weights()).params;
  Json layers = Json::array();
  for (const Layer& layer : keras_layers(model)) {
    layers.push_back({{"name", layer.name()},
                      {"class", layer.class_name()},
                      {"output_shape", shape_json(layer.output_shape())},
                      {"params", layer.count_params()},
                      {"trainable", layer.trainable()},
                      {"connected_to", connected_to(model, layer)}});
  }
  return {{"name", model.name()},
          {"total_params", all},
          {"trainable_params", trainable},
          {"non_trainable_params", all - trainable},
          {"preprocessing_params", models::preprocessing_params(model)},
          {"layers", std::move(layers)}};
}

}  // namespace graft::saving

namespace graft {

std::string Model::summary() const { return saving::summary(*this, {.console_width = saving::kUsualWidth}); }

}  // namespace graft
