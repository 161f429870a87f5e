// SPDX-License-Identifier: Apache-2.0
// Sums do not depend on who adds what, nor on the pieces that they travel in.
#include "graft/cluster/running_sum.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"

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

struct SumHow {
  std::optional<std::size_t> exact{};
  std::size_t bucket_bytes = 0;
  std::size_t piece = kLength;  ///< elements of the last leaf that become known at once
};

std::vector<std::vector<float>> summed_by(int size, std::size_t leaves, const SumHow& how = {}) {
  std::vector<std::vector<float>> sums(static_cast<std::size_t>(size), std::vector<float>(kLength));
  run_ranks(size, [&](Communicator& ranks) {
    TreeSum own(kLength, how.exact);
    const Range mine = share_of(leaves, ranks.rank(), ranks.size());
    RunningSum running(ranks, leaves, own, sums[static_cast<std::size_t>(ranks.rank())], how.bucket_bytes);
    for (std::size_t i = mine.begin; i < mine.end; ++i) {
      if (i + 1 < mine.end) {
        own.add({i, i + 1}, leaf(i));
        continue;
      }
      const std::vector<float> values = leaf(i);
      const std::span<float> last = own.open({i, i + 1});
      for (std::size_t begin = 0; begin < kLength; begin += how.piece) {
        const std::size_t end = std::min(begin + how.piece, kLength);
        std::copy(values.begin() + static_cast<std::ptrdiff_t>(begin),
                  values.begin() + static_cast<std::ptrdiff_t>(end),
                  last.begin() + static_cast<std::ptrdiff_t>(begin));
        own.filled(end);
        running.ready(end);
        running.poll();
      }
    }
    if (mine.size() == 0) running.ready(kLength);
    running.finish();
  });
  return sums;
}

TEST(RunningSum, EqualsTheTreesDefinitionForAnyNumberOfRanks) {
  for (const std::size_t leaves : {1, 2, 3, 4, 5, 7, 8, 11, 16}) {
    const std::vector<float> expected = by_definition(0, leaves);
    for (const int size : {1, 2, 3, 4, 7}) {
      for (const std::vector<float>& sum : summed_by(size, leaves))
        EXPECT_EQ(sum, expected) << leaves << " leaves, " << size << " ranks";
    }
  }
}

TEST(RunningSum, BucketsAndPiecesChangeNothing) {
  for (const std::size_t leaves : {3, 8}) {
    const std::vector<float> expected = by_definition(0, leaves);
    for (const int size : {1, 4}) {
      // The smallest: more buckets than may travel at once, with fewer elements than there are ranks.
      for (const std::size_t bytes : {8, 400, 1000, 1 << 20}) {
        for (const std::size_t piece : {7, 1000}) {
          for (const std::vector<float>& sum :
               summed_by(size, leaves, {.bucket_bytes = bytes, .piece = piece}))
            EXPECT_EQ(sum, expected) << leaves << " leaves, " << size << " ranks, buckets of " << bytes;
        }
      }
    }
  }
}

float rounded(float value) {
  // By its definition: the nearer of the two neighbours with 16 bits, the even one between them.
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const float below = std::bit_cast<float>(bits & 0xFFFF0000U);
  const float above = std::bit_cast<float>((bits & 0xFFFF0000U) + 0x10000U);
  const double to_below = std::abs(static_cast<double>(value) - below);
  const double to_above = std::abs(static_cast<double>(above) - value);
  if (to_below != to_above) return to_below < to_above ? below : above;
  return (bits & 0x10000U) == 0 ? below : above;
}

/// by_definition(), with every leaf and node rounded from an element on.
std::vector<float> rounded_by_definition(std::size_t begin, std::size_t end, std::size_t exact) {
  std::vector<float> sum = leaf(begin);
  if (end - begin > 1) {
    std::size_t half = 1;
    while (2 * half < end - begin) half *= 2;
    sum = rounded_by_definition(begin, begin + half, exact);
    const std::vector<float> right = rounded_by_definition(begin + half, end, exact);
    for (std::size_t i = 0; i < kLength; ++i) sum[i] += right[i];
  }
  for (std::size_t i = exact; i < kLength; ++i) sum[i] = rounded(sum[i]);
  return sum;
}

TEST(RunningSum, RoundedSumsDoNotDependOnTheNumberOfRanks) {
  for (const std::size_t leaves : {1, 5, 8, 11}) {
    for (const std::size_t exact : {0, 301, 1000}) {
      const std::vector<float> expected = rounded_by_definition(0, leaves, exact);
      for (const int size : {1, 2, 3, 4}) {
        for (const std::size_t bytes : {100, 1 << 20}) {
          for (const std::vector<float>& sum :
               summed_by(size, leaves, {.exact = exact, .bucket_bytes = bytes, .piece = 130}))
            EXPECT_EQ(sum, expected) << leaves << " leaves, " << size << " ranks, exact " << exact;
        }
      }
    }
  }
}

