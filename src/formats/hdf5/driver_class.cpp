// SPDX-License-Identifier: Apache-2.0
#include "formats/hdf5/driver_class.hpp"

#include <algorithm>
#include <functional>

#include "graft/base/fail.hpp"

namespace graft::formats::hdf5 {
namespace {

int compare(const H5FD_t* a, const H5FD_t* b) {
  if (a == b) return 0;
  return std::less<>()(a, b) ? -1 : 1;
}

}  // namespace

H5FD_class_t driver_class(const char* name, [[maybe_unused]] int number, std::size_t settings_bytes) {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 14, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(number);
#endif
  driver.name = name;
  driver.maxaddr = (haddr_t{1} << 63U) - 1;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = settings_bytes;
  driver.cmp = compare;
  std::ranges::fill(driver.fl_map, H5FD_MEM_SUPER);
  return driver;
}

Handle access_through(hid_t driver, const void* settings) {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  if (driver < 0 || H5Pset_driver(access.get(), driver, settings) < 0)
    fail(ErrorKind::internal, "HDF5 does not take graft's driver for its files");
  return access;
}

}  // namespace graft::formats::hdf5
