// SPDX-License-Identifier: Apache-2.0
// A "virtual file driver": how HDF5 lets others read the bytes for it (HDF5 Virtual File Layer
// documentation).
#include "formats/hdf5/driver.hpp"

#include "formats/hdf5/driver_class.hpp"

namespace graft::formats::hdf5 {
namespace {

struct Settings {
  const ByteSource* source = nullptr;
};

/// HDF5 uses only the first member.
struct OpenSource {
  H5FD_t base{};
  const ByteSource* source = nullptr;
  haddr_t end = 0;
};

OpenSource& of(H5FD_t* file) { return *reinterpret_cast<OpenSource*>(file); }
const OpenSource& of(const H5FD_t* file) { return *reinterpret_cast<const OpenSource*>(file); }

H5FD_t* open(const char*, unsigned, hid_t access, haddr_t) {
  const auto* settings = static_cast<const Settings*>(H5Pget_driver_info(access));
  if (settings == nullptr) return nullptr;
  return &(new OpenSource{.base = {}, .source = settings->source, .end = 0})->base;
}

herr_t close(H5FD_t* file) {
  delete &of(file);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  if (flags != nullptr) *flags = H5FD_FEAT_DATA_SIEVE;
  return 0;
}

haddr_t get_end(const H5FD_t* file, H5FD_mem_t) { return of(file).end; }

herr_t set_end(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  of(file).end = end;
  return 0;
}

haddr_t file_end(const H5FD_t* file, H5FD_mem_t) { return of(file).source->size(); }

// NOLINTBEGIN(readability-function-size): HDF5 defines the parameters
herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  try {
    of(file).source->read(address, {static_cast<char*>(buffer), size});
    return 0;
  } catch (...) {
    return -1;  // an exception must not pass through C; HDF5's caller reports the error
  }
}

herr_t refuse_write(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, std::size_t, const void*) { return -1; }
// NOLINTEND(readability-function-size)

H5FD_class_t make_class() {
  H5FD_class_t driver = driver_class("graft_source", 511, sizeof(Settings));
  driver.open = open;
  driver.close = close;
  driver.query = query;
  driver.get_eoa = get_end;
  driver.set_eoa = set_end;
  driver.get_eof = file_end;
  driver.read = read;
  driver.write = refuse_write;
  return driver;
}

}  // namespace

Handle access_to(const ByteSource& source) {
  // Never unregistered: H5FD_close() releases the file's reference on the driver before it calls the
  // driver's close, so that the last file to be closed would call through memory that was freed.
  static const H5FD_class_t driver = make_class();
  static const hid_t registered = H5FDregister(&driver);
  const Settings settings{&source};
  return access_through(registered, &settings);
}

}  // namespace graft::formats::hdf5
