// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/random.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/name_scope.hpp"

#include "layers/rules/keras_call.hpp"

namespace graft {
namespace {

/// How many automatic names of each stem are in use, as Keras counts them. Per thread, so that what one
/// thread builds does not change the names in another.
layers::NameCounts& names() {
  thread_local layers::NameCounts counts;
  return counts;
}

std::string automatic_name(const std::string& class_name) {
  const std::string stem = layers::to_snake_case(class_name);
  const int count = names()[stem]++;
  return count == 0 ? stem : cat(stem, "_", count);
}

}  // namespace

void clear_session() { names().clear(); }

namespace layers {

NameScope::NameScope() : outer_(std::exchange(names(), {})) {}

NameScope::~NameScope() { names() = std::move(outer_); }

std::string to_snake_case(const std::string& class_name) {
  std::string text;
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    const auto c = static_cast<unsigned char>(class_name[i]);
    const bool upper = std::isupper(c) != 0;
    const bool next_lower =
        i + 1 < class_name.size() && std::islower(static_cast<unsigned char>(class_name[i + 1])) != 0;
    const bool after_lower = i > 0 && std::islower(static_cast<unsigned char>(class_name[i - 1])) != 0;
    if (upper && i > 0 && (next_lower || after_lower)) text += '_';
    text += static_cast<char>(std::tolower(c));
  }
  return text;
}

LayerBase::LayerBase(std::string class_name, std::string name)
    : class_name_(std::move(class_name)),
      name_(name.empty() ? automatic_name(class_name_) : std::move(name)) {
  if (name_.find('/') != std::string::npos) {
    fail(ErrorKind::invalid_argument, "layer name '", name_,
         "' contains '/', which separates the parts of weight paths");
  }
}

void LayerBase::set_name(const std::string& name) {
  name_ = name;
  for (const VariablePtr& weight : weights_) weight->set_path(name_ + "/" + weight->name());
}

std::vector<SymbolicTensor> LayerBase::call(const std::vector<SymbolicTensor>& inputs, CallOptions options) {
  std::vector<Shape> shapes;
  shapes.reserve(inputs.size());
  for (const SymbolicTensor& input : inputs) shapes.push_back(input.shape);
  std::vector<Shape> outputs = output_shapes(shapes);
  if (!built_) {
    build(shapes);
    built_ = true;
  }
  nodes_.push_back({inputs, options, outputs});
  std::vector<SymbolicTensor> results;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    results.push_back(
        {shared_from_this(), static_cast<int>(nodes_.size() - 1), static_cast<int>(i), outputs[i]});
  }
  return results;
}

Json LayerBase::config() const {
  Json config{{"name", name_}, {"trainable", trainable()}, {"dtype", "float32"}};
  const Json own = own_config();
  if (!own.is_object()) {
    fail(ErrorKind::invalid_argument, class_name_, " '", name_, "': own_config() returned ", own.type_name(),
         "; expected an object of the class's options, Json::object() where it has none");
  }
  config.update(own);
  for (const auto& [option, rule] : rules_) {
    const KerasKind& kind = option.ends_with("_constraint") ? constraints() : regularizers();
    config[option] = rule.starts_with('{') ? Json::parse(rule) : call_json(kind, rule);
  }
  for (auto& [key, value] : config.items()) {
    if (key.ends_with("_initializer") && value.is_string())
      value = initializer_json(value.get<std::string>());
  }
  return config;
}

std::vector<VariablePtr> LayerBase::weights() const {
  std::vector<VariablePtr> ordered;
  for (const bool wanted : {true, false}) {
    for (const VariablePtr& weight : weights_) {
      if (weight->can_train() == wanted) ordered.push_back(weight);
    }
  }
  return ordered;
}

std::vector<VariablePtr> LayerBase::trainable_weights() const {
  std::vector<VariablePtr> result;
  for (const VariablePtr& weight : weights_) {
    if (trainable() && weight->can_train()) result.push_back(weight);
  }
  return result;
}

VariablePtr LayerBase::add_weight(const std::string& weight_name, const Shape& shape,
                                  const std::string& initializer, bool can_train) {
  static_cast<void>(parse_call(initializers(), initializer));
  const std::uint64_t stream = mix64(random_seed()) ^ fnv1a(name_ + "/" + weight_name);
  return add_weight(
      weight_name, shape, [initializer, stream](Tensor& tensor) { initialize(initializer, stream, tensor); },
      can_train);
}

VariablePtr LayerBase::add_weight(const std::string& weight_name, const Shape& shape,
                                  Variable::Initializer fill, bool can_train) {
  weights_.push_back(std::make_shared<Variable>(weight_name, shape, std::move(fill), can_train));
  weights_.back()->set_path(name_ + "/" + weight_name);
  return weights_.back();
}

ops::ValueId LayerBase::weight(const LowerContext& context, const VariablePtr& variable) const {
  if (variable == nullptr) {
    fail(ErrorKind::invalid_argument, class_name_, " '", name_,
         "': weight() was called with a variable that is null; make it with add_weight() in build(), which "
         "runs when the layer is first called");
  }
  return context.graph.add_weight(variable, context.trainable && trainable() && variable->can_train());
}

void LayerBase::bad_input(const std::string& expected, const Shape& received) const {
  fail(ErrorKind::shape_mismatch, class_name_, " '", name_, "': expected ", expected, ", received ",
       received);
}

const Shape& LayerBase::only_input(const std::vector<Shape>& inputs, std::size_t rank) const {
  if (inputs.size() != 1) {
    fail(ErrorKind::invalid_argument, class_name_, " '", name_, "': expected one input, received ",
         inputs.size());
  }
  const Shape& input = inputs.front();
  if (rank == 4 && input.rank() != 4) bad_input("input (N, H, W, C)", input);
  if (rank == 2 && input.rank() != 2) bad_input("input (N, features)", input);
  return input;
}

std::uint64_t LayerBase::seed_or_default(const std::optional<std::uint64_t>& seed) const {
  return seed ? mix64(*seed) : mix64(random_seed()) ^ fnv1a(name_);
}

}  // namespace layers
}  // namespace graft
