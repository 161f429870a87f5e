// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/add.hpp"

#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class AddLayer final : public LayerBase {
 public:
  explicit AddLayer(const std::string& name) : LayerBase("Add", name) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() < 2) {
      fail(ErrorKind::invalid_argument, "Add '", name(), "': expected at least two inputs, received ",
           inputs.size());
    }
    for (const Shape& input : inputs) {
      if (input != inputs.front())
        bad_input(cat("inputs of equal shapes, the first is ", inputs.front()), input);
    }
    return inputs.front();
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::ValueId sum = inputs[0];
    const Shape shape = context.graph.shape(sum);
    for (std::size_t i = 1; i < inputs.size(); ++i)
      sum = context.graph.add(ops::Add{}, {sum, inputs[i]}, shape);
    return sum;
  }

  [[nodiscard]] Json own_config() const override { return Json::object(); }
};

}  // namespace

Layer Add(const std::string& name) { return Layer(std::make_shared<AddLayer>(name)); }

Layer add_from_config(const Json& config) { return Add(Config(config).name()); }

}  // namespace graft::layers
