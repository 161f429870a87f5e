// SPDX-License-Identifier: Apache-2.0
#include "cli/answer_stdin.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <iostream>
#include <optional>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/answer_json.hpp"

#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

constexpr std::size_t kTogether = 8;            // photos; up to 8 at once have the answers of single ones
constexpr std::size_t kLongestLine = 64 << 10;  // a path or a picture's first line
constexpr std::uint64_t kMostPictureBytes = std::uint64_t{1} << 30;  // of a picture
constexpr std::size_t kReadAtOnce = std::size_t{256} << 10;
constexpr std::size_t kLookAhead = std::size_t{8} << 20;  // bytes that are read before they are asked for

/// One thing to answer.
struct Item {
  std::string name;   ///< the path, or what the program calls the picture
  std::string bytes;  ///< of the picture, or of the file
  std::string error;  ///< why there are none
};

/// Standard input, waited for so that Ctrl-C is noticed.
class PhotoInput {
 public:
  /// False: the end, or an interruption.
  bool line(std::string& text) {
    text.clear();
    for (;;) {
      const std::size_t end = buffer_.find('\n', at_);
      if (end != std::string::npos) {
        if (text.size() <= kLongestLine) text.append(buffer_, at_, end - at_);
        at_ = end + 1;
        if (text.ends_with('\r')) text.pop_back();
        return true;
      }
      // Of a line that is too long its beginning is kept, to be named.
      if (text.size() <= kLongestLine) text.append(buffer_, at_);
      at_ = buffer_.size();
      if (!fill()) return !text.empty() && !interrupted();
    }
  }

  /// Up to `count` bytes, fewer at the end. keep: false: they are left out.
  std::string take(std::uint64_t count, bool keep) {
    std::string bytes;
    while (count > 0) {
      if (at_ == buffer_.size() && !fill()) break;
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(count, buffer_.size() - at_));
      if (keep) bytes.append(buffer_, at_, part);
      at_ += part;
      count -= part;
    }
    missing_ = count;
    return bytes;
  }
  /// How many bytes the last take() did not get.
  [[nodiscard]] std::uint64_t missing() const { return missing_; }

  /// What has come and is not taken yet.
  [[nodiscard]] std::string_view waiting() const { return std::string_view(buffer_).substr(at_); }
  /// Adds what has come meanwhile, without waiting. False: nothing has.
  bool look() {
    pollfd one{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return !ended_ && waiting().size() < kLookAhead && poll(&one, 1, 0) == 1 && read_more();
  }

 private:
  bool fill() {
    constexpr int kWait = 200;  // milliseconds between looks for Ctrl-C
    while (!ended_ && !interrupted()) {
      pollfd one{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
      if (poll(&one, 1, kWait) > 0 && read_more()) return true;
    }
    return false;
  }

  bool read_more() {
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kReadAtOnce);
    const ssize_t count = read(STDIN_FILENO, buffer_.data() + before, kReadAtOnce);
    ended_ = count == 0 || (count < 0 && errno != EINTR);
    buffer_.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
    return count > 0;
  }

  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t missing_ = 0;
  bool ended_ = false;
};

/// "=LENGTH NAME".
std::optional<std::uint64_t> length_in(std::string_view line, std::string& name) {
  std::uint64_t length = 0;
  line = line.substr(0, line.ends_with('\r') ? line.size() - 1 : line.size());
  const auto [end, error] = std::from_chars(line.data() + 1, line.data() + line.size(), length);
  const std::string_view rest(end, static_cast<std::size_t>(line.data() + line.size() - end));
  if (error != std::errc() || (!rest.empty() && !rest.starts_with(' '))) return std::nullopt;
  name = rest.empty() ? rest : rest.substr(1);
  return length;
}

void read_picture(PhotoInput& input, std::uint64_t length, Item& item) {
  const bool too_large = length > kMostPictureBytes;
  item.bytes = input.take(length, !too_large);
  if (too_large) {
    item.error = cat("a picture of ", length, " bytes is larger than ", kMostPictureBytes);
  } else if (input.missing() > 0) {
    item.error = cat("the input ended ", input.missing(), " bytes before the picture did");
  } else if (length == 0) {
    item.error = "the picture is empty";
  }
}

void read_photo_file(Item& item) {
  try {
    item.bytes = read_file(item.name, kMostPictureBytes);
    if (item.bytes.empty()) item.error = "the file is empty";
  } catch (const Error& error) {
    item.error = error.what();
    const std::string begin = item.name + ": ";
    if (item.error.starts_with(begin)) item.error.erase(0, begin.size());
  }
}

