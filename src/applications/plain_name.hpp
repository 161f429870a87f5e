// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace graft::applications {

/// Lower case without '_' and '-': how names of applications are compared.
[[nodiscard]] std::string plain_name(std::string_view name);

}  // namespace graft::applications
