// SPDX-License-Identifier: Apache-2.0
// Ranks talk, agree and fail together; here they are threads.
#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/cluster/timed_ranks.hpp"

namespace graft::cluster {
namespace {

TEST(Ranks, GatherAndBroadcast) {
  run_ranks(3, [](Communicator& ranks) {
    const Bytes own(static_cast<std::size_t>(ranks.rank()), std::byte{7});
    const std::vector<Bytes> all = ranks.gather(own);
    ASSERT_EQ(all.size(), 3U);
    for (std::size_t rank = 0; rank < 3; ++rank) EXPECT_EQ(all[rank], Bytes(rank, std::byte{7}));
    Bytes text(4, static_cast<std::byte>(ranks.rank() + 1));
    ranks.broadcast(text);
    EXPECT_EQ(text, Bytes(4, std::byte{1}));
    EXPECT_TRUE(any(ranks, ranks.rank() == 2));
    EXPECT_FALSE(any(ranks, false));
  });
}

std::string message_of(int size, const std::function<void(Communicator&)>& body) {
  try {
    run_ranks(size, body);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(Ranks, OneThatFailsEndsTheOthersWithItsName) {
  std::mutex mutex;
  std::vector<std::string> seen;
  const auto begin = std::chrono::steady_clock::now();
  const std::string message = message_of(3, [&](Communicator& ranks) {
    if (ranks.rank() == 1) fail(ErrorKind::io, "the disk is full");
    try {
      ranks.barrier();
    } catch (const Error& error) {
      const std::lock_guard lock(mutex);
      seen.emplace_back(error.what());
      throw;
    }
  });
  EXPECT_EQ(message, "the disk is full");
  EXPECT_EQ(seen, std::vector<std::string>(2, "rank 1 of 3 on thread 1: the disk is full"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Ranks, AgreeNamesTheRankAndTheFact) {
  const auto facts_of = [](const std::string& photos) {
    return std::vector<Fact>{{"version", "1"}, {"photos", photos}, {"seed", "42"}};
  };
  EXPECT_EQ(message_of(3, [&](Communicator& ranks) { agree(ranks, facts_of("a")); }), "");
  EXPECT_EQ(
      message_of(3, [&](Communicator& ranks) { agree(ranks, facts_of(ranks.rank() == 2 ? "b" : "a")); }),
      "rank 2 of 3 on thread 2 differs from rank 0 on thread 0 in photos: b in place of a; all ranks need "
      "the "
      "same program, photos and settings");
}

TEST(Ranks, ExchangeChecksSizes) {
  EXPECT_NE(message_of(2,
                       [](Communicator& ranks) {
                         const Bytes sent(ranks.rank() == 0 ? 1 : 2);
                         Bytes a(1), b(1);
                         const std::vector<std::span<const std::byte>> to{sent, sent};
                         const std::vector<std::span<std::byte>> from{a, b};
                         ranks.exchange(to, from);
                       })
                .find("expects 1"),
            std::string::npos);
}

TEST(Ranks, ExchangesOfTwoLanesMeetIndependently) {
  run_ranks(2, [](Communicator& ranks) {
    const auto other = static_cast<std::size_t>(1 - ranks.rank());
    const auto begin = [&](Lane lane, const Bytes& sent, Bytes& received) {
      std::vector<std::span<const std::byte>> to(2);
      std::vector<std::span<std::byte>> from(2);
      to[other] = sent;
      from[other] = received;
      return ranks.begin_exchange(to, from, lane);
    };
    const Bytes a(3, std::byte{1}), b(3, std::byte{2}), c(3, std::byte{3});
    Bytes got_a(3), got_b(3), got_c(3);
    // The ranks begin the lanes in different orders.
    std::unique_ptr<Pending> first, second, third;
    if (ranks.rank() == 0) third = begin(Lane::second, c, got_c);
    first = begin(Lane::first, a, got_a);
    second = begin(Lane::first, b, got_b);
    if (ranks.rank() == 1) third = begin(Lane::second, c, got_c);
    second->wait();
    third->wait();
    first->wait();
    EXPECT_TRUE(first->is_done());
    EXPECT_EQ(got_a, a);
    EXPECT_EQ(got_b, b);
    EXPECT_EQ(got_c, c);
  });
}

TEST(Ranks, TimedOnesMeasureWhatIsPending) {
  TimedRanks ranks(single_process());
  const Bytes sent(4);
  Bytes received(4);
  const std::vector<std::span<const std::byte>> to{sent};
  const std::vector<std::span<std::byte>> from{received};
  const double before = ranks.seconds();
  const std::unique_ptr<Pending> pending = ranks.begin_exchange(to, from, Lane::first);
  const double begun = ranks.seconds();
  EXPECT_GT(begun, before);
  pending->wait();
  EXPECT_GT(ranks.seconds(), begun);
}

TEST(Ranks, SingleProcessIsAlone) {
  const auto alone = single_process();
  EXPECT_EQ(alone->size(), 1);
  EXPECT_EQ(alone->gather(Bytes(2)), std::vector<Bytes>{Bytes(2)});
}

}  // namespace
}  // namespace graft::cluster
