// SPDX-License-Identifier: Apache-2.0
#include "formats/hdf5/writer.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "graft/base/fail.hpp"

#include "formats/hdf5/types.hpp"

namespace graft::formats::hdf5 {
namespace {

/// A text needs 16 bytes in an attribute, whose limit is 64 kB.
constexpr std::size_t kTextsInOne = 3000;

/// A property list without timestamps, so that equal content produces equal bytes.
Handle timeless(hid_t list_class) {
  Handle list(H5Pcreate(list_class), H5Pclose);
  H5Pset_obj_track_times(list.get(), false);
  return list;
}

Handle memory_access(std::size_t expected_bytes) {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  // HDF5 grows its memory in steps of this size.
  H5Pset_fapl_core(access.get(), expected_bytes + (std::size_t{1} << 20U), false);
  return access;
}

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> parts(1);
  for (const char c : path) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  for (const std::string& part : parts) {
    if (part.empty() || part == "." || part.find('\0') != std::string::npos) {
      fail(ErrorKind::invalid_argument, "'", path,
           "' is not a path in an HDF5 file, expected one like layers/conv2d/vars/0");
    }
  }
  return parts;
}

}  // namespace

Writer::Writer(std::size_t expected_bytes) : Writer(memory_access(expected_bytes), "a file in memory") {}

Writer::Writer(const std::filesystem::path& path) : Writer({}, path.string()) {}

Writer::Writer(Handle access, const std::string& name) : name_(name) {
  if (!access.valid()) access = access_for_writing(*trouble_);
  const Handle creation = timeless(H5P_FILE_CREATE);
  file_ = Handle(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose);
  if (!file_.valid()) fail(ErrorKind::io, "cannot write ", name, ": is its folder there and writable?");
  group_creation_ = timeless(H5P_GROUP_CREATE);
  dataset_creation_ = timeless(H5P_DATASET_CREATE);
  H5Pset_fill_time(dataset_creation_.get(), H5D_FILL_TIME_NEVER);
}

void Writer::fail_write(std::string_view what) const {
  fail(ErrorKind::io, "cannot write ", what, " to ", name_, ": ",
       trouble_->error != 0 ? std::generic_category().message(trouble_->error)
                            : std::string("the disk or the memory may be full"));
}

void Writer::add_group(const std::string& path) {
  const std::vector<std::string> parts = components(path);
  make_groups(parts, parts.size());
}

void Writer::add_dataset(const std::string& path, const Tensor& tensor) {
  const std::vector<std::string> parts = components(path);
  make_groups(parts, parts.size() - 1);
  if (groups_.contains(path) || !datasets_.insert(path).second) {
    fail(ErrorKind::invalid_argument, "the path '", path, "' is used twice");
  }
  const Tensor values = tensor.dtype() == DType::bfloat16 ? tensor.to(DType::float32) : tensor;
  std::vector<hsize_t> sizes;
  for (const std::int64_t size : values.shape().sizes()) sizes.push_back(static_cast<hsize_t>(size));
  const Handle space(sizes.empty() ? H5Screate(H5S_SCALAR)
                                   : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
                     H5Sclose);
  const Handle type = stored_type(values.dtype());
  const Handle dataset(H5Dcreate2(file_.get(), path.c_str(), type.get(), space.get(), H5P_DEFAULT,
                                  dataset_creation_.get(), H5P_DEFAULT),
                       H5Dclose);
  if (!dataset.valid()) fail_write(path);
  if (!values.empty() &&
      H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.raw()) < 0) {
    fail_write(path);
  }
  if (trouble_->error != 0) fail_write(path);
}

void Writer::set_text(const std::string& group, const std::string& name, const std::string& text) {
  write_attribute(group, name, {text.c_str()}, Handle(H5Screate(H5S_SCALAR), H5Sclose));
}

void Writer::set_texts(const std::string& group, const std::string& name,
                       const std::vector<std::string>& texts) {
  const bool cut = texts.size() > kTextsInOne;
  for (std::size_t begin = 0, part = 0; part == 0 || begin < texts.size(); begin += kTextsInOne, ++part) {
    std::vector<const char*> pointers;
    for (std::size_t i = begin; i < std::min(texts.size(), begin + kTextsInOne); ++i)
      pointers.push_back(texts[i].c_str());
    const hsize_t count = pointers.size();
    const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    write_attribute(group, cut ? cat(name, part) : name, pointers, space);
  }
}

void Writer::write_attribute(const std::string& group, const std::string& name,
                             const std::vector<const char*>& texts, const Handle& space) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const std::string place = group.empty() ? "/" : group;
  const Handle attribute(H5Acreate_by_name(file_.get(), place.c_str(), name.c_str(), type.get(), space.get(),
                                           H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  if (!attribute.valid()) fail_write(name);
  if (!texts.empty() && H5Awrite(attribute.get(), type.get(), static_cast<const void*>(texts.data())) < 0) {
    fail_write(name);
  }
}

void Writer::close() {
  if (H5Fflush(file_.get(), H5F_SCOPE_GLOBAL) < 0 || !file_.close() || trouble_->error != 0)
    fail_write("the last bytes");
}

std::string Writer::bytes() {
  if (H5Fflush(file_.get(), H5F_SCOPE_GLOBAL) < 0) fail_write("the whole");
  const ssize_t size = H5Fget_file_image(file_.get(), nullptr, 0);
  if (size <= 0) fail_write("the whole");
  std::string image(static_cast<std::size_t>(size), '\0');
  if (H5Fget_file_image(file_.get(), image.data(), image.size()) != size) fail_write("the whole");
  return image;
}

void Writer::make_groups(const std::vector<std::string>& parts, std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i) {
    path += (i == 0 ? "" : "/") + parts[i];
    if (datasets_.contains(path)) {
      fail(ErrorKind::invalid_argument, "the path '", path, "' is both a group and a weight");
    }
    if (!groups_.insert(path).second) continue;
    const Handle group(H5Gcreate2(file_.get(), path.c_str(), H5P_DEFAULT, group_creation_.get(), H5P_DEFAULT),
                       H5Gclose);
    if (!group.valid()) fail_write(path);
  }
}

}  // namespace graft::formats::hdf5
