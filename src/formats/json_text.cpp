// SPDX-License-Identifier: Apache-2.0
#include "formats/json_text.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::formats {
namespace {

// nlohmann parses without recursion, but copies and prints with it.
constexpr int kMaxJsonDepth = 500;

}  // namespace

Json parse_json(std::string_view text, const std::string& what) {
  const auto bounded = [&what](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxJsonDepth) {
      fail(ErrorKind::resource_limit, what, " nests deeper than ", kMaxJsonDepth, " levels");
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), bounded);
  } catch (const Json::exception& error) {
    fail(ErrorKind::bad_file, what, " is not valid JSON: ", error.what());
  }
}

std::string json_text(const Json& value, const std::string& what) {
  try {
    return value.dump(-1, ' ', true);
  } catch (const Json::exception& error) {
    fail(ErrorKind::invalid_argument, what, " cannot be written as JSON: ", error.what());
  }
}

}  // namespace graft::formats
