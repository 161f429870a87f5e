// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/saving.hpp"

#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* text = reinterpret_cast<const char*>(data);
  const graft::Json config = graft::Json::parse(text, text + size, nullptr, false);
  if (config.is_discarded()) return 0;
  return graft::fuzz::read([&] { static_cast<void>(graft::saving::model_from_config(config)); });
}
