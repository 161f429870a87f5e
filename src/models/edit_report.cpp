// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/surgery.hpp"

namespace graft::models {
namespace {

constexpr std::size_t kMostShown = 8;

std::string weights(std::size_t count) { return cat(count, count == 1 ? " weight" : " weights"); }

void add_changed(std::string& text, const char* what, const std::vector<ChangedWeight>& changed) {
  for (std::size_t i = 0; i < changed.size() && i < kMostShown; ++i) {
    const ChangedWeight& one = changed[i];
    text += cat("  ", what, one.path, "  ");
    if (one.was_there && one.before != one.after) text += cat(one.before, " to ");
    text += cat(one.after, ", ", one.how, "\n");
  }
  if (changed.size() > kMostShown) text += cat("  ", what, "and ", changed.size() - kMostShown, " more\n");
}

Json changed_json(const std::vector<ChangedWeight>& changed) {
  Json list = Json::array();
  for (const ChangedWeight& one : changed) {
    list.push_back({{"weight", one.path},
                    {"before", one.was_there ? Json(one.before.sizes()) : Json(nullptr)},
                    {"after", one.after.sizes()},
                    {"how", one.how}});
  }
  return list;
}

}  // namespace

std::string EditReport::text() const {
  std::string result = edit + "\n";
  result += cat("  kept      ", weights(kept.size()), ", ", with_commas(params_kept), " parameters\n");
  add_changed(result, "adapted   ", adapted);
  add_changed(result, "new       ", created);
  if (!dropped.empty()) {
    result += cat("  left out  ", weights(dropped.size()), ", ", dropped.front());
    if (dropped.size() > 1) result += cat(dropped.size() > 2 ? " ... " : ", ", dropped.back());
    result += "\n";
  }
  const auto count = [this](std::int64_t params) { return with_commas(params - params_preprocessing); };
  result += cat("  parameters ", count(params_before), " before, ", count(params_after), " after");
  if (params_preprocessing > 0) result += cat(", and ", params_preprocessing, " of the preprocessing");
  result += "\n";
  for (const std::string& note : notes) result += cat("  ", note, "\n");
  return result;
}

Json EditReport::json() const {
  return {{"edit", edit},
          {"kept", kept},
          {"adapted", changed_json(adapted)},
          {"new", changed_json(created)},
          {"left_out", dropped},
          {"notes", notes},
          {"params_before", params_before},
          {"params_after", params_after},
          {"params_kept", params_kept},
          {"params_preprocessing", params_preprocessing}};
}

}  // namespace graft::models
