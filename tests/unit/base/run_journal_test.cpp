// SPDX-License-Identifier: Apache-2.0
// A run that is killed at any byte and continued ends with the same bytes.
#include "graft/base/run_journal.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/growing_file.hpp"
#include "graft/error.hpp"

#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSteps = 7;

/// Rows of 4 bytes, three a file, behind heads of 5 bytes.
std::unique_ptr<GrowingFile> rows_in(const fs::path& folder) {
  return growing_rows({.stem = folder / "rows",
                       .ending = ".bin",
                       .row_bytes = 4,
                       .rows_per_file = 3,
                       .head = [](std::uint64_t rows) { return "head" + std::to_string(rows); }});
}

std::unique_ptr<RunJournal> journal_in(const fs::path& folder) {
  std::vector<std::unique_ptr<GrowingFile>> files;
  files.push_back(growing_file(folder / "text"));
  files.push_back(rows_in(folder));
  return std::make_unique<RunJournal>(folder / "journal", std::move(files));
}

/// Goes on from a step to a later one.
void work(RunJournal& journal, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t step = from; step < to; ++step) {
    journal.append(0, "line " + std::to_string(step * step) + "\n");
    for (std::uint64_t row = 0; row < step % 3; ++row)
      journal.append(1, "r" + std::to_string(step * 10 + row + 100));
    journal.commit({step + 1, 42});
  }
}

/// What a run left that was killed after some steps.
void killed_run(const fs::path& folder, std::uint64_t steps = kSteps) {
  fs::create_directories(folder);
  const auto journal = journal_in(folder);
  EXPECT_FALSE(journal->open().has_value());
  journal->start("settings");
  work(*journal, 0, steps);
}

/// Continues it to the end; returns the step that it continued from.
std::uint64_t finish_run(const fs::path& folder) {
  const auto journal = journal_in(folder);
  const std::optional<std::string> settings = journal->open();
  std::uint64_t from = 0;
  if (settings) {
    EXPECT_EQ(*settings, "settings");
    const std::vector<std::uint64_t> counts = journal->resume();
    if (!counts.empty()) from = counts.at(0);
  } else {
    journal->start("settings");
  }
  work(*journal, from, kSteps);
  journal->finish(folder / "summary", "done");
  return from;
}

void expect_finished(const fs::path& folder) {
  std::string text;
  for (std::uint64_t step = 0; step < kSteps; ++step) text += "line " + std::to_string(step * step) + "\n";
  EXPECT_EQ(read_file(folder / "text"), text);
  EXPECT_EQ(read_file(folder / "rows-00000.bin"), "head3r110r120r121");
  EXPECT_EQ(read_file(folder / "rows-00001.bin"), "head3r140r150r151");
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 4U) << "the text, two files of rows and the summary";
  EXPECT_EQ(read_file(folder / "summary"), "done");
}

TEST(RunJournal, IsContinuedFromEveryStep) {
  const TemporaryFolder temporary;
  for (std::uint64_t steps = 0; steps <= kSteps; ++steps) {
    const fs::path folder = temporary.path() / std::to_string(steps);
    killed_run(folder, steps);
    EXPECT_FALSE(fs::exists(folder / "text"));
    EXPECT_EQ(finish_run(folder), steps);
    expect_finished(folder);
  }
}

TEST(RunJournal, SurvivesFilesThatEndTooEarly) {
  const TemporaryFolder temporary;
  killed_run(temporary.path() / "whole");
  for (const fs::directory_entry& entry : fs::directory_iterator(temporary.path() / "whole")) {
    for (std::uintmax_t size = 0; size <= entry.file_size(); size += 3) {
      const fs::path folder = temporary.path() / "cut";
      fs::remove_all(folder);
      fs::copy(temporary.path() / "whole", folder);
      fs::resize_file(folder / entry.path().filename(), size);
      static_cast<void>(finish_run(folder));
      SCOPED_TRACE(entry.path().string() + " of " + std::to_string(size) + " bytes");
      expect_finished(folder);
    }
  }
}

