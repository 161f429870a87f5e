// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/merging.hpp"

#include "layers/layer_class.hpp"
#include "layers/merging/broadcasting.hpp"

namespace graft::layers {
namespace {

class SubtractLayer final : public MergeLayer {
 public:
  explicit SubtractLayer(const std::string& name) : MergeLayer("Subtract", name, ops::BinaryKind::subtract) {}
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 2) {
      fail(ErrorKind::invalid_argument, "Subtract '", name(), "': expected exactly 2 inputs, received ",
           inputs.size());
    }
    return MergeLayer::output_shape(inputs);
  }
};

class AverageLayer final : public MergeLayer {
 public:
  explicit AverageLayer(const std::string& name) : MergeLayer("Average", name, ops::BinaryKind::add, 1) {}
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const ops::ValueId sum = MergeLayer::lower(context, inputs);
    return inputs.size() == 1 ? sum
                              : lower_scaled(context.graph, sum, 1 / static_cast<double>(inputs.size()));
  }
};

Layer merge(const char* class_name, ops::BinaryKind kind, const std::string& name) {
  return Layer(std::make_shared<MergeLayer>(class_name, name, kind, 1));
}

}  // namespace

Layer Add(const std::string& name) {
  return Layer(std::make_shared<MergeLayer>("Add", name, ops::BinaryKind::add));
}
Layer Multiply(const std::string& name) { return merge("Multiply", ops::BinaryKind::multiply, name); }
Layer Subtract(const std::string& name) { return Layer(std::make_shared<SubtractLayer>(name)); }
Layer Average(const std::string& name) { return Layer(std::make_shared<AverageLayer>(name)); }
Layer Maximum(const std::string& name) { return merge("Maximum", ops::BinaryKind::maximum, name); }
Layer Minimum(const std::string& name) { return merge("Minimum", ops::BinaryKind::minimum, name); }

constinit const LayerClass kAddClass = layer_class<kNoFields, make_named<Add>>("Add");
constinit const LayerClass kMultiplyClass = layer_class<kNoFields, make_named<Multiply>>("Multiply");
constinit const LayerClass kSubtractClass = layer_class<kNoFields, make_named<Subtract>>("Subtract");
constinit const LayerClass kAverageClass = layer_class<kNoFields, make_named<Average>>("Average");
constinit const LayerClass kMaximumClass = layer_class<kNoFields, make_named<Maximum>>("Maximum");
constinit const LayerClass kMinimumClass = layer_class<kNoFields, make_named<Minimum>>("Minimum");

}  // namespace graft::layers