TEST(RunningSum, RoundingKeepsWhatIsNoNumber) {
  const float infinite = std::numeric_limits<float>::infinity();
  const std::vector<float> values{infinite,
                                  -infinite,
                                  std::numeric_limits<float>::quiet_NaN(),
                                  std::bit_cast<float>(0x7F800001U),
                                  std::numeric_limits<float>::max(),
                                  -0.0F};
  TreeSum sum(values.size(), 0);
  sum.add({0, 1}, values);
  const std::vector<float> kept = sum.finish();
  EXPECT_EQ(kept[0], infinite);
  EXPECT_EQ(kept[1], -infinite);
  EXPECT_TRUE(std::isnan(kept[2]));
  EXPECT_TRUE(std::isnan(kept[3])) << "whose upper half alone is infinite";
  EXPECT_EQ(kept[4], infinite);
  EXPECT_TRUE(std::signbit(kept[5]));
}

/// Counts what another communicator is asked to do.
class CountingRanks final : public Communicator {
 public:
  explicit CountingRanks(Communicator& ranks) : ranks_(ranks) {}
  std::size_t begun = 0, bytes = 0;

  [[nodiscard]] int rank() const override { return ranks_.rank(); }
  [[nodiscard]] int size() const override { return ranks_.size(); }
  [[nodiscard]] std::string node() const override { return ranks_.node(); }
  void exchange(std::span<const std::span<const std::byte>> to,
                std::span<const std::span<std::byte>> from) override {
    ranks_.exchange(to, from);
  }
  [[nodiscard]] std::unique_ptr<Pending> begin_exchange(std::span<const std::span<const std::byte>> to,
                                                        std::span<const std::span<std::byte>> from,
                                                        Lane lane) override {
    ++begun;
    for (const auto part : to) bytes += part.size();
    return ranks_.begin_exchange(to, from, lane);
  }
  [[nodiscard]] std::vector<Bytes> gather(std::span<const std::byte> own) override {
    return ranks_.gather(own);
  }
  void broadcast(std::span<std::byte> all) override { ranks_.broadcast(all); }
  void barrier() override { ranks_.barrier(); }
  void abort(const std::string& message) override { ranks_.abort(message); }

 private:
  Communicator& ranks_;
};

TEST(RunningSum, ABucketTravelsAsSoonAsItIsReady) {
  run_ranks(2, [](Communicator& both) {
    CountingRanks ranks(both);
    TreeSum own(kLength);
    std::vector<float> sum(kLength);
    RunningSum running(ranks, 2, own, sum, 400);  // ten buckets of 100
    const auto number = static_cast<std::size_t>(ranks.rank());
    std::ranges::fill(own.open({number, number + 1}), 1.0F);
    own.filled(99);
    running.ready(99);
    EXPECT_EQ(ranks.begun, 0U);
    own.filled(250);
    running.ready(250);
    EXPECT_EQ(ranks.begun, 2U);
    // Both ranks are here: the first exchanges end without a wait, and the sums begin to travel.
    both.barrier();
    running.poll();
    EXPECT_EQ(ranks.begun, 4U);
    both.barrier();
    running.poll();
    EXPECT_EQ(sum[0], 2.0F);
    EXPECT_EQ(sum[199], 2.0F);
    EXPECT_EQ(sum[200], 0.0F);
    own.filled(kLength);
    running.ready(kLength);
    running.finish();
    EXPECT_EQ(ranks.begun, 20U);
    EXPECT_EQ(sum, std::vector<float>(kLength, 2.0F));
  });
}

TEST(RunningSum, SixteenBitsAreHalfTheBytes) {
  const auto bytes_with = [](std::optional<std::size_t> exact) {
    std::size_t bytes = 0;
    run_ranks(2, [&](Communicator& both) {
      CountingRanks ranks(both);
      TreeSum own(kLength, exact);
      std::vector<float> sum(kLength);
      RunningSum running(ranks, 2, own, sum);
      const auto number = static_cast<std::size_t>(ranks.rank());
      own.add({number, number + 1}, leaf(number));
      running.ready(kLength);
      running.finish();
      if (number == 0) bytes = ranks.bytes;
    });
    return bytes;
  };
  EXPECT_EQ(2 * bytes_with(0), bytes_with({}));
}

TEST(RunningSum, ARankThatFailsEndsTheOthersThatWait) {
  std::atomic<int> ended = 0;
  try {
    run_ranks(3, [&](Communicator& ranks) {
      if (ranks.rank() == 1) fail(ErrorKind::io, "the disk is full");
      TreeSum own(kLength);
      std::vector<float> sum(kLength);
      RunningSum running(ranks, 3, own, sum);
      const auto number = static_cast<std::size_t>(ranks.rank());
      own.add({number, number + 1}, leaf(number));
      running.ready(kLength);
      try {
        running.finish();
      } catch (const Error&) {
        ++ended;
        throw;
      }
    });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the disk is full");
  }
  EXPECT_EQ(ended.load(), 2);
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
  (void)sum.open({1, 2});
  EXPECT_THROW(sum.add({2, 3}, {1}), Error);
  EXPECT_THROW(sum.filled(2), Error);
  EXPECT_THROW((void)sum.finish(), Error);
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

TEST(RunningSum, ASingleProcessAddsUpTheSameTree) {
  const auto alone = single_process();
  const std::vector<float> expected = by_definition(0, 5);
  TreeSum own(kLength);
  for (std::size_t i = 0; i < 5; ++i) own.add({i, i + 1}, leaf(i));
  std::vector<float> sum(kLength);
  RunningSum running(*alone, 5, own, sum);
  running.ready(kLength);
  running.finish();
  EXPECT_EQ(sum, expected);
}

}  // namespace
}  // namespace graft::cluster
