// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class PermuteLayer final : public LayerBase {
 public:
  explicit PermuteLayer(PermuteOptions options)
      : LayerBase("Permute", options.name), options_(std::move(options)) {
    std::vector<std::int64_t> sorted = options_.dims;
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] == static_cast<std::int64_t>(i + 1)) continue;
      fail(ErrorKind::invalid_argument, "Permute '", name(), "': expected each number from 1 to ",
           sorted.size(), " once in dims, received ", Shape(options_.dims));
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() != options_.dims.size() + 1)
      bad_input(cat("input of ", options_.dims.size() + 1, " axes, the batch's among them"), input);
    Shape output = input;
    for (std::size_t i = 0; i < options_.dims.size(); ++i)
      output.set(static_cast<int>(i + 1), input[static_cast<int>(options_.dims[i])]);
    return output;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    std::vector<int> axes{0};
    for (const std::int64_t dim : options_.dims) axes.push_back(static_cast<int>(dim));
    return context.graph.add(ops::Permute{std::move(axes)}, inputs,
                             output_shape({context.graph.shape(inputs[0])}));
  }

  [[nodiscard]] Json own_config() const override { return {{"dims", options_.dims}}; }

 private:
  PermuteOptions options_;
};

}  // namespace

Layer Permute(PermuteOptions options) { return Layer(std::make_shared<PermuteLayer>(std::move(options))); }

Layer permute_from_config(const Json& config) {
  const Config reader(config);
  return Permute({.dims = reader.integers("dims"), .name = reader.name()});
}

}  // namespace graft::layers
