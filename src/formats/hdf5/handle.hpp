// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hdf5.h>

namespace graft::formats::hdf5 {

/// An HDF5 identifier that is closed at the end. Negative means that HDF5 refused.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  ~Handle() { reset(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&& other) noexcept : id_(other.id_), close_(other.close_) { other.id_ = H5I_INVALID_HID; }
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = other.id_;
      close_ = other.close_;
      other.id_ = H5I_INVALID_HID;
    }
    return *this;
  }

  [[nodiscard]] hid_t get() const { return id_; }
  /// Closes now; returns whether that succeeded.
  [[nodiscard]] bool close() noexcept {
    const bool well = valid() && close_(id_) >= 0;
    id_ = H5I_INVALID_HID;
    return well;
  }
  [[nodiscard]] bool valid() const { return id_ >= 0; }

 private:
  void reset() noexcept {
    if (id_ >= 0) close_(id_);
    id_ = H5I_INVALID_HID;
  }

  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

}  // namespace graft::formats::hdf5
