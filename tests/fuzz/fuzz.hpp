// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share. A target is one function for clang's libFuzzer, LLVMFuzzerTestOneInput; where
// that is not installed, driver.cpp calls it with inputs that it makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "graft/error.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace graft::fuzz {

/// Writes the bytes to this process's file under the system's temporary folder, always the same one, so that
/// after a crash it holds what led there.
[[nodiscard]] std::filesystem::path as_file(const std::uint8_t* data, std::size_t size);

/// Calls a reader; graft::Error is its right answer to nonsense, anything else ends the process.
template <typename Reader>
int read(const Reader& reader) {
  try {
    reader();
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace graft::fuzz
