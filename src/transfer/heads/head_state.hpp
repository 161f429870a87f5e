// SPDX-License-Identifier: Apache-2.0
// What a fitted head consists of, and its layers.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "graft/recipes.hpp"

#include "transfer/heads/rbf_svm.hpp"
#include "transfer/measure/class_weights.hpp"

namespace graft {
inline namespace transfer {

/// Support rows are those of `support`, one after the other.
struct RbfHead {
  Tensor support;  ///< (S, D)
  RbfMachines machines;
};

struct NeighbourHead {
  Tensor rows;  ///< (N, D)
  std::vector<int> labels;
  std::int64_t neighbours = 5;
};

struct Head::State {
  HeadKind kind = HeadKind::logistic;
  std::int64_t dimensions = 0;
  std::int64_t classes = 0;
  std::variant<LinearHead, RbfHead, NeighbourHead> parts;
};

/// Scores of a head as layers: see Head::operator().
[[nodiscard]] SymbolicTensor append_linear(const LinearHead& head, bool softmax,
                                           const SymbolicTensor& features);
[[nodiscard]] SymbolicTensor append_rbf(const RbfHead& head, const SymbolicTensor& features);
[[nodiscard]] SymbolicTensor append_neighbours(const NeighbourHead& head, std::int64_t classes,
                                               const SymbolicTensor& features);

/// The commonest class (of equal ones the first) among the `neighbours` rows with the smallest distances.
[[nodiscard]] int nearest_class(std::span<const double> distances, std::span<const int> labels,
                                std::size_t neighbours);

/// 1 / (D variance of all numbers).
[[nodiscard]] double gamma_scale(const Tensor& features);
/// Errors: as fit_head. Returns the number of classes.
std::size_t check_rows(const Tensor& features, std::span<const int> labels);
void check_options(const HeadOptions& options);

/// How near to its minimum a solver goes: while settings are compared, or at the end.
enum class Accuracy { enough_to_choose, full };
/// The heads that are one matrix.
[[nodiscard]] LinearHead fit_linear(const LabelledRows& rows, const HeadOptions& options,
                                    Accuracy accuracy = Accuracy::full);

}  // namespace transfer
}  // namespace graft
