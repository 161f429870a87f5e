// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/json_fwd.hpp"

namespace graft {

/// Typed access to one of Keras's config objects (of a layer, an optimizer, a loss ...). An absent key and
/// null return the fallback. Errors are Error{bad_file} and name the owner, the key, what was expected and
/// what was received. Refers to the config, which must outlive it. Immutable.
class ConfigReader {
 public:
  /// Which numbers integer() accepts.
  enum class Integers {
    sizes,  ///< JSON integers of at most 2^31, so that sizes can be added and multiplied without overflow
    whole   ///< any number without a fraction, of at most 2^53
  };

  /// owner: the object in messages: "config of layer 'conv1'", "optimizer Adam". A config that is no object
  /// has no keys.
  ConfigReader(const Json& config, std::string owner, Integers integers = Integers::whole);

  [[nodiscard]] const std::string& owner() const { return owner_; }
  [[nodiscard]] const Json& json() const { return config_; }
  /// Null where the key is absent or its value is null.
  [[nodiscard]] const Json* find(const char* key) const;
  [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }

  [[nodiscard]] double number(const char* key, double fallback) const;
  [[nodiscard]] std::optional<double> optional_number(const char* key) const;
  [[nodiscard]] std::int64_t integer(const char* key, std::int64_t fallback) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(const char* key) const;
  [[nodiscard]] bool boolean(const char* key, bool fallback) const;
  [[nodiscard]] std::string text(const char* key, const std::string& fallback) const;
  /// One number or a list; lists in the list are flattened, as Keras nests means by their axes. Empty where
  /// absent.
  [[nodiscard]] std::vector<double> numbers(const char* key) const;
  /// One integer or a list of integers of at most 2^31; null in the list is -1, an open size. Empty where
  /// absent.
  [[nodiscard]] std::vector<std::int64_t> integers(const char* key) const;

  /// Throws Error{bad_file}: "OWNER: expected EXPECTED for 'KEY', received VALUE". The key must be present.
  [[noreturn]] void wrong(const char* key, const std::string& expected) const;

 private:
  const Json& config_;
  std::string owner_;
  Integers integers_;
};

}  // namespace graft
