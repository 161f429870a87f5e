// SPDX-License-Identifier: Apache-2.0
#include "saving/config_notes.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"

namespace graft::saving {
namespace {

/// Layers of one kind: the name of the first, and how many there are.
struct Found {
  std::string first;
  std::size_t count = 0;

  void add(const std::string& name) {
    if (count++ == 0) first = name;
  }
  /// "layer 'a'", "layer 'a' and 3 more".
  [[nodiscard]] std::string text() const {
    return cat("layer '", first, "'", count > 1 ? cat(" and ", count - 1, " more") : "");
  }
};

std::string text_in(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Whether a call among inbound nodes has training=True, in Keras 3's form ({"kwargs": {...}}) or Keras 2's
/// (["name", 0, 0, {...}]).
bool is_called_in_training(const Json& nodes) {
  if (nodes.is_array()) return std::ranges::any_of(nodes, is_called_in_training);
  if (!nodes.is_object()) return false;
  const auto own = nodes.find("training");
  if (own != nodes.end() && (own->is_boolean() ? own->get<bool>() : *own == 1)) return true;
  const auto keywords = nodes.find("kwargs");
  return keywords != nodes.end() && is_called_in_training(*keywords);
}

/// The layers that are random in training and change nothing in inference. Keras 3's random layers for images
/// are not among them: they store training=True for every call.
bool is_dropout(const std::string& class_name) {
  return class_name == "GaussianNoise" || class_name.ends_with("Dropout") ||
         class_name.starts_with("SpatialDropout");
}

/// "float16", "mixed_bfloat16": a number format that is less precise than float32; else empty.
std::string short_format(const Json& config) {
  const auto dtype = config.is_object() ? config.find("dtype") : config.end();
  if (!config.is_object() || dtype == config.end()) return {};
  const Json inner = dtype->is_object() ? dtype->value("config", Json()) : Json();
  const std::string name = dtype->is_string() ? dtype->get<std::string>() : text_in(inner, "name");
  constexpr std::array kShort{"float16", "bfloat16", "mixed_float16", "mixed_bfloat16"};
  return std::ranges::find(kShort, name) == kShort.end() ? "" : name;
}

/// The same of a call of Keras 2's tf.cast among inbound nodes, ["name", 0, 0, {"dtype": "float16"}].
std::string short_format_of_calls(const Json& nodes) {
  if (nodes.is_object()) return short_format(nodes);
  for (const Json& node : nodes.is_array() ? nodes : Json::array()) {
    if (std::string found = short_format_of_calls(node); !found.empty()) return found;
  }
  return {};
}

/// Keras 3.6 and later: 3.10 follows 3.9.
bool is_from_3_6(const std::string& version) {
  if (!version.starts_with("3.")) return false;
  const std::size_t end = version.find('.', 2);
  const std::string minor = version.substr(2, end == std::string::npos ? end : end - 2);
  return minor.size() > 1 || (minor.size() == 1 && minor[0] >= '6' && minor[0] <= '9');
}

/// Walks the layers of a config, nested models included.
class ConfigWalk {
 public:
  explicit ConfigWalk(const Json& config) {
    std::vector<const Json*> waiting{&config};
    while (!waiting.empty()) {
      const Json& value = *waiting.back();
      waiting.pop_back();
      if (!value.is_structured()) continue;
      if (value.is_object() && value.contains("class_name") && value.contains("config")) look(value);
      // Back to front: then the first layer of the file is found first.
      for (auto inner = value.rbegin(); inner != value.rend(); ++inner) waiting.push_back(&*inner);
    }
  }

  Found random, short_numbers, crops, called_again;
  std::string format;

 private:
  void look(const Json& entry) {
    const Json& config = entry["config"];
    const std::string name = text_in(config, "name");
    const std::string class_name = text_in(entry, "class_name");
    if (name.empty()) return;
    const auto nodes = entry.find("inbound_nodes");
    if (is_dropout(class_name) && nodes != entry.end() && is_called_in_training(*nodes)) random.add(name);
    if (class_name == "RandomCrop") crops.add(name);
    if (nodes != entry.end() && nodes->is_array() && nodes->size() > 1) called_again.add(name);
    std::string found = short_format(config);
    if (found.empty() && class_name == "TFOpLambda" && nodes != entry.end())
      found = short_format_of_calls(*nodes);
    if (found.empty()) return;
    short_numbers.add(name);
    if (format.empty()) format = found;
  }
};

}  // namespace

std::vector<std::string> notes_on_config(const Json& config, const std::string& version) {
  const ConfigWalk walk(config);
  std::vector<std::string> notes;
  if (walk.random.count > 0) {
    notes.push_back(
        cat(walk.random.text(),
            ": called with training=True, it is random also in Keras's predict(); graft's answers "
            "are those without it"));
  }
  if (walk.short_numbers.count > 0) {
    notes.push_back(cat(walk.short_numbers.text(), ": computed in ", walk.format,
                        " by Keras, in float32 here; the answers may differ by its rounding"));
  }
  if (walk.crops.count > 0 && is_from_3_6(version)) {
    notes.push_back(cat(walk.crops.text(),
                        ": a RandomCrop, which outside of training resizes photos here and "
                        "in Keras up to 3.5; Keras 3.6 and 3.7 cut them, later ones leave them as they are"));
  }
  if (walk.called_again.count > 0 && version.starts_with("3.2.")) {
    notes.push_back(cat(walk.called_again.text(),
                        ": called more than once, in a file of Keras 3.2, which stores the first call in the "
                        "place of the others; Keras, too, computes another model from it than was saved"));
  }
  return notes;
}

}  // namespace graft::saving
