// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/layers/normalization.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

/// Keras stores the axis as it was given, or a list with it, and cannot tell the last one from rank - 1.
void check_row_axis(const ConfigReader& reader, const char* class_name) {
  const std::vector<std::int64_t> axis = reader.integers("axis");
  if (axis.empty() || (axis.size() == 1 && axis[0] == -1)) return;
  refuse(reader, class_name,
         cat("axis ", reader.json()["axis"].dump(), " is not supported; graft normalises the last axis, -1"));
}

constexpr auto kRMSNormalizationFields = fields<RMSNormalizationOptions>(
    fixed_field<RMSNormalizationOptions>(
        "axis", [](const void*) -> Json { return Json::array({-1}); },
        [](const ConfigReader& reader, const char*, void*) { check_row_axis(reader, "RMSNormalization"); }),
    field<&RMSNormalizationOptions::epsilon>("epsilon"));
constexpr auto kUnitNormalizationFields = fields<NoOptions>(fixed_field<NoOptions>(
    "axis", [](const void*) -> Json { return -1; },
    [](const ConfigReader& reader, const char*, void*) { check_row_axis(reader, "UnitNormalization"); }));

/// Shared by both layers: rows divided by the root of their mean square, and then scaled. A row beside its
/// negative has mean 0, so that its variance is its mean square: GroupNormalization's first half is the
/// result.
template <const auto& kFields>
class RowNormalization : public OptionsLayer<kFields> {
 public:
  RowNormalization(const char* class_name, OptionsOf<kFields> given, double epsilon)
      : OptionsLayer<kFields>(class_name, std::move(given)), epsilon_(epsilon) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = this->only_input(inputs, 0);
    if (input.rank() < 2 || input[-1] < 0) this->bad_input("a known size of the last axis", input);
    return input;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const Shape shape = output_shape({graph.shape(inputs[0])});
    const std::int64_t width = shape[-1];
    const std::int64_t count = width == 0 ? 0 : shape.count() / width;
    const Shape rows{count, width};
    const Shape both{count, 2 * width};
    const ops::ValueId zero = constant_vector(graph, width, 0);
    const ops::ValueId x = reshaped(graph, inputs[0], rows);
    const ops::ValueId negative =
        graph.add(ops::ScaleShift{}, {x, constant_vector(graph, width, -1), zero}, rows);
    const ops::ValueId beside = graph.add(ops::Concatenate{.axis = 1}, {x, negative}, both);
    const std::vector<ops::ValueId> normalised =
        graph.add_many(ops::GroupNormalization{.groups = 1, .epsilon = static_cast<float>(epsilon_)},
                       {beside, ops::kAbsent, ops::kAbsent}, {both, {count, 1}, {count, 1}});
    const ops::ValueId half = graph.add(ops::Slice{.axis = 1, .begin = 0}, {normalised[0]}, rows);
    const ops::ValueId scaled = graph.add(ops::ScaleShift{}, {half, scale(context, width), zero}, rows);
    return reshaped(graph, scaled, shape);
  }

 protected:
  /// (width): the factors of each row, applied last.
  [[nodiscard]] virtual ops::ValueId scale(LowerContext& context, std::int64_t width) const = 0;

 private:
  double epsilon_;
};

class RMSNormalizationLayer final : public RowNormalization<kRMSNormalizationFields> {
 public:
  explicit RMSNormalizationLayer(const RMSNormalizationOptions& given)
      : RowNormalization("RMSNormalization", given, given.epsilon) {}

  void build(const std::vector<Shape>& inputs) override {
    scale_ = add_weight("scale", {inputs.front()[-1]}, "ones");
  }

 private:
  [[nodiscard]] ops::ValueId scale(LowerContext& context, std::int64_t) const override {
    return weight(context, scale_);
  }

  VariablePtr scale_;
};

class UnitNormalizationLayer final : public RowNormalization<kUnitNormalizationFields> {
 public:
  /// Keras divides by at least 1e-12; its square is what is added here, far below any row's that matters.
  explicit UnitNormalizationLayer(const std::string& name)
      : RowNormalization("UnitNormalization", {.name = name}, 1e-24) {}

 private:
  /// The length is the root of the mean square times that of the number of elements.
  [[nodiscard]] ops::ValueId scale(LowerContext& context, std::int64_t width) const override {
    return constant_vector(context.graph, width,
                           static_cast<float>(1 / std::sqrt(static_cast<double>(width))));
  }
};

}  // namespace

// By value, as all functions that make layers. NOLINTNEXTLINE(performance-unnecessary-value-param)
Layer RMSNormalization(RMSNormalizationOptions options) {
  return Layer(std::make_shared<RMSNormalizationLayer>(options));
}

Layer UnitNormalization(const std::string& name) {
  return Layer(std::make_shared<UnitNormalizationLayer>(name));
}

constinit const LayerClass kRMSNormalizationClass =
    layer_class<kRMSNormalizationFields, RMSNormalization>("RMSNormalization");
constinit const LayerClass kUnitNormalizationClass =
    layer_class<kUnitNormalizationFields, make_named<UnitNormalization>>("UnitNormalization");

}  // namespace graft::layers
