// SPDX-License-Identifier: Apache-2.0
// PyTorch's tensors for Keras's weights: other names and another order of axes.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "graft/applications/torch_names.hpp"
#include "graft/base/fail.hpp"

#include "saving/pairing/named_pairing.hpp"

namespace graft::saving {
namespace {

using applications::TorchLayout;
using applications::TorchWeight;
using formats::StoredTensor;

/// Number of PyTorch rows that are transposed at a time, so that a large layer is not in memory twice.
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

/// The shape in Keras's order, as from_torch() returns it; nothing when the file's has other axes.
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
      if (shape.rank() == 3 && shape[1] * shape[2] == 1) return Shape{shape[0]};
      break;
  }
  return shape;
}

/// The tensor as Keras has it, still in the file; fails as from_torch() does.
StoredTensor in_keras_order(const StoredTensor& tensor, const TorchWeight& weight) {
  if (weight.layout == TorchLayout::as_is && tensor.shape.rank() == 1) return tensor;
  const std::optional<Shape> shape = keras_shape(tensor.shape, weight);
  StoredTensor result{
      .path = tensor.path, .shape = shape.value_or(tensor.shape), .dtype = DType::float32, .fetch = {}};
  result.fetch = [tensor, weight, known = shape.has_value()](std::int64_t, Tensor& whole) {
    if (known && weight.layout == TorchLayout::linear) return read_linear(tensor, weight.flattened, whole);
    whole.copy_from(applications::from_torch(tensor.read(), weight));
  };
  return result;
}

/// EfficientNet's own standardising of pixels has weights here: PyTorch's networks have none.
bool standardises(const Variable& variable) {
  return variable.name() == "mean" || variable.name() == "variance" || variable.name() == "count";
}

void set_pixel_statistics(const Model& model, StagedWeights& staged) {
  for (const applications::PixelStatistic& statistic : applications::torch_pixel_statistics(model))
    staged.set(statistic.variable, statistic.value);
}

/// "layer1.0." of "layer1.0.se.fc1.weight": up to the last part that is a number; empty without one.
std::string_view numbered_block(std::string_view name) {
  std::size_t end = name.rfind('.');
  while (end != std::string_view::npos && end != 0) {
    const std::size_t begin = name.rfind('.', end - 1);
    const std::size_t first = begin == std::string_view::npos ? 0 : begin + 1;
    const std::string_view part = name.substr(first, end - first);
    if (part.find_first_not_of("0123456789") == std::string_view::npos) return name.substr(0, end + 1);
    end = begin;
  }
  return {};
}

/// A file with more in a block than the model has there, or with less in the midst, is of another network
/// that happens to share names, as SE-ResNet50 and ResNet101 do with ResNet50. Only ends may differ: heads.
class SameNetwork {
 public:
  void found(const TorchWeight& weight) {
    last_ = numbered_block(weight.torch_name);
    blocks_.insert(last_);
    if (!lacking_.empty()) gap_ = lacking_;
  }
  void lacking(const TorchWeight& weight) {
    if (lacking_.empty()) lacking_ = weight.torch_name;
  }
  void unused(const std::string& name) {
    const std::string_view block = numbered_block(name);
    // The last one may be cut in two: a model that ends within a block.
    if (!block.empty() && block != last_ && blocks_.contains(block)) more_ = name;
  }

  void check(const Model& model, const StagedWeights& staged) const {
    if (staged.options().skip_mismatch || (gap_.empty() && more_.empty())) return;
    fail(ErrorKind::shape_mismatch, staged.file(), " is of another network than model '", model.name(), "': ",
         gap_.empty() ? cat("it has ", more_, ", for which the model's block has no place")
                      : cat("it lacks ", gap_, ", though it has what comes after it"),
         "; skip_mismatch loads what fits");
  }

 private:
  std::set<std::string, std::less<>> blocks_;
  std::string last_, lacking_, gap_, more_;
};

