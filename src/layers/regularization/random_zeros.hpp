// SPDX-License-Identifier: Apache-2.0
// Shared by the layers that zero elements at random in training.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "layers/layer_class.hpp"

namespace graft::layers {

/// Throws Error{invalid_argument} naming layer and option for a rate outside [0, 1].
void check_rate(const LayerBase& layer, const char* option, double rate);

/// kRate: the member of the options that is the probability.
template <const auto& kFields, auto kRate>
class DropoutLayer : public OptionsLayer<kFields> {
 public:
  using Options = OptionsOf<kFields>;
  /// rate_option: Keras's name of the rate.
  DropoutLayer(const char* class_name, const char* rate_option, Options options)
      : OptionsLayer<kFields>(class_name, std::move(options)) {
    check_rate(*this, rate_option, rate());
  }

  [[nodiscard]] bool has_random_state() const override { return rate() > 0; }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    if (!context.training || rate() == 0) return inputs[0];
    std::optional<std::uint64_t> seed;
    if constexpr (requires(Options options) { options.seed; }) seed = this->options().seed;
    const ops::Dropout dropout{.rate = static_cast<float>(rate()),
                               .seed = this->seed_or_default(seed),
                               .shared_axes = shared_axes()};
    return context.graph.add(dropout, inputs, context.graph.shape(inputs[0]));
  }

 protected:
  /// Bit i: all elements along axis i share a draw.
  [[nodiscard]] virtual std::uint32_t shared_axes() const = 0;

 private:
  [[nodiscard]] double rate() const { return this->options().*kRate; }
};

}  // namespace graft::layers
