// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "formats/hdf5/handle.hpp"
#include "formats/input_file.hpp"

namespace graft::formats::hdf5 {

/// A property list with which H5Fopen reads from this source, whatever file name it is given: a file, memory,
/// or an entry of a zip archive. The source must outlive the file.
[[nodiscard]] Handle access_to(const ByteSource& source);

}  // namespace graft::formats::hdf5
