// SPDX-License-Identifier: Apache-2.0
// Hashes of content, and checksums.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace graft {

/// A 128-bit hash of some content. Not cryptographic: collisions do not happen by chance, but can be
/// constructed.
struct Hash128 {
  std::uint64_t high = 0;  ///< upper 64 bits
  std::uint64_t low = 0;   ///< lower 64 bits
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy takes the default's comparison with 0 for one with null
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};
/// 32 hexadecimal digits, high first.
[[nodiscard]] std::string to_hex(const Hash128& hash);

/// Hashes its inputs in order (XXH3). Each add() returns this Hasher, so that calls can follow each other.
/// Threads: one user at a time.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  /// Adds a block of bytes or a text, with its length, so that "ab", "c" and "a", "bc" differ.
  Hasher& add(std::span<const std::byte> bytes);
  Hasher& add(std::string_view text);
  /// Adds the 128 bits of another hash.
  Hasher& add(const Hash128& hash);
  /// Adds a number as 64 bits, so that its type does not matter.
  template <std::integral T>
  Hasher& add(T number) {
    return add_number(static_cast<std::uint64_t>(number));
  }
  /// The hash of all inputs so far. More may be added after it.
  [[nodiscard]] Hash128 digest() const;

 private:
  struct State;
  Hasher& add_number(std::uint64_t number);
  std::unique_ptr<State> state_;
};

/// 64-bit checksum that detects a damaged block.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes);

}  // namespace graft

#pragma GCC visibility pop
