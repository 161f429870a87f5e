// SPDX-License-Identifier: Apache-2.0
// Ranks that talk by MPI: only functions of MPI 3's C interface.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include <mpi.h>

#include "graft/base/fail.hpp"
#include "graft/mpi/mpi.hpp"

namespace graft::mpi {
namespace {

using cluster::Bytes;

/// Of one call: MPI 3 counts in int.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;

void check(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  fail(ErrorKind::io, "MPI: ", what, ": ", std::string(text, static_cast<std::size_t>(length)));
}

int count_of(std::size_t bytes) {
  if (bytes > kMostAtOnce) fail(ErrorKind::internal, "MPI: ", bytes, " bytes at once");
  return static_cast<int>(bytes);
}

/// Counts and where they begin, as MPI wants them.
struct Places {
  std::vector<int> counts, begins;
  std::size_t all = 0;

  void add(std::size_t count) {
    counts.push_back(count_of(count));
    begins.push_back(count_of(all));
    all += count;
  }
};

/// Where a rank has failed it is destroyed with messages on their way: all processes end.
class PendingMessages final : public cluster::Pending {
 public:
  explicit PendingMessages(std::vector<MPI_Request> requests) : requests_(std::move(requests)) {}

  [[nodiscard]] bool is_done() override {
    int done = 0;
    check(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE),
          "MPI_Testall");
    return done != 0;
  }
  void wait() override {
    check(MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE),
          "MPI_Waitall");
  }

 private:
  std::vector<MPI_Request> requests_;
};

class MpiRanks final : public cluster::Communicator {
 public:
  MpiRanks() {
    check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "MPI_Comm_rank");
    check(MPI_Comm_size(MPI_COMM_WORLD, &size_), "MPI_Comm_size");
  }

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  [[nodiscard]] std::string node() const override {
    char name[MPI_MAX_PROCESSOR_NAME] = "";
    int length = 0;
    check(MPI_Get_processor_name(name, &length), "MPI_Get_processor_name");
    return {name, static_cast<std::size_t>(length)};
  }

  void exchange(std::span<const std::span<const std::byte>> to,
                std::span<const std::span<std::byte>> from) override {
    PendingMessages(start(to, from, kTag)).wait();
  }
  [[nodiscard]] std::unique_ptr<cluster::Pending> begin_exchange(
      std::span<const std::span<const std::byte>> to, std::span<const std::span<std::byte>> from,
      cluster::Lane lane) override {
    // Messages of one tag between two ranks meet in the order in which they begin.
    return std::make_unique<PendingMessages>(start(to, from, kTag + 1 + static_cast<int>(lane)));
  }

  [[nodiscard]] std::vector<Bytes> gather(std::span<const std::byte> own) override {
    std::vector<std::uint64_t> sizes(static_cast<std::size_t>(size_));
    const std::uint64_t size = own.size();
    check(MPI_Allgather(&size, 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, MPI_COMM_WORLD),
          "MPI_Allgather");
    std::vector<Bytes> gathered(sizes.size());
    const std::size_t largest = *std::ranges::max_element(sizes);
    const std::size_t most = kMostAtOnce / sizes.size();  // of each rank in a round
    for (std::size_t begin = 0; begin < largest; begin += most) {
      Places places;
      const auto in_round = [&](std::size_t all) { return std::min(all - std::min(all, begin), most); };
      for (const std::uint64_t all : sizes) places.add(in_round(all));
      received_.resize(places.all);
      const std::span<const std::byte> part = own.subspan(std::min(own.size(), begin), in_round(own.size()));
      check(MPI_Allgatherv(part.data(), static_cast<int>(part.size()), MPI_BYTE, received_.data(),
                           places.counts.data(), places.begins.data(), MPI_BYTE, MPI_COMM_WORLD),
            "MPI_Allgatherv");
      for (std::size_t rank = 0; rank < gathered.size(); ++rank) {
        const auto at = received_.cbegin() + places.begins[rank];
        gathered[rank].insert(gathered[rank].end(), at, at + places.counts[rank]);
      }
    }
    return gathered;
  }

  void broadcast(std::span<std::byte> bytes) override {
    for (std::size_t begin = 0; begin < bytes.size(); begin += kMostAtOnce) {
      const auto part = bytes.subspan(begin, std::min(bytes.size() - begin, kMostAtOnce));
      check(MPI_Bcast(part.data(), static_cast<int>(part.size()), MPI_BYTE, 0, MPI_COMM_WORLD), "MPI_Bcast");
    }
  }

  void barrier() override { check(MPI_Barrier(MPI_COMM_WORLD), "MPI_Barrier"); }
  void abort(const std::string& /*message*/) override { end_all(EXIT_FAILURE); }

 private:
  static constexpr int kTag = 1;

  /// Without copies: each part is sent from where it is. Buckets of sums are far smaller than what MPI can
  /// count.
  [[nodiscard]] std::vector<MPI_Request> start(std::span<const std::span<const std::byte>> to,
                                               std::span<const std::span<std::byte>> from, int tag) const {
    std::vector<MPI_Request> requests;
    for (int i = 1; i < size_; ++i) {
      const int rank = (rank_ + size_ - i) % size_;
      const std::span<std::byte> part = from[static_cast<std::size_t>(rank)];
      if (part.empty()) continue;
      check(MPI_Irecv(part.data(), count_of(part.size()), MPI_BYTE, rank, tag, MPI_COMM_WORLD,
                      &requests.emplace_back()),
            "MPI_Irecv");
    }
    for (int i = 1; i < size_; ++i) {
      const int rank = (rank_ + i) % size_;  // not all to the same one first
      const std::span<const std::byte> part = to[static_cast<std::size_t>(rank)];
      if (part.empty()) continue;
      check(MPI_Isend(part.data(), count_of(part.size()), MPI_BYTE, rank, tag, MPI_COMM_WORLD,
                      &requests.emplace_back()),
            "MPI_Isend");
    }
    std::ranges::copy(to[static_cast<std::size_t>(rank_)], from[static_cast<std::size_t>(rank_)].begin());
    return requests;
  }

  int rank_ = 0, size_ = 1;
  Bytes received_;  ///< for reuse
};

}  // namespace

std::unique_ptr<cluster::Communicator> connect() {
  int provided = 0;
  // Threads of a rank compute, but only the one that trains talks, also while it exchanges gradients
  // (docs/decisions/0102).
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  if (provided < MPI_THREAD_FUNNELED)
    fail(ErrorKind::unsupported, "MPI: this MPI does not allow programs with threads");
  return std::make_unique<MpiRanks>();
}

void disconnect() { check(MPI_Finalize(), "MPI_Finalize"); }

void end_all(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

}  // namespace graft::mpi
