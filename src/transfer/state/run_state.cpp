// SPDX-License-Identifier: Apache-2.0
#include "transfer/state/run_state.hpp"

#include <algorithm>
#include <span>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/random.hpp"
#include "graft/cluster/communicator.hpp"
#include "graft/transfer/earlier_run.hpp"
#include "graft/weights_store.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/result/history.hpp"
#include "transfer/result/settings.hpp"

namespace graft::transfer {

namespace {

/// One number for all photos, their classes or numbers, and parts: another number is another data set.
std::uint64_t photos_number(const Photos& photos) {
  std::string all;
  for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
    const std::vector<int> labels = part->labels();
    const std::vector<std::vector<int>> sets = part->label_sets();
    const auto paths = part->file_paths();
    for (std::size_t i = 0; i < paths.size(); ++i) {
      all += paths[i].filename().string() + "\n" + (i < labels.size() ? std::to_string(labels[i]) : "");
      if (i < sets.size()) {
        for (const int label : sets[i]) all += std::to_string(label) + " ";
      }
      all += "\n";
    }
    if (const Tensor targets = part->targets(); !targets.empty()) {
      const auto bytes = std::as_bytes(targets.data<float>());
      all.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    all += "\n";
  }
  return fnv1a(all);
}

/// Settings that name folders of photos. Where they are does not matter: photos_number stands for the photos.
bool is_place_of_photos(const std::string& key) {
  return key == "photos" || key == "labels" || key == "test" || key == "validation";
}

bool is_of_photos(const std::string& key) { return key == "photos_number" || is_place_of_photos(key); }

/// The photos may have moved since the run was interrupted, but must be the same.
void check_photos(const Json& saved, const Json& now, Reporter& reporter) {
  if (saved.value("photos_number", std::uint64_t{0}) != now.at("photos_number").get<std::uint64_t>()) {
    fail_option(
        ErrorKind::invalid_argument, "resume",
        "resume: the photos are not those of the interrupted run: files were added, removed or renamed, or "
        "have another class or part; restore them, or start again in another folder");
  }
  for (const auto& [key, value] : now.items()) {
    if (!is_place_of_photos(key) || !saved.contains(key) || saved[key] == value) continue;
    reporter.say(cat("  the photos moved: ", key, " was ", saved[key].dump(), ", now ", value.dump()));
  }
}

}  // namespace

void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::error_code ignored;
    if (is_temporary_name(entry.path().filename().string()))
      std::filesystem::remove_all(entry.path(), ignored);
  }
}

RunState::RunState(const TrainOptions& options, const StartOfRun& start, const Photos& photos,
                   Reporter& reporter)
    : options_(options), settings_(settings_json(options, start.folder, start.image_size)) {
  settings_["photos_number"] = photos_number(photos);
  settings_["threads"] = num_threads();
  if (!start.earlier_model.empty() && !options.checkpoint.empty())
    settings_["earlier_model"] = sha256_of_file(start.earlier_model);
  if (!options.resume || options.checkpoint.empty()) return;
  remove_leftovers(options.checkpoint.parent_path());
  if (!std::filesystem::exists(options.checkpoint)) {
    reporter.say("  there is no saved state: the run starts from the beginning");
    return;
  }
  const StateBag bag = read_state(options.checkpoint);
  if (!bag.facts->contains("settings") || !bag.facts->contains("phase") || !bag.facts->contains("finished"))
    fail(ErrorKind::bad_file, options.checkpoint.string(), " is not the saved state of a training run");
  const Json& saved = bag.facts->at("settings");
  for (const auto& [key, value] : settings_.items()) {
    if ((saved.contains(key) && saved[key] == value) || is_of_photos(key)) continue;
    const std::string before = saved.contains(key) ? saved[key].dump() : "nothing";
    if (key == "threads") {
      reporter.say(cat("  the saved state is of ", before, " threads, this run has ", value.dump(),
                       ": the last digits of the weights may differ"));
      continue;
    }
    fail_option(ErrorKind::invalid_argument, "resume", "resume: the run in ", options.checkpoint.string(),
                " has ", key, " ", before, ", this one ", value.dump(),
                "; resume with the same settings and photos");
  }
  check_photos(saved, settings_, reporter);
  phase_ = bag.facts->at("phase").get<std::string>();
  finished_ = bag.facts->at("finished").get<std::vector<std::string>>();
  done_ = finished_;
  reporter.say(cat("  continuing from ", options.checkpoint.string(), ": ", phase_, ", epoch ",
                   bag.facts->value("epoch", std::int64_t{0}) + 1));
}

std::vector<CallbackPtr> RunState::keep(const std::string& phase, std::vector<EpochRow>& rows) {
  if (options_.checkpoint.empty() || automatic_options(options_).budget) return {};
  const std::vector<std::string> before = done_;
  done_.push_back(phase);
  const auto decorate = [this, phase, before, &rows](StateBag& bag) {
    (*bag.facts)["settings"] = settings_;
    (*bag.facts)["phase"] = phase;
    (*bag.facts)["finished"] = before;
    (*bag.facts)["rows"] = history_json(rows);
  };
  const auto accept = [this, phase, &rows](const StateBag& bag) {
    if (!options_.resume || bag.facts->value("phase", "") != phase) return false;
    rows = history_from_json(bag.facts->at("rows"));
    return true;
  };
  return {BackupAndRestore({.file = options_.checkpoint,
                            .save_freq = std::nullopt,
                            .save_seconds = options_.checkpoint_seconds,
                            .writes = options_.ranks == nullptr || options_.ranks->rank() == 0,
                            .delete_checkpoint = false,
                            .decorate = decorate,
                            .accept = accept})};
}

bool RunState::is_past(const std::string& phase) const {
  return std::ranges::find(finished_, phase) != finished_.end();
}

std::vector<CallbackPtr> joined(std::vector<CallbackPtr> callbacks, const std::vector<CallbackPtr>& more) {
  callbacks.insert(callbacks.end(), more.begin(), more.end());
  return callbacks;
}

}  // namespace graft::transfer
