// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/pth.hpp"

#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = graft::fuzz::as_file(data, size);
  return graft::fuzz::read([&] { static_cast<void>(graft::formats::read_pth(path)); });
}
