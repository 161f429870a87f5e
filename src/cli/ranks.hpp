// SPDX-License-Identifier: Apache-2.0
// A command that mpirun or srun started as several processes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "graft/cluster/timed_ranks.hpp"

#include "cli/command.hpp"

namespace graft::cli {

using Ranks = std::shared_ptr<cluster::TimedRanks>;

/// Calls body, with the ranks where a launcher of MPI started this process, else with null; returns what it
/// returns. Where a rank fails, its message names it and its machine, and all end.
int with_ranks(const CLI::App& command, const std::function<int(const Ranks&)>& body);

/// "4 ranks on 2 machines, 1 thread each"; on every rank.
[[nodiscard]] std::string described(cluster::Communicator& ranks, int threads);

/// Rank 0's text on every rank.
[[nodiscard]] std::string text_of_first(cluster::Communicator& ranks, const std::string& text);

}  // namespace graft::cli
