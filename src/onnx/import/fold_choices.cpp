// SPDX-License-Identifier: Apache-2.0
// Nodes that compare, choose, copy and place fixed numbers: exporters write masks of attention so.
#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <span>

#include "onnx/import/fold.hpp"

namespace graft {
inline namespace onnx {
namespace {

using Integers = std::vector<std::int64_t>;

/// The shape in which both are, as numpy repeats them.
Integers common_shape(const Importer& importer, const Integers& a, const Integers& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  const auto size = [rank](const Integers& sizes, std::size_t i) {
    const std::size_t missing = rank - sizes.size();
    return i < missing ? 1 : sizes[i - missing];
  };
  Integers result(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t left = size(a, i);
    const std::int64_t right = size(b, i);
    if (left != right && left != 1 && right != 1) importer.broken("combines ", Shape(a), " and ", Shape(b));
    result[i] = left == 1 ? right : left;
  }
  check_size(importer, result);
  return result;
}

/// Calls body with the place in a tensor of shape `from` for each element of shape `to`, in order. An axis of
/// another size starts again at its end.
template <typename Body>
void for_each_place(const Shape& from, const Integers& to, const Body& body) {
  const std::size_t rank = to.size();
  Integers own(rank - from.rank(), 1);
  own.insert(own.end(), from.sizes().begin(), from.sizes().end());
  const std::int64_t count = Shape(to).count();
  Integers index(rank, 0);
  for (std::int64_t n = 0; n < count; ++n) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < rank; ++i) at = at * own[i] + index[i] % own[i];
    body(static_cast<std::size_t>(n), static_cast<std::size_t>(at));
    for (std::size_t i = rank; i-- > 0;) {
      if (++index[i] < to[i]) break;
      index[i] = 0;
    }
  }
}

/// float64, repeated.
Tensor repeated(const Tensor& from, const Integers& to) {
  const Tensor x = from.to(DType::float64);
  Tensor result(Shape(to), DType::float64);
  const auto given = x.data<double>();
  const auto copies = result.data<double>();
  for_each_place(x.shape(), to, [&](std::size_t n, std::size_t at) { copies[n] = given[at]; });
  return result;
}

bool all_whole(std::initializer_list<const Tensor*> tensors) {
  return std::ranges::all_of(tensors, [](const Tensor* one) { return one->dtype() == DType::int64; });
}

/// 1 where a comparison holds, else 0: truth is a whole number here.
void fold_truth(Importer& importer, const std::function<double(double, double)>& function) {
  fold_binary(importer, function);
  Known known = importer.value(importer.node().outputs.front());
  known.fixed = known.fixed->to(DType::int64);
  importer.result(std::move(known));
}

void fold_extreme(Importer& importer) {
  if (importer.node().inputs.size() == 1) return finish(importer, *importer.in(0).fixed);
  if (importer.node().inputs.size() != 2) importer.refuse("has more than two fixed inputs");
  const bool largest = importer.node().op == "Max";
  fold_binary(importer, [largest](double a, double b) { return largest ? std::max(a, b) : std::min(a, b); });
}

void fold_test(Importer& importer, const std::function<bool(double)>& test) {
  Tensor result = importer.in(0).fixed->to(DType::float64).clone();
  for (double& value : result.data<double>()) value = test(value) ? 1 : 0;
  finish(importer, result.to(DType::int64));
}

/// -1, the size of the batch, stands for 1 here: fixed numbers are the same for each photo.
Integers without_sign(Integers sizes) {
  for (std::int64_t& size : sizes) size = size < 0 ? -std::max<std::int64_t>(size, -kMostElements) : size;
  return sizes;
}

void fold_expand(Importer& importer) {
  const Tensor from = *importer.in(0).fixed;
  const Integers to = common_shape(importer, from.shape().sizes(), without_sign(importer.integers(1)));
  finish(importer, repeated(from, to).to(from.dtype()));
}

void fold_tile(Importer& importer) {
  const Tensor from = *importer.in(0).fixed;
  const Integers times = without_sign(importer.integers(1));
  Integers to = from.shape().sizes();
  if (times.size() != to.size()) importer.broken("repeats ", from.shape(), " ", times.size(), " times");
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (times[i] > kMostElements / std::max<std::int64_t>(to[i], 1)) importer.broken("repeats without end");
    to[i] *= times[i];
  }
  check_size(importer, to);
  finish(importer, repeated(from, to).to(from.dtype()));
}

