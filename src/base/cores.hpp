// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

namespace graft::base {

/// Cores' worth of CPU time that the control groups of this process allow it (cpu.max of version 2,
/// cpu.cfs_quota_us of version 1), the smallest on the way to the root; unset: no limit. root: "/", or a
/// folder that stands for it in tests.
[[nodiscard]] std::optional<double> cpu_quota(const std::filesystem::path& root);

}  // namespace graft::base
