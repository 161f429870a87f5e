// SPDX-License-Identifier: Apache-2.0
// JSON complete, for sources and for headers that look inside a value; see json_fwd.hpp for the others.
#pragma once

#include <nlohmann/json.hpp>

#include "graft/json_fwd.hpp"
