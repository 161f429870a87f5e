// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace graft::cli {

/// While it lives, text to a stream cannot command the terminal: names of files and classes are other
/// people's text. See shown_lines().
class SafeOutput {
 public:
  explicit SafeOutput(std::ostream& stream);
  ~SafeOutput();
  SafeOutput(const SafeOutput&) = delete;
  SafeOutput& operator=(const SafeOutput&) = delete;

 private:
  class Filter : public std::streambuf {
   public:
    explicit Filter(std::streambuf* target) : target_(target) {}

   protected:
    std::streamsize xsputn(const char* text, std::streamsize count) override;
    int_type overflow(int_type c) override;
    int sync() override { return target_->pubsync(); }

   private:
    bool write(std::string_view text);

    std::streambuf* target_;
  };

  std::ostream& stream_;
  std::streambuf* target_;
  Filter filter_;
};

}  // namespace graft::cli
