// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace graft::serve::studio {

/// A request that is not done: 400 wrong, 404 not there, 409 no longer as the page showed it.
class Refusal : public std::exception {
 public:
  Refusal(unsigned status, std::string text) : status_(status), text_(std::move(text)) {}
  [[nodiscard]] unsigned status() const { return status_; }
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  unsigned status_;
  std::string text_;
};

}  // namespace graft::serve::studio
