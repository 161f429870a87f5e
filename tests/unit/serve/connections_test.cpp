// SPDX-License-Identifier: Apache-2.0
#include "serve/connections.hpp"

#include <array>
#include <cstddef>
#include <list>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace graft::test {
namespace {

using serve::Connections;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Connections of one's own, each a pair of sockets, at times that the test says.
class ServeConnections : public ::testing::Test {
 protected:
  struct Pair {
    std::array<int, 2> ends{};
    Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0); }
    ~Pair() {
      for (const int end : ends) close(end);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    /// Whether the server has shut it down: then the other end reads the end of the stream.
    [[nodiscard]] bool shut() const {
      char byte = 0;
      return recv(ends[1], &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
    }
  };

  Pair& open(Connections& all, Connections::Clock::time_point now) {
    Pair& pair = pairs_.emplace_back();
    all.opened(&pair, pair.ends[0], "192.168.0.7", now);
    return pair;
  }

  const Connections::Clock::time_point start_ = Connections::Clock::now();
  std::list<Pair> pairs_;
};

TEST_F(ServeConnections, WhoReadsAnAnswerForLongIsClosed) {
  Connections all(serve::Limits{.request = seconds(30), .idle = seconds(60)});
  const Pair& small = open(all, start_);
  const Pair& large = open(all, start_);
  const Pair& waits = open(all, start_);
  for (const Pair* one : {&small, &large, &waits}) {
    all.began(one, start_);
    all.complete(one);
  }
  all.answering(&small, 1000, start_);
  all.answering(&large, std::size_t{10} << 20, start_);
  all.close_slow(start_ + seconds(29));
  EXPECT_EQ(all.dropped(), 0U);
  all.close_slow(start_ + seconds(31));
  EXPECT_TRUE(small.shut());
  EXPECT_FALSE(large.shut());
  all.close_slow(start_ + seconds(41));
  EXPECT_TRUE(large.shut());
  // Nobody who waits for an answer, however long that takes.
  all.close_slow(start_ + seconds(4000));
  EXPECT_FALSE(waits.shut());
  EXPECT_EQ(all.requests(), 3U);
}

TEST_F(ServeConnections, WhoGoesAwayBeforeItsRequestIsCompleteIsClosed) {
  Connections all(serve::Limits{});
  const Pair& gone = open(all, start_);
  const Pair& sends = open(all, start_);
  const Pair& served = open(all, start_);
  const Pair& reads = open(all, start_);
  const Pair& stays = open(all, start_);
  for (const Pair* one : {&sends, &served, &reads}) all.began(one, start_);
  all.complete(&served);
  all.answering(&reads, 10, start_);
  for (const Pair* one : {&gone, &sends, &served, &reads}) shutdown(one->ends[1], SHUT_WR);
  all.close_slow(start_);
  EXPECT_FALSE(gone.shut());
  all.close_slow(start_);
  EXPECT_TRUE(gone.shut());
  EXPECT_TRUE(sends.shut());
  for (const Pair* one : {&served, &reads, &stays}) EXPECT_FALSE(one->shut());
  EXPECT_EQ(all.dropped(), 0U);
}

TEST_F(ServeConnections, NearTheLimitTheSlowestGoFirst) {
  Connections all(serve::Limits{.connections = 8, .request = seconds(30), .idle = seconds(60)});
  const Pair& served = open(all, start_);
  const Pair& fast = open(all, start_);
  const Pair& slow = open(all, start_);
  const Pair& reads = open(all, start_);
  const Pair& just_reads = open(all, start_);
  const Pair& idle = open(all, start_);
  for (const Pair* one : {&served, &fast, &slow, &reads, &just_reads}) all.began(one, start_);
  all.received(&fast, 100000);
  all.received(&slow, 10);
  all.complete(&served);
  all.answering(&reads, 1000, start_);
  all.answering(&just_reads, 1000, start_ + milliseconds(4500));
  EXPECT_EQ(all.dropped(), 0U);
  const auto now = start_ + seconds(5);
  const std::array<const Pair*, 4> in_order{&idle, &reads, &slow, &fast};
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    Pair& next = open(all, now);
    all.began(&next, now);
    all.complete(&next);
    EXPECT_EQ(all.dropped(), i + 1);
    EXPECT_TRUE(in_order.at(i)->shut()) << i;
  }
  EXPECT_FALSE(served.shut());
  EXPECT_FALSE(just_reads.shut());
}

}  // namespace
}  // namespace graft::test