TEST(RunJournal, CutsOffWhatIsNotCommittedOrDamaged) {
  const TemporaryFolder temporary;
  const fs::path torn = temporary.path() / "torn";
  killed_run(torn, 5);
  std::ofstream(torn / "text.part", std::ios::app) << "half a li";
  std::ofstream(torn / "rows-00001.bin.part", std::ios::app) << "r1";
  std::ofstream(torn / "journal", std::ios::app) << "6 42 1";
  EXPECT_EQ(finish_run(torn), 5U);
  expect_finished(torn);
  // After a power cut a file may have zeros where bytes were.
  const fs::path zeros = temporary.path() / "zeros";
  killed_run(zeros, 5);
  const auto size = fs::file_size(zeros / "text.part");
  fs::resize_file(zeros / "text.part", size - 3);
  fs::resize_file(zeros / "text.part", size);
  EXPECT_EQ(finish_run(zeros), 4U);
  expect_finished(zeros);
}

TEST(RunJournal, IsContinuedWhenItWasKilledWhileFinishing) {
  const TemporaryFolder temporary;
  const fs::path folder = temporary.path() / "named";
  killed_run(folder);
  const auto rows = rows_in(folder);
  rows->cut(24);
  rows->finish();
  fs::rename(folder / "text.part", folder / "text");
  std::ofstream(folder / "summary.part") << "don";
  EXPECT_EQ(finish_run(folder), kSteps);
  expect_finished(folder);
}

TEST(RunJournal, IsContinuedWhenAFullFileHasNoNameYet) {
  const TemporaryFolder temporary;
  killed_run(temporary.path() / "run", 3);
  fs::rename(temporary.path() / "run/rows-00000.bin", temporary.path() / "run/rows-00000.bin.part");
  EXPECT_EQ(finish_run(temporary.path() / "run"), 3U);
  expect_finished(temporary.path() / "run");
}

TEST(RunJournal, BelongsToOneProcess) {
  const TemporaryFolder temporary;
  const auto first = journal_in(temporary.path());
  EXPECT_FALSE(first->open().has_value());
  try {
    static_cast<void>(journal_in(temporary.path())->open());
    FAIL() << "two at once";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_NE(std::string(error.what()).find("another graft"), std::string::npos);
  }
  EXPECT_TRUE(fs::exists(temporary.path() / "journal"));
}

TEST(RunJournal, LeavesNothingWhenNothingBegan) {
  const TemporaryFolder temporary;
  { EXPECT_FALSE(journal_in(temporary.path())->open().has_value()); }
  EXPECT_TRUE(fs::is_empty(temporary.path()));
}

TEST(GrowingRows, WithoutARowHaveOneFileWithAHead) {
  const TemporaryFolder temporary;
  const auto rows = rows_in(temporary.path());
  EXPECT_TRUE(rows->present().empty());
  rows->cut(0);
  rows->finish();
  EXPECT_EQ(read_file(temporary.path() / "rows-00000.bin"), "head0");
  EXPECT_EQ(rows->present(), temporary.path() / "rows-00000.bin");
}

TEST(GrowingRows, TheLastFileSaysHowManyRowsItHas) {
  const TemporaryFolder temporary;
  const auto rows = rows_in(temporary.path());
  rows->cut(0);
  rows->append("aaaabbbbccccddddeeee");
  EXPECT_EQ(rows->size(), 20U);
  EXPECT_TRUE(fs::exists(temporary.path() / "rows-00000.bin"));
  EXPECT_TRUE(fs::exists(temporary.path() / "rows-00001.bin.part"));
  rows->finish();
  EXPECT_EQ(read_file(temporary.path() / "rows-00001.bin"), "head2ddddeeee");
  std::string middle(8, ' ');
  rows->read(8, middle);
  EXPECT_EQ(middle, "ccccdddd");
}

}  // namespace
}  // namespace graft::test
