// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/saving.hpp"

#include "saving/model_walk.hpp"

namespace graft::saving {
namespace {

using layers::LayerBase;

/// As text within Graphviz's HTML-like labels.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else {
      result += c;
    }
  }
  return result;
}

std::string shapes_text(const std::vector<Shape>& shapes) {
  return shapes.empty() ? "?" : escaped(comma_list(shapes, &Shape::to_string));
}

class DotWriter {
 public:
  explicit DotWriter(const PlotOptions& options) : options_(options) {}

  std::string write(const Model& model) {
    text_ = cat("digraph model {\n  graph [rankdir=", options_.rankdir,
                ", ranksep=0.3, nodesep=0.3];\n  node [shape=plain, fontname=\"Helvetica\", fontsize=11];\n"
                "  edge [arrowsize=0.7];\n");
    add_nodes(model, "  ");
    for (const std::string& edge : edges_) text_ += edge;
    return text_ + "}\n";
  }

 private:
  [[nodiscard]] Model expanded(const Layer& layer) const {
    return options_.expand_nested ? as_model(layer) : Model();
  }

  void add_nodes(const Model& model, const std::string& indent) {
    for (const Layer& layer : model.layers()) {
      if (!ids_.emplace(layer.base().get(), cat("n", ids_.size())).second) continue;
      const Model nested = expanded(layer);
      if (nested.base() == nullptr) {
        text_ += cat(indent, ids_.at(layer.base().get()), " [label=<", label(layer), ">];\n");
        continue;
      }
      text_ += cat(indent, "subgraph cluster_", ids_.at(layer.base().get()), " {\n", indent, "  label=<",
                   escaped(layer.name()), ">; fontname=\"Helvetica\"; fontsize=11; style=rounded;\n");
      add_nodes(nested, indent + "  ");
      text_ += indent + "}\n";
    }
    for (const models::Call& call : model.functional()->calls()) add_edges(call);
  }

  /// The node that a tensor comes from: of an expanded model the one within.
  [[nodiscard]] const std::string& source(const SymbolicTensor& tensor) const {
    const Model nested = expanded(Layer(tensor.layer));
    if (nested.base() == nullptr) return ids_.at(tensor.layer.get());
    return source(nested.outputs().at(static_cast<std::size_t>(tensor.index)));
  }

  void add_edges(const models::Call& call) {
    const layers::Node& node = call.layer->nodes().at(static_cast<std::size_t>(call.node));
    const Model nested = expanded(Layer(call.layer));
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      // A model that begins at the output of a layer of another one has no node for that.
      if (!ids_.contains(node.inputs[i].layer.get())) continue;
      const LayerBase* to = nested.base() == nullptr ? call.layer.get() : nested.inputs().at(i).layer.get();
      const std::string edge = cat("  ", source(node.inputs[i]), " -> ", ids_.at(to), ";\n");
      if (drawn_.insert(edge).second) edges_.push_back(edge);
    }
  }

  [[nodiscard]] std::string label(const Layer& layer) const {
    const std::string title = options_.show_layer_names
                                  ? cat("<b>", escaped(layer.name()), "</b> (", layer.class_name(), ")")
                                  : cat("<b>", layer.class_name(), "</b>");
    std::string rows = cat("<tr><td bgcolor=\"", color(layer), "\" colspan=\"2\">", title, "</td></tr>");
    const Json config = layer.config();
    if (options_.show_layer_activations && config.contains("activation") && config["activation"].is_string())
      rows += row(cat("Activation: ", escaped(config["activation"].get<std::string>())));
    if (options_.show_shapes && !layer.base()->nodes().empty()) {
      const layers::Node& node = layer.base()->nodes().back();
      std::vector<Shape> inputs;
      for (const SymbolicTensor& input : node.inputs) inputs.push_back(input.shape);
      if (inputs.empty()) inputs = node.outputs;
      rows += cat("<tr><td>Input: ", shapes_text(inputs), "</td><td>Output: ", shapes_text(node.outputs),
                  "</td></tr>");
    }
    if (options_.show_trainable && !layer.weights().empty())
      rows += row(layer.trainable() ? "Trainable" : "Not trainable");
    return cat("<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"4\">", rows, "</table>");
  }

  static std::string row(const std::string& text) {
    return cat("<tr><td colspan=\"2\">", text, "</td></tr>");
  }

  /// Layers with weights stand out, those that do not train in another colour.
  static const char* color(const Layer& layer) {
    if (layer.weights().empty()) return "#eeeeee";
    return layer.trainable() ? "#cfe8cf" : "#cfdcec";
  }

  const PlotOptions& options_;
  std::map<const LayerBase*, std::string> ids_;
  std::vector<std::string> edges_;
  std::set<std::string> drawn_;
  std::string text_;
};

}  // namespace

std::string model_to_dot(const Model& model, const PlotOptions& options) {
  constexpr std::array<std::string_view, 4> kDirections{"TB", "LR", "BT", "RL"};
  if (std::ranges::find(kDirections, options.rankdir) == kDirections.end()) {
    fail(ErrorKind::invalid_argument, "plot: rankdir: expected TB, LR, BT or RL, received '", options.rankdir,
         "'");
  }
  return DotWriter(options).write(model);
}

}  // namespace graft::saving
