// SPDX-License-Identifier: Apache-2.0
// A layer of a user's own, saved and loaded.
#include <filesystem>

#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"
#include "graft/saving.hpp"

#include "saving_support.hpp"

namespace graft {
namespace {

/// x gamma + shift: gamma is one weight per channel, shift an option.
class ShiftedScale final : public layers::LayerBase {
 public:
  ShiftedScale(double shift, const std::string& name) : LayerBase("ShiftedScale", name), shift_(shift) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }
  void build(const std::vector<Shape>& inputs) override {
    gamma_ = add_weight("gamma", {inputs.front()[-1]}, "ones");
  }
  [[nodiscard]] ops::ValueId lower(layers::LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape shape = context.graph.shape(inputs[0]);
    const ops::ValueId shift =
        context.graph.add_constant(Tensor::full(Shape{shape[-1]}, static_cast<float>(shift_)));
    return context.graph.add(ops::ScaleShift{}, {inputs[0], weight(context, gamma_), shift}, shape);
  }
  [[nodiscard]] Json own_config() const override { return {{"shift", shift_}}; }

 private:
  double shift_;
  VariablePtr gamma_;
};

Layer make(double shift, const std::string& name) {
  return Layer(std::make_shared<ShiftedScale>(shift, name));
}

void register_once() {
  static const bool done = [] {
    layers::register_layer("lab", "ShiftedScale", [](const Json& config) {
      return make(config.at("shift").get<double>(), config.at("name").get<std::string>());
    });
    return true;
  }();
  static_cast<void>(done);
}

TEST(CustomLayer, ComesBackFromAKerasFileWithItsWeightsAndOptions) {
  register_once();
  const SymbolicTensor x = Input({3}, "input");
  const Model model({x}, {layers::Dense({.units = 2, .name = "head"})(make(0.5, "scale")(x))}, "custom");
  model.get_layer("scale").weights()[0]->assign(Tensor::from(Shape{3}, std::vector<float>{2, 3, 4}));
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "custom_layer.keras";
  saving::save_model(model, file);
  const Model loaded = saving::load_model(file).model;
  EXPECT_EQ(loaded.get_layer("scale").class_name(), "ShiftedScale");
  EXPECT_EQ(loaded.get_layer("scale").config().at("shift"), 0.5);
  EXPECT_EQ(loaded.get_layer("scale").weights()[0]->value().data<float>()[2], 4.0F);
  EXPECT_EQ(saving::model_config(loaded), saving::model_config(model));
}

TEST(CustomLayer, IsNamedAsKerasNamesRegisteredClasses) {
  register_once();
  const SymbolicTensor x = Input({3});
  const Json config = saving::model_config(Model({x}, {make(1, "scale")(x)}, "custom"));
  const Json& entry = config.at("config").at("layers").at(1);
  EXPECT_EQ(entry.at("registered_name"), "lab>ShiftedScale");
  EXPECT_EQ(entry.at("class_name"), "ShiftedScale");
  EXPECT_EQ(entry.at("module"), "lab");
}

}  // namespace
}  // namespace graft
