// SPDX-License-Identifier: Apache-2.0
// What the random image layers share: they act in training alone, on (N, H, W, C), and keep the shape.
#pragma once

#include <optional>
#include <string>

#include "graft/layers/layer_base.hpp"
#include "graft/layers/options.hpp"

#include "layers/config.hpp"

namespace graft::layers {

class RandomImageLayer : public LayerBase {
 public:
  RandomImageLayer(const char* class_name, const std::string& name, std::optional<std::uint64_t> seed)
      : LayerBase(class_name, name), seed_(seed) {}

  [[nodiscard]] bool has_random_state() const override { return true; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 4);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override;

 protected:
  /// The op for one call in training.
  [[nodiscard]] virtual ops::Params random_op(std::uint64_t seed) const = 0;
  [[nodiscard]] const std::optional<std::uint64_t>& seed() const { return seed_; }

 private:
  std::optional<std::uint64_t> seed_;
};

[[nodiscard]] ops::Range to_range(const Factor& factor);
[[nodiscard]] ops::FillMode to_fill_mode(Fill fill);
[[nodiscard]] std::string fill_name(Fill fill);
[[nodiscard]] Fill fill_from(const Config& reader);
/// "bilinear" or "nearest"; throws Error{unsupported} naming the layer.
[[nodiscard]] ops::Interpolation to_interpolation(const std::string& layer, const std::string& name);
[[nodiscard]] Json factor_json(const Factor& factor);

}  // namespace graft::layers
