// SPDX-License-Identifier: Apache-2.0
// What the layers share that zero elements at random in training.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/extend/layer.hpp"

namespace graft::layers {

class DropoutLayer : public LayerBase {
 public:
  /// rate_option: what the layer's option is called. Throws Error{invalid_argument} for a rate outside [0,
  /// 1].
  struct Rate {
    const char* option;
    double value;
  };
  DropoutLayer(const char* class_name, const std::string& name, const Rate& rate,
               std::optional<std::uint64_t> seed);

  [[nodiscard]] bool has_random_state() const override { return rate_ > 0; }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override;

 protected:
  /// Bit i: all elements along axis i share a draw.
  [[nodiscard]] virtual std::uint32_t shared_axes(const Shape& input) const = 0;
  [[nodiscard]] const std::optional<std::uint64_t>& seed() const { return seed_; }
  [[nodiscard]] double rate() const { return rate_; }

 private:
  double rate_;
  std::optional<std::uint64_t> seed_;
};

}  // namespace graft::layers
