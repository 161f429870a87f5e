// SPDX-License-Identifier: Apache-2.0
// Names of arguments that several ops share.
#pragma once

#pragma GCC visibility push(default)

namespace graft::ops {

/// Name of the input of ops that make one array of another.
enum class UnaryIn { x };
/// Name of the output of ops that make one array of another.
enum class UnaryOut { y };

}  // namespace graft::ops

#pragma GCC visibility pop
