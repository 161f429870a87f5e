// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// Base64 with padding (RFC 4648, 4).
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace graft
