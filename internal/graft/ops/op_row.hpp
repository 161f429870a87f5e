// SPDX-License-Identifier: Apache-2.0
// What the rows of op_table.hpp are written with.
#pragma once

#include "graft/ops/op_info.hpp"

namespace graft::ops {

/// The rows, found by argument-dependent look-up: row(Of<Convolution>{}). There is none for ops in general,
/// so that a type in Params without a row does not compile.
namespace rows {

/// Names the op that a row is of.
template <typename Op>
struct Of {};

inline constexpr ArgumentTrait kOptional = ArgumentTrait::optional;
inline constexpr ArgumentTrait kInPlace = ArgumentTrait::in_place;
inline constexpr ArgumentTrait kInPlace8Bit = ArgumentTrait::in_place_8bit;
inline constexpr ArgumentTrait kLowPrecision = ArgumentTrait::low_precision;
inline constexpr ArgumentTrait kSumOverBatch = ArgumentTrait::sum_over_batch;

}  // namespace rows
}  // namespace graft::ops
