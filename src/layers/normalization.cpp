// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

constexpr double kEpsilon = 1e-7;  // Keras's backend.epsilon(): the least standard deviation

class NormalizationLayer final : public LayerBase {
 public:
  explicit NormalizationLayer(NormalizationOptions options)
      : LayerBase("Normalization", options.name), options_(std::move(options)) {
    if (options_.mean.size() != options_.variance.size()) {
      fail(ErrorKind::invalid_argument, "Normalization '", name(),
           "': expected as many means as variances, received ", options_.mean.size(), " and ",
           options_.variance.size());
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const std::size_t given = options_.mean.size();
    if (given > 1 && static_cast<std::int64_t>(given) != input[-1]) bad_input(cat(given, " channels"), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    if (!options_.mean.empty()) return;
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
      const double factor = 1 / std::max(std::sqrt(at(options_.variance, variance_, c)), kEpsilon);
      scale.data<float>()[c] = static_cast<float>(factor);
      shift.data<float>()[c] = static_cast<float>(-at(options_.mean, mean_, c) * factor);
    }
    const ops::ValueId scale_id = context.graph.add_constant(std::move(scale));
    const ops::ValueId shift_id = context.graph.add_constant(std::move(shift));
    return context.graph.add(ops::ScaleShift{}, {inputs[0], scale_id, shift_id}, shape);
  }

  [[nodiscard]] Json own_config() const override {
    const auto list = [](const std::vector<double>& values) {
      return values.empty() ? Json(nullptr) : Json(values);
    };
    return {{"axis", Json::array({-1})},
            {"invert", false},
            {"mean", list(options_.mean)},
            {"variance", list(options_.variance)}};
  }

 private:
  [[nodiscard]] static double at(const std::vector<double>& given, const VariablePtr& variable,
                                 std::size_t channel) {
    if (!given.empty()) return given[given.size() == 1 ? 0 : channel];
    return static_cast<double>(variable->value().data<float>()[channel]);
  }

  NormalizationOptions options_;
  VariablePtr mean_, variance_, count_;
};

}  // namespace

Layer Normalization(NormalizationOptions options) {
  return Layer(std::make_shared<NormalizationLayer>(std::move(options)));
}

Layer normalization_from_config(const Json& config) {
  const Config reader(config);
  if (reader.boolean("invert", false)) {
    fail(ErrorKind::unsupported, "Normalization '", reader.name(), "': invert is not supported");
  }
  // Keras writes the axis as -1, 3 or [3]; null, or several axes, would be other means than those per
  // channel.
  const std::vector<double> axis = reader.numbers("axis");
  if (config.contains("axis") && (axis.size() != 1 || (axis[0] != -1 && axis[0] != 1 && axis[0] != 3))) {
    fail(ErrorKind::unsupported, "Normalization '", reader.name(), "': axis ", config["axis"].dump(),
         " is not supported; graft normalises the last axis");
  }
  return Normalization(
      {.mean = reader.numbers("mean"), .variance = reader.numbers("variance"), .name = reader.name()});
}

}  // namespace graft::layers
