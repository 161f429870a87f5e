// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>

#include "graft/base/atomic_file.hpp"
#include "graft/tensor.hpp"

namespace graft::formats {

/// A file written from front to back, which appears under its name whole or not at all. Errors: Error{io}.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path);
  void write(std::string_view bytes);
  /// The tensor's elements in C order, little-endian.
  void write(const Tensor& tensor);
  void commit();

 private:
  void check() const;

  std::filesystem::path path_;
  AtomicFile file_;
  std::ofstream out_;
};

}  // namespace graft::formats
