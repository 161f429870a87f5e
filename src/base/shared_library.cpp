// SPDX-License-Identifier: Apache-2.0
#include "graft/base/shared_library.hpp"

#include <utility>

#include <dlfcn.h>

#include "graft/base/fail.hpp"

namespace graft::base {

SharedLibrary::SharedLibrary(std::string file, const std::string& reason, std::string package)
    : file_(std::move(file)),
      package_(std::move(package)),
      handle_(dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr)
    fail(ErrorKind::unsupported, reason, ", and ", file_, " cannot be loaded (", dlerror(), "); install ",
         package_);
}

void* SharedLibrary::address_of(const char* name) const {
  void* address = dlsym(handle_, name);
  if (address == nullptr)
    fail(ErrorKind::unsupported, file_, " has no function ", name, "; install ", package_, " once more");
  return address;
}

}  // namespace graft::base
