// SPDX-License-Identifier: Apache-2.0
#include "cli/ranks.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <exception>
#include <iostream>
#include <set>
#include <thread>
#include <type_traits>

#include "graft/base/fail.hpp"
#include "graft/mpi/mpi.hpp"

#include "cli/failure.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

/// Where all ranks fail in the same way, as with a wrong option, the first one's message is enough: the
/// others wait for it to end them.
constexpr std::chrono::seconds kForTheFirst{2};

[[noreturn]] void end_all(const cluster::Communicator& ranks, const Failure& failure) {
  if (ranks.rank() != 0) std::this_thread::sleep_for(kForTheFirst);
  std::cerr << (cat("graft: ", cluster::described(ranks), ": ", failure.message) + '\n') << std::flush;
  mpi::end_all(failure.code);
}

}  // namespace

int with_ranks(const CLI::App& command, const std::function<int(const Ranks&)>& body) {
  if (!mpi::is_launched()) return body(nullptr);
  leave_interrupts();
  const auto ranks = std::make_shared<cluster::TimedRanks>(mpi::connect());
  try {
    const int code = body(ranks);
    flush_output();
    mpi::disconnect();
    return code;
  } catch (const std::exception&) {
    end_all(*ranks, current_failure(command, "fewer ranks on a machine need less"));
  }
}

std::vector<RankTimes> gather_times(cluster::TimedRanks& ranks) {
  struct Numbers {
    double seconds = 0;
    cluster::StepTimes steps{};
  };
  static_assert(std::is_trivially_copyable_v<Numbers>);
  const Numbers own{ranks.seconds(), ranks.step_times()};
  const std::string node = ranks.node();
  cluster::Bytes bytes(sizeof own + node.size());
  std::memcpy(bytes.data(), &own, sizeof own);
  std::memcpy(bytes.data() + sizeof own, node.data(), node.size());
  std::vector<RankTimes> all;
  for (const cluster::Bytes& one : ranks.gather(bytes)) {
    Numbers numbers{};
    std::memcpy(&numbers, one.data(), sizeof numbers);
    const auto* name = reinterpret_cast<const char*>(one.data()) + sizeof numbers;
    all.push_back({{name, one.size() - sizeof numbers}, numbers.seconds, numbers.steps});
  }
  return all;
}

Json times_json(const std::vector<RankTimes>& ranks) {
  Json rows = Json::array();
  for (const RankTimes& rank : ranks) {
    rows.push_back({{"machine", rank.machine},
                    {"seconds_between_ranks", rank.seconds},
                    {"steps", rank.steps.steps},
                    {"step_seconds", rank.steps.all},
                    {"input_seconds", rank.steps.input},
                    {"exchange_seconds", rank.steps.exchange},
                    {"overlap_seconds", rank.steps.overlap},
                    {"waiting_seconds", rank.steps.waiting},
                    {"waiting_share", rank.waiting_share()},
                    {"step_bytes", rank.steps.bytes}});
  }
  return rows;
}

std::string times_text(const std::vector<RankTimes>& ranks, double seconds) {
  const auto rounded = [](double value) { return std::round(10 * value) / 10; };
  const RankTimes& first = ranks.front();
  std::string text = cat("exchange between the ranks and waiting for each other: ", rounded(first.seconds),
                         " s of ", rounded(seconds), " s");
  if (first.steps.steps == 0) return text;
  const auto most = std::ranges::max_element(ranks, {}, &RankTimes::waiting_share);
  return text + cat("; of training steps ", rounded(100 * first.waiting_share()),
                    " % was waiting, on no rank more than ", rounded(100 * most->waiting_share()), " %");
}

std::string described(cluster::Communicator& ranks, int threads) {
  const std::string node = ranks.node();
  std::set<cluster::Bytes> nodes;
  for (cluster::Bytes& name : ranks.gather(std::as_bytes(std::span(node)))) nodes.insert(std::move(name));
  return cat(ranks.size(), ranks.size() == 1 ? " rank" : " ranks", " on ", nodes.size(),
             nodes.size() == 1 ? " machine, " : " machines, ", threads, threads == 1 ? " thread" : " threads",
             ranks.size() == 1 ? "" : " each");
}

std::string text_of_first(cluster::Communicator& ranks, const std::string& text) {
  const auto bytes = ranks.rank() == 0 ? std::as_bytes(std::span(text)) : std::span<const std::byte>();
  const cluster::Bytes first = ranks.gather(bytes).front();
  return {reinterpret_cast<const char*>(first.data()), first.size()};
}

}  // namespace graft::cli
