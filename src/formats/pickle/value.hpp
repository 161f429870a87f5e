// SPDX-License-Identifier: Apache-2.0
// What the restricted pickle interpreter can hold: tensors and plain data.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graft/tensor.hpp"

namespace graft::formats::pickle {

struct Sequence;
struct Dict;

struct None {};

/// The functions and classes that a torch file may name. They are never called: each stands for what graft
/// does.
struct Global {
  enum class Kind {
    ordered_dict,
    rebuild_tensor,  ///< torch._utils._rebuild_tensor and _rebuild_tensor_v2: (storage, offset, size, stride,
                     ///< ...)
    rebuild_parameter,  ///< torch._utils._rebuild_parameter and torch.nn.parameter.Parameter: (tensor, ...)
    size,               ///< torch.Size
    storage,            ///< torch.FloatStorage and its kin
  };
  Kind kind = Kind::ordered_dict;
  DType dtype = DType::float32;  ///< of a storage
};

/// A run of elements in the file: count elements from first, of the storage that the file calls key.
struct Storage {
  std::string key;
  DType dtype = DType::float32;
  std::int64_t first = 0;
  std::int64_t count = 0;
  /// Number of elements of the whole storage; the tensor may use a part.
  std::int64_t whole = 0;
};

struct TensorView {
  const Storage* storage = nullptr;
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

/// An integer of more than 64 bits, as little-endian bytes.
struct BigInteger {
  const std::string* bytes = nullptr;
};

/// Pointers lead into an Arena, so that a pickle may refer to itself without being freed by recursion or
/// never.
using Value = std::variant<None, bool, std::int64_t, double, BigInteger, const std::string*, Sequence*, Dict*,
                           Global, const Storage*, const TensorView*>;

/// A list, tuple or set.
struct Sequence {
  std::vector<Value> items;
};

/// In order; a later entry with the same key stands for an assignment.
struct Dict {
  std::vector<std::pair<Value, Value>> items;
};

/// Owns everything that a pickle built.
struct Arena {
  std::deque<std::string> texts;
  std::deque<Sequence> sequences;
  std::deque<Dict> dicts;
  std::deque<Storage> storages;
  std::deque<TensorView> tensors;
};

}  // namespace graft::formats::pickle
