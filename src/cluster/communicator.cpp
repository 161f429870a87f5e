// SPDX-License-Identifier: Apache-2.0
// What does not depend on how ranks talk, and a rank that is alone.
#include "graft/cluster/communicator.hpp"

#include <algorithm>
#include <cstring>

#include <unistd.h>

#include "graft/base/fail.hpp"

namespace graft::cluster {
namespace {

class Arrived final : public Pending {
 public:
  [[nodiscard]] bool is_done() override { return true; }
  void wait() override {}
};

class SingleProcess final : public Communicator {
 public:
  [[nodiscard]] int rank() const override { return 0; }
  [[nodiscard]] int size() const override { return 1; }
  [[nodiscard]] std::string node() const override {
    char name[256] = "";
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
  }
  void exchange(std::span<const std::span<const std::byte>> to,
                std::span<const std::span<std::byte>> from) override {
    std::ranges::copy(to[0], from[0].begin());
  }
  [[nodiscard]] std::unique_ptr<Pending> begin_exchange(std::span<const std::span<const std::byte>> to,
                                                        std::span<const std::span<std::byte>> from,
                                                        Lane /*lane*/) override {
    exchange(to, from);
    return std::make_unique<Arrived>();
  }
  [[nodiscard]] std::vector<Bytes> gather(std::span<const std::byte> own) override {
    return {Bytes(own.begin(), own.end())};
  }
  void broadcast(std::span<std::byte> /*bytes*/) override {}
  void barrier() override {}
  void abort(const std::string& /*message*/) override {}
};

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

std::string described(const Communicator& ranks) {
  return cat("rank ", ranks.rank(), " of ", ranks.size(), " on ", ranks.node());
}

std::unique_ptr<Communicator> single_process() { return std::make_unique<SingleProcess>(); }

void agree(Communicator& ranks, std::span<const Fact> facts) {
  // The name of the node first, for the message.
  std::string all = ranks.node();
  for (const Fact& fact : facts) all += '\0' + fact.value;
  const std::vector<Bytes> gathered = ranks.gather(bytes_of(all));
  const auto split = [](const Bytes& bytes) {
    std::vector<std::string> parts(1);
    for (const std::byte byte : bytes) {
      if (byte == std::byte{0})
        parts.emplace_back();
      else
        parts.back() += static_cast<char>(byte);
    }
    return parts;
  };
  const std::vector<std::string> first = split(gathered.front());
  for (std::size_t rank = 1; rank < gathered.size(); ++rank) {
    const std::vector<std::string> other = split(gathered[rank]);
    for (std::size_t i = 0; i < facts.size(); ++i) {
      if (first.size() == other.size() && first[i + 1] == other[i + 1]) continue;
      fail(ErrorKind::invalid_argument, "rank ", rank, " of ", gathered.size(), " on ", other[0],
           " differs from rank 0 on ", first[0], " in ", facts[i].name, ": ",
           other.size() > i + 1 ? other[i + 1] : "nothing", " in place of ",
           first.size() > i + 1 ? first[i + 1] : "nothing",
           "; all ranks need the same program, photos and settings");
    }
  }
}

bool any(Communicator& ranks, bool own) {
  const std::byte byte{static_cast<unsigned char>(own ? 1 : 0)};
  const std::vector<Bytes> all = ranks.gather({&byte, 1});
  return std::ranges::any_of(all, [](const Bytes& one) { return one.at(0) != std::byte{0}; });
}

}  // namespace graft::cluster
