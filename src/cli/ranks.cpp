// SPDX-License-Identifier: Apache-2.0
#include "cli/ranks.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <set>
#include <thread>

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
