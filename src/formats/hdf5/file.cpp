// SPDX-License-Identifier: Apache-2.0
#include "formats/hdf5/file.hpp"

#include <array>
#include <cstring>
#include <limits>

#include "graft/base/fail.hpp"

#include "formats/byte_tensors.hpp"
#include "formats/hdf5/driver.hpp"
#include "formats/hdf5/types.hpp"

namespace graft::formats::hdf5 {
namespace {

// Weights hardly compress; whole zero arrays in a file do.
constexpr std::uint64_t kPackedRatio = 16;
constexpr std::string_view kSignature = "\x89HDF\r\n\x1A\n";

std::mutex& process_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Refuses to follow a link into another file. The parameters are HDF5's.
// NOLINTNEXTLINE(readability-function-size)
herr_t refuse_external(const char*, const char*, const char*, const char*, unsigned*, hid_t, void*) {
  return -1;
}

Handle link_access(hid_t list_class) {
  Handle access(H5Pcreate(list_class), H5Pclose);
  H5Pset_elink_cb(access.get(), refuse_external, nullptr);
  return access;
}

std::uint64_t little_endian(const std::string& bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

/// The length that the file's first block promises (HDF5 file format specification, superblock versions 0 to
/// 3); 0 when this function does not understand it.
std::uint64_t promised_size(const std::string& head) {
  if (head.size() < 64) return 0;
  const auto version = static_cast<unsigned char>(head[8]);
  const bool old = version < 2;
  const std::size_t offset_size = static_cast<unsigned char>(head[old ? 13 : 9]);
  const std::size_t first_address = version == 0 ? 24 : (version == 1 ? 28 : 12);
  if (version > 3 || offset_size > 8) return 0;
  return little_endian(head, first_address + (2 * offset_size), offset_size);
}

void check_signature(const ByteSource& source) {
  const std::string head = source.head(64);
  if (head.starts_with(kSignature)) {
    const std::uint64_t promised = promised_size(head);
    if (promised > source.size()) {
      fail(ErrorKind::bad_file, source.name(), " is truncated: an HDF5 file that should have ", promised,
           " bytes has ", source.size(), ". Fetch it again");
    }
    return;
  }
  // HDF5 allows a user block before the content: 512 bytes, 1024, 2048 ...
  std::string bytes(kSignature.size(), '\0');
  for (std::uint64_t at = 512; at + bytes.size() <= source.size(); at *= 2) {
    source.read(at, bytes);
    if (bytes == kSignature) return;
  }
  fail_wrong_format(source, "an HDF5 file");
}

}  // namespace

Session::Session() : lock_(process_mutex()) {
  H5Eget_auto2(H5E_DEFAULT, &handler_, &handler_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Session::~Session() { H5Eset_auto2(H5E_DEFAULT, handler_, handler_data_); }

std::shared_ptr<File> File::open(const std::filesystem::path& path) {
  return open(std::make_unique<InputFile>(path));
}

std::shared_ptr<File> File::open(std::unique_ptr<ByteSource> source) {
  return std::shared_ptr<File>(new File(std::move(source)));
}

File::File(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
  check_signature(*source_);
  plain_ = UnpackBudget(source_->size(), 1);
  packed_ = UnpackBudget(source_->size(), kPackedRatio);
  const Handle access = access_to(*source_);
  file_ = Handle(H5Fopen(name().c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  root_ = Handle(file_.valid() ? H5Gopen2(file_.get(), "/", H5P_DEFAULT) : H5I_INVALID_HID, H5Gclose);
  if (!root_.valid()) {
    fail(ErrorKind::bad_file, name(), " begins like an HDF5 file but is truncated or broken. Fetch it again");
  }
  const Handle creation(H5Fget_create_plist(file_.get()), H5Pclose);
  std::size_t address_bytes = 0;
  std::size_t length_bytes = 0;
  hsize_t base = 0;
  H5Pget_sizes(creation.get(), &address_bytes, &length_bytes);
  H5Pget_userblock(creation.get(), &base);
  if (address_bytes != 8 || length_bytes != 8) {
    fail(ErrorKind::unsupported, name(), ": an HDF5 file with addresses of ", address_bytes,
         " bytes; graft reads those of 8");
  }
  texts_ = std::make_unique<TextReader>(*source_, base);
  group_access_ = link_access(H5P_GROUP_ACCESS);
  dataset_access_ = link_access(H5P_DATASET_ACCESS);
}

std::optional<haddr_t> address_of(hid_t object) {
#if H5_VERSION_GE(1, 12, 0)  // H5O_info_t has a token instead of the address there
  H5O_info1_t info = {};
#else
  H5O_info_t info = {};
#endif
  if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) return std::nullopt;
  return info.addr;
}

std::optional<std::vector<std::string>> File::strings(hid_t object, const std::string& attribute) {
  const std::optional<haddr_t> address = address_of(object);
  if (!address) fail(ErrorKind::bad_file, name(), " is truncated or broken. Fetch it again");
  return texts_->read(*address, attribute);
}

Handle File::group(hid_t parent, const std::string& path) const {
  Handle found(H5Gopen2(parent, path.c_str(), group_access_.get()), H5Gclose);
  if (!found.valid()) fail(ErrorKind::bad_file, name(), ": there is no readable group '", path, "'");
  return found;
}

Handle File::dataset(hid_t parent, const std::string& path) const {
  Handle found(H5Dopen2(parent, path.c_str(), dataset_access_.get()), H5Dclose);
  if (!found.valid()) fail(ErrorKind::bad_file, name(), ": there is no readable dataset '", path, "'");
  return found;
}

void File::check_storage(const Handle& dataset, std::uint64_t bytes, const std::string& path) {
  const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(creation.get()) > 0) {
    fail(ErrorKind::unsupported, name(), ": '", path, "' is in another file, which graft does not follow");
  }
  const int filters = H5Pget_nfilters(creation.get());
  for (int i = 0; i < filters; ++i) {
    std::size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), nullptr, &values,
                                               nullptr, 0, nullptr, nullptr);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32) {
      fail(ErrorKind::unsupported, name(), ": '", path, "' is compressed with HDF5's filter ", filter,
           "; graft reads gzip. Save it again without compression");
    }
  }
  // HDF5 1.10 copies as many bytes as the shape needs, even where the dataset's header holds fewer.
  if (layout == H5D_COMPACT && H5Dget_storage_size(dataset.get()) < bytes) {
    fail(ErrorKind::bad_file, name(), ": '", path, "' holds ", H5Dget_storage_size(dataset.get()),
         " bytes where its shape takes ", bytes, "; the file is broken. Fetch it again");
  }
  bool enough = true;
  if (layout == H5D_CHUNKED) {
    std::array<hsize_t, H5S_MAX_RANK> sizes{};
    const int rank = H5Pget_chunk(creation.get(), H5S_MAX_RANK, sizes.data());
    const Handle type(H5Dget_type(dataset.get()), H5Tclose);
    std::uint64_t chunk = H5Tget_size(type.get());
    for (int i = 0; i < rank && enough; ++i) {
      enough = !__builtin_mul_overflow(chunk, std::uint64_t{sizes.at(static_cast<std::size_t>(i))}, &chunk);
    }
    // HDF5 makes room for a whole chunk before it looks at it.
    enough = enough && chunk <= packed_.left() && packed_.take(bytes);
  } else {
    enough = plain_.take(bytes);
  }
  if (!enough) {
    fail(ErrorKind::resource_limit, name(), ": '", path, "' claims ", bytes, " bytes, more than a file of ",
         source_->size(), " bytes can hold");
  }
}

Shape File::shape_of(const Handle& dataset, const Handle& type, const std::string& path) {
  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  const H5S_class_t extent = H5Sget_simple_extent_type(space.get());
  if (!type.valid() || (extent != H5S_SCALAR && extent != H5S_SIMPLE)) {
    fail(ErrorKind::bad_file, name(), ": '", path, "' holds no array");
  }
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  const int rank = H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
  std::vector<std::int64_t> sizes;
  std::uint64_t bytes = H5Tget_size(type.get());
  for (int i = 0; i < rank; ++i) {
    const hsize_t size = extents.at(static_cast<std::size_t>(i));
    if (size > static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max()) ||
        __builtin_mul_overflow(bytes, std::uint64_t{size}, &bytes)) {
      fail(ErrorKind::resource_limit, name(), ": '", path, "' claims a size beyond any memory");
    }
    sizes.push_back(static_cast<std::int64_t>(size));
  }
  check_storage(dataset, bytes, path);
  return Shape(std::move(sizes));
}

