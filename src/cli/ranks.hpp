// SPDX-License-Identifier: Apache-2.0
// A command that mpirun or srun started as several processes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/cluster/timed_ranks.hpp"

#include "cli/command.hpp"

namespace graft::cli {

using Ranks = std::shared_ptr<cluster::TimedRanks>;

/// Calls body, with the ranks where a launcher of MPI started this process, else with null; returns what it
/// returns. Where a rank fails, its message names it and its machine, and all end.
int with_ranks(const CLI::App& command, const std::function<int(const Ranks&)>& body);

/// Where the time of a rank went.
struct RankTimes {
  std::string machine;
  double seconds = 0;  ///< in all that the ranks say to each other
  cluster::StepTimes steps;
  /// The part of the training steps that it waited for the other ranks, 0..1.
  [[nodiscard]] double waiting_share() const { return steps.all > 0 ? steps.waiting / steps.all : 0; }
};
/// Those of all ranks, by rank. All ranks call it.
[[nodiscard]] std::vector<RankTimes> gather_times(cluster::TimedRanks& ranks);
/// The member "ranks" of --json.
[[nodiscard]] Json times_json(const std::vector<RankTimes>& ranks);
/// The same in a line. seconds: of the whole run.
[[nodiscard]] std::string times_text(const std::vector<RankTimes>& ranks, double seconds);

/// "4 ranks on 2 machines, 1 thread each"; on every rank.
[[nodiscard]] std::string described(cluster::Communicator& ranks, int threads);

/// Rank 0's text on every rank.
[[nodiscard]] std::string text_of_first(cluster::Communicator& ranks, const std::string& text);

}  // namespace graft::cli
