// SPDX-License-Identifier: Apache-2.0
// How a strength of regularization is searched for.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace graft {
inline namespace transfer {

class Reporter;

/// Tries strengths, the strongest first, and returns the place of the one with the least loss. try_one:
/// solves for a strength and returns its loss. The loss has one minimum: the search ends after two strengths
/// in a row with no less than the least. It ends too when the reporter stops, but the first strength is
/// tried.
[[nodiscard]] std::size_t search_strengths(std::span<const double> strengths,
                                           const std::function<double(double strength)>& try_one,
                                           Reporter& reporter, const std::string& stage);

}  // namespace transfer
}  // namespace graft
