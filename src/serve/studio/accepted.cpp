// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/accepted.hpp"

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"

#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

std::string key_of_finding(const Json& finding) {
  const auto text = [](const Json& object, const char* name) {
    const Json value = object.is_object() && object.contains(name) ? object[name] : Json();
    if (!value.is_string()) throw Refusal(400, "expected the kind and the photos of a finding");
    return value.get<std::string>();
  };
  std::string key = text(finding, "kind");
  if (!finding.contains("photos") || !finding["photos"].is_array() || finding["photos"].empty())
    throw Refusal(400, "expected the photos of a finding");
  for (const Json& photo : finding["photos"])
    key += cat("\n", text(photo, "class"), "\n", text(photo, "name"));
  return key;
}

}  // namespace

AcceptedFindings::AcceptedFindings(const std::filesystem::path& own_folder)
    : file_(own_folder / "accepted.json") {
  constexpr std::uintmax_t kMost = std::uintmax_t{64} << 20;
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) return;
  const Json keys = Json::parse(read_file(file_, kMost), nullptr, false);
  if (!keys.is_array()) return;
  for (const Json& key : keys)
    if (key.is_string()) known_.insert(key.get<std::string>());
}

void AcceptedFindings::set(const Json& finding, bool accepted) {
  const std::string key = key_of_finding(finding);
  const std::lock_guard lock(mutex_);
  if (accepted ? !known_.insert(key).second : known_.erase(key) == 0) return;
  write_file_atomically(file_, Json(known_).dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::size_t AcceptedFindings::take_out(Json& findings) {
  const std::lock_guard lock(mutex_);
  Json rest = Json::array();
  for (Json& finding : findings)
    if (!known_.contains(key_of_finding(finding))) rest.push_back(std::move(finding));
  const std::size_t taken = findings.size() - rest.size();
  findings = std::move(rest);
  return taken;
}

}  // namespace graft::serve::studio
