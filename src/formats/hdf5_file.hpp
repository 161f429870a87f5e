// SPDX-License-Identifier: Apache-2.0
// HDF5 behind handles that close themselves. Debian's HDF5 is not built for threads: a Session is held by
// whoever calls it.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <hdf5.h>

#include "graft/tensor/tensor.hpp"

#include "formats/hdf5_texts.hpp"
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

/// An HDF5 identifier that is closed at the end. Negative means that HDF5 refused.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : id_(other.id_), close_(other.close_) { other.id_ = H5I_INVALID_HID; }
  Handle& operator=(Handle&& other) noexcept;

  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] bool valid() const { return id_ >= 0; }

 private:
  void reset() noexcept;

  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// A file open for reading. Holds the Session: one at a time in a process. Handles got from it must go before
/// it. Links into other files are not followed.
class File {
 public:
  explicit File(const std::filesystem::path& path);
  /// The bytes must stay as long as this.
  File(std::string_view bytes, const std::string& name);

  [[nodiscard]] hid_t root() const { return root_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// path is for messages only. Errors: Error{bad_file}, Error{unsupported}, Error{resource_limit}.
  [[nodiscard]] Tensor read(const Handle& dataset, const std::string& path);
  /// A group or dataset below parent. Error{bad_file} when it is not there.
  [[nodiscard]] Handle group(hid_t parent, const std::string& name) const;
  [[nodiscard]] Handle dataset(hid_t parent, const std::string& name) const;
  /// The strings of an attribute, of fixed or variable length; nothing when there is no such attribute, an
  /// empty list for an empty attribute of any type. Error{bad_file} when it holds something else.
  [[nodiscard]] std::optional<std::vector<std::string>> strings(hid_t object, const std::string& attribute);

 private:
  void open(const Handle& access);
  void check_storage(const Handle& dataset, std::uint64_t bytes, const std::string& path);

  Session session_;
  std::string name_;
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<TextReader> texts_;
  std::uint64_t size_ = 0;
  UnpackBudget plain_{0, 0};
  UnpackBudget packed_{0, 0};
  Handle file_;
  Handle root_;
  Handle group_access_;
  Handle dataset_access_;
};

}  // namespace graft::formats::hdf5
