// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/read_file.hpp"
#include "graft/report.hpp"

#include "serve/api.hpp"
#include "serve/studio/exports.hpp"
#include "serve/studio/refusal.hpp"
#include "serve/studio/routes.hpp"

namespace graft::serve::studio {
namespace {

constexpr std::uintmax_t kMostDownload = std::uintmax_t{2} << 30;

/// Everything that the page shows at once.
void answer_state(Desk& desk, Request&, const Reply& reply) {
  Json classes = Json::array();
  const bool has_classes = desk.project.grouping() != Grouping::labels;
  for (const ClassSummary& one : has_classes ? desk.project.classes() : std::vector<ClassSummary>())
    classes.push_back({{"name", one.name},
                       {"photos", one.photos},
                       {"revision", one.revision},
                       {"has_folders", one.has_folders}});
  const LooseFiles loose = desk.project.loose();
  reply(json_response({{"project", desk.project.folder().filename().string()},
                       {"folder", desk.project.folder().string()},
                       {"grouping", to_string(desk.project.grouping())},
                       {"tags", tags_json(desk)},
                       {"loose", {{"photos", loose.photos}, {"lists", loose.lists}}},
                       {"classes", std::move(classes)},
                       {"rounds", desk.rounds.list()},
                       {"job", desk.job.state()},
                       {"phone", desk.phone.state()}}));
}

/// How the commands find the labels, beside the project's folder.
std::vector<std::string> label_arguments(Desk& desk) {
  const Grouping grouping = desk.project.grouping();
  if (grouping == Grouping::nested) return {"--nested"};
  if (grouping == Grouping::classes) return {};
  const std::string list = (desk.project.folder().filename() / desk.tags.file().filename()).string();
  return {"--labels", list, "--columns", desk.tags.columns(), "--multi-label", "--label-separator", "|"};
}

/// A training needs something to tell apart.
void check_filled(Desk& desk) {
  if (desk.project.grouping() == Grouping::labels) {
    const TagSummary found = desk.tags.summary();
    if (found.labels.size() < 2)
      throw Refusal(400, "a training needs photos with at least two different labels");
    return;
  }
  const auto classes = desk.project.classes();
  if (std::ranges::count_if(classes, [](const ClassSummary& one) { return one.photos > 0; }) < 2)
    throw Refusal(400, "a training needs at least two classes with photos");
}

/// graft train PROJECT --out PROJECT-graft[-N]: run from the folder that holds both.
void answer_train(Desk& desk, Request& request, const Reply& reply) {
  check_filled(desk);
  const std::string out = desk.rounds.next_folder().filename().string();
  std::vector<std::string> arguments{"train", desk.project.folder().filename().string(), "--out", out,
                                     "--json"};
  const std::string how = request.value("how");
  if (how != "fast" && how != "thorough") throw Refusal(400, "how: expected fast or thorough");
  for (std::string& argument : label_arguments(desk)) arguments.push_back(std::move(argument));
  if (how == "fast") arguments.insert(arguments.end(), {"--recipe", "head"});
  // The features of the photos are kept for the network that was used: the next round takes seconds.
  const std::string network = request.value("network") == "new" ? "" : desk.rounds.last_network();
  if (!network.empty()) arguments.insert(arguments.end(), {"--model", network});
  if (desk.options.execution.threads > 0)
    arguments.insert(arguments.end(), {"--threads", std::to_string(desk.options.execution.threads)});
  desk.job.start({.kind = "train", .target = out, .arguments = std::move(arguments)});
  reply(json_response({{"round", out}}, 202));
}

std::filesystem::path inspection_folder(const Desk& desk) { return desk.project.own_folder() / "inspection"; }

void answer_inspect(Desk& desk, Request&, const Reply& reply) {
  std::vector<std::string> arguments{"inspect", desk.project.folder().filename().string(), "--out",
                                     inspection_folder(desk).string()};
  for (std::string& argument : label_arguments(desk)) arguments.push_back(std::move(argument));
  const std::string network = desk.rounds.last_network();
  if (!network.empty() && network.find('+') == std::string::npos)
    arguments.insert(arguments.end(), {"--model", network});
  desk.job.start({.kind = "inspect", .target = "", .arguments = std::move(arguments)});
  reply(json_response({{"started", true}}, 202));
}

void answer_cancel(Desk& desk, Request&, const Reply& reply) {
  desk.job.cancel();
  reply(json_response({{"cancelled", true}}));
}

/// Of the latest inspection, by itself or of a training.
void answer_findings(Desk& desk, Request&, const Reply& reply) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path folder = inspection_folder(desk);
  fs::file_time_type when = fs::last_write_time(folder / "labels.csv", error);
  if (error) when = fs::file_time_type::min();
  std::string source = fs::exists(folder / "labels.csv", error) ? "inspection" : "";
  for (const Json& round : desk.rounds.list()) {
    const fs::path other = desk.rounds.folder_of(round.value("name", "")) / "inspection";
    const fs::file_time_type written = fs::last_write_time(other / "labels.csv", error);
    if (error || written < when) continue;
    when = written;
    folder = other;
    source = round.value("name", "");
  }
  Json findings = source.empty() ? Json::array() : findings_in(folder, desk.project);
  const std::size_t accepted = desk.accepted.take_out(findings);
  reply(json_response({{"source", source}, {"findings", std::move(findings)}, {"accepted", accepted}}));
}

/// Calls a finding right, so that it is not shown again; with right=false the opposite.
void answer_accept(Desk& desk, Request& request, const Reply& reply) {
  desk.accepted.set(Json::parse(request.body, nullptr, false), request.value("right") != "false");
  reply(json_response({{"right", request.value("right") != "false"}}));
}

Json mistake_json(Desk& desk, const Mistake& one) {
  Json json{{"class", one.class_name},
            {"name", one.name},
            {"truth", one.truth},
            {"answer", one.answer},
            {"probability", one.probability},
            {"own_probability", one.own_probability},
            {"part", one.part}};
  if (!one.several) return json;
  json["truths"] = one.truths;
  json["answers"] = one.answers;
  // As they are now, for a correction.
  const auto now = desk.project.grouping() == Grouping::labels ? desk.tags.labels_of(one.name) : std::nullopt;
  json["labels"] = now ? Json(*now) : Json();
  return json;
}

/// Moved, removed, or with other labels since.
bool is_handled(Desk& desk, const Mistake& one) {
  std::error_code ignored;
  if (!std::filesystem::exists(desk.project.folder() / one.class_name / one.name, ignored)) return true;
  if (!one.several || desk.project.grouping() != Grouping::labels) return false;
  Labels truths = one.truths;
  std::ranges::sort(truths);
  return desk.tags.labels_of(one.name) != truths;
}

void answer_round(Desk& desk, Request& request, const Reply& reply) {
  constexpr std::size_t kMost = 200;
  const std::string name = request.value("round");
  Json details = desk.rounds.details(name);
  Json list = Json::array();
  const std::size_t count = number_of(request, "count", 60, kMost);
  std::size_t handled = 0;
  const auto mistakes = desk.rounds.mistakes(name);
  for (const Mistake& one : *mistakes) {
    if (list.size() == count) break;
    if (is_handled(desk, one)) {
      ++handled;
      continue;
    }
    list.push_back(mistake_json(desk, one));
  }
  details["mistakes"] = std::move(list);
  details["mistakes_total"] = mistakes->size();
  details["mistakes_handled"] = handled;
  reply(json_response(details));
}

void answer_compare(Desk& desk, Request& request, const Reply& reply) {
  const RunComparison found = report::compare_runs(
      {desk.rounds.folder_of(request.value("a")), desk.rounds.folder_of(request.value("b"))});
  reply(json_response(to_json(found)));
}

/// Writes a round's model in another form, one command after the other: graft quantize where 8 bits are
/// wanted, then graft export. ready: the files are there; else a command was started, and the page asks
/// again when it has ended.
void answer_export(Desk& desk, Request& request, const Reply& reply) {
  constexpr std::size_t kFewPhotos = 8;
  const ExportForm& form = export_form(request.value("format"));
  const std::filesystem::path folder = desk.rounds.folder_of(request.value("round"));
  const ExportChecks checks(desk.project.own_folder(), folder, form);
  const std::vector<std::string> files = exported_files(folder, form);
  if (!files.empty())
    return reply(json_response({{"ready", true}, {"files", files}, {"checks", checks.read()}}));
  ExportPhotos photos{.project = {}, .some = desk.project.some_photos(kFewPhotos)};
  if (!photos.some.empty()) photos.project = desk.project.folder().filename().string();
  JobCommand command{.kind = "export",
                     .target = folder.filename().string(),
                     .arguments = export_arguments(folder, form, photos)};
  const std::string step = command.arguments.front();
  if (step == "export") command.finish = [checks](const std::string& output) { checks.keep(output); };
  std::filesystem::create_directories((folder / form.file).parent_path());
  desk.job.start(std::move(command));
  reply(json_response({{"ready", false}, {"step", step}}, 202));
}

void answer_download(Desk& desk, Request& request, const Reply& reply) {
  struct Offered {
    const char* name;
    const char* type;
  };
  constexpr std::array kOffered{
      Offered{"model.keras", "application/octet-stream"}, Offered{"report.html", "text/html; charset=utf-8"},
      Offered{"model_card.md", "text/markdown; charset=utf-8"},
      Offered{"predictions.csv", "text/csv; charset=utf-8"}, Offered{"result.json", "application/json"}};
  const std::string file = request.value("file");
  const std::filesystem::path folder = desk.rounds.folder_of(request.value("round"));
  const auto found = std::ranges::find_if(kOffered, [&](const Offered& one) { return file == one.name; });
  const bool is_offered = found != kOffered.end();
  // Only names that a listing of the folder has: nothing that a request contains becomes part of a path.
  if (!is_offered && !is_exported_file(folder, file)) throw Refusal(404, "there is no such file of a round");
  const std::string name = std::filesystem::path(file).filename().string();
  reply({.content_type = is_offered ? found->type : "application/octet-stream",
         .body = read_file(folder / file, kMostDownload),
         .headers = {{"Content-Disposition", cat("attachment; filename=\"", name, "\"")}}});
}

/// The folder for photos that are corrected on a phone: the project, where the round answers with what its
/// photos are grouped by; else empty.
std::filesystem::path folder_for_corrections(Desk& desk, const std::string& round) {
  const std::string_view wanted = desk.project.grouping() == Grouping::labels ? kSeveralLabels : kOneClass;
  for (const Json& one : desk.rounds.list())
    if (one.value("name", "") == round && one.value("kind", "") == wanted) return desk.project.folder();
  return {};
}

void answer_phone(Desk& desk, Request& request, const Reply& reply) {
  const std::string round = request.value("round");
  if (round.empty()) {
    desk.phone.stop();
  } else {
    desk.phone.start(round, desk.rounds.folder_of(round), folder_for_corrections(desk, round));
  }
  reply(json_response({{"round", round}}, 202));
}

void answer_try(Desk& desk, Request& request, const Reply& reply) {
  const std::string round = request.value("model");
  desk.models.answer(round, desk.rounds.folder_of(round), &serve::answer_predict, request, reply);
}

/// Of a photo as the body, or of one of the project.
void answer_why(Desk& desk, Request& request, const Reply& reply) {
  const std::string round = request.value("model");
  if (request.query.contains("of"))  // empty: of a project whose photos have labels
    request.body = read_file(desk.project.file_of({request.value("of"), request.value("name"), {}}),
                             desk.options.photo_bytes);
  desk.models.answer(round, desk.rounds.folder_of(round), &serve::answer_explain, request, reply);
}

}  // namespace

std::vector<StudioRoute> round_routes() {
  return {
      {"GET", "/studio/state", true, &answer_state},
      {"POST", "/studio/train", true, &answer_train},
      {"POST", "/studio/inspect", true, &answer_inspect},
      {"POST", "/studio/cancel", true, &answer_cancel},
      {"GET", "/studio/findings", true, &answer_findings},
      {"POST", "/studio/findings/accept", true, &answer_accept},
      {"GET", "/studio/round", false, &answer_round},
      {"GET", "/studio/compare", false, &answer_compare},
      {"POST", "/studio/export", true, &answer_export},
      {"GET", "/studio/download", false, &answer_download},
      {"POST", "/studio/phone", true, &answer_phone},
      {"POST", "/v1/predict", false, &answer_try},
      {"POST", "/v1/explain", false, &answer_why},
  };
}

}  // namespace graft::serve::studio
