// SPDX-License-Identifier: Apache-2.0
#include "graft/base/run_journal.hpp"

#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/hash.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestJournal = std::uintmax_t{1} << 32U;

/// Of the numbers of a line and of what its commit added to each file.
std::uint64_t sum_of(const std::vector<std::uint64_t>& counts, const std::vector<std::string>& added) {
  Hasher hasher;
  for (const std::uint64_t count : counts) hasher.add(count);
  for (const std::string& bytes : added) hasher.add(bytes);
  return hasher.digest().low;
}

}  // namespace

RunJournal::RunJournal(fs::path journal, std::vector<std::unique_ptr<GrowingFile>> files)
    : file_(std::move(journal)), files_(std::move(files)), pending_(files_.size()), sizes_(files_.size()) {}

RunJournal::~RunJournal() {
  if (descriptor_ < 0) return;
  if (!begun_ && text_.empty()) ::unlink(file_.c_str());
  ::close(descriptor_);
}

std::optional<std::string> RunJournal::open() {
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(ErrorKind::io, file_.string(), ": cannot be written: ", std::strerror(errno));
  // Where a file system has no locks there is no protection either.
  struct stat status {};
  const bool locked = ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (locked || (::fstat(descriptor_, &status) == 0 && status.st_nlink == 0)) {
    ::close(std::exchange(descriptor_, -1));
    fail(ErrorKind::io, file_.string(), ": another graft is writing this result; wait for its end");
  }
  text_ = read_file(file_, kLargestJournal);
  const std::size_t end = text_.find('\n');
  if (end != std::string::npos) return text_.substr(0, end);
  text_.clear();  // killed before the first line was whole
  return std::nullopt;
}

void RunJournal::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail(ErrorKind::io, file_.string(), ": cannot be written: ", std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void RunJournal::start(std::string_view settings) {
  if (::ftruncate(descriptor_, 0) != 0)
    fail(ErrorKind::io, file_.string(), ": cannot be shortened: ", std::strerror(errno));
  begun_ = true;
  write(cat(settings, '\n'));
  for (std::size_t i = 0; i < files_.size(); ++i) {
    files_[i]->cut(0);
    sizes_[i] = 0;
  }
}

std::optional<RunJournal::Line> RunJournal::parse(std::string_view text) const {
  std::istringstream in{std::string(text)};
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t number = 0; in >> number;) numbers.push_back(number);
  if (!in.eof() || numbers.size() < files_.size() + 1) return std::nullopt;
  const auto sizes = numbers.end() - 1 - static_cast<std::ptrdiff_t>(files_.size());
  return Line{.counts = {numbers.begin(), sizes}, .sizes = {sizes, numbers.end() - 1}, .sum = numbers.back()};
}

bool RunJournal::is_whole(const Line& line, const std::vector<std::uint64_t>& before) const {
  constexpr std::uint64_t kMostAdded = std::uint64_t{1} << 31U;  // a damaged line must not ask for memory
  std::vector<std::string> added(files_.size());
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (line.sizes[i] < before[i] || line.sizes[i] > files_[i]->size()) return false;
    if (line.sizes[i] - before[i] > kMostAdded) return false;
    added[i].resize(static_cast<std::size_t>(line.sizes[i] - before[i]));
    if (!added[i].empty()) files_[i]->read(before[i], added[i]);
  }
  return sum_of(line.counts, added) == line.sum;
}

std::vector<std::uint64_t> RunJournal::resume() {
  begun_ = true;
  std::vector<std::uint64_t> counts;
  std::size_t good = text_.find('\n') + 1;
  for (std::size_t end = 0; (end = text_.find('\n', good)) != std::string::npos; good = end + 1) {
    const std::optional<Line> line = parse(std::string_view(text_).substr(good, end - good));
    if (!line || !is_whole(*line, sizes_)) break;
    counts = line->counts;
    sizes_ = line->sizes;
  }
  if (::ftruncate(descriptor_, static_cast<off_t>(good)) != 0)
    fail(ErrorKind::io, file_.string(), ": cannot be shortened: ", std::strerror(errno));
  for (std::size_t i = 0; i < files_.size(); ++i) files_[i]->cut(sizes_[i]);
  return counts;
}

void RunJournal::commit(const std::vector<std::uint64_t>& counts) {
  std::string line;
  for (const std::uint64_t count : counts) line += cat(count, ' ');
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (!pending_[i].empty()) files_[i]->append(pending_[i]);
    sizes_[i] += pending_[i].size();
    line += cat(sizes_[i], ' ');
  }
  write(cat(line, sum_of(counts, pending_), '\n'));
  for (std::string& bytes : pending_) bytes.clear();
}

void RunJournal::finish(const fs::path& summary, std::string_view text) {
  for (const auto& file : files_) file->finish();
  // Not an AtomicFile: a kill would leave its temporary name, which is another one each time.
  const std::unique_ptr<GrowingFile> last = growing_file(summary);
  last->cut(0);
  last->append(text);
  last->finish();
  ::unlink(file_.c_str());
}

}  // namespace graft
