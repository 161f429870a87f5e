// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/random.hpp"
#include "graft/base/text.hpp"
#include "graft/error.hpp"

#include "support.hpp"

namespace graft {
namespace {

TEST(AtomicFile, AppearsWholeAndLeavesNoTemporary) {
  test::TemporaryFolder folder;
  const auto path = folder.path() / "a.txt";
  write_file_atomically(path, "one");
  write_file_atomically(path, "two");
  EXPECT_EQ(test::read_file(path), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(AtomicFile, ItsTemporaryNameIsRecognised) {
  EXPECT_TRUE(is_temporary_name(AtomicFile("outliers.csv").temporary_path().filename().string()));
  EXPECT_TRUE(is_temporary_name(AtomicFile(".model.keras.7.0.tmp").temporary_path().filename().string()));
  for (const char* other : {"", ".tmp", ".1.2.tmp", "a.csv.1.2.tmp", ".a.csv.1.2", ".a.csv.1.tmp",
                            ".a.csv.x.2.tmp", ".a.csv.1..tmp", ".a.csv.tmp"})
    EXPECT_FALSE(is_temporary_name(other)) << other;
}

TEST(AtomicFile, WithoutCommitNothingChanges) {
  test::TemporaryFolder folder;
  const auto path = folder.path() / "a.txt";
  write_file_atomically(path, "kept");
  {
    AtomicFile file(path);
    std::ofstream(file.temporary_path()) << "half";
  }
  EXPECT_EQ(test::read_file(path), "kept");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(AtomicFile, UnwritableFolderIsATypedError) {
  try {
    write_file_atomically("/nonexistent-folder/x", "data");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
  }
}

TEST(AtomicDirectory, AppearsOnCommitOnly) {
  test::TemporaryFolder folder;
  const auto path = folder.path() / "result";
  {
    AtomicDirectory directory(path);
    std::ofstream(directory.temporary_path() / "x") << "1";
    EXPECT_FALSE(std::filesystem::exists(path));
    directory.commit();
  }
  EXPECT_EQ(test::read_file(path / "x"), "1");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(AtomicDirectory, WithoutCommitNothingIsLeft) {
  test::TemporaryFolder folder;
  {
    AtomicDirectory directory(folder.path() / "result");
    std::filesystem::create_directories(directory.temporary_path() / "inner");
    std::ofstream(directory.temporary_path() / "inner/x") << "1";
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Printable, ShortensAndReplacesControlCharacters) {
  EXPECT_EQ(printable("a\nb\x7F"), "a?b?");
  EXPECT_EQ(printable(std::string(200, 'x')), std::string(100, 'x') + "...");
}

TEST(Rng, SameSeedSameNumbersAndStreamsDiffer) {
  Rng a(7, 1);
  Rng b(7, 1);
  Rng c(7, 2);
  const auto first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, c.next());
  Rng d(7, 1);
  d.seek(1);
  EXPECT_EQ(a.next(), d.next());
}

TEST(Rng, PermutationHoldsEveryIndexOnce) {
  Rng rng(3);
  auto order = rng.permutation(100);
  EXPECT_FALSE(std::ranges::is_sorted(order));
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 100U);
}

TEST(Rng, UniformAndNormalHaveTheirMoments) {
  Rng rng(11);
  double sum = 0;
  double normal = 0;
  double square = 0;
  const int n = 20000;
  for (int i = 0; i < n; ++i) {
    sum += rng.uniform();
    const double x = rng.normal();
    normal += x;
    square += x * x;
  }
  EXPECT_NEAR(sum / n, 0.5, 0.01);
  EXPECT_NEAR(normal / n, 0.0, 0.03);
  EXPECT_NEAR(square / n, 1.0, 0.04);
}

TEST(ParallelFor, CoversEveryIndexOnce) {
  std::vector<int> hits(1003, 0);
  parallel_for(hits.size(), 10, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++hits[i];
  });
  EXPECT_TRUE(std::ranges::all_of(hits, [](int hit) { return hit == 1; }));
}

TEST(SetNumThreads, RefusesZero) { EXPECT_THROW(set_num_threads(0), Error); }

}  // namespace
}  // namespace graft