/// False: the end.
bool next_item(PhotoInput& input, Item& item) {
  std::string line;
  do {
    if (!input.line(line)) return false;
  } while (line.empty());
  item = {};
  if (line.size() > kLongestLine) {
    item = {.name = line.substr(0, 200), .error = cat("a line is longer than ", kLongestLine, " bytes")};
  } else if (!line.starts_with('=')) {
    item.name = line;
    read_photo_file(item);
  } else if (const auto length = length_in(line, item.name)) {
    read_picture(input, *length, item);
  } else {
    item = {.name = line, .error = "expected =LENGTH or =LENGTH NAME; a path that begins with = is ./="};
  }
  return true;
}

/// Whether the next item has come wholly: a program may wait for an answer before it sends the rest.
bool has_whole_item(PhotoInput& input) {
  for (;;) {
    const std::string_view waiting = input.waiting();
    const std::size_t end = waiting.find('\n');
    if (end != std::string_view::npos) {
      std::string ignored;
      const std::string_view line = waiting.substr(0, end);
      const auto length = line.starts_with('=') ? length_in(line, ignored) : std::nullopt;
      if (!length || waiting.size() - end > *length) return true;
      if (*length > kLookAhead) return false;
    }
    if (!input.look()) return false;
  }
}

/// Answers items with a model that is opened again when its file changes.
class Answerer {
 public:
  Answerer(const std::function<Classifier()>& open, const ClassifyOptions& options, bool quiet)
      : open_(open), options_(options), quiet_(quiet), classifier_(open()) {
    classifier_.warm_up();
  }

  void answer(const std::vector<Item>& items) {
    look_at_file();
    std::vector<PhotoBytes> photos;
    for (const Item& item : items)
      if (item.error.empty()) photos.push_back(std::as_bytes(std::span(item.bytes)));
    std::vector<PhotoPrediction> answers = classifier_.predict_all(photos, options_);
    auto next = answers.begin();
    for (const Item& item : items) {
      PhotoPrediction answer;
      if (item.error.empty()) answer = std::move(*next++);
      if (!item.error.empty()) answer.error = item.error;
      answer.path = item.name;
      print(answer);
    }
    std::cout << std::flush;
  }

  [[nodiscard]] int code() const { return any_failed_ ? kSomeFailed : kOk; }

 private:
  void print(const PhotoPrediction& answer) {
    if (answer.error.empty()) {
      std::cout << dumped(answer_with_file(answer, classifier_.has_several_labels())) << '\n';
      return;
    }
    any_failed_ = true;
    Json failed = file_json(answer.path);
    failed["reason"] = answer.error;
    std::cout << dumped(failed) << '\n';
  }

  /// A file that cannot be opened is tried once.
  void look_at_file() {
    if (!classifier_.file_changed()) return;
    const std::string stamp = file_stamp(classifier_.file());
    if (stamp == tried_) return;
    tried_ = stamp;
    try {
      Classifier fresh = open_();
      fresh.warm_up();
      classifier_ = std::move(fresh);
      if (!quiet_) std::cerr << "note: the model file has changed, the new one is used\n";
    } catch (const Error& error) {
      if (!quiet_)
        std::cerr << "note: the model file has changed and cannot be used, the old one stays: "
                  << shown(error.what()) << '\n';
    }
  }

  const std::function<Classifier()>& open_;
  const ClassifyOptions& options_;
  bool quiet_;
  Classifier classifier_;
  std::string tried_;
  bool any_failed_ = false;
};

}  // namespace

Json answer_with_file(const PhotoPrediction& answer, bool several) {
  Json result = file_json(answer.path);
  result.update(classify::answer_json(answer, several));
  return result;
}

int answer_stdin(const std::function<Classifier()>& open, const ClassifyOptions& options, bool quiet) {
  watch_for_interrupt(Stopping::ends);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an end, not a crash
  Answerer answerer(open, options, quiet);
  PhotoInput input;
  std::vector<Item> items(1);
  while (std::cout && next_item(input, items.back())) {
    // What has come already is computed together.
    while (items.size() < kTogether && has_whole_item(input)) {
      Item item;
      if (!next_item(input, item)) break;
      items.push_back(std::move(item));
    }
    answerer.answer(items);
    items.assign(1, {});
  }
  return interrupted() ? exit_code(ErrorKind::interrupted) : answerer.code();
}

}  // namespace graft::cli
