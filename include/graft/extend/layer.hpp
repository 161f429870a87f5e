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
  ops::ValueId value = ops::kAbsent;
  std::string layer;  ///< its path
  std::string rule;   ///< as in LayerBase::rules()
};

/// Where and how a layer is lowered into ops.
struct LowerContext {
  ops::Graph& graph;
  bool training = false;    ///< mode of this call
  bool inference = false;   ///< the plan is for inference: `training` is false, whatever a call's options say
  bool trainable = true;    ///< false inside a model that is not trainable
  std::string path_prefix;  ///< "mobilenetv2/" inside a nested model
  /// Models add the outputs that an activity_regularizer penalises; null: they do not.
  std::vector<RegularizedOutput>* regularized = nullptr;
};

/// One call of a layer on symbolic inputs.
struct Node {
  std::vector<SymbolicTensor> inputs;
  CallOptions options;
  std::vector<Shape> outputs;
};

/// The contract of a layer: its name, its output shape, its weights, the ops that it is lowered to, and its
/// Keras config. A layer never computes. See docs/writing_a_layer.md.
class LayerBase : public std::enable_shared_from_this<LayerBase> {
 public:
  /// An empty name is replaced by Keras's automatic one: conv2d, conv2d_1, ...
  LayerBase(std::string class_name, std::string name);
  virtual ~LayerBase() = default;
  LayerBase(const LayerBase&) = delete;
  LayerBase& operator=(const LayerBase&) = delete;

  /// The output's shape for these input shapes, all with their batch axis (-1 or a number). Throws
  /// Error{shape_mismatch}.
  [[nodiscard]] virtual Shape output_shape(const std::vector<Shape>& inputs) const = 0;
  [[nodiscard]] virtual std::vector<Shape> output_shapes(const std::vector<Shape>& inputs) const {
    return {output_shape(inputs)};
  }
  /// Creates the weights for these input shapes; called once, at the first call.
  virtual void build(const std::vector<Shape>& inputs) { (void)inputs; }
  /// Appends the ops of one call to context.graph; shapes in the graph have a concrete batch size.
  [[nodiscard]] virtual ops::ValueId lower(LowerContext& context,
                                           const std::vector<ops::ValueId>& inputs) const = 0;
  [[nodiscard]] virtual std::vector<ops::ValueId> lower_all(LowerContext& context,
                                                            const std::vector<ops::ValueId>& inputs) const {
    return {lower(context, inputs)};
  }
  /// Keras's get_config() of this layer, without the keys that every layer has.
  [[nodiscard]] virtual Json own_config() const = 0;
  /// The Python module of the class, for Keras.
  [[nodiscard]] virtual std::string module_name() const { return "keras.layers"; }
  /// All of get_config(): name, trainable, dtype and own_config().
  [[nodiscard]] virtual Json config() const;

  [[nodiscard]] virtual bool trainable() const { return trainable_; }
  virtual void set_trainable(bool trainable) { trainable_ = trainable; }
  [[nodiscard]] virtual std::vector<VariablePtr> weights() const;
  [[nodiscard]] virtual std::vector<VariablePtr> trainable_weights() const;
  /// Whether the layer behaves differently in training and in inference.
  [[nodiscard]] virtual bool has_random_state() const { return false; }

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Renames the layer; its weights' paths follow.
  void set_name(const std::string& name);
  [[nodiscard]] const std::string& class_name() const { return class_name_; }
  [[nodiscard]] bool built() const { return built_; }
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  /// The options NAME_regularizer and NAME_constraint that are set, as calls (regularizer.hpp). An object of
  /// a class that graft does not know is kept as the file's JSON.
  [[nodiscard]] const std::map<std::string, std::string>& rules() const { return rules_; }
  /// Sets such an option; an empty rule removes it. Throws Error{invalid_argument} for an option that the
  /// layer does not have, Error{unsupported} for an unknown rule.
  void set_rule(const std::string& option, const std::string& rule);
  /// Sets those that a config has.
  void read_rules(const Json& config);
  /// The weight that an option applies to; null before build() and for activity_regularizer.
  [[nodiscard]] VariablePtr ruled_weight(const std::string& option) const;
  /// Records a call, builds at the first, and returns its outputs.
  std::vector<SymbolicTensor> call(const std::vector<SymbolicTensor>& inputs, CallOptions options);

 protected:
  /// Adds a weight with a Keras initializer: "glorot_uniform", "random_normal(0,0.02)". Throws
  /// Error{unsupported} for an unknown one.
  VariablePtr add_weight(const std::string& weight_name, const Shape& shape, const std::string& initializer,
                         bool can_train = true);
  /// Adds a weight that the function fills.
  VariablePtr add_weight(const std::string& weight_name, const Shape& shape, Variable::Initializer fill,
                         bool can_train = true);
  /// The weight as a value of the graph, trainable when layer, model and weight are.
  [[nodiscard]] ops::ValueId weight(const LowerContext& context, const VariablePtr& variable) const;
  /// Throws Error{shape_mismatch}: "Conv2D 'conv1': expected ..., received ...".
  [[noreturn]] void bad_input(const std::string& expected, const Shape& received) const;
  /// The only input. Throws unless there is exactly one, of this rank; rank 0: of any.
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
///   Throws   Error{invalid_argument} for one of graft's own class names, for a class name that is registered
///   already,
///            and for an empty name or one with '>'
///   Threads  any; a class must be registered before a file with it is loaded
void register_layer(const std::string& package, const std::string& class_name, LayerFromConfig from_config);

}  // namespace graft::layers

#pragma GCC visibility pop
