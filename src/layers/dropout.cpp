// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/regularization.hpp"

#include "layers/config.hpp"
#include "layers/dropout_layer.hpp"

namespace graft::layers {
namespace {

class PlainDropout final : public DropoutLayer {
 public:
  explicit PlainDropout(const DropoutOptions& options)
      : DropoutLayer("Dropout", options.name, {"rate", options.rate}, options.seed),
        noise_(options.noise_shape) {
    for (const std::int64_t size : noise_.sizes()) {
      if (size >= 1 || size == -1) continue;
      fail(ErrorKind::invalid_argument, "Dropout '", name(),
           "': expected sizes of at least 1 in noise_shape, received ", noise_);
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (noise_.rank() == 0) return input;
    bool fits = noise_.rank() == input.rank() && input.rank() <= 32;
    for (int axis = 0; fits && axis < static_cast<int>(input.rank()); ++axis)
      fits = noise_[axis] <= 1 || input[axis] < 0 || noise_[axis] == input[axis];
    if (!fits) bad_input(cat("an input that fits noise_shape ", noise_), input);
    return input;
  }

  [[nodiscard]] Json own_config() const override {
    Json noise;
    for (const std::int64_t size : noise_.sizes()) noise.push_back(size < 0 ? Json(nullptr) : Json(size));
    return {{"rate", rate()}, {"seed", seed_json(seed())}, {"noise_shape", noise}};
  }

 protected:
  [[nodiscard]] std::uint32_t shared_axes(const Shape&) const override {
    std::uint32_t axes = 0;
    for (std::size_t i = 0; i < noise_.rank(); ++i) {
      if (noise_.sizes()[i] == 1) axes |= 1U << i;
    }
    return axes;
  }

 private:
  Shape noise_;
};

}  // namespace

Layer Dropout(DropoutOptions options) { return Layer(std::make_shared<PlainDropout>(options)); }

Layer dropout_from_config(const Json& config) {
  const Config reader(config);
  return Dropout({.rate = reader.number("rate", 0.5),
                  .noise_shape = Shape(reader.integers("noise_shape")),
                  .seed = reader.optional_seed(),
                  .name = reader.name()});
}

}  // namespace graft::layers
