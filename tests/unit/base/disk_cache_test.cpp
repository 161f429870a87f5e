// SPDX-License-Identifier: Apache-2.0
#include "graft/disk_cache.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graft/base/random.hpp"

#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

constexpr Hash128 kSection{1, 2};

Hash128 key(int number) { return Hasher().add(number).digest(); }

std::vector<std::byte> block(int number, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(mix64(i + 1000U * number));
  return bytes;
}

/// Puts blocks number first to last - 1, each of `size` bytes.
void fill(const DiskCacheOptions& options, int first, int last, std::size_t size) {
  CacheSection section(options, "blocks", kSection);
  for (int i = first; i < last; ++i) section.put(key(i), block(i, size));
}

/// How many of the first `count` blocks are there, each of them whole.
int found(const DiskCacheOptions& options, int count, std::size_t size) {
  CacheSection section(options, "blocks", kSection);
  int result = 0;
  for (int i = 0; i < count; ++i) {
    std::vector<std::byte> bytes(size);
    if (!section.read(key(i), bytes)) continue;
    EXPECT_EQ(bytes, block(i, size)) << i;
    ++result;
  }
  return result;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

TEST(Hasher, DistinguishesWhereOneTextEndsAndTheNextBegins) {
  EXPECT_NE(Hasher().add("ab").add("c").digest(), Hasher().add("a").add("bc").digest());
  EXPECT_EQ(Hasher().add("ab").add(3).digest(), Hasher().add("ab").add(3).digest());
  EXPECT_EQ(to_hex({0x12, 0xab}), "000000000000001200000000000000ab");
}

TEST(DiskCache, BlocksOutliveTheirSection) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path()};
  fill(options, 0, 20, 1000);
  EXPECT_EQ(found(options, 25, 1000), 20);
  EXPECT_EQ(found(options, 25, 999), 0) << "blocks of another size";
  CacheSection other(options, "others", {1, 3});
  EXPECT_FALSE(other.has(key(0)));
  const auto sections = list_cache(options);
  ASSERT_EQ(sections.size(), 1U);
  EXPECT_EQ(sections[0].label, "blocks");
  EXPECT_EQ(sections[0].blocks, 20U);
  EXPECT_GE(sections[0].bytes, 20000U);
}

TEST(DiskCache, LittleFilesAreMerged) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path()};
  constexpr int kRuns = 100;
  for (int i = 0; i < kRuns; ++i) fill(options, i, i + 1, 50);
  EXPECT_LT(files_in(folder.path()).size(), 70U);
  EXPECT_EQ(found(options, kRuns + 1, 50), kRuns);
}

TEST(DiskCache, EmptyBlocksAreBlocks) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path()};
  fill(options, 0, 3, 0);
  EXPECT_EQ(found(options, 5, 0), 3);
}

TEST(DiskCache, WithoutUseNothingIsTouched) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.use = false, .folder = folder.path()};
  fill(options, 0, 3, 10);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(DiskCache, EveryTruncationIsNoticed) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path()};
  fill(options, 0, 4, 16);
  const fs::path file = files_in(folder.path()).at(0);
  std::ifstream in(file, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::ofstream(file, std::ios::binary) << whole.substr(0, size);
    EXPECT_EQ(found(options, 4, 16), 0) << size << " of " << whole.size() << " bytes";
    EXPECT_FALSE(fs::exists(file)) << "a broken file stays";
  }
}

TEST(DiskCache, EveryChangedByteIsNoticed) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path()};
  fill(options, 0, 4, 16);
  const fs::path file = files_in(folder.path()).at(0);
  std::ifstream in(file, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    std::ofstream(file, std::ios::binary) << changed;
    EXPECT_LT(found(options, 4, 16), 4) << "byte " << at;  // found() compares what it finds
  }
}

TEST(DiskCache, BrokenBlockIsMadeAgain) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path()};
  fill(options, 0, 4, 5000);
  const fs::path file = files_in(folder.path()).at(0);
  std::fstream(file, std::ios::binary | std::ios::in | std::ios::out).seekp(6000).put('!');
  {
    CacheSection section(options, "blocks", kSection);
    std::vector<std::byte> bytes(5000);
    EXPECT_TRUE(section.read(key(0), bytes));
    EXPECT_FALSE(section.read(key(1), bytes));
    section.put(key(1), block(1, 5000));
    section.flush();
    EXPECT_TRUE(section.read(key(1), bytes));
  }
  EXPECT_EQ(found(options, 4, 5000), 4);
}

TEST(DiskCache, OldestGoFirst) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path(), .limit = 3500};
  for (int i = 0; i < 8; ++i) {
    fill(options, i, i + 1, 1000);
    std::uint64_t bytes = 0;
    for (const fs::path& file : files_in(folder.path())) bytes += fs::file_size(file);
    EXPECT_LE(bytes, 3500U);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    // The first one is used again and again: it stays.
    EXPECT_EQ(found(options, 1, 1000), 1) << i;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CacheSection section(options, "blocks", kSection);
  EXPECT_TRUE(section.has(key(7)));
  EXPECT_FALSE(section.has(key(3)));
}

TEST(DiskCache, FolderThatCannotBeMadeIsNoCache) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "not a folder";
  const DiskCacheOptions options{.folder = folder.path() / "file" / "cache"};
  CacheSection section(options, "blocks", kSection);
  EXPECT_FALSE(section.writable());
  section.put(key(0), block(0, 10));
  section.flush();
  EXPECT_FALSE(section.has(key(0)));
  EXPECT_TRUE(list_cache(options).empty());
  EXPECT_EQ(clear_cache(options), 0U);
}

TEST(DiskCache, ProcessesWriteReadAndClearAtOnce) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path(), .limit = 400'000};
  constexpr int kProcesses = 4, kRounds = 20;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int round = 0; round < kRounds; ++round) {
        fill(options, round, round + 10, 3000);
        static_cast<void>(found(options, kRounds + 10, 3000));
        if (process == 0 && round % 7 == 6) clear_cache(options);
      }
      _exit(::testing::Test::HasFailure() ? 1 : 0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  fill(options, 0, 10, 3000);
  EXPECT_EQ(found(options, 10, 3000), 10);
}

TEST(DiskCache, ClearingKeepsForeignFiles) {
  const test::TemporaryFolder folder;
  const DiskCacheOptions options{.folder = folder.path()};
  fill(options, 0, 3, 100);
  const fs::path foreign = files_in(folder.path()).at(0).parent_path() / "notes.txt";
  std::ofstream(foreign) << "mine";
  EXPECT_GT(clear_cache(options), 300U);
  EXPECT_EQ(found(options, 3, 100), 0);
  EXPECT_TRUE(fs::exists(foreign));
}

}  // namespace
}  // namespace graft
