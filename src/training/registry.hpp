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

/// Classes of one kind by name, with the function that makes an object of its config. Threads: any.
template <typename Made, typename Config>
class Registry {
 public:
  using Make = std::function<Made(const Config& config)>;

  /// kind: for messages. is_builtin: graft has this name. Throws Error{invalid_argument}.
  void add(const char* kind, const std::string& name, Make make, bool is_builtin) {
    if (name.empty() || make == nullptr)
      fail(ErrorKind::invalid_argument, "register_", kind, ": expected a class name and a function");
    if (is_builtin)
      fail(ErrorKind::invalid_argument, "register_", kind, ": graft has a ", kind, " '", name, "'");
    const std::lock_guard lock(mutex_);
    if (!makers_.try_emplace(name, std::move(make)).second)
      fail(ErrorKind::invalid_argument, "register_", kind, ": '", name, "' is registered already");
  }
  /// Null for a name that is not registered.
  [[nodiscard]] Make find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = makers_.find(name);
    return found == makers_.end() ? Make() : found->second;
  }
  /// ", A, B": for messages that list what is known.
  [[nodiscard]] std::string names() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [name, make] : makers_) all += ", " + name;
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Make> makers_;
};

/// Keras's serialised form of an object of a user's class.
[[nodiscard]] Json write_registered(const std::string& class_name, Json config);
/// Whether graft has a loss of this class name or name.
[[nodiscard]] bool is_builtin_loss(const std::string& name);
/// Whether graft has an optimizer of this class name, in any case of letters.
[[nodiscard]] bool is_builtin_optimizer(const std::string& class_name);

}  // namespace graft::training
