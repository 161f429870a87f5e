// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

/// Keras writes [-1] whatever the axis' number.
struct NormalizedAxisCodec : AxisCodec {
  static Json write(std::int64_t axis) { return Json::array({axis}); }
};

/// Null and several axes would be other means than one per channel.
void check_normalization(const ConfigReader& reader) {
  if (reader.boolean("invert", false)) refuse(reader, "Normalization", "invert is not supported");
  if (!reader.json().contains("axis")) return;
  const std::vector<double> axis = reader.numbers("axis");
  if (axis.size() == 1) return;
  refuse(reader, "Normalization",
         cat("axis ", reader.json()["axis"].dump(), " is not supported; graft normalises the last axis"));
}

constexpr auto kNormalizationFields = fields<NormalizationOptions>(
    field<&NormalizationOptions::axis, NormalizedAxisCodec>("axis"),
    fixed_field<NormalizationOptions>("invert", [](const void*) -> Json { return false; }),
    field<&NormalizationOptions::mean, NullWhenEmpty<std::vector<double>>>("mean"),
    field<&NormalizationOptions::variance, NullWhenEmpty<std::vector<double>>>("variance"));

constexpr double kEpsilon = 1e-7;  // Keras's backend.epsilon(): the least standard deviation

class NormalizationLayer final : public OptionsLayer<kNormalizationFields> {
 public:
  explicit NormalizationLayer(NormalizationOptions given) : OptionsLayer("Normalization", std::move(given)) {
    if (options().mean.size() != options().variance.size()) {
      fail(ErrorKind::invalid_argument, "Normalization '", name(),
           "': expected as many means as variances, received ", options().mean.size(), " and ",
           options().variance.size());
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const int axis = axis_from_first(cat("Normalization '", name(), "'"), options().axis, input);
    if (axis != static_cast<int>(input.rank()) - 1) {
      fail(ErrorKind::unsupported, "Normalization '", name(), "': axis ", options().axis, " of an input ",
           input, " is not supported; graft normalises the last axis");
    }
    const std::size_t given = options().mean.size();
    if (given > 1 && static_cast<std::int64_t>(given) != input[-1]) bad_input(cat(given, " channels"), input);
    return input;
  }

  /// [-1] however a file numbered the last axis.
  [[nodiscard]] Json own_config() const override {
    Json config = OptionsLayer::own_config();
    if (built()) config["axis"] = Json::array({-1});
    return config;
  }

  void build(const std::vector<Shape>& inputs) override {
    if (!options().mean.empty()) return;
    const Shape channels{inputs.front()[-1]};
    mean_ = add_weight("mean", channels, "zeros", false);
    variance_ = add_weight("variance", channels, "ones", false);
    count_ = add_weight("count", Shape{}, "zeros", false);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape shape = output_shape({context.graph.shape(inputs[0])});
    Tensor scale(Shape{shape[-1]});
    Tensor shift(Shape{shape[-1]});
    for (std::size_t c = 0; c < static_cast<std::size_t>(shape[-1]); ++c) {
      const double factor = 1 / std::max(std::sqrt(at(options().variance, variance_, c)), kEpsilon);
      scale.data<float>()[c] = static_cast<float>(factor);
      shift.data<float>()[c] = static_cast<float>(-at(options().mean, mean_, c) * factor);
    }
    const ops::ValueId scale_id = context.graph.add_constant(std::move(scale));
    const ops::ValueId shift_id = context.graph.add_constant(std::move(shift));
    return context.graph.add(ops::ScaleShift{}, {inputs[0], scale_id, shift_id}, shape);
  }

 private:
  [[nodiscard]] static double at(const std::vector<double>& given, const VariablePtr& variable,
                                 std::size_t channel) {
    if (!given.empty()) return given[given.size() == 1 ? 0 : channel];
    return static_cast<double>(variable->value().data<float>()[channel]);
  }

  VariablePtr mean_, variance_, count_;
};

}  // namespace

Layer Normalization(NormalizationOptions options) {
  return Layer(std::make_shared<NormalizationLayer>(std::move(options)));
}

constinit const LayerClass kNormalizationClass =
    layer_class<kNormalizationFields, Normalization, check_normalization>("Normalization");

}  // namespace graft::layers
