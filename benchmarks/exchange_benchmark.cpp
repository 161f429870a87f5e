// SPDX-License-Identifier: Apache-2.0
// What the ranks' sums of gradients take without a training around them, as JSON, a line for each figure:
//   mpirun -n 2 exchange_benchmark [KILOBYTES...]
// benchmarks/cluster_model.py makes constants of it.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/cluster/running_sum.hpp"
#include "graft/mpi/mpi.hpp"

namespace {

using namespace graft;

constexpr int kRuns = 15;

/// The median of some runs, in seconds; all ranks begin each together.
template <typename Run>
double measured(cluster::Communicator& ranks, const Run& run) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> seconds;
  for (int i = 0; i < kRuns; ++i) {
    ranks.barrier();
    const Clock::time_point begin = Clock::now();
    run();
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
  }
  std::ranges::sort(seconds);
  return seconds[seconds.size() / 2];
}

double sum_seconds(cluster::Communicator& ranks, std::size_t length, bool rounded) {
  cluster::TreeSum own(length, rounded ? 0 : length);
  const auto number = static_cast<std::size_t>(ranks.rank());
  own.add({.begin = number, .end = number + 1}, std::vector<float>(length, 1.0F));
  std::vector<float> sum(length);
  return measured(ranks, [&] {
    cluster::RunningSum running(ranks, static_cast<std::size_t>(ranks.size()), own, sum);
    running.ready(length);
    running.finish();
  });
}

void run(cluster::Communicator& ranks, const std::vector<std::size_t>& kilobytes) {
  const auto print = [&](const std::string& figures) {
    if (ranks.rank() == 0) std::cout << cat("{\"ranks\": ", ranks.size(), ", ", figures, "}\n") << std::flush;
  };
  for (const std::size_t size : kilobytes) {
    for (const bool rounded : {false, true}) {
      const double seconds =
          sum_seconds(ranks, std::max<std::size_t>(size * 1024 / sizeof(float), 1), rounded);
      print(cat("\"kilobytes\": ", size, ", \"bits\": ", rounded ? 16 : 32, ", \"seconds\": ", seconds));
    }
  }
  // As a step's results of a group of eight photos and a few classes.
  const cluster::Bytes results(512);
  print(cat("\"gather_seconds\": ", measured(ranks, [&] { (void)ranks.gather(results); })));
}

}  // namespace

int main(int count, char** words) {
  std::unique_ptr<cluster::Communicator> ranks;
  try {
    const bool launched = mpi::is_launched();
    ranks = launched ? mpi::connect() : cluster::single_process();
    std::vector<std::size_t> kilobytes;
    for (int i = 1; i < count; ++i) kilobytes.push_back(std::stoul(words[i]));
    if (kilobytes.empty()) kilobytes = {1, 1024, 16 * 1024, 64 * 1024};
    run(*ranks, kilobytes);
    if (launched) mpi::disconnect();
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    if (ranks) ranks->abort(error.what());
    return EXIT_FAILURE;
  }
}
