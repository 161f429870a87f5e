// SPDX-License-Identifier: Apache-2.0
// How strongly a head is held back: by photos that it has not seen.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graft/train_facts.hpp"
#include "graft/transfer/logistic_head.hpp"

#include "transfer/frozen/frozen_rows.hpp"

namespace graft {
inline namespace transfer {

class Reporter;

/// Solves one set of rows for a strength. It is called for one strength after the other and may start from
/// its last solution.
using SolveHead = std::function<LinearHead(double strength)>;

/// How heads of a kind are solved and compared.
struct HeadMethod {
  std::span<const double> strengths;  ///< the strongest first
  std::function<SolveHead(const FrozenRows&)> prepare;
  std::function<double(const Tensor& values, const Tensor& truth)> loss;
  std::function<double(const Tensor& values, const Tensor& truth)> errors{};  ///< for reports; may be empty
};

/// A strength and what heads of it made of photos that they had not seen.
struct StrengthChoice {
  double strength = 0;
  double loss = 0;                    ///< of these values
  std::vector<std::size_t> answered;  ///< photos, training before validation
  std::vector<std::size_t> folds;     ///< of each answer, from 1; 0 for validation photos
  Tensor values;                      ///< (answers, K): what the heads computed, features kernel + bias
  Tensor truth;                       ///< (answers, K)
  std::vector<TriedStrength> tried;
};

/// Tries strengths, the strongest first, and takes the one with the least loss. It ends after two in a row
/// that are no better.
[[nodiscard]] StrengthChoice choose_strength(const FrozenData& data, const HeadMethod& method,
                                             Reporter& reporter, const std::string& stage);

}  // namespace transfer
}  // namespace graft
