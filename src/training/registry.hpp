// SPDX-License-Identifier: Apache-2.0
// The classes of losses, metrics and optimizers that a program registers.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::training {

/// Throws Error{invalid_argument} unless both are names that Keras can register: not empty, without '>'.
void check_registration(const char* kind, const std::string& package, const std::string& class_name);
/// {"module", "class_name", "config", "registered_name"} as Keras writes them for a user's class.
[[nodiscard]] Json write_registered(const std::string& class_name, const std::string& registered_name,
                                    Json config);

/// Classes of one kind by name, with the function that makes an object of its config. Threads: any.
template <typename Made, typename Config>
class Registry {
 public:
  using Make = std::function<Made(const Config& config)>;

  /// kind: for messages. is_builtin: graft has this name. Throws Error{invalid_argument}.
  void add(const char* kind, const std::string& package, const std::string& name, Make make,
           bool is_builtin) {
    check_registration(kind, package, name);
    if (make == nullptr)
      fail(ErrorKind::invalid_argument, "register_", kind, ": expected a function that makes a ", name);
    if (is_builtin)
      fail(ErrorKind::invalid_argument, "register_", kind, ": graft has a ", kind, " '", name, "'");
    const std::lock_guard lock(mutex_);
    if (!makers_.try_emplace(name, Entry{package + ">" + name, std::move(make)}).second)
      fail(ErrorKind::invalid_argument, "register_", kind, ": '", name, "' is registered already");
  }
  /// Null for a name that is not registered.
  [[nodiscard]] Make find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = makers_.find(name);
    return found == makers_.end() ? Make() : found->second.make;
  }
  /// Keras's serialised form of an object of a user's class; the package of one that is not registered is
  /// Keras's default, "Custom".
  [[nodiscard]] Json write(const std::string& class_name, Json config) const {
    const std::lock_guard lock(mutex_);
    const auto found = makers_.find(class_name);
    return write_registered(class_name,
                            found == makers_.end() ? "Custom>" + class_name : found->second.registered_name,
                            std::move(config));
  }
  /// ", A, B": for messages that list what is known.
  [[nodiscard]] std::string names() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [name, entry] : makers_) all += ", " + name;
    return all;
  }

 private:
  struct Entry {
    std::string registered_name;  ///< "package>Class"
    Make make;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry> makers_;
};

/// Whether graft has a loss of this class name or name.
[[nodiscard]] bool is_builtin_loss(const std::string& name);
/// Keras's serialised form of an optimizer of a user's class.
[[nodiscard]] Json write_registered_optimizer(const std::string& class_name, Json config);
/// Whether graft has an optimizer of this class name, in any case of letters.
[[nodiscard]] bool is_builtin_optimizer(const std::string& class_name);

}  // namespace graft::training
