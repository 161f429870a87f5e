// SPDX-License-Identifier: Apache-2.0
// HDF5 with handles that close themselves. Debian's HDF5 is not built for threads: each caller holds
// a Session.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <hdf5.h>

#include "graft/formats/stored_tensor.hpp"

#include "formats/hdf5/handle.hpp"
#include "formats/hdf5/texts.hpp"
#include "formats/input_file.hpp"

namespace graft::formats::hdf5 {

/// While it lives no other thread calls HDF5 through graft, and HDF5 prints nothing.
class Session {
 public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  H5E_auto2_t handler_ = nullptr;
  void* handler_data_ = nullptr;
};

/// Where in its file a group or dataset begins, which says whether two are the same. Nothing when it is
/// broken.
[[nodiscard]] std::optional<haddr_t> address_of(hid_t object);

/// A file open for reading. Holds the Session: one at a time in a process. Handles got from it must go before
/// it. Links into other files are not followed.
class File : public std::enable_shared_from_this<File> {
 public:
  [[nodiscard]] static std::shared_ptr<File> open(const std::filesystem::path& path);
  [[nodiscard]] static std::shared_ptr<File> open(std::unique_ptr<ByteSource> source);

  [[nodiscard]] hid_t root() const { return root_.get(); }
  [[nodiscard]] const std::string& name() const { return source_->name(); }

  /// The tensor in a dataset, checked but not yet read; it keeps this file open. path is its name. Errors:
  /// Error{bad_file}, Error{unsupported}, Error{resource_limit}.
  [[nodiscard]] StoredTensor tensor(const Handle& dataset, const std::string& path);
  /// A group or dataset below parent. Error{bad_file} when it is not there.
  [[nodiscard]] Handle group(hid_t parent, const std::string& path) const;
  [[nodiscard]] Handle dataset(hid_t parent, const std::string& path) const;
  /// The strings of an attribute, of fixed or variable length; nothing when there is no such attribute, an
  /// empty list for an empty attribute of any type. Error{bad_file} when it holds something else.
  [[nodiscard]] std::optional<std::vector<std::string>> strings(hid_t object, const std::string& attribute);

 private:
  explicit File(std::unique_ptr<ByteSource> source);
  [[nodiscard]] Shape shape_of(const Handle& dataset, const Handle& type, const std::string& path);
  [[nodiscard]] bool is_bfloat16(const Handle& dataset, const Handle& type);
  void fetch(haddr_t address, const std::string& path, std::int64_t begin, Tensor& rows);
  void check_storage(const Handle& dataset, std::uint64_t bytes, const std::string& path);

  Session session_;
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<TextReader> texts_;
  UnpackBudget plain_{0, 0};
  UnpackBudget packed_{0, 0};
  Handle file_;
  Handle root_;
  Handle group_access_;
  Handle dataset_access_;
};

}  // namespace graft::formats::hdf5
