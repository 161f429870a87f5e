// SPDX-License-Identifier: Apache-2.0
#include "formats/hdf5/write_driver.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "formats/hdf5/driver_class.hpp"

namespace graft::formats::hdf5 {
namespace {

struct WriteSettings {
  WriteTrouble* trouble = nullptr;
};

/// HDF5 uses only the first member.
struct OpenOutput {
  H5FD_t base{};
  WriteTrouble* trouble = nullptr;
  int descriptor = -1;
  haddr_t end = 0;
};

OpenOutput& output_of(H5FD_t* file) { return *reinterpret_cast<OpenOutput*>(file); }
const OpenOutput& output_of(const H5FD_t* file) { return *reinterpret_cast<const OpenOutput*>(file); }

H5FD_t* open_output(const char* name, unsigned, hid_t access, haddr_t) {
  const auto* settings = static_cast<const WriteSettings*>(H5Pget_driver_info(access));
  if (settings == nullptr) return nullptr;
  const int descriptor = ::open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return nullptr;
  return &(new OpenOutput{.base = {}, .trouble = settings->trouble, .descriptor = descriptor, .end = 0})
              ->base;
}

herr_t close_output(H5FD_t* file) {
  OpenOutput* output = &output_of(file);
  if (::close(output->descriptor) != 0 && output->trouble->error == 0) output->trouble->error = errno;
  delete output;
  return 0;
}

herr_t query_output(const H5FD_t*, unsigned long* flags) {
  if (flags != nullptr)
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t end_of_output(const H5FD_t* file, H5FD_mem_t) { return output_of(file).end; }

herr_t set_end_of_output(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  output_of(file).end = end;
  return 0;
}

haddr_t size_of_output(const H5FD_t* file, H5FD_mem_t) {
  const off_t size = ::lseek(output_of(file).descriptor, 0, SEEK_END);
  return size < 0 ? 0 : static_cast<haddr_t>(size);
}

// NOLINTBEGIN(readability-function-size): HDF5 defines the parameters
herr_t read_output(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  auto* bytes = static_cast<char*>(buffer);
  while (size > 0) {
    const ssize_t count = ::pread(output_of(file).descriptor, bytes, size, static_cast<off_t>(address));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) {  // beyond the end of the file all is zero
      std::memset(bytes, 0, size);
      return 0;
    }
    bytes += count;
    address += static_cast<haddr_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return 0;
}

herr_t write_output(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, const void* buffer) {
  OpenOutput& output = output_of(file);
  const auto* bytes = static_cast<const char*>(buffer);
  while (size > 0 && output.trouble->error == 0) {
    const ssize_t count = ::pwrite(output.descriptor, bytes, size, static_cast<off_t>(address));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      output.trouble->error = count < 0 ? errno : ENOSPC;
      break;
    }
    bytes += count;
    address += static_cast<haddr_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return 0;
}
// NOLINTEND(readability-function-size)

/// The file is as long as HDF5 believes, also where its last block was never written.
herr_t truncate_output(H5FD_t* file, hid_t, hbool_t) {
  OpenOutput& output = output_of(file);
  if (output.trouble->error == 0 && ::ftruncate(output.descriptor, static_cast<off_t>(output.end)) != 0)
    output.trouble->error = errno;
  return 0;
}

H5FD_class_t make_write_class() {
  H5FD_class_t driver = driver_class("graft_output", 510, sizeof(WriteSettings));
  driver.open = open_output;
  driver.close = close_output;
  driver.query = query_output;
  driver.get_eoa = end_of_output;
  driver.set_eoa = set_end_of_output;
  driver.get_eof = size_of_output;
  driver.read = read_output;
  driver.write = write_output;
  driver.truncate = truncate_output;
  return driver;
}

}  // namespace

Handle access_for_writing(WriteTrouble& trouble) {
  // Never unregistered, as in access_to().
  static const H5FD_class_t driver = make_write_class();
  static const hid_t registered = H5FDregister(&driver);
  const WriteSettings settings{&trouble};
  return access_through(registered, &settings);
}

}  // namespace graft::formats::hdf5
