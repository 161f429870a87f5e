// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"

#include <sstream>

namespace graft {

namespace detail {

void Part::append_to(std::string& text) const {
  switch (kind_) {
    case Kind::text:
      text += text_;
      return;
    case Kind::letter:
      text += letter_;
      return;
    case Kind::whole:
      text += std::to_string(whole_);
      return;
    case Kind::natural:
      text += std::to_string(natural_);
      return;
    case Kind::real:
    case Kind::other:
      break;
  }
  std::ostringstream out;
  if (kind_ == Kind::real) {
    out << real_;
  } else {
    other_.print(out, other_.value);
  }
  text += out.str();
}

std::string join(std::initializer_list<Part> parts) {
  std::string text;
  for (const Part& part : parts) part.append_to(text);
  return text;
}

void throw_error(ErrorKind kind, std::initializer_list<Part> parts, std::string option) {
  throw Error(kind, join(parts), std::move(option));
}

}  // namespace detail
}  // namespace graft
