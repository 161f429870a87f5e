// SPDX-License-Identifier: Apache-2.0
// Products, sums and functions of woven values.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "graft/base/json.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/reshaping.hpp"
#include "graft/ops/permuted.hpp"

#include "onnx/import/woven.hpp"

namespace graft {
inline namespace onnx {
namespace {

using Sizes = std::vector<std::int64_t>;
using Group = std::vector<int>;

/// A value whose tensor has the axes of ONNX's in their order: of each the batch, and the elements
/// before and after it as one axis each. Two such values of the same sizes have the same layout. The last
/// `kept` axes are one axis each.
struct Gathered {
  SymbolicTensor tensor;
  Parts parts;
};
Gathered with_last(Importer& importer, const Known& from, std::size_t kept) {
  Parts groups{{0}};
  Parts parts(from.parts.size());
  const std::size_t leading = from.parts.size() - kept;
  bool has_batch = false;
  for (std::size_t i = 0; i < leading; ++i) {
    Group run;
    const auto end_run = [&] {
      if (run.empty()) return;
      parts[i].push_back(static_cast<int>(groups.size()));
      groups.push_back(std::move(run));
      run.clear();
    };
    for (const int axis : from.parts[i]) {
      if (axis != 0) {
        run.push_back(axis);
        continue;
      }
      end_run();
      has_batch = true;
      parts[i].push_back(0);
    }
    end_run();
  }
  for (std::size_t i = leading; i < from.parts.size(); ++i) {
    parts[i] = {static_cast<int>(groups.size())};
    groups.push_back(from.parts[i]);
  }
  if (!has_batch) importer.refuse("mixes photos of a batch");
  return {gathered(importer, from, groups), std::move(parts)};
}

/// The product of two woven values.
void multiply(Importer& importer, const Known& a, const Known& b) {
  if (a.parts.size() != b.parts.size() || a.parts.size() < 3)
    importer.refuse("multiplies ", a.shape, " by ", b.shape);
  const Gathered left = with_last(importer, a, 2);
  const Gathered right = with_last(importer, b, 2);
  const Parts leading(left.parts.begin(), left.parts.end() - 2);
  if (!std::equal(leading.begin(), leading.end(), right.parts.begin()))
    importer.refuse("multiplies ", a.shape, " by ", b.shape, ", whose photos lie otherwise");
  const auto axes = static_cast<int>(left.tensor.shape.rank());
  for (int axis = 1; axis + 2 < axes; ++axis) {
    if (left.tensor.shape[axis] != right.tensor.shape[axis])
      importer.refuse("multiplies ", a.shape, " by ", b.shape);
  }
  if (left.tensor.shape[-1] != right.tensor.shape[-2])
    importer.broken("multiplies ", a.shape, " by ", b.shape);
  const SymbolicTensor y = importer.operation("Matmul", {left.tensor, right.tensor}, Json::object());
  Known result = woven_value(a, y, left.parts);
  result.non_negative = a.non_negative && b.non_negative;
  importer.result(settled(importer, std::move(result)));
}

/// The letters of an Einsum of two values.
struct Equation {
  std::string a, b, y;
};
Equation equation_of(const std::string& text) {
  std::string plain;
  std::ranges::copy_if(text, std::back_inserter(plain), [](char letter) { return letter != ' '; });
  const std::size_t comma = plain.find(',');
  const std::size_t arrow = plain.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || comma > arrow) return {};
  return {plain.substr(0, comma), plain.substr(comma + 1, arrow - comma - 1), plain.substr(arrow + 2)};
}

/// Exchanges the last two axes where the last letters are not these. False: they are others.
bool turn_to(Known& value, const std::string& letters, char before_last, char last) {
  const std::size_t n = letters.size();
  if (letters[n - 2] == before_last && letters[n - 1] == last) return true;
  if (letters[n - 2] != last || letters[n - 1] != before_last) return false;
  std::swap(value.parts[n - 2], value.parts[n - 1]);
  return true;
}

}  // namespace

void convert_woven_product(Importer& importer) {
  multiply(importer, woven(importer, importer.in(0)), woven(importer, importer.in(1)));
}

void convert_einsum(Importer& importer) {
  const std::string text = importer.text("equation", "");
  const Equation e = equation_of(text);
  Known a = woven(importer, importer.in(0));
  Known b = woven(importer, importer.in(1));
  const std::size_t n = e.y.size();
  bool known = n >= 3 && e.a.size() == n && e.b.size() == n && a.parts.size() == n && b.parts.size() == n &&
               e.a.substr(0, n - 2) == e.y.substr(0, n - 2) && e.b.substr(0, n - 2) == e.y.substr(0, n - 2) &&
               std::set<char>(e.y.begin(), e.y.end()).size() == n;
  if (known) {
    const char shared = e.a[n - 2] == e.y[n - 2] ? e.a[n - 1] : e.a[n - 2];
    known = e.y.find(shared) == std::string::npos && turn_to(a, e.a, e.y[n - 2], shared) &&
            turn_to(b, e.b, shared, e.y[n - 1]);
  }
  if (!known) importer.refuse("has the equation ", text, ", which graft does not know");
  multiply(importer, a, b);
}

void convert_woven_dense(Importer& importer) {
  const Known from = woven(importer, importer.in(0));
  if (importer.node().op == "Gemm" && importer.integer("transA", 0) != 0)
    importer.refuse("has a turned input");
  const DenseNumbers numbers = dense_numbers(importer);
  const Gathered x = with_last(importer, from, 1);
  const SymbolicTensor y = dense_layer(importer, x.tensor, numbers.kernel, numbers.bias);
  Known result = woven_value(from, y, x.parts);
  result.non_negative = false;
  importer.result(settled(importer, std::move(result)));
}

/// An ordinary node on the tensor as it lies, whose last `kept` axes are ONNX's.
void convert_as_ordinary(Importer& importer, const Operators& operators, std::size_t kept) {
  const Known from = woven(importer, importer.in(0));
  const Gathered x = kept == 0 ? Gathered{from.tensor, from.parts} : with_last(importer, from, kept);
  const formats::OnnxNode& original = importer.node();
  formats::OnnxNode copy = original;
  Known view;
  view.tensor = x.tensor;
  view.shape = x.tensor.shape;
  view.order = identity_order(view.shape.rank());
  view.non_negative = from.non_negative;
  copy.inputs[0] = importer.unique("as it lies");
  copy.outputs = {copy.inputs[0] + " result"};
  for (formats::OnnxAttribute& attribute : copy.attributes)
    if (attribute.name == "axis") attribute.integer = -static_cast<std::int64_t>(kept);
  importer.define(copy.inputs[0], view);
  importer.begin(copy);
  operators.at(original.op)(importer);
  const Known made = importer.value(copy.outputs[0]);
  importer.begin(original);
  Known result = woven_value(from, importer.arranged(made, view.order), x.parts);
  result.non_negative = made.non_negative;
  importer.result(settled(importer, std::move(result)));
}

void convert_woven_softmax(Importer& importer) {
  Known from = woven(importer, importer.in(0));
  const int axis = importer.axis(importer.integer("axis", importer.opset() < 13 ? 1 : -1), from.parts.size());
  if (importer.opset() < 13 && axis + 1 != static_cast<int>(from.parts.size()))
    importer.refuse("is over several axes");
  from = with_single_axis(importer, from, axis);
  const Layer layer =
      layers::Softmax({.axis = woven_axis(importer, from, axis), .name = importer.layer_name(0)});
  Known result = woven_value(from, importer.call(layer, {from.tensor}), from.parts);
  result.non_negative = true;
  importer.result(settled(importer, std::move(result)));
}

namespace {

/// Fixed numbers as the tensor lies, without the batch.
Json numbers_as_it_lies(const Importer& importer, const Known& value, const Tensor& numbers) {
  if (numbers.count() == 1) return numbers.data()[0];
  if (numbers.count() > kMostNumbers)
    importer.refuse("combines values with more than ", kMostNumbers, " fixed numbers");
  Sizes given = numbers.shape().sizes();
  given.insert(given.begin(), value.parts.size() - given.size(), 1);
  Sizes sizes;  // of the atoms in ONNX's order, then of those that no axis of ONNX's has
  std::vector<int> atoms;
  for (std::size_t i = 0; i < value.parts.size(); ++i) {
    std::int64_t all = 1;
    for (const int axis : value.parts[i]) all *= axis == 0 ? 1 : value.tensor.shape[axis];
    if (given[i] != 1 && given[i] != all)
      importer.refuse("combines ", value.shape, " with fixed numbers ", numbers.shape());
    for (const int axis : value.parts[i]) {
      atoms.push_back(axis);
      sizes.push_back(given[i] == 1 || axis == 0 ? 1 : value.tensor.shape[axis]);
    }
  }
  for (int axis = 0; axis < static_cast<int>(value.tensor.shape.rank()); ++axis) {
    if (std::ranges::find(atoms, axis) != atoms.end()) continue;
    atoms.push_back(axis);
    sizes.push_back(1);
  }
  std::vector<int> order(atoms.size());
  for (std::size_t i = 0; i < atoms.size(); ++i)
    order[static_cast<std::size_t>(atoms[i])] = static_cast<int>(i);
  const Tensor turned = ops::permuted(numbers.reshape(Shape(sizes)), order);
  return nested_numbers(turned.reshape(turned.shape().without_batch()));
}

}  // namespace

void convert_with_numbers(Importer& importer, bool numbers_first) {
  const std::string& op = importer.node().op;
  const Tensor numbers = importer.fixed(numbers_first ? 0 : 1);
  Known value = woven(importer, importer.in(numbers_first ? 1 : 0));
  if (numbers.shape().rank() > value.parts.size())
    value.parts.insert(value.parts.begin(), numbers.shape().rank() - value.parts.size(), Group());
  Json arguments = Json::array({layers::tensor_placeholder(0)});
  arguments.insert(numbers_first ? arguments.begin() : arguments.end(),
                   numbers_as_it_lies(importer, value, numbers));
  const SymbolicTensor y =
      importer.operation(binary_operator(op)->keras, {value.tensor}, Json::object(), &arguments);
  Known result = woven_value(value, y, value.parts);
  result.non_negative = false;
  importer.result(settled(importer, std::move(result)));
}

namespace {

/// The second value's tensor with its axes as the first's lie; of one element where it has none there.
std::optional<SymbolicTensor> laid_like(Importer& importer, const Known& like, const Known& value) {
  std::vector<int> axes(like.tensor.shape.rank(), -1);
  for (std::size_t i = 0; i < like.parts.size(); ++i) {
    const Group& theirs = like.parts[i];
    const Group& own = value.parts[i];
    if (own.empty()) continue;
    if (own.size() != theirs.size()) return std::nullopt;
    for (std::size_t j = 0; j < own.size(); ++j) {
      const bool batch = own[j] == 0 && theirs[j] == 0;
      if (!batch &&
          (own[j] == 0 || theirs[j] == 0 || value.tensor.shape[own[j]] != like.tensor.shape[theirs[j]]))
        return std::nullopt;
      axes[static_cast<std::size_t>(theirs[j])] = own[j];
    }
  }
  if (axes.front() != 0) return std::nullopt;
  Parts groups;
  for (const int axis : axes) groups.push_back(axis < 0 ? Group() : Group{axis});
  return gathered(importer, value, groups);
}

/// Two values of the node as their operator takes them.
struct Alike {
  std::vector<SymbolicTensor> tensors;
  Parts parts;
};
std::optional<Alike> lying_alike(Importer& importer, const Known& a, const Known& b) {
  if (const std::optional<SymbolicTensor> other = laid_like(importer, a, b))
    return Alike{{a.tensor, *other}, a.parts};
  if (const std::optional<SymbolicTensor> other = laid_like(importer, b, a))
    return Alike{{*other, b.tensor}, b.parts};
  return std::nullopt;
}

Known joined(Importer& importer, const Known& value) {
  Gathered x = with_last(importer, value, 0);
  return woven_value(value, std::move(x.tensor), std::move(x.parts));
}

}  // namespace

Known with_single_axis(Importer& importer, const Known& value, int axis) {
  const Group& group = value.parts[static_cast<std::size_t>(axis)];
  const bool several = group.size() > 1 && std::ranges::find(group, 0) == group.end();
  return several ? joined(importer, value) : value;
}

void convert_woven_binary(Importer& importer) {
  Known a = woven(importer, importer.in(0));
  Known b = woven(importer, importer.in(1));
  const std::size_t rank = std::max(a.parts.size(), b.parts.size());
  a.parts.insert(a.parts.begin(), rank - a.parts.size(), Group());
  b.parts.insert(b.parts.begin(), rank - b.parts.size(), Group());
  std::optional<Alike> alike = lying_alike(importer, a, b);
  // One of them was cut into other axes.
  if (!alike) alike = lying_alike(importer, joined(importer, a), joined(importer, b));
  if (!alike) importer.refuse("combines ", a.shape, " and ", b.shape, ", which lie in different ways");
  Known result = woven_value(a, combined(importer, alike->tensors), std::move(alike->parts));
  result.non_negative = a.non_negative && b.non_negative && importer.node().op != "Sub";
  importer.result(settled(importer, std::move(result)));
}

}  // namespace onnx
}  // namespace graft
