// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/input_file.hpp"

namespace graft::formats::hdf5 {

/// Reads texts from an object's attributes without the HDF5 library, which trusts the sizes of a broken file
/// in its attributes and global heap (1.10 reads outside its memory or runs forever). Layouts are from the
/// HDF5 File Format Specification 3.0; addresses and lengths have 8 bytes, attributes lie in the object
/// header. Errors: Error{bad_file}, Error{unsupported}, Error{resource_limit}.
class TextReader {
 public:
  /// base: where the file's addresses count from.
  TextReader(const ByteSource& source, std::uint64_t base)
      : source_(source), base_(base), budget_(source.size(), 4) {}

  /// The texts of the attribute of the object whose header lies at address, of fixed or variable length;
  /// nothing when there is no such attribute, an empty list for an empty one of any type.
  std::optional<std::vector<std::string>> read(std::uint64_t address, const std::string& attribute);

 private:
  struct Block {
    std::uint64_t address = 0;
    std::uint64_t length = 0;
  };
  /// Objects of one global heap collection: index to their place in it.
  struct Collection {
    std::string bytes;
    std::map<std::uint64_t, Block> objects;
  };

  [[nodiscard]] std::string bytes_at(std::uint64_t address, std::uint64_t length);
  /// The attribute's message, looked for in all blocks of the header.
  [[nodiscard]] std::optional<std::string> find_attribute(std::uint64_t address,
                                                          const std::string& attribute);
  [[nodiscard]] const Collection& collection(std::uint64_t address);
  [[nodiscard]] std::string text(std::uint64_t address, std::uint64_t index, std::uint64_t length);
  [[noreturn]] void fail_broken(const char* what) const;

  const ByteSource& source_;
  std::uint64_t base_;
  UnpackBudget budget_;
  std::map<std::uint64_t, Collection> collections_;
};

}  // namespace graft::formats::hdf5