void fold_where(Importer& importer) {
  const Tensor choice = *importer.in(0).fixed;
  const Tensor a = *importer.in(1).fixed;
  const Tensor b = *importer.in(2).fixed;
  const Integers to = common_shape(importer, choice.shape().sizes(),
                                   common_shape(importer, a.shape().sizes(), b.shape().sizes()));
  Tensor result = repeated(b, to);
  const Tensor others = repeated(a, to);
  const Tensor choices = repeated(choice, to);
  for (std::size_t i = 0; i < result.data<double>().size(); ++i)
    if (choices.data<double>()[i] != 0) result.data<double>()[i] = others.data<double>()[i];
  finish(importer, result.to(all_whole({&a, &b}) ? DType::int64 : DType::float32));
}

void fold_range(Importer& importer) {
  std::array<double, 3> numbers{};
  bool whole = true;
  for (std::size_t i = 0; i < 3; ++i) {
    const Tensor& given = *importer.in(i).fixed;
    if (given.count() != 1) importer.broken("has ", given.count(), " numbers as input ", i);
    numbers[i] = given.to(DType::float64).data<double>()[0];
    whole = whole && given.dtype() == DType::int64;
  }
  const auto [start, limit, step] = numbers;
  if (step == 0 || !std::isfinite(start + limit + step)) importer.broken("has a step of ", step);
  const double wanted = std::max(0.0, std::ceil((limit - start) / step));
  const auto count = static_cast<std::int64_t>(std::min(wanted, static_cast<double>(kMostElements) + 1));
  check_size(importer, {count});
  Tensor result(Shape{count}, DType::float64);
  for (std::int64_t i = 0; i < count; ++i)
    result.data<double>()[static_cast<std::size_t>(i)] = start + static_cast<double>(i) * step;
  finish(importer, result.to(whole ? DType::int64 : DType::float32));
}

/// The first place of the slice that the last axis of `indices` names.
std::size_t slice_place(const Importer& importer, const Shape& shape, std::span<const std::int64_t> index) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    const std::int64_t size = shape.sizes()[i];
    std::int64_t place = i < index.size() ? index[i] : 0;
    if (place < 0) place += size;
    if (i < index.size() && (place < 0 || place >= size))
      importer.broken("writes to element ", index[i], " of ", size);
    at = at * size + place;
  }
  return static_cast<std::size_t>(at);
}

/// A copy in which some elements, or slices of the last axes, are others.
void fold_scatter(Importer& importer) {
  if (importer.text("reduction", "none") != "none") importer.refuse("adds to what it writes over");
  const Tensor from = *importer.in(0).fixed;
  const Tensor updates = importer.in(2).fixed->to(DType::float64);
  const Integers indices = importer.integers(1);
  const Shape& places = importer.in(1).shape;
  const Shape& shape = from.shape();
  const std::int64_t width = places.rank() == 0 ? 0 : places[-1];
  if (width < 1 || width > static_cast<std::int64_t>(shape.rank()))
    importer.broken("writes to places ", places, " of ", shape);
  std::size_t slice = 1;
  for (std::size_t i = static_cast<std::size_t>(width); i < shape.rank(); ++i)
    slice *= static_cast<std::size_t>(shape.sizes()[i]);
  const std::size_t count = indices.size() / static_cast<std::size_t>(width);
  if (static_cast<std::size_t>(updates.count()) != count * slice)
    importer.broken("writes ", updates.shape(), " to ", count, " places of ", slice, " elements");
  Tensor result = from.to(DType::float64).clone();
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const std::int64_t> index(indices.data() + i * static_cast<std::size_t>(width),
                                              static_cast<std::size_t>(width));
    const std::size_t to = slice_place(importer, shape, index);
    for (std::size_t k = 0; k < slice; ++k)
      result.data<double>()[to + k] = updates.data<double>()[i * slice + k];
  }
  finish(importer, result.to(from.dtype()));
}

