// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace graft::base {

/// A shared library that is loaded when it is needed, so that programs start without it. It stays loaded
/// until the program ends. Threads: may be used in several.
class SharedLibrary {
 public:
  /// file: as "libheif.so.1". reason: the first words of the error where it cannot be loaded, such as "HEIC
  /// and AVIF are read by libheif". package: what a person installs then. Errors: Error{unsupported}.
  SharedLibrary(std::string file, const std::string& reason, std::string package);

  /// Sets `function` to the library's function of this name. Errors: Error{unsupported} where it has none.
  template <typename Function>
  void load(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(address_of(name));
  }

 private:
  [[nodiscard]] void* address_of(const char* name) const;

  std::string file_, package_;
  void* handle_;
};

}  // namespace graft::base
