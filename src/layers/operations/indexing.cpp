// SPDX-License-Identifier: Apache-2.0
// GetItem: x[..., 0], x[:, 1:-1], x[..., ::-1]; and Flip.
#include <algorithm>
#include <utility>
#include <variant>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "layers/lowering.hpp"
#include "layers/operations/rule.hpp"

namespace graft::layers {
namespace {

/// Elements that a step other than 1 may select: each becomes an op.
constexpr std::int64_t kMostSelected = 512;

/// start:stop:step along an axis.
struct Range {
  std::optional<std::int64_t> start, stop;
  std::int64_t step = 1;
  friend bool operator==(const Range&, const Range&) = default;
};
struct NewAxis {};
struct Ellipsis {};
using Index = std::variant<std::int64_t, Range, NewAxis, Ellipsis>;

/// The elements that a Range selects of an axis.
struct Selected {
  std::int64_t begin = 0, count = 0;
};

/// As Python resolves a slice.
Selected selected(const Range& range, std::int64_t size) {
  const std::int64_t low = range.step > 0 ? 0 : -1;
  const std::int64_t high = range.step > 0 ? size : size - 1;
  const auto limited = [&](std::int64_t at) { return std::clamp(at < 0 ? at + size : at, low, high); };
  const std::int64_t begin = range.start ? limited(*range.start) : (range.step > 0 ? low : high);
  const std::int64_t end = range.stop ? limited(*range.stop) : (range.step > 0 ? high : low);
  const std::int64_t step = range.step > 0 ? range.step : -range.step;
  const std::int64_t span = range.step > 0 ? end - begin : begin - end;
  return {begin, span <= 0 ? 0 : (span + step - 1) / step};
}

/// The elements of an axis in another order, or some of them.
ops::ValueId lower_range(ops::Graph& graph, ops::ValueId x, int axis, const Range& range) {
  Shape shape = graph.shape(x);
  const Selected chosen = selected(range, shape[axis]);
  if (range.step == 1) {
    if (chosen.count == shape[axis]) return x;
    shape.set(axis, chosen.count);
    return graph.add(ops::Slice{axis, chosen.begin}, {x}, shape);
  }
  std::vector<ops::ValueId> parts;
  shape.set(axis, 1);
  for (std::int64_t i = 0; i < chosen.count; ++i)
    parts.push_back(graph.add(ops::Slice{axis, chosen.begin + i * range.step}, {x}, shape));
  if (parts.size() == 1) return parts.front();
  shape.set(axis, chosen.count);
  return graph.add(ops::Concatenate{axis}, std::move(parts), shape);
}

class GetItem final : public OperationRule {
 public:
  GetItem(std::string name, std::vector<Index> key) : name_(std::move(name)), key_(std::move(key)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 1) {
      fail(ErrorKind::invalid_argument, "operation '", name_, "': expected one tensor, received ",
           inputs.size());
    }
    const Shape& input = inputs[0];
    std::vector<std::int64_t> sizes;
    int axis = 0;
    for (const Index& index : expanded(input)) {
      if (std::holds_alternative<NewAxis>(index)) {
        sizes.push_back(1);
        continue;
      }
      if (const Range* range = std::get_if<Range>(&index)) {
        sizes.push_back(size_of(*range, input, axis));
      } else {
        static_cast<void>(position(std::get<std::int64_t>(index), input, axis));
      }
      ++axis;
    }
    return Shape(std::move(sizes));
  }

  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::ValueId x = inputs[0];
    const Shape input = graph.shape(x);
    int axis = 0;
    for (const Index& index : expanded(input)) {
      if (std::holds_alternative<NewAxis>(index)) continue;
      if (const Range* range = std::get_if<Range>(&index)) {
        if (axis > 0) x = lower_range(graph, x, axis, *range);
      } else {
        const std::int64_t at = position(std::get<std::int64_t>(index), input, axis);
        x = lower_range(graph, x, axis, {.start = at, .stop = at + 1});
      }
      ++axis;
    }
    Shape shape = output_shape({input});
    shape.set(0, input[0]);
    return reshaped(graph, x, shape);
  }

