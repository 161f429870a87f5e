// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/base/json.hpp"

namespace graft {
inline namespace report {

/// model_card.md of a report: Markdown with the header of Hugging Face's model cards.
[[nodiscard]] std::string model_card(const Json& report);

}  // namespace report
}  // namespace graft
