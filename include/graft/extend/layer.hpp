// SPDX-License-Identifier: Apache-2.0
// For authors of layers: the base class of all layers, and the registration of classes of layers, so that
// files with them load. Users of layers need only graft/layers.hpp. See docs/writing_a_layer.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graft/extend/graph.hpp"
#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

/// An output of a layer with an activity_regularizer.
struct RegularizedOutput {
  ops::ValueId value = ops::kAbsent;  ///< the output in the graph
  std::string layer;                  ///< the layer's path, "block1/conv"
  std::string rule;                   ///< the regularizer, as in LayerBase::rules()
};

/// Where and how a layer is lowered into ops.
struct LowerContext {
  ops::Graph& graph;        ///< receives the ops
  bool training = false;    ///< mode of this call
  bool inference = false;   ///< the plan is for inference: `training` is false, whatever a call's options say
  bool trainable = true;    ///< false inside a model that is not trainable
  std::string path_prefix;  ///< "mobilenetv2/" inside a nested model
  /// Models add the outputs that an activity_regularizer penalises; null: they do not.
  std::vector<RegularizedOutput>* regularized = nullptr;
};

/// One call of a layer on symbolic inputs.
struct Node {
  std::vector<SymbolicTensor> inputs;  ///< what the layer was called on
  CallOptions options;                 ///< of the call
  std::vector<Shape> outputs;          ///< shape of each output, batch axis -1
};

/// The contract of a layer: its name, its output shape, its weights, the ops that it is lowered to, and its
/// Keras config. A layer never computes. See docs/writing_a_layer.md.
class LayerBase : public std::enable_shared_from_this<LayerBase> {
 public:
  /// class_name: Keras's, "Conv2D". An empty name is replaced by Keras's automatic one: conv2d, conv2d_1, ...
  /// Throws Error{invalid_argument} for a name with '/'.
  LayerBase(std::string class_name, std::string name);
  virtual ~LayerBase() = default;
  LayerBase(const LayerBase&) = delete;
  LayerBase& operator=(const LayerBase&) = delete;

  /// The output's shape for these input shapes, all with their batch axis (-1 or a number). Throws
  /// Error{shape_mismatch}.
  [[nodiscard]] virtual Shape output_shape(const std::vector<Shape>& inputs) const = 0;
  /// The shapes of all outputs. Override it and lower_all() in a layer with several outputs.
  [[nodiscard]] virtual std::vector<Shape> output_shapes(const std::vector<Shape>& inputs) const {
    return {output_shape(inputs)};
  }
  /// Creates the weights for these input shapes; called once, at the first call.
  virtual void build(const std::vector<Shape>& inputs) { (void)inputs; }
  /// Appends the ops of one call to context.graph and returns the output, of the shape that output_shape()
  /// promises; shapes in the graph have a concrete batch size.
  [[nodiscard]] virtual ops::ValueId lower(LowerContext& context,
                                           const std::vector<ops::ValueId>& inputs) const = 0;
  /// Appends the ops of one call and returns all outputs.
  [[nodiscard]] virtual std::vector<ops::ValueId> lower_all(LowerContext& context,
                                                            const std::vector<ops::ValueId>& inputs) const {
    return {lower(context, inputs)};
  }
  /// Keras's get_config() of this layer, without the keys that every layer has: an object, Json::object()
  /// where there are none.
  [[nodiscard]] virtual Json own_config() const = 0;
  /// The Python module of the class, for Keras.
  [[nodiscard]] virtual std::string module_name() const { return "keras.layers"; }
  /// All of get_config(): name, trainable, dtype and own_config().
  [[nodiscard]] virtual Json config() const;

  /// Whether the layer's weights may change in training (Keras's trainable); true at first.
  [[nodiscard]] virtual bool trainable() const { return trainable_; }
  /// Sets trainable(). A model sets it on its layers too.
  virtual void set_trainable(bool trainable) { trainable_ = trainable; }
  /// All weights in Keras's order: weights that can train first. Empty before build().
  [[nodiscard]] virtual std::vector<VariablePtr> weights() const;
  /// The weights that can train; none while trainable() is false.
  [[nodiscard]] virtual std::vector<VariablePtr> trainable_weights() const;
  /// Whether the layer draws random numbers in training (Dropout, RandomFlip, ...).
  [[nodiscard]] virtual bool has_random_state() const { return false; }

