// SPDX-License-Identifier: Apache-2.0
#include "graft/error.hpp"
#include "graft/layers/regularization.hpp"

#include "layers/regularization/random_zeros.hpp"

namespace graft::layers {
namespace {

constexpr auto kStochasticDepthFields =
    fields<StochasticDepthOptions>(field<&StochasticDepthOptions::drop_path_rate>("drop_path_rate"));

class SampleDropout final
    : public DropoutLayer<kStochasticDepthFields, &StochasticDepthOptions::drop_path_rate> {
 public:
  explicit SampleDropout(StochasticDepthOptions given)
      : DropoutLayer("StochasticDepth", "drop_path_rate", std::move(given)) {}

  [[nodiscard]] std::string module_name() const override { return "keras.src.applications.convnext"; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() < 1 || input.rank() > 32) bad_input("input (N, ...)", input);
    return input;
  }

 protected:
  /// All axes but the batch's.
  [[nodiscard]] std::uint32_t shared_axes() const override { return ~std::uint32_t{1}; }
};

}  // namespace

Layer StochasticDepth(StochasticDepthOptions options) {
  return Layer(std::make_shared<SampleDropout>(std::move(options)));
}

constinit const LayerClass kStochasticDepthClass =
    layer_class<kStochasticDepthFields, StochasticDepth>("StochasticDepth");

}  // namespace graft::layers
