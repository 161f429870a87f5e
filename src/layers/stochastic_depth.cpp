// SPDX-License-Identifier: Apache-2.0
#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/regularization.hpp"

#include "layers/config.hpp"
#include "layers/dropout_layer.hpp"

namespace graft::layers {
namespace {

class SampleDropout final : public DropoutLayer {
 public:
  explicit SampleDropout(const StochasticDepthOptions& options)
      : DropoutLayer("StochasticDepth", options.name, {"drop_path_rate", options.drop_path_rate},
                     std::nullopt) {}

  [[nodiscard]] std::string module_name() const override { return "keras.src.applications.convnext"; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() < 1 || input.rank() > 32) bad_input("input (N, ...)", input);
    return input;
  }
  [[nodiscard]] Json own_config() const override { return {{"drop_path_rate", rate()}}; }

 protected:
  /// All axes but the batch's.
  [[nodiscard]] std::uint32_t shared_axes(const Shape&) const override { return ~std::uint32_t{1}; }
};

}  // namespace

Layer StochasticDepth(StochasticDepthOptions options) {
  return Layer(std::make_shared<SampleDropout>(options));
}

Layer stochastic_depth_from_config(const Json& config) {
  const Config reader(config);
  return StochasticDepth({.drop_path_rate = reader.number("drop_path_rate", 0), .name = reader.name()});
}

}  // namespace graft::layers