/// The names of the model's weights in a definition, and their prefix in the file.
struct Naming {
  std::string prefix;
  std::vector<TorchWeight> weights;
};

/// What at least half of the names begin with, up to a dot: "", "model.", "model.backbone.".
std::vector<std::string> prefixes(const formats::StoredTensors& tensors) {
  constexpr int kMaxParts = 4;
  std::map<std::string, std::size_t> counts;
  for (const StoredTensor& tensor : tensors) {
    std::size_t dot = tensor.path.find('.');
    for (int i = 0; i < kMaxParts && dot != std::string::npos; ++i, dot = tensor.path.find('.', dot + 1))
      ++counts[tensor.path.substr(0, dot + 1)];
  }
  std::vector<std::string> result{""};
  for (const auto& [prefix, count] : counts) {
    if (2 * count >= tensors.size()) result.push_back(prefix);
  }
  return result;
}

/// The prefix under which the most names are those of a definition: a trainer's "model.", a network's
/// "backbone.". The shortest of several.
Naming choose_naming(const Model& model, const formats::StoredTensors& tensors) {
  Naming best;
  std::ptrdiff_t most = -1;
  for (const std::string& prefix : prefixes(tensors)) {
    std::vector<std::string> names;
    for (const StoredTensor& tensor : tensors) {
      if (tensor.path.starts_with(prefix)) names.push_back(tensor.path.substr(prefix.size()));
    }
    std::vector<TorchWeight> weights = applications::torch_names(model, names);
    const std::unordered_set<std::string_view> present(names.begin(), names.end());
    const std::ptrdiff_t found = std::ranges::count_if(
        weights, [&](const TorchWeight& weight) { return present.contains(weight.torch_name); });
    if (found <= most) continue;
    most = found;
    best = {prefix, std::move(weights)};
  }
  return best;
}

/// The tensors under torchvision's names, where another library named them.
formats::StoredTensors with_torchvision_names(formats::StoredTensors tensors) {
  std::vector<std::string> names;
  for (const StoredTensor& tensor : tensors) names.push_back(tensor.path);
  names = applications::torchvision_names(std::move(names));
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].path = names[i];
  return tensors;
}

}  // namespace

void pair_torch(const Model& model, const formats::StoredTensors& stored, StagedWeights& staged) {
  const formats::StoredTensors tensors = with_torchvision_names(stored);
  const Naming naming = choose_naming(model, tensors);
  if (!naming.prefix.empty()) staged.from("under " + naming.prefix);
  std::unordered_map<std::string_view, const StoredTensor*> by_name;
  for (const StoredTensor& tensor : tensors) {
    if (tensor.path.starts_with(naming.prefix))
      by_name.emplace(std::string_view(tensor.path).substr(naming.prefix.size()), &tensor);
  }
  std::unordered_set<const Variable*> named;
  std::unordered_set<std::string_view> used;
  SameNetwork same;
  for (const TorchWeight& weight : naming.weights) {
    named.insert(weight.variable.get());
    const auto found = by_name.find(weight.torch_name);
    if (found == by_name.end()) {
      staged.missing({weight.variable});
      same.lacking(weight);
      continue;
    }
    used.insert(found->second->path);
    same.found(weight);
    staged.pair(weight.variable, in_keras_order(*found->second, weight));
  }
  for (const VariablePtr& variable : model.weights()) {
    if (!named.contains(variable.get()) && !standardises(*variable)) staged.missing({variable});
  }
  for (const StoredTensor& tensor : tensors) {
    if (used.contains(tensor.path) || applications::is_torch_bookkeeping(tensor.path)) continue;
    staged.unused({tensor});
    if (tensor.path.starts_with(naming.prefix)) same.unused(tensor.path.substr(naming.prefix.size()));
  }
  same.check(model, staged);
  set_pixel_statistics(model, staged);
}

}  // namespace graft::saving
