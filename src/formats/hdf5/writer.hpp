// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "graft/formats/named_tensor.hpp"

#include "formats/hdf5/file.hpp"
#include "formats/hdf5/write_driver.hpp"

namespace graft::formats::hdf5 {

/// Builds an HDF5 file of groups, datasets and texts, in memory or on the disk; equal calls produce equal
/// bytes. A Session must be held. Errors: Error{invalid_argument} for a path that is empty, doubled, or both
/// a group and a dataset; Error{resource_limit} or Error{io} when there is no room.
class Writer {
 public:
  /// In memory; expected_bytes lets it grow once instead of often.
  explicit Writer(std::size_t expected_bytes);
  explicit Writer(const std::filesystem::path& path);

  /// Makes the group and those on the way to it; more than once does nothing.
  void add_group(const std::string& path);
  void add_dataset(const std::string& path, const Tensor& tensor);
  /// An attribute of a group ("" is the file's root) with one UTF-8 text, as h5py writes a str.
  void set_text(const std::string& group, const std::string& name, const std::string& text);
  /// An attribute with a list of texts, cut into name0, name1 ... where HDF5 has no room for all in one.
  void set_texts(const std::string& group, const std::string& name, const std::vector<std::string>& texts);

  /// Flushes a file on the disk and closes it.
  void close();
  /// The bytes of a file in memory.
  [[nodiscard]] std::string bytes();

 private:
  /// access: not valid for a file on the disk.
  Writer(Handle access, const std::string& name);
  [[noreturn]] void fail_write(std::string_view what) const;
  void make_groups(const std::vector<std::string>& parts, std::size_t count);
  void write_attribute(const std::string& group, const std::string& name,
                       const std::vector<const char*>& texts, const Handle& space);

  std::string name_;
  std::unique_ptr<WriteTrouble> trouble_ = std::make_unique<WriteTrouble>();  ///< outlives the file
  Handle file_;
  Handle group_creation_;
  Handle dataset_creation_;
  std::set<std::string> groups_;
  std::set<std::string> datasets_;
};

}  // namespace graft::formats::hdf5
