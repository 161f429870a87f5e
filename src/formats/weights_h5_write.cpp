// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "graft/base/error.hpp"
#include "graft/formats/weights_h5.hpp"

#include "formats/hdf5_file.hpp"
#include "formats/hdf5_types.hpp"

namespace graft::formats {
namespace {

using hdf5::Handle;

[[noreturn]] void fail_write(std::string_view what) {
  fail(ErrorKind::resource_limit, "cannot lay out ", what, " as HDF5; memory may be short");
}

/// A property list whose objects carry no time, so that equal content gives equal bytes.
Handle timeless(hid_t list_class) {
  Handle list(H5Pcreate(list_class), H5Pclose);
  H5Pset_obj_track_times(list.get(), false);
  return list;
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
           "' is no path in an HDF5 file, expected one like layers/conv2d/vars/0");
    }
  }
  return parts;
}

/// An HDF5 file in memory.
class TreeWriter {
 public:
  explicit TreeWriter(std::size_t expected_bytes) {
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    // HDF5 grows its memory in steps of this size.
    H5Pset_fapl_core(access.get(), expected_bytes + (std::size_t{1} << 20U), false);
    H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
    const Handle creation = timeless(H5P_FILE_CREATE);
    file_ = Handle(H5Fcreate("weights.h5 in memory", H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose);
    if (!file_.valid()) fail_write("a file");
    group_creation_ = timeless(H5P_GROUP_CREATE);
    dataset_creation_ = timeless(H5P_DATASET_CREATE);
    H5Pset_fill_time(dataset_creation_.get(), H5D_FILL_TIME_NEVER);
  }

  void add_group(const std::string& path, const std::string& name) {
    const std::vector<std::string> parts = components(path);
    make_groups(parts, parts.size());
    if (!name.empty()) set_name(path, name);
  }

  void add_dataset(const NamedTensor& weight) {
    const std::vector<std::string> parts = components(weight.path);
    make_groups(parts, parts.size() - 1);
    if (groups_.contains(weight.path) || !datasets_.insert(weight.path).second) {
      fail(ErrorKind::invalid_argument, "the path '", weight.path, "' is used twice");
    }
    const Tensor tensor =
        weight.tensor.dtype() == DType::bfloat16 ? weight.tensor.to(DType::float32) : weight.tensor;
    std::vector<hsize_t> sizes;
    for (const std::int64_t size : tensor.shape().sizes()) sizes.push_back(static_cast<hsize_t>(size));
    const Handle space(sizes.empty()
                           ? H5Screate(H5S_SCALAR)
                           : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
                       H5Sclose);
    const Handle type = hdf5::stored_type(tensor.dtype());
    const Handle dataset(H5Dcreate2(file_.get(), weight.path.c_str(), type.get(), space.get(), H5P_DEFAULT,
                                    dataset_creation_.get(), H5P_DEFAULT),
                         H5Dclose);
    if (!dataset.valid()) fail_write(weight.path);
    if (!tensor.empty() &&
        H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.raw()) < 0) {
      fail_write(weight.path);
    }
  }

  std::string bytes() {
    if (H5Fflush(file_.get(), H5F_SCOPE_GLOBAL) < 0) fail_write("the file");
    const ssize_t size = H5Fget_file_image(file_.get(), nullptr, 0);
    if (size <= 0) fail_write("the file");
    std::string image(static_cast<std::size_t>(size), '\0');
    if (H5Fget_file_image(file_.get(), image.data(), image.size()) != size) fail_write("the file");
    return image;
  }

 private:
  void make_groups(const std::vector<std::string>& parts, std::size_t count) {
    std::string path;
    for (std::size_t i = 0; i < count; ++i) {
      path += (i == 0 ? "" : "/") + parts[i];
      if (datasets_.contains(path)) {
        fail(ErrorKind::invalid_argument, "the path '", path, "' is both a group and a weight");
      }
      if (!groups_.insert(path).second) continue;
      const Handle group(
          H5Gcreate2(file_.get(), path.c_str(), H5P_DEFAULT, group_creation_.get(), H5P_DEFAULT), H5Gclose);
      if (!group.valid()) fail_write(path);
    }
  }

  /// As h5py writes a str: one UTF-8 text of variable length.
  void set_name(const std::string& path, const std::string& name) {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const Handle attribute(H5Acreate_by_name(file_.get(), path.c_str(), "name", type.get(), space.get(),
                                             H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                           H5Aclose);
    const char* text = name.c_str();
    if (!attribute.valid() || H5Awrite(attribute.get(), type.get(), static_cast<const void*>(&text)) < 0) {
      fail_write(path);
    }
  }

  Handle file_;
  Handle group_creation_;
  Handle dataset_creation_;
  std::set<std::string> groups_;
  std::set<std::string> datasets_;
};

}  // namespace

std::string write_weights_h5(const NamedTensors& weights, const GroupNames& group_names) {
  std::size_t bytes = 0;
  for (const NamedTensor& weight : weights) bytes += weight.tensor.size_bytes();
  const hdf5::Session session;
  TreeWriter writer(bytes);
  for (const auto& [path, name] : group_names) writer.add_group(path, name);
  for (const NamedTensor& weight : weights) writer.add_dataset(weight);
  return writer.bytes();
}

}  // namespace graft::formats
