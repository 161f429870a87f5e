// SPDX-License-Identifier: Apache-2.0
// PyTorch's tensors for Keras's weights: other names and another order of axes.
#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "graft/applications/torch_names.hpp"
#include "graft/base/error.hpp"

#include "saving/named_pairing.hpp"

namespace graft::saving {
namespace {

using applications::TorchLayout;
using applications::TorchWeight;
using formats::StoredTensor;

/// Rows of PyTorch's that are turned at a time, so that a large layer needs no second place in memory.
constexpr std::size_t kBlockBytes = std::size_t{8} << 20U;

/// Where PyTorch's element i of a row is among Keras's: a Flatten puts (C, H, W) in a row there, (H, W, C)
/// here.
std::int64_t keras_place(std::int64_t i, const Shape& flattened) {
  if (flattened.rank() != 3) return i;
  const std::int64_t area = flattened[0] * flattened[1];
  return i % area * flattened[2] + i / area;
}

/// (out, in) -> (in, out), some rows of the file after the others.
void read_linear(const StoredTensor& tensor, const Shape& flattened, Tensor& result) {
  const std::int64_t outs = result.shape()[1];
  const std::int64_t ins = result.shape()[0];
  const auto row = static_cast<std::size_t>(ins) * size_of(tensor.dtype);
  const auto block =
      static_cast<std::int64_t>(std::max<std::size_t>(kBlockBytes / std::max<std::size_t>(row, 1), 1));
  float* const out = result.data().data();
  for (std::int64_t begin = 0; begin < outs; begin += block) {
    const std::int64_t end = std::min(outs, begin + block);
    const Tensor rows = tensor.read_rows(begin, end).to(DType::float32);
    const float* const in = rows.data().data();
    for (std::int64_t i = 0; i < ins; ++i) {
      float* const column = out + keras_place(i, flattened) * outs;
      for (std::int64_t o = begin; o < end; ++o) column[o] = in[((o - begin) * ins) + i];
    }
  }
}

/// The shape in Keras's order, as from_torch() gives it; nothing when the file's has other axes.
std::optional<Shape> keras_shape(const Shape& shape, const TorchWeight& weight) {
  const Shape& wanted = weight.variable->shape();
  switch (weight.layout) {
    case TorchLayout::linear:
      if (shape.rank() == 2) return Shape{shape[1], shape[0]};
      if (shape.rank() == 4) return Shape{shape[1] * shape[2] * shape[3], shape[0]};
      return std::nullopt;
    case TorchLayout::convolution:
      if (shape.rank() == 2) return Shape{1, 1, shape[1], shape[0]};
      if (shape.rank() == 4) return Shape{shape[2], shape[3], shape[1], shape[0]};
      return std::nullopt;
    case TorchLayout::depthwise: {
      const std::int64_t channels = wanted.rank() == 4 ? wanted[2] : 0;
      if (shape.rank() != 4 || shape[1] != 1 || channels < 1 || shape[0] % channels != 0) return std::nullopt;
      return Shape{shape[2], shape[3], channels, shape[0] / channels};
    }
    case TorchLayout::as_is:
      break;
  }
  return shape;
}

/// The tensor as Keras has it, still in the file; fails as from_torch() does.
StoredTensor in_keras_order(const StoredTensor& tensor, const TorchWeight& weight) {
  if (weight.layout == TorchLayout::as_is) return tensor;
  const std::optional<Shape> shape = keras_shape(tensor.shape, weight);
  StoredTensor result{
      .path = tensor.path, .shape = shape.value_or(tensor.shape), .dtype = DType::float32, .fetch = {}};
  result.fetch = [tensor, weight, known = shape.has_value()](std::int64_t, Tensor& whole) {
    if (known && weight.layout == TorchLayout::linear) return read_linear(tensor, weight.flattened, whole);
    whole.copy_from(applications::from_torch(tensor.read(), weight));
  };
  return result;
}

/// EfficientNet's own standardising of pixels has weights here, which come with the definition: PyTorch's
/// networks have none.
bool standardises(const Variable& variable) {
  return variable.name() == "mean" || variable.name() == "variance" || variable.name() == "count";
}

}  // namespace

void pair_torch(const Model& model, const formats::StoredTensors& tensors, StagedWeights& staged) {
  std::vector<std::string> available;
  std::unordered_map<std::string_view, const StoredTensor*> by_name;
  for (const StoredTensor& tensor : tensors) {
    available.push_back(tensor.path);
    by_name.emplace(tensor.path, &tensor);
  }
  std::unordered_set<const Variable*> named;
  std::unordered_set<std::string_view> used;
  for (const TorchWeight& weight : applications::torch_names(model, available)) {
    named.insert(weight.variable.get());
    const auto found = by_name.find(weight.torch_name);
    if (found == by_name.end()) {
      staged.missing({weight.variable});
      continue;
    }
    used.insert(found->first);
    staged.pair(weight.variable, in_keras_order(*found->second, weight));
  }
  for (const VariablePtr& variable : model.weights()) {
    if (!named.contains(variable.get()) && !standardises(*variable)) staged.missing({variable});
  }
  for (const StoredTensor& tensor : tensors) {
    if (!used.contains(tensor.path) && !applications::is_torch_bookkeeping(tensor.path))
      staged.unused({tensor});
  }
}

}  // namespace graft::saving