 private:
  /// One index an axis of the input, and the new axes.
  [[nodiscard]] std::vector<Index> expanded(const Shape& input) const {
    std::int64_t used = 0;
    for (const Index& index : key_)
      used += std::holds_alternative<NewAxis>(index) || std::holds_alternative<Ellipsis>(index) ? 0 : 1;
    const auto rank = static_cast<std::int64_t>(input.rank());
    if (used > rank) bad_shape(name_, cat("a tensor with at least ", used, " axes"), input);
    const std::vector<Index> whole(static_cast<std::size_t>(rank - used), Range{});
    std::vector<Index> result;
    bool filled = false;
    for (const Index& index : key_) {
      if (std::holds_alternative<Ellipsis>(index)) {
        result.insert(result.end(), whole.begin(), whole.end());
        filled = true;
      } else {
        result.push_back(index);
      }
    }
    if (!filled) result.insert(result.end(), whole.begin(), whole.end());
    const Range* first = result.empty() ? nullptr : std::get_if<Range>(&result.front());
    if (first == nullptr || *first != Range{}) {
      fail(ErrorKind::unsupported, "operation '", name_,
           "' selects samples of the batch, which graft cannot do");
    }
    return result;
  }

  [[nodiscard]] std::int64_t size_of(const Range& range, const Shape& input, int axis) const {
    const std::int64_t size = input[axis];
    if (range == Range{}) return size;
    if (size < 0) bad_shape(name_, cat("a known size of axis ", axis), input);
    const std::int64_t count = selected(range, size).count;
    if (count == 0) bad_shape(name_, cat("an axis ", axis, " of which it selects something"), input);
    if (range.step != 1 && count > kMostSelected) {
      fail(ErrorKind::unsupported, "operation '", name_, "' selects ", count, " elements with step ",
           range.step, "; graft selects at most ", kMostSelected);
    }
    return count;
  }

  [[nodiscard]] std::int64_t position(std::int64_t index, const Shape& input, int axis) const {
    const std::int64_t size = input[axis];
    const std::int64_t at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) bad_shape(name_, cat("an axis ", axis, " with element ", index), input);
    return at;
  }

  std::string name_;
  std::vector<Index> key_;
};

std::optional<std::int64_t> optional_integer(const OperationReader& reader, const Json& value) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_number_integer()) reader.refuse(cat("has an index ", value.dump().substr(0, 80)));
  return value.get<std::int64_t>();
}

/// Keras writes {"class_name": "__slice__", "config": {"start", "stop", "step"}}; tf_keras the same without
/// class_name.
Index read_index(const OperationReader& reader, const Json& value) {
  if (value.is_null()) return NewAxis{};
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_object() && value.value("class_name", Json()) == "__ellipsis__") return Ellipsis{};
  const bool wrapped = value.is_object() && value.value("class_name", Json()) == "__slice__";
  const Json& range = wrapped && value.contains("config") ? value["config"] : value;
  if (!range.is_object() || !range.contains("start"))
    reader.refuse(cat("has an index ", value.dump().substr(0, 80), ", which graft does not know"));
  const Json none;
  const auto part = [&](const char* key) {
    return optional_integer(reader, range.contains(key) ? range[key] : none);
  };
  const std::int64_t step = part("step").value_or(1);
  if (step == 0) reader.refuse("has a slice with step 0");
  return Range{part("start"), part("stop"), step};
}

/// Elements of some axes in the opposite order.
class Flip final : public OperationRule {
 public:
  Flip(std::string name, std::vector<std::int64_t> axes) : name_(std::move(name)), axes_(std::move(axes)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 1) {
      fail(ErrorKind::invalid_argument, "operation '", name_, "': expected one tensor, received ",
           inputs.size());
    }
    for (const std::int64_t axis : axes_) {
      const std::int64_t size = inputs[0][resolved_axis(name_, axis, inputs[0])];
      if (size < 1 || size > kMostSelected)
        bad_shape(name_, cat("a size of axis ", axis, " from 1 to ", kMostSelected), inputs[0]);
    }
    return inputs[0];
  }
  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::ValueId x = inputs[0];
    for (const std::int64_t axis : axes_)
      x = lower_range(graph, x, resolved_axis(name_, axis, graph.shape(x)), {.step = -1});
    return x;
  }

 private:
  std::string name_;
  std::vector<std::int64_t> axes_;
};

}  // namespace

RulePtr indexing_rule(const OperationReader& reader) {
  if (reader.class_name == "Flip") {
    std::vector<std::int64_t> axes = reader.integers("axis");
    if (axes.empty()) reader.refuse("is over all axes, the batch axis too");
    return std::make_unique<Flip>(reader.name, std::move(axes));
  }
  if (reader.class_name != "GetItem") return nullptr;
  const Json* key = reader.argument(1, "key");
  if (key == nullptr) reader.refuse("has no index");
  const Json* items = list_items(*key);
  std::vector<Index> indices;
  if (items == nullptr) {
    indices.push_back(read_index(reader, *key));
  } else {
    for (const Json& item : *items) indices.push_back(read_index(reader, item));
  }
  return std::make_unique<GetItem>(reader.name, std::move(indices));
}

}  // namespace graft::layers
