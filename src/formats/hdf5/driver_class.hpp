// SPDX-License-Identifier: Apache-2.0
// What graft's HDF5 drivers for reading and for writing have in common.
#pragma once

#include <cstddef>

#include "formats/hdf5/handle.hpp"

namespace graft::formats::hdf5 {

/// A driver for one file that holds all kinds of blocks, without its functions but for the comparison.
/// number: differs between drivers, from 256 to 511, which HDF5 leaves to drivers that it does not know
/// (since 1.14).
[[nodiscard]] H5FD_class_t driver_class(const char* name, int number, std::size_t settings_bytes);

/// A property list for files of a driver. settings: copied, of the driver's size. Throws Error{internal}
/// where HDF5 does not take the driver, so that it never uses its own instead.
[[nodiscard]] Handle access_through(hid_t driver, const void* settings);

}  // namespace graft::formats::hdf5
