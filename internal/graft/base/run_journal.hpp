// SPDX-License-Identifier: Apache-2.0
// A run that can be killed at any moment and continued to the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/growing_file.hpp"

namespace graft {

/// Several files that grow together, and a journal beside them that says how far they are whole. The journal
/// is a text: its first line holds the run's settings; each later line the counts of a commit(), the size of
/// each file after it, and a checksum of what it added. resume() believes a line only where the files hold
/// these bytes, and cuts off what comes behind: a torn record after a kill, or zeros after a power cut.
/// While a RunJournal has been opened no other process can open it. Threads: one user at a time. Errors:
/// Error{io} naming the file.
class RunJournal {
 public:
  RunJournal(std::filesystem::path journal, std::vector<std::unique_ptr<GrowingFile>> files);
  /// What is not committed is lost. A journal in which nothing began is removed.
  ~RunJournal();
  RunJournal(const RunJournal&) = delete;
  RunJournal& operator=(const RunJournal&) = delete;

  /// The settings of an unfinished run; nothing: there is none. Throws Error{io} where another process has
  /// it open.
  [[nodiscard]] std::optional<std::string> open();
  /// Begins from the start. settings: one line.
  void start(std::string_view settings);
  /// Goes back to the last whole commit; returns its counts, nothing where there is none.
  [[nodiscard]] std::vector<std::uint64_t> resume();
  /// Adds to a file, by its position. It is written by commit().
  void append(std::size_t file, std::string_view bytes) { pending_[file] += bytes; }
  /// Writes what was appended, then a line that says so. counts: what the caller counts, always as many.
  void commit(const std::vector<std::uint64_t>& counts);
  /// Gives the files their names, writes the summary, and removes the journal.
  void finish(const std::filesystem::path& summary, std::string_view text);

 private:
  struct Line {
    std::vector<std::uint64_t> counts;
    std::vector<std::uint64_t> sizes;
    std::uint64_t sum = 0;
  };
  [[nodiscard]] std::optional<Line> parse(std::string_view text) const;
  [[nodiscard]] bool is_whole(const Line& line, const std::vector<std::uint64_t>& before) const;
  void write(std::string_view text);

  std::filesystem::path file_;
  std::vector<std::unique_ptr<GrowingFile>> files_;
  std::vector<std::string> pending_;
  std::vector<std::uint64_t> sizes_;
  int descriptor_ = -1;
  bool begun_ = false;
  std::string text_;  ///< of an unfinished run's journal
};

}  // namespace graft
