// SPDX-License-Identifier: Apache-2.0
#include "graft/image.hpp"

#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  // Small enough that a correct decoder is quick.
  return graft::fuzz::read(
      [&] { static_cast<void>(graft::data::decode_image(bytes, {.max_pixels = 1 << 22})); });
}
