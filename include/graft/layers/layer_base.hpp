// SPDX-License-Identifier: Apache-2.0
// For authors of layers; users of layers need layer.hpp alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"
#include "graft/ops/graph.hpp"

namespace graft::layers {

/// An output of a layer with an activity_regularizer.
struct RegularizedOutput {
  ops::ValueId value = ops::kAbsent;
  std::string layer;  ///< its path
  std::string rule;   ///< as LayerBase::rules() has it
};

/// What a layer is told when it is lowered into ops.
struct LowerContext {
  ops::Graph& graph;
  bool training = false;    ///< mode of this call
  bool trainable = true;    ///< false inside a model that is not trainable
  std::string path_prefix;  ///< "mobilenetv2/" inside a nested model
  /// Where the models on the way note the outputs that a regularizer looks at; null: nowhere.
  std::vector<RegularizedOutput>* regularized = nullptr;
};

/// One call of a layer on symbolic inputs.
struct Node {
  std::vector<SymbolicTensor> inputs;
  CallOptions options;
  std::vector<Shape> outputs;
};

/// The contract of a layer: what it is called, which shape it gives, which weights it has, which ops it
/// becomes, and Keras's config of it. A layer never computes. See docs/writing_a_layer.md.
class LayerBase : public std::enable_shared_from_this<LayerBase> {
 public:
  /// An empty name is replaced by Keras's automatic one: conv2d, conv2d_1, ...
  LayerBase(std::string class_name, std::string name);
  virtual ~LayerBase() = default;
  LayerBase(const LayerBase&) = delete;
  LayerBase& operator=(const LayerBase&) = delete;

  /// Shapes with their batch axis (-1 or a number) to the output's. Throws Error{shape_mismatch}.
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
  /// The Python module that Keras finds the class in.
  [[nodiscard]] virtual std::string module_name() const { return "keras.layers"; }
  /// get_config() whole: name, trainable, dtype and own_config().
  [[nodiscard]] virtual Json config() const;

  [[nodiscard]] virtual bool trainable() const { return trainable_; }
  virtual void set_trainable(bool trainable) { trainable_ = trainable; }
  [[nodiscard]] virtual std::vector<VariablePtr> weights() const;
  [[nodiscard]] virtual std::vector<VariablePtr> trainable_weights() const;
  /// True where the layer does something else in training than in inference.
  [[nodiscard]] virtual bool has_random_state() const { return false; }

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Renames the layer; its weights' paths follow.
  void set_name(const std::string& name);
  [[nodiscard]] const std::string& class_name() const { return class_name_; }
  [[nodiscard]] bool built() const { return built_; }
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  /// Keras's options NAME_regularizer and NAME_constraint that are set, as calls (regularizer.hpp); those
  /// that a file holds and graft does not know, as the file's JSON.
  [[nodiscard]] const std::map<std::string, std::string>& rules() const { return rules_; }
  /// Sets one, or with an empty rule takes it away. Throws Error{invalid_argument} for an option that the
  /// layer has not, Error{unsupported} for an unknown rule.
  void set_rule(const std::string& option, const std::string& rule);
  /// Takes over those of a config.
  void read_rules(const Json& config);
  /// The weight that an option is about; null before build() and for activity_regularizer.
  [[nodiscard]] VariablePtr ruled_weight(const std::string& option) const;
  /// Records a call, builds at the first, and returns its outputs.
  std::vector<SymbolicTensor> call(const std::vector<SymbolicTensor>& inputs, CallOptions options);

 protected:
  /// Adds a weight that starts as the named Keras initializer says: "glorot_uniform",
  /// "random_normal(0,0.02)",
  /// ... Throws Error{unsupported} for one that is not known.
  VariablePtr add_weight(const std::string& weight_name, const Shape& shape, const std::string& initializer,
                         bool can_train = true);
  /// Adds a weight that starts as the function fills it.
  VariablePtr add_weight(const std::string& weight_name, const Shape& shape, Variable::Initializer fill,
                         bool can_train = true);
  /// The weight as a value of the graph, trainable when layer, model and weight are.
  [[nodiscard]] ops::ValueId weight(const LowerContext& context, const VariablePtr& variable) const;
  /// Throws Error{shape_mismatch}: "Conv2D 'conv1': expected ..., received ...".
  [[noreturn]] void bad_input(const std::string& expected, const Shape& received) const;
  /// The only input, after checking that there is one, of the given rank.
  [[nodiscard]] const Shape& only_input(const std::vector<Shape>& inputs, std::size_t rank) const;
  /// Seed of this layer's random numbers: the layer's own where given, else from its name and random_seed().
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

/// Conv2D -> conv2d, MaxPooling2D -> max_pooling2d, ReLU -> re_lu: what Keras makes names of, in models and
/// files.
[[nodiscard]] std::string to_snake_case(const std::string& class_name);

/// Fills a tensor of zeros as a Keras initializer does, from a stream named by seed and path (Keras's
/// formulas, graft's numbers). Initializers are written as calls, whose settings are Keras's where left out:
///   zeros, ones, constant(0.5), identity(1), orthogonal(1), random_normal(0,0.05), truncated_normal(0,0.05),
///   random_uniform(-0.05,0.05), variance_scaling(1,fan_in,truncated_normal), glorot_uniform, glorot_normal,
///   he_uniform, he_normal, lecun_uniform, lecun_normal
/// seed=N as the last of those that draw gives the same numbers wherever it stands. Throws Error{unsupported}
/// for a name or setting that it does not know, Error{invalid_argument} for a shape that is not to be had.
void initialize(const std::string& initializer, std::uint64_t stream, Tensor& tensor);

}  // namespace graft::layers
