// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graft/formats/named_tensor.hpp"

namespace graft::formats {

/// A tensor in a file, not read yet: its name, shape and type, and how to read its elements. It keeps the
/// file open. So a caller can look at all shapes first and then read what it needs, one tensor or some rows
/// at a time. Threads: to be read and destroyed on the thread that opened the file; while one of an HDF5 file
/// lives, other threads that read or write HDF5 wait, and the same thread must not open another.
struct StoredTensor {
  /// Fills rows (begin, begin + 1, ...) of the first axis into a tensor of this element type; a scalar is one
  /// row.
  using Fetch = std::function<void(std::int64_t begin, Tensor& rows)>;

  std::string path;
  Shape shape;
  DType dtype = DType::float32;
  Fetch fetch;

  /// All elements. Errors: Error{bad_file}, Error{io}, Error{resource_limit} when there is not enough memory.
  [[nodiscard]] Tensor read() const;
  /// Rows [begin, end) of the first axis. Error{invalid_argument} outside the shape.
  [[nodiscard]] Tensor read_rows(std::int64_t begin, std::int64_t end) const;
};

/// In the file's order.
using StoredTensors = std::vector<StoredTensor>;

/// A tensor in memory as if it were stored. The handle is shared.
[[nodiscard]] StoredTensor stored(const NamedTensor& tensor);
[[nodiscard]] NamedTensors read_all(const StoredTensors& tensors);

}  // namespace graft::formats
