// SPDX-License-Identifier: Apache-2.0
#include "graft/cluster/running_sum.hpp"

#include <algorithm>
#include <utility>

#include "graft/base/fail.hpp"

#include "cluster/bfloat16.hpp"

namespace graft::cluster {
namespace {

/// A bucket has at least this much, so that starting a message costs little beside carrying it,
constexpr std::size_t kLeastBucket = std::size_t{1} << 20;
/// and this much for each rank, as each sends every other one a slice of it.
constexpr std::size_t kLeastSlice = std::size_t{64} << 10;
/// More do not travel at once: each holds memory for what it receives.
constexpr std::size_t kMostBuckets = 16;

/// Memory for numbers as they travel, in floats.
std::vector<float> room_for(std::size_t count, bool rounded) {
  return std::vector<float>(rounded ? (count + 1) / 2 : count);
}
std::size_t bytes_for(std::size_t count, bool rounded) { return count * (rounded ? 2 : sizeof(float)); }

}  // namespace

struct RunningSum::Bucket {
  Range elements;
  bool rounded = false;  ///< travels in 16 bits
  // Memory of the exchange that is under way, by rank.
  std::vector<std::vector<float>> sent, received;
  std::unique_ptr<Pending> pending;

  [[nodiscard]] Range slice(std::size_t rank, const Communicator& ranks) const {
    const Range within = share_of(elements.size(), static_cast<int>(rank), ranks.size());
    return {.begin = elements.begin + within.begin, .end = elements.begin + within.end};
  }
  [[nodiscard]] std::span<std::byte> bytes_of(std::vector<float>& memory, std::size_t count) const {
    return part_of(memory, count, 0);
  }
  /// Of parts of `count` numbers that follow each other.
  [[nodiscard]] std::span<std::byte> part_of(std::vector<float>& memory, std::size_t count,
                                             std::size_t part) const {
    return std::as_writable_bytes(std::span(memory))
        .subspan(bytes_for(part * count, rounded), bytes_for(count, rounded));
  }
  void write(std::span<const float> numbers, std::span<std::byte> to) const {
    if (rounded) return pack_bfloat16(numbers, to);
    std::ranges::copy(std::as_bytes(numbers), to.begin());
  }
  void read(std::span<const std::byte> from, std::span<float> numbers) const {
    if (rounded) return unpack_bfloat16(from, numbers);
    std::ranges::copy(from, std::as_writable_bytes(numbers).begin());
  }
};

RunningSum::RunningSum(Communicator& ranks, std::size_t leaves, const TreeSum& own, std::span<float> sum,
                       std::size_t bucket_bytes)
    : ranks_(ranks), own_(own), sum_(sum), bucket_bytes_(bucket_bytes) {
  if (sum.size() != own.length())
    fail(ErrorKind::internal, "RunningSum: ", own.length(), " numbers into ", sum.size());
  if (bucket_bytes_ == 0)
    bucket_bytes_ = std::max(kLeastBucket, static_cast<std::size_t>(ranks.size()) * kLeastSlice);
  for (int rank = 0; rank < ranks.size(); ++rank)
    nodes_.push_back(nodes_within(share_of(leaves, rank, ranks.size())));
}

RunningSum::~RunningSum() = default;

/// Of one kind of numbers: those that are exact, or those that are rounded.
Range RunningSum::next_bucket() const {
  const bool rounded = begun_ >= own_.exact();
  const std::size_t most = std::max<std::size_t>(bucket_bytes_ / bytes_for(1, rounded), 1);
  return {.begin = begun_, .end = std::min(begun_ + most, rounded ? sum_.size() : own_.exact())};
}

void RunningSum::begin_more() {
  while (begun_ < sum_.size() && gathering_.size() + spreading_.size() < kMostBuckets) {
    const Range next = next_bucket();
    if (next.end > ready_) return;
    gather(next);
    begun_ = next.end;
  }
}

/// Sends each rank this one's nodes in that rank's slice, and receives those of all ranks in its own.
void RunningSum::gather(Range elements) {
  const auto rank_count = nodes_.size();
  const auto self = static_cast<std::size_t>(ranks_.rank());
  const std::span<const TreeSum::Node> own = own_.nodes();
  if (own.size() != nodes_[self].size())
    fail(ErrorKind::internal, "RunningSum: ", own.size(), " nodes in place of ", nodes_[self].size());
  Bucket& bucket = *gathering_.emplace_back(std::make_unique<Bucket>());
  bucket.elements = elements;
  bucket.rounded = elements.begin >= own_.exact();
  bucket.sent.resize(rank_count);
  bucket.received.resize(rank_count);
  const std::size_t mine = bucket.slice(self, ranks_).size();
  std::vector<std::span<const std::byte>> to;
  std::vector<std::span<std::byte>> from;
  for (std::size_t rank = 0; rank < rank_count; ++rank) {
    const Range theirs = bucket.slice(rank, ranks_);
    const auto part = [&](const TreeSum::Node& node) {
      return std::span(node.values).subspan(theirs.begin, theirs.size());
    };
    const std::size_t count = own.size() * theirs.size();
    if (own.size() == 1 && !bucket.rounded) {
      to.push_back(std::as_bytes(part(own.front())));  // from where it is
    } else {
      std::vector<float>& sent = bucket.sent[rank] = room_for(count, bucket.rounded);
      for (std::size_t node = 0; node < own.size(); ++node)
        bucket.write(part(own[node]), bucket.part_of(sent, theirs.size(), node));
      to.emplace_back(bucket.bytes_of(sent, count));
    }
    const std::size_t comes = nodes_[rank].size() * mine;
    bucket.received[rank] = room_for(comes, bucket.rounded);
    from.push_back(bucket.bytes_of(bucket.received[rank], comes));
  }
  bucket.pending = ranks_.begin_exchange(to, from, Lane::first);
}

/// The nodes of the first bucket have come: finishes its tree for this rank's slice, which goes to all.
void RunningSum::spread_first() {
  spreading_.push_back(std::move(gathering_.front()));
  gathering_.pop_front();
  Bucket& bucket = *spreading_.back();
  const std::size_t mine = bucket.slice(static_cast<std::size_t>(ranks_.rank()), ranks_).size();
  TreeSum tree(mine, bucket.rounded ? 0 : mine);
  for (std::size_t rank = 0; rank < nodes_.size(); ++rank) {
    std::vector<float>& memory = bucket.received[rank];
    if (nodes_[rank].size() == 1 && !bucket.rounded) {
      tree.add(nodes_[rank].front(), std::move(memory));
      continue;
    }
    for (std::size_t node = 0; node < nodes_[rank].size(); ++node) {
      std::vector<float> values(mine);
      bucket.read(bucket.part_of(memory, mine, node), values);
      tree.add(nodes_[rank][node], std::move(values));
    }
  }
  bucket.sent.assign(1, tree.finish());
  if (bucket.rounded) {
    std::vector<float> packed = room_for(mine, true);
    bucket.write(bucket.sent[0], bucket.bytes_of(packed, mine));
    bucket.sent[0] = std::move(packed);
  }
  bucket.received.assign(nodes_.size(), {});
  const std::vector<std::span<const std::byte>> to(nodes_.size(), bucket.bytes_of(bucket.sent[0], mine));
  std::vector<std::span<std::byte>> from;
  for (std::size_t rank = 0; rank < nodes_.size(); ++rank) {
    const Range theirs = bucket.slice(rank, ranks_);
    if (!bucket.rounded) {
      from.push_back(std::as_writable_bytes(sum_.subspan(theirs.begin, theirs.size())));
      continue;
    }
    bucket.received[rank] = room_for(theirs.size(), true);
    from.push_back(bucket.bytes_of(bucket.received[rank], theirs.size()));
  }
  bucket.pending = ranks_.begin_exchange(to, from, Lane::second);
}

/// The sums of the first bucket have come.
void RunningSum::end_first() {
  Bucket& bucket = *spreading_.front();
  for (std::size_t rank = 0; bucket.rounded && rank < nodes_.size(); ++rank) {
    const Range theirs = bucket.slice(rank, ranks_);
    bucket.read(bucket.bytes_of(bucket.received[rank], theirs.size()),
                sum_.subspan(theirs.begin, theirs.size()));
  }
  spreading_.pop_front();
}

void RunningSum::ready(std::size_t end) {
  ready_ = end;
  begin_more();
}

void RunningSum::poll() {
  while (!gathering_.empty() && gathering_.front()->pending->is_done()) spread_first();
  while (!spreading_.empty() && spreading_.front()->pending->is_done()) end_first();
  begin_more();
}

void RunningSum::finish() {
  if (ready_ != sum_.size())
    fail(ErrorKind::internal, "RunningSum: ", ready_, " of ", sum_.size(), " numbers are there");
  // Nodes first: their sums are what other ranks wait for.
  for (begin_more(); !gathering_.empty() || !spreading_.empty(); begin_more()) {
    if (!gathering_.empty()) {
      gathering_.front()->pending->wait();
      spread_first();
    } else {
      spreading_.front()->pending->wait();
      end_first();
    }
  }
}

}  // namespace graft::cluster
