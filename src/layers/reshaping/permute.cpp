// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kPermuteFields = fields<PermuteOptions>(field<&PermuteOptions::dims>("dims"));

class PermuteLayer final : public OptionsLayer<kPermuteFields> {
 public:
  explicit PermuteLayer(PermuteOptions given) : OptionsLayer("Permute", std::move(given)) {
    std::vector<std::int64_t> sorted = options().dims;
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] == static_cast<std::int64_t>(i + 1)) continue;
      fail(ErrorKind::invalid_argument, "Permute '", name(), "': expected each number from 1 to ",
           sorted.size(), " once in dims, received ", Shape(options().dims));
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() != options().dims.size() + 1)
      bad_input(cat("input of ", options().dims.size() + 1, " axes, the batch's among them"), input);
    Shape output = input;
    for (std::size_t i = 0; i < options().dims.size(); ++i)
      output.set(static_cast<int>(i + 1), input[static_cast<int>(options().dims[i])]);
    return output;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    std::vector<int> axes{0};
    for (const std::int64_t dim : options().dims) axes.push_back(static_cast<int>(dim));
    return context.graph.add(ops::Permute{std::move(axes)}, inputs,
                             output_shape({context.graph.shape(inputs[0])}));
  }
};

}  // namespace

Layer Permute(PermuteOptions options) { return Layer(std::make_shared<PermuteLayer>(std::move(options))); }

constinit const LayerClass kPermuteClass = layer_class<kPermuteFields, Permute>("Permute");

}  // namespace graft::layers
