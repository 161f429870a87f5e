// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/tflite.hpp"
#include "graft/tflite/import.hpp"

#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  return graft::fuzz::read(
      [&] { static_cast<void>(graft::from_tflite(graft::formats::read_tflite(bytes, "fuzz"), "fuzz")); });
}