/// Rows times a matrix, and a bias that join_nodes() appended.
void fold_product(Importer& importer) {
  const Tensor x = importer.fixed(0);
  const Tensor kernel = importer.fixed(1);
  if (kernel.shape().rank() != 2 || x.shape().rank() < 2 || x.shape()[-1] != kernel.shape()[0])
    importer.refuse("multiplies fixed numbers ", x.shape(), " by ", kernel.shape());
  const auto shared = static_cast<std::size_t>(kernel.shape()[0]);
  const auto columns = static_cast<std::size_t>(kernel.shape()[1]);
  Shape shape = x.shape();
  shape.set(-1, kernel.shape()[1]);
  check_size(importer, shape.sizes());
  constexpr std::int64_t kMostProducts = std::int64_t{1} << 30;
  if (kernel.count() > 0 && shape.count() > kMostProducts / kernel.shape()[0])
    fail(ErrorKind::resource_limit, importer.file(), ": node '", importer.node().name,
         "' (MatMul) multiplies fixed numbers of ", x.shape(), " and ", kernel.shape());
  Tensor bias({kernel.shape()[1]});
  if (importer.has(2)) bias = importer.fixed(2);
  if (bias.count() != kernel.shape()[1]) importer.refuse("adds ", bias.shape(), " to ", shape);
  Tensor result(shape);
  for (std::size_t i = 0; i < result.data().size(); ++i) {
    const std::size_t row = i / columns;
    const std::size_t column = i % columns;
    double sum = static_cast<double>(bias.data()[column]);
    for (std::size_t k = 0; k < shared; ++k)
      sum += static_cast<double>(x.data()[row * shared + k]) *
             static_cast<double>(kernel.data()[k * columns + column]);
    result.data()[i] = static_cast<float>(sum);
  }
  finish(importer, result);
}

/// With the divisor's sign, as Python has it.
void fold_remainder(Importer& importer) {
  if (importer.integer("fmod", 0) != 0) importer.refuse("has the dividend's sign");
  fold_binary(importer, [&](double a, double b) {
    if (b == 0) importer.broken("divides by 0");
    return a - (std::floor(a / b) * b);
  });
}

}  // namespace

void fold_binary(Importer& importer, const std::function<double(double, double)>& function) {
  const Tensor a = *importer.in(0).fixed;
  const Tensor b = *importer.in(1).fixed;
  const Integers to = common_shape(importer, a.shape().sizes(), b.shape().sizes());
  Tensor result = repeated(a, to);
  const Tensor others = repeated(b, to);
  for (std::size_t i = 0; i < result.data<double>().size(); ++i)
    result.data<double>()[i] = function(result.data<double>()[i], others.data<double>()[i]);
  finish(importer, result.to(all_whole({&a, &b}) ? DType::int64 : DType::float32));
}

Fold find_choice_fold(const std::string& op) {
  static const std::map<std::string, Fold, std::less<>> folds{
      {"Equal", [](Importer& i) { fold_truth(i, [](double a, double b) { return a == b ? 1 : 0; }); }},
      {"Less", [](Importer& i) { fold_truth(i, [](double a, double b) { return a < b ? 1 : 0; }); }},
      {"LessOrEqual", [](Importer& i) { fold_truth(i, [](double a, double b) { return a <= b ? 1 : 0; }); }},
      {"Greater", [](Importer& i) { fold_truth(i, [](double a, double b) { return a > b ? 1 : 0; }); }},
      {"GreaterOrEqual",
       [](Importer& i) { fold_truth(i, [](double a, double b) { return a >= b ? 1 : 0; }); }},
      {"And", [](Importer& i) { fold_truth(i, [](double a, double b) { return a * b; }); }},
      {"Or", [](Importer& i) { fold_truth(i, [](double a, double b) { return std::max(a, b); }); }},
      {"Xor", [](Importer& i) { fold_truth(i, [](double a, double b) { return a != b ? 1 : 0; }); }},
      {"Not", [](Importer& i) { fold_test(i, [](double a) { return a == 0; }); }},
      {"IsNaN", [](Importer& i) { fold_test(i, [](double a) { return std::isnan(a); }); }},
      {"Mod", fold_remainder},
      {"Max", fold_extreme},
      {"Min", fold_extreme},
      {"Expand", fold_expand},
      {"Tile", fold_tile},
      {"Where", fold_where},
      {"Range", fold_range},
      {"ScatterND", fold_scatter},
      {"MatMul", fold_product},
  };
  const auto found = folds.find(op);
  return found == folds.end() ? nullptr : found->second;
}

}  // namespace onnx
}  // namespace graft
