// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/base/json.hpp"

namespace graft::serve {

/// The description of the API, OpenAPI 3.1. with_token: requests need one.
[[nodiscard]] Json openapi(bool with_token);

}  // namespace graft::serve
