// SPDX-License-Identifier: Apache-2.0
// Sums do not depend on who adds what; ranks that fail end the others.
#include <algorithm>
#include <chrono>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/cluster/tree_sum.hpp"

namespace graft::cluster {
namespace {

constexpr std::size_t kLength = 1000;

/// Numbers of very different sizes: each order of additions has other last bits.
std::vector<float> leaf(std::size_t number) {
  Rng rng(number);
  std::vector<float> values(kLength);
  for (float& value : values) value = static_cast<float>(rng.normal() * (rng.below(2) == 0 ? 1000 : 0.001));
  return values;
}

/// The tree by its definition.
std::vector<float> by_definition(std::size_t begin, std::size_t end) {
  if (end - begin == 1) return leaf(begin);
  std::size_t half = 1;
  while (2 * half < end - begin) half *= 2;
  std::vector<float> sum = by_definition(begin, begin + half);
  const std::vector<float> right = by_definition(begin + half, end);
  for (std::size_t i = 0; i < kLength; ++i) sum[i] += right[i];
  return sum;
}

std::vector<std::vector<float>> summed_by(int size, std::size_t leaves) {
  std::vector<std::vector<float>> sums(static_cast<std::size_t>(size), std::vector<float>(kLength));
  run_ranks(size, [&](Communicator& ranks) {
    TreeSum own(kLength);
    const Range mine = share_of(leaves, ranks.rank(), ranks.size());
    for (std::size_t i = mine.begin; i < mine.end; ++i) own.add({i, i + 1}, leaf(i));
    sum_over_ranks(ranks, leaves, own, sums[static_cast<std::size_t>(ranks.rank())]);
  });
  return sums;
}

TEST(TreeSum, EqualsItsDefinitionForAnyNumberOfRanks) {
  for (const std::size_t leaves : {1, 2, 3, 4, 5, 7, 8, 11, 16}) {
    const std::vector<float> expected = by_definition(0, leaves);
    for (const int size : {1, 2, 3, 4, 7}) {
      for (const std::vector<float>& sum : summed_by(size, leaves))
        EXPECT_EQ(sum, expected) << leaves << " leaves, " << size << " ranks";
    }
  }
}

TEST(TreeSum, AnotherOrderHasOtherBits) {
  std::vector<float> in_order = leaf(0);
  for (std::size_t leaf_number = 1; leaf_number < 8; ++leaf_number) {
    const std::vector<float> values = leaf(leaf_number);
    for (std::size_t i = 0; i < kLength; ++i) in_order[i] += values[i];
  }
  EXPECT_NE(in_order, by_definition(0, 8));
}

TEST(TreeSum, NodesWithinARange) {
  EXPECT_EQ(nodes_within({0, 8}), (std::vector<Range>{{0, 8}}));
  EXPECT_EQ(nodes_within({2, 5}), (std::vector<Range>{{2, 4}, {4, 5}}));
  EXPECT_EQ(nodes_within({5, 8}), (std::vector<Range>{{5, 6}, {6, 8}}));
  EXPECT_EQ(nodes_within({3, 3}), std::vector<Range>{});
}

TEST(TreeSum, RefusesNodesOutOfOrder) {
  TreeSum sum(1);
  sum.add({0, 1}, {1});
  EXPECT_THROW(sum.add({2, 3}, {1}), Error);
  EXPECT_THROW(sum.add({1, 2}, {1, 2}), Error);
}

TEST(ShareOf, CoversAll) {
  for (const std::size_t count : {0, 1, 4, 10}) {
    std::size_t end = 0;
    for (int rank = 0; rank < 4; ++rank) {
      EXPECT_EQ(share_of(count, rank, 4).begin, end);
      end = share_of(count, rank, 4).end;
    }
    EXPECT_EQ(end, count);
  }
}

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

TEST(Ranks, SingleProcessIsAlone) {
  const auto alone = single_process();
  EXPECT_EQ(alone->size(), 1);
  const std::vector<float> expected = by_definition(0, 5);
  TreeSum own(kLength);
  for (std::size_t i = 0; i < 5; ++i) own.add({i, i + 1}, leaf(i));
  std::vector<float> sum(kLength);
  sum_over_ranks(*alone, 5, own, sum);
  EXPECT_EQ(sum, expected);
}

}  // namespace
}  // namespace graft::cluster