  /// The layer's name, the first part of its weights' paths.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Renames the layer; its weights' paths follow.
  void set_name(const std::string& name);
  /// Keras's class name: "Conv2D".
  [[nodiscard]] const std::string& class_name() const { return class_name_; }
  /// True after the first call: the weights exist.
  [[nodiscard]] bool built() const { return built_; }
  /// All calls so far; SymbolicTensor::node is an index into them.
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  /// The options NAME_regularizer and NAME_constraint that are set, by name, as calls (layers/values.hpp). An
  /// object of a class that graft does not know is kept as the file's JSON.
  [[nodiscard]] const std::map<std::string, std::string>& rules() const { return rules_; }
  /// Sets such an option; an empty rule removes it. Throws Error{invalid_argument} for an option that the
  /// layer does not have, Error{unsupported} for an unknown rule.
  void set_rule(const std::string& option, const std::string& rule);
  /// Sets the rules that a layer's config has. Throws Error{bad_file} for a value of another kind,
  /// Error{unsupported} for an unknown name.
  void read_rules(const Json& config);
  /// The weight that an option applies to; null before build() and for activity_regularizer.
  [[nodiscard]] VariablePtr ruled_weight(const std::string& option) const;
  /// Records a call, builds at the first, and returns its outputs.
  std::vector<SymbolicTensor> call(const std::vector<SymbolicTensor>& inputs, CallOptions options);
  /// Removes the record of the last call, whose outputs nothing refers to any more; for graft's own use.
  void forget_last_call() { nodes_.pop_back(); }
  /// Number of earlier calls of this function: it numbers the layer's calls on tensors.
  [[nodiscard]] std::uint64_t count_tensor_call() { return tensor_calls_++; }

 protected:
  /// Adds a weight with a Keras initializer: "glorot_uniform", "random_normal(0,0.02)". Throws
  /// Error{unsupported} for an unknown one.
  VariablePtr add_weight(const std::string& weight_name, const Shape& shape, const std::string& initializer,
                         bool can_train = true);
  /// Adds a weight that the function fills.
  VariablePtr add_weight(const std::string& weight_name, const Shape& shape, Variable::Initializer fill,
                         bool can_train = true);
  /// The weight as a value of the graph, trainable when layer, model and weight are. variable: from
  /// add_weight(), not null.
  [[nodiscard]] ops::ValueId weight(const LowerContext& context, const VariablePtr& variable) const;
  /// Throws Error{shape_mismatch}: "Conv2D 'conv1': expected ..., received ...".
  [[noreturn]] void bad_input(const std::string& expected, const Shape& received) const;
  /// The only input. Throws Error{invalid_argument} unless there is exactly one, Error{shape_mismatch} where
  /// rank is 4 or 2 and the input's is another. Other ranks are not checked; 0 stands for any.
  [[nodiscard]] const Shape& only_input(const std::vector<Shape>& inputs, std::size_t rank) const;
  /// Seed of this layer's random numbers: the given one, else derived from the layer's name and
  /// random_seed().
  [[nodiscard]] std::uint64_t seed_or_default(const std::optional<std::uint64_t>& seed) const;

 private:
  std::string class_name_;
  std::string name_;
  bool trainable_ = true;
  bool built_ = false;
  std::vector<Node> nodes_;
  std::uint64_t tensor_calls_ = 0;
  std::vector<VariablePtr> weights_;
  std::map<std::string, std::string> rules_;
};

/// Conv2D -> conv2d, MaxPooling2D -> max_pooling2d, ReLU -> re_lu: the stem of Keras's automatic names.
[[nodiscard]] std::string to_snake_case(const std::string& class_name);

/// Fills a tensor of zeros with a Keras initializer (Keras's formulas, graft's random numbers). stream
/// selects the random numbers. Initializers are written as calls; arguments left out have Keras's defaults:
///   zeros, ones, constant(0.5), identity(1), orthogonal(1), random_normal(0,0.05), truncated_normal(0,0.05),
///   random_uniform(-0.05,0.05), variance_scaling(1,fan_in,truncated_normal), glorot_uniform, glorot_normal,
///   he_uniform, he_normal, lecun_uniform, lecun_normal
/// The random ones accept seed=N as their last argument: the same numbers for any stream. Throws
/// Error{unsupported} for an unknown name or argument, Error{invalid_argument} for an impossible shape.
void initialize(const std::string& initializer, std::uint64_t stream, Tensor& tensor);

/// Makes a layer of the config that its own config() wrote: the keys of own_config() and "name". Called in
/// the thread that loads; an Error that it throws reaches the caller.
using LayerFromConfig = std::function<Layer(const Json& config)>;

/// Registers a class of layers, so that models with it can be loaded, cloned and edited
/// (keras.saving.register_keras_serializable). Files name it "package>class_name". class_name is the one that
/// the layer passes to LayerBase.
///   Throws   Error{invalid_argument} for a class name that graft or an earlier registration uses, for an
///            empty name and for one with '>'
///   Threads  any; a class must be registered before a model with it is saved, cloned or loaded. A file saved
///            without it names the class as if it were Keras's own
void register_layer(const std::string& package, const std::string& class_name, LayerFromConfig from_config);

}  // namespace graft::layers

#pragma GCC visibility pop
