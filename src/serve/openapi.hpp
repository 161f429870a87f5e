// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "graft/base/json.hpp"

namespace graft::serve {

/// The description of the API, OpenAPI 3.1. with_token: requests need one. photos: in a request, at most.
[[nodiscard]] Json openapi(bool with_token, std::size_t photos);

}  // namespace graft::serve
