// SPDX-License-Identifier: Apache-2.0
// Requests about photos with several labels.
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/read_file.hpp"

#include "serve/api.hpp"
#include "serve/studio/refusal.hpp"
#include "serve/studio/routes.hpp"

namespace graft::serve::studio {
namespace {

Json labels_json(const std::optional<Labels>& labels) { return labels ? Json(*labels) : Json(); }

Json changes_json(const std::vector<LabelChange>& changes) {
  Json all = Json::array();
  for (const LabelChange& one : changes)
    all.push_back({{"name", one.name}, {"from", labels_json(one.from)}, {"to", labels_json(one.to)}});
  return all;
}

/// The list that a request's body is. Errors: Refusal 400.
Json list_in_body(const Request& request) {
  Json list = Json::parse(request.body, nullptr, false);
  if (!list.is_array()) throw Refusal(400, "expected a list as JSON");
  return list;
}

std::string text_in(const Json& value) {
  if (!value.is_string()) throw Refusal(400, "expected a text");
  return value.get<std::string>();
}

/// Null: nobody has looked at the photo.
std::optional<Labels> labels_in(const Json& one, const char* name) {
  if (!one.is_object() || !one.contains(name)) throw Refusal(400, "expected name, from and to of each photo");
  const Json& value = one[name];
  if (value.is_null()) return std::nullopt;
  if (!value.is_array()) throw Refusal(400, "labels: expected a list, or null");
  Labels labels;
  for (const Json& label : value) labels.push_back(label_of(text_in(label)));
  return sorted_once(std::move(labels));
}

void answer_tagged(Desk& desk, Request& request, const Reply& reply) {
  constexpr std::size_t kMost = 200;
  const std::size_t offset = number_of(request, "offset", 0, SIZE_MAX / 2);
  const std::size_t count = number_of(request, "count", 60, kMost);
  const std::string wanted = request.value("group");
  const TagGroup group = wanted == "open"    ? TagGroup::open
                         : wanted == "none"  ? TagGroup::none
                         : wanted == "label" ? TagGroup::label
                                             : TagGroup::all;
  if (group == TagGroup::all && wanted != "all")
    throw Refusal(400, "group: expected all, open, none or label");
  const TaggedPage page = desk.tags.page(group, request.value("label"), offset, count);
  Json photos = Json::array();
  for (const TaggedPhoto& one : page.photos)
    photos.push_back(
        {{"name", one.photo.name}, {"stamp", one.photo.stamp}, {"labels", labels_json(one.labels)}});
  reply(json_response({{"total", page.total}, {"offset", offset}, {"photos", std::move(photos)}}));
}

void answer_list(Desk& desk, Request&, const Reply& reply) {
  constexpr std::uintmax_t kMostList = std::uintmax_t{256} << 20;
  reply({.content_type = "text/csv; charset=utf-8", .body = read_file(desk.tags.file(), kMostList)});
}

void answer_tags(Desk& desk, Request& request, const Reply& reply) {
  std::vector<LabelChange> changes;
  for (const Json& one : list_in_body(request)) {
    if (!one.is_object() || !one.contains("name"))
      throw Refusal(400, "expected name, from and to of each photo");
    changes.push_back(
        {.name = text_in(one["name"]), .from = labels_in(one, "from"), .to = labels_in(one, "to")});
  }
  desk.tags.change(changes);
  reply(json_response({{"changed", changes.size()}}));
}

void answer_add_tag(Desk& desk, Request& request, const Reply& reply) {
  std::vector<std::string> names;
  for (const Json& one : list_in_body(request)) names.push_back(text_in(one));
  reply(json_response({{"changes", changes_json(desk.tags.add(names, request.value("label")))}}));
}

void answer_rename_tag(Desk& desk, Request& request, const Reply& reply) {
  reply(json_response(
      {{"changes", changes_json(desk.tags.rename(request.value("label"), request.value("to")))}}));
}

/// What the photos are grouped by. Labels begin with a list, of the class folders where there is none.
void answer_grouping(Desk& desk, Request& request, const Reply& reply) {
  const std::string by = request.value("by");
  const Grouping before = desk.project.grouping();
  for (const Grouping one : {Grouping::classes, Grouping::nested, Grouping::labels}) {
    if (by != to_string(one)) continue;
    desk.project.set_grouping(one);
    if (one == Grouping::labels) desk.tags.begin(before);
    return reply(json_response({{"grouping", by}}));
  }
  throw Refusal(400, "by: expected classes, nested or labels");
}

}  // namespace

Json tags_json(Desk& desk) {
  if (desk.project.grouping() != Grouping::labels) return {};
  try {
    const TagSummary found = desk.tags.summary();
    Json labels = Json::array();
    for (const auto& [name, photos] : found.labels) labels.push_back({{"name", name}, {"photos", photos}});
    return {{"photos", found.photos},     {"open", found.open},          {"none", found.none},
            {"revision", found.revision}, {"labels", std::move(labels)}, {"trouble", ""}};
  } catch (const Refusal& error) {  // a list that is not understood: the page says so and what to do
    return {{"photos", 0},
            {"open", 0},
            {"none", 0},
            {"revision", ""},
            {"labels", Json::array()},
            {"trouble", error.what()}};
  }
}

std::vector<StudioRoute> tag_routes() {
  return {
      {"GET", "/studio/tagged", true, &answer_tagged},
      {"GET", "/studio/tags/list", true, &answer_list},
      {"POST", "/studio/tags", true, &answer_tags},
      {"POST", "/studio/tags/add", true, &answer_add_tag},
      {"POST", "/studio/tags/rename", true, &answer_rename_tag},
      {"POST", "/studio/grouping", true, &answer_grouping},
  };
}

}  // namespace graft::serve::studio
