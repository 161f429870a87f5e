// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "graft/tensor.hpp"

#include "formats/hdf5/handle.hpp"

namespace graft::formats::hdf5 {

/// An element type and how HDF5 lays it out in memory.
struct ElementType {
  DType dtype = DType::float32;
  Handle memory;
};

/// The graft type for what a file stores; nothing where there is none. Unsigned integers of 16 to 64 bits
/// become the next signed type. marked_bfloat16: Keras's attribute marks two opaque bytes as a bfloat16.
[[nodiscard]] std::optional<ElementType> element_type(const Handle& stored, bool marked_bfloat16);

/// The stored type for a tensor's elements. dtype is not bfloat16.
[[nodiscard]] Handle stored_type(DType dtype);

}  // namespace graft::formats::hdf5
