// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "formats/hdf5/handle.hpp"

namespace graft::formats::hdf5 {

/// What went wrong when a file was written.
struct WriteTrouble {
  int error = 0;  ///< errno of the first write that failed; 0: none did
};

/// A property list with which H5Fcreate writes a file on the disk. HDF5 1.10 cannot close a file that it
/// failed to write to: it crashes when the program ends. The driver therefore reports success to HDF5 for
/// each write, and keeps the first error in `trouble`, which must outlive the file.
[[nodiscard]] Handle access_for_writing(WriteTrouble& trouble);

}  // namespace graft::formats::hdf5