StoredTensor File::tensor(const Handle& dataset, const std::string& path) {
  const Handle type(H5Dget_type(dataset.get()), H5Tclose);
  const std::optional<haddr_t> place = address_of(dataset.get());
  if (!type.valid() || !place) {
    fail(ErrorKind::bad_file, name(), ": '", path, "' is broken");
  }
  const auto element = element_type(type, is_bfloat16(dataset, type));
  if (!element) {
    fail(ErrorKind::unsupported, name(), ": '", path,
         "' holds elements of a type that graft does not support");
  }
  StoredTensor result{
      .path = path, .shape = shape_of(dataset, type, path), .dtype = element->dtype, .fetch = {}};
  result.fetch = [file = shared_from_this(), address = *place, path](std::int64_t begin, Tensor& rows) {
    file->fetch(address, path, begin, rows);
  };
  return result;
}

bool File::is_bfloat16(const Handle& dataset, const Handle& type) {
  if (H5Tget_class(type.get()) != H5T_OPAQUE) return false;
  return strings(dataset.get(), "dtype") == std::vector<std::string>{"bfloat16"};
}

void File::fetch(haddr_t address, const std::string& path, std::int64_t begin, Tensor& rows) {
  // Opened again, because an open dataset keeps its own buffers.
  const Handle dataset(H5Oopen_by_addr(file_.get(), address), H5Oclose);
  const Handle type(dataset.valid() ? H5Dget_type(dataset.get()) : H5I_INVALID_HID, H5Tclose);
  const Handle space(type.valid() ? H5Dget_space(dataset.get()) : H5I_INVALID_HID, H5Sclose);
  const auto element = space.valid() ? element_type(type, is_bfloat16(dataset, type)) : std::nullopt;
  std::vector<hsize_t> start(rows.shape().rank(), 0);
  std::vector<hsize_t> count;
  for (const std::int64_t size : rows.shape().sizes()) count.push_back(static_cast<hsize_t>(size));
  bool well = element.has_value() && element->dtype == rows.dtype();
  Handle memory_space;
  if (well && !start.empty()) {
    start.front() = static_cast<hsize_t>(begin);
    memory_space = Handle(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
    well =
        H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) >= 0;
  }
  const hid_t memory = memory_space.valid() ? memory_space.get() : H5S_ALL;
  const hid_t selected = memory_space.valid() ? space.get() : H5S_ALL;
  if (!well || H5Dread(dataset.get(), element->memory.get(), memory, selected, H5P_DEFAULT, rows.raw()) < 0) {
    fail(ErrorKind::bad_file, name(), ": '", path, "' cannot be read; the file is truncated or broken");
  }
  normalise_booleans(rows);
}

}  // namespace graft::formats::hdf5
