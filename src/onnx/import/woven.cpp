// SPDX-License-Identifier: Apache-2.0
#include "onnx/import/woven.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "graft/layers/reshaping.hpp"

namespace graft {
inline namespace onnx {
namespace {

using Sizes = std::vector<std::int64_t>;

std::int64_t size_of_axis(const SymbolicTensor& tensor, int axis) {
  return axis == 0 ? 1 : tensor.shape[axis];
}

/// What a target's axis takes.
struct Wanted {
  std::int64_t count = 1;       ///< elements, the batch as 1
  bool open = false;            ///< it has the batch in it
  bool closed = false;          ///< it has not: another axis has
  bool next_takes = false;      ///< the axis after it is as long as the batch alone
  std::int64_t next_count = 0;  ///< of the axis after it; 0 where there is none
};

/// The atoms, axes of the tensor, of a value in ONNX's order while a target takes them.
class AtomReader {
 public:
  AtomReader(const Importer& importer, const Known& value) : importer_(importer) {
    for (const std::vector<int>& group : value.parts) {
      for (const int axis : group) atoms_.push_back({axis, size_of_axis(value.tensor, axis)});
    }
  }

  /// Takes the atoms of one of the target's axes.
  std::vector<int> take(const Wanted& wanted_axis) {
    const std::int64_t count = wanted_axis.count;
    std::vector<int> taken;
    std::int64_t product = 1;
    bool has_batch = false;
    while (at_ < atoms_.size()) {
      Atom& atom = atoms_[at_];
      if (atom.axis == 0) {
        const bool full = product == count && !taken.empty();
        if (wanted_axis.closed || (full && !wanted_axis.open && belongs_to_next(wanted_axis))) break;
        has_batch = true;
        taken.push_back(number_of(atom.axis, 1));
        ++at_;
        continue;
      }
      if (product == count) break;
      const std::int64_t wanted = count / product;
      if (count % product != 0 || (wanted % atom.size != 0 && atom.size % wanted != 0)) refuse();
      const std::int64_t part = std::min(wanted, atom.size);
      taken.push_back(number_of(atom.axis, part));
      product *= part;
      atom.size /= part;
      if (atom.size == 1) ++at_;
    }
    if (product != count || (wanted_axis.open && !has_batch)) refuse();
    return taken;
  }

  [[nodiscard]] bool done() const { return at_ == atoms_.size(); }

  /// For each axis of the tensor the sizes into which it was cut.
  [[nodiscard]] const std::map<int, Sizes>& cuts() const { return cuts_; }
  /// The new number of a cut: first by axis, then by place in it.
  [[nodiscard]] std::vector<int> renumbered(const std::vector<int>& taken) const {
    std::map<int, int> first;
    int next = 0;
    for (const auto& [axis, sizes] : cuts_) {
      first[axis] = next;
      next += static_cast<int>(sizes.size());
    }
    std::vector<int> result;
    result.reserve(taken.size());
    for (const int number : taken) result.push_back(first.at(number / kMostCuts) + number % kMostCuts);
    return result;
  }

 private:
  static constexpr int kMostCuts = 64;
  struct Atom {
    int axis = 0;
    std::int64_t size = 1;
  };

  /// Whether the batch, which stands between two of the target's axes, belongs to the second one, in a file
  /// for one photo: (L, N, E) becomes (L, N, E) or (L, N heads, E / heads), but also (L N, E).
  [[nodiscard]] bool belongs_to_next(const Wanted& axis) const {
    const bool cuts =
        at_ + 1 < atoms_.size() && axis.next_count > 1 && atoms_[at_ + 1].size > axis.next_count;
    return axis.next_takes || cuts;
  }
  int number_of(int axis, std::int64_t size) {
    Sizes& sizes = cuts_[axis];
    if (sizes.size() + 1 >= kMostCuts) refuse();
    sizes.push_back(size);
    return (axis * kMostCuts) + static_cast<int>(sizes.size()) - 1;
  }
  [[noreturn]] void refuse() const {
    importer_.refuse("changes the shape in a way that mixes photos of a batch");
  }

  const Importer& importer_;
  std::vector<Atom> atoms_;
  std::size_t at_ = 0;
  std::map<int, Sizes> cuts_;
};

}  // namespace

Shape woven_shape(const SymbolicTensor& tensor, const Parts& parts) {
  Sizes sizes;
  for (const std::vector<int>& group : parts) {
    std::int64_t size = 1;
    for (const int axis : group) size *= axis == 0 ? -1 : tensor.shape[axis];
    sizes.push_back(size);
  }
  return Shape(sizes);
}

Known woven(Importer& importer, const Known& value) {
  if (!value.parts.empty()) return value;
  if (value.fixed) importer.refuse("has fixed numbers where graft needs a value that photos determine");
  Known result = value;
  if (!value.flat.empty()) {
    result.tensor = importer.plain(value);
    result.order = identity_order(2);
    result.flat.clear();
  }
  if (result.tensor.shape.without_batch().is_open())
    importer.refuse("changes the shape of a value of open size; export the model for a fixed image size");
  result.parts.resize(result.order.size());
  for (std::size_t place = 0; place < result.order.size(); ++place) {
    // An axis of one element needs no axis of the tensor.
    if (place == 0 || result.tensor.shape[static_cast<int>(place)] != 1)
      result.parts[static_cast<std::size_t>(result.order[place])] = {static_cast<int>(place)};
  }
  result.order.clear();
  result.pooled.reset();
  return result;
}

Target target_of(const Importer& importer, const Known& value, const Sizes& given) {
  Target target;
  std::int64_t known = 1;
  const std::int64_t all = value.tensor.shape.without_batch().count();
  std::vector<std::size_t> inferred;
  if (given.size() > 16) importer.refuse("makes a value of ", given.size(), " axes");
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::int64_t copied = given[i] == 0 && i < value.shape.rank() ? value.shape.sizes()[i] : given[i];
    const bool infers = given[i] == -1;
    if (copied < -all) importer.refuse("makes ", Shape(given), " of ", value.shape);
    target.open.push_back(copied < 0 && !infers);
    target.inferred.push_back(infers);
    target.counts.push_back(infers ? 1 : std::abs(copied));
    if (infers) inferred.push_back(i);
    if (target.counts.back() == 0 || known > all / target.counts.back())
      importer.refuse("makes ", Shape(given), " of ", value.shape);
    known *= target.counts.back();
  }
  if (inferred.size() > 2) importer.broken("has an impossible shape");
  // Of two the first is the batch, whose size a Shape told.
  if (inferred.size() == 2) target.open[inferred.front()] = true;
  if (!inferred.empty()) target.counts[inferred.back()] = all / known;
  return target;
}

Known regrouped(Importer& importer, const Known& value, const Target& target) {
  AtomReader reader(importer, value);
  const bool any_open = std::ranges::find(target.open, true) != target.open.end();
  Parts taken;
  for (std::size_t i = 0; i < target.counts.size(); ++i) {
    Wanted wanted{.count = target.counts[i], .open = target.open[i], .closed = any_open && !target.open[i]};
    if (i + 1 < target.counts.size()) {
      wanted.next_count = target.counts[i + 1];
      wanted.next_takes = target.inferred[i + 1] || wanted.next_count == 1;
    }
    taken.push_back(reader.take(wanted));
  }
  if (!reader.done()) importer.refuse("changes the shape in a way that mixes photos of a batch");
  Known result = value;
  Sizes sizes;
  for (const auto& [axis, cut] : reader.cuts())
    if (axis > 0) sizes.insert(sizes.end(), cut.begin(), cut.end());
  result.parts.clear();
  for (const std::vector<int>& group : taken) result.parts.push_back(reader.renumbered(group));
  if (Shape(sizes) != value.tensor.shape.without_batch())
    result.tensor = importer.call(
        layers::Reshape({.target_shape = Shape(sizes), .name = importer.unique("to_parts")}), {value.tensor});
  result.shape = woven_shape(result.tensor, result.parts);
  return result;
}

SymbolicTensor gathered(Importer& importer, const Known& value, const Parts& groups) {
  Sizes order;
  Sizes sizes;
  for (const std::vector<int>& group : groups) {
    std::int64_t size = 1;
    for (const int axis : group) {
      if (axis == 0) continue;
      order.push_back(axis);
      size *= value.tensor.shape[axis];
    }
    sizes.push_back(size);
  }
  if (groups.empty() || groups.front() != std::vector<int>{0}) importer.refuse("mixes photos of a batch");
  sizes.erase(sizes.begin());
  SymbolicTensor x = value.tensor;
  // Axes of one element may be left out: they do not matter for the places of the others.
  Sizes left = order;
  for (int axis = 1; axis < static_cast<int>(x.shape.rank()); ++axis)
    if (std::ranges::find(left, axis) == left.end()) left.push_back(axis);
  if (!std::ranges::is_sorted(order))
    x = importer.call(layers::Permute({.dims = left, .name = importer.unique("to_order")}), {x});
  if (x.shape.without_batch() != Shape(sizes))
    x = importer.call(layers::Reshape({.target_shape = Shape(sizes), .name = importer.unique("to_shape")}),
                      {x});
  return x;
}

Known settled(Importer& importer, Known value) {
  const bool first = !value.parts.empty() && value.parts.front() == std::vector<int>{0};
  if (!first) return value;
  Known result = value;
  result.parts.clear();
  const bool as_it_lies =
      value.parts.size() == value.tensor.shape.rank() &&
      std::ranges::all_of(value.parts, [](const std::vector<int>& group) { return group.size() == 1; });
  if (as_it_lies) {
    result.order.assign(value.parts.size(), 0);
    for (std::size_t axis = 0; axis < value.parts.size(); ++axis)
      result.order[static_cast<std::size_t>(value.parts[axis].front())] = static_cast<int>(axis);
  } else {
    result.tensor = gathered(importer, value, value.parts);
    result.order = identity_order(value.parts.size());
  }
  result.shape = result.tensor.shape;
  for (std::size_t place = 0; place < result.order.size(); ++place)
    result.shape.set(result.order[place], result.tensor.shape[static_cast<int>(place)]);
  return result;
}

Known woven_value(const Known& from, SymbolicTensor tensor, Parts parts) {
  Known result;
  result.tensor = std::move(tensor);
  result.parts = std::move(parts);
  for (std::vector<int>& group : result.parts)
    std::erase_if(group, [&](int axis) { return axis != 0 && result.tensor.shape[axis] == 1; });
  result.shape = woven_shape(result.tensor, result.parts);
  result.non_negative = from.non_negative;
  return result;
}

/// The tensor axis that an axis of ONNX's is. Throws where it is several, or the batch.
int woven_axis(const Importer& importer, const Known& value, int axis) {
  const std::vector<int>& group = value.parts[static_cast<std::size_t>(axis)];
  if (group.size() != 1 || group.front() == 0)
    importer.refuse("takes parts of axis ", axis, " of ", value.shape,
                    ", which is several axes, or the batch");
  return group.front();
}

}  // namespace onnx
}  // namespace graft
