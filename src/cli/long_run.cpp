// SPDX-License-Identifier: Apache-2.0
#include "cli/long_run.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/hash.hpp"
#include "graft/saving.hpp"

#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/stop.hpp"
#include "cli/values.hpp"

namespace graft::cli {

namespace fs = std::filesystem;

namespace {

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(file, ignored));
}

/// What a setting is called in a message.
std::string name_of_setting(const std::string& key) {
  static const std::map<std::string, std::string> others{{"graft", "graft's version"},
                                                         {"model", "the model"},
                                                         {"classes", "the names of the classes"},
                                                         {"labels", "the labels"},
                                                         {"image_size", "the size of the model's input"},
                                                         {"photos", "the number of photos"},
                                                         {"list", "the list of photos"}};
  const auto found = others.find(key);
  if (found != others.end()) return found->second;
  std::string flag = "--" + key;
  std::ranges::replace(flag, '_', '-');
  return flag;
}

/// A value in a message; hashes say nothing to a person.
bool is_hash(const std::string& key) {
  return key == "model" || key == "classes" || key == "list" || key == "labels";
}

std::string value_text(const Json& value) {
  if (value.is_null()) return "not given";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// "the model, --top (5 then, 3 now)"; empty: they are the same.
std::string difference(const Json& then, const Json& now, bool with_shard = true) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : now.items()) {
    if (!with_shard && key == "shard") continue;
    const Json before = then.is_object() ? then.value(key, Json()) : Json();
    if (before == value) continue;
    parts.push_back(is_hash(key) ? name_of_setting(key)
                                 : cat(name_of_setting(key), " (", value_text(before), " then, ",
                                       value_text(value), " now)"));
  }
  return comma_list(parts);
}

/// The settings of a run that finished or not; null: there is none.
Json settings_of(const RunFiles& names) {
  std::ifstream finished(names.summary(), std::ios::binary);
  if (finished) {
    const Json summary = Json::parse(finished, nullptr, false);
    return summary.is_object() ? summary.value("settings", Json()) : Json();
  }
  std::ifstream begun(names.journal(), std::ios::binary);
  std::string line;
  if (!std::getline(begun, line)) return {};
  const Json settings = Json::parse(line, nullptr, false);
  return settings.is_object() ? settings : Json();
}

}  // namespace

void add_long_run_options(CLI::App& command, LongRunOptions& options) {
  command
      .add_option("--list", options.list,
                  "a file with names of photos, one a line or each ended by a zero byte (find -print0); -: "
                  "standard input")
      ->type_name("FILE");
  command.add_flag(
      "--resume", options.resume,
      "continue a run that was stopped or killed, to the same bytes; begins where nothing is there");
  add_parsed_option(command, "--shard", options.shard, read_shard,
                    "do the I-th of N equal parts of the photos, for jobs side by side: 1/8 to 8/8")
      ->type_name("I/N");
}

RunFiles::RunFiles(fs::path out, const std::string& ending, const Shard& shard)
    : out_(std::move(out)), file_ending_(out_.extension() == ending ? ending : ""), shard_(shard) {}

RunFiles RunFiles::of_shard(std::size_t number) const {
  RunFiles other = *this;
  other.shard_.number = number;
  return other;
}

fs::path RunFiles::file(const std::string& name, const std::string& ending, bool main) const {
  std::string number;
  if (!shard_.is_all()) {
    // Of one length, so that the files of all shards are in their order.
    number = std::to_string(shard_.number);
    number = cat('-', std::string(std::to_string(shard_.count).size() - number.size(), '0'), number, "-of-",
                 shard_.count);
  }
  if (file_ending_.empty()) return out_ / cat(name, number, ending);
  fs::path stem = out_;
  stem.replace_extension();
  stem += number;
  return main ? stem += ending : stem += cat('.', name, ending);
}

void RunFiles::make_folder() const {
  const fs::path folder = file_ending_.empty() ? out_ : fs::absolute(out_).parent_path();
  std::error_code error;
  if (file_ending_.empty()) fs::create_directories(folder, error);
  if (fs::is_directory(folder)) return;
  fail(ErrorKind::io, out_.string(),
       ": cannot be written: ", error ? error.message() : cat("there is no folder ", folder.string()));
}

LongRun::LongRun(const RunFiles& names, std::vector<std::unique_ptr<GrowingFile>> files, const Json& settings,
                 bool resume)
    : names_(names), settings_(Json::parse(dumped(settings))) {
  names.make_folder();
  const std::string advice = cat("; continue it with --resume, name another place than ",
                                 names.out().string(), ", or remove it first");
  if (is_there(names.summary())) {
    if (!resume)
      fail(ErrorKind::invalid_argument, names.summary().string(), ": the result of a run is there", advice);
    take_finished(files);
    return;
  }
  if (!is_there(names.journal())) check_free(files);
  check_other_shards();
  journal_ = std::make_unique<RunJournal>(names.journal(), std::move(files));
  const std::optional<std::string> earlier = journal_->open();
  if (!earlier) {
    journal_->start(settings_.dump());
    return;
  }
  if (!resume)
    fail(ErrorKind::invalid_argument, names.journal().string(), ": an unfinished run is there", advice);
  check_same(Json::parse(*earlier, nullptr, false));
  const std::vector<std::uint64_t> counts = journal_->resume();
  if (counts.size() != 3) return;
  new_ = false;
  counts_ = {.done = counts[0], .answered = counts[1], .failed = counts[2]};
}

void LongRun::take_finished(const std::vector<std::unique_ptr<GrowingFile>>& files) {
  std::ifstream in(names_.summary(), std::ios::binary);
  const Json summary = Json::parse(in, nullptr, false);
  if (!summary.is_object())
    fail(ErrorKind::bad_file, names_.summary().string(), ": expected the summary of a run, a JSON object");
  check_same(summary.value("settings", Json()));
  if (std::ranges::any_of(files, [](const auto& file) { return file->present().empty(); })) {
    fail(ErrorKind::not_found, names_.summary().string(),
         " says that all is done, but a file beside it is gone; remove it to do all again");
  }
  counts_ = {.done = summary.value("photos", std::uint64_t{0}),
             .answered = summary.value("answered", std::uint64_t{0}),
             .failed = summary.value("failed", std::uint64_t{0})};
  finished_ = true;
  std::error_code ignored;
  fs::remove(names_.journal(), ignored);  // killed just before it was
}

void LongRun::check_free(const std::vector<std::unique_ptr<GrowingFile>>& files) {
  for (const auto& file : files) {
    const fs::path there = file->present();
    if (!there.empty())
      fail(ErrorKind::invalid_argument, there.string(),
           " exists already and is not part of a run; name another place, or remove it first");
  }
}

void LongRun::check_same(const Json& earlier) const {
  const std::string differs = difference(earlier, settings_);
  if (differs.empty()) return;
  fail(ErrorKind::invalid_argument, "--resume: ", names_.out().string(),
       " was begun with other settings, which give other results: ", differs,
       "; give the same ones, or name another place");
}

void LongRun::check_other_shards() const {
  for (std::size_t number = 1; number <= names_.shard().count && !names_.shard().is_all(); ++number) {
    if (number == names_.shard().number) continue;
    const Json other = settings_of(names_.of_shard(number));
    if (other.is_null()) continue;
    const std::string differs = difference(other, settings_, false);
    if (!differs.empty())
      fail(ErrorKind::invalid_argument, "--shard: job ", number, " of ", names_.out().string(),
           " has other settings, so that the results do not belong together: ", differs);
    return;  // what it began with is the same as those of the others
  }
}

void LongRun::commit(const RunCounts& counts) {
  counts_ = counts;
  new_ = false;
  journal_->commit({counts.done, counts.answered, counts.failed});
}

void LongRun::finish() {
  const Json summary{{"settings", settings_},
                     {"photos", counts_.done},
                     {"answered", counts_.answered},
                     {"failed", counts_.failed}};
  journal_->finish(names_.summary(), summary.dump(2) + '\n');
  finished_ = true;
}

void FailedPhotos::begin(const NamedPhotos& photos, const Shard& shard, RunCounts& counts) {
  run_.append(kFile, "file,reason\n");
  for (const data::LeftOut& one : photos.left_out) {
    if (one.unreadable && shard.number == 1) add(one.path, one.reason, counts);
  }
}

void FailedPhotos::add(const fs::path& file, const std::string& reason, RunCounts& counts) {
  constexpr std::size_t kMostReported = 10;
  ++counts.failed;
  run_.append(kFile, cat(csv_field(file.string()), ',', csv_field(shown(reason)), '\n'));
  if (reported_++ >= kMostReported) return;
  progress_.clear();
  std::cerr << "left out: " << shown(file.string()) << ": " << shown(reason) << '\n';
  if (reported_ == kMostReported) std::cerr << "left out: more may follow; failed.csv names all\n";
}

bool run_blocks(LongRun& run, const NamedPhotos& photos, const PhotoRange& range,
                const std::function<void(std::span<const fs::path>, std::size_t, RunCounts&)>& work,
                const std::function<bool(std::size_t, std::size_t)>& progress) {
  const std::size_t all = range.size();
  bool go_on = progress(run.counts().done, all);
  while (go_on && run.counts().done < all) {
    const std::size_t first = range.begin + run.counts().done;
    const std::vector<fs::path> paths = photos.paths(first, std::min(first + range.block, range.end));
    RunCounts counts = run.counts();
    work(paths, first, counts);
    counts.done += paths.size();
    run.commit(counts);
    go_on = progress(counts.done, all);
  }
  return run.counts().done >= all;
}

std::string model_hash(const Model& model, const Json& metadata) {
  Hasher hasher;
  hasher.add(saving::model_config(model).dump()).add(metadata.dump());
  for (const VariablePtr& weight : model.weights()) {
    const Tensor& value = weight->value();
    for (const std::int64_t size : value.shape().sizes()) hasher.add(size);
    hasher.add(std::span(static_cast<const std::byte*>(value.raw()), value.size_bytes()));
  }
  return to_hex(hasher.digest());
}

int report_run(const LongRun& run, const fs::path& rows, const PhotoRange& range,
               const CommonOptions& common) {
  const bool stopped = !run.is_finished();
  const RunCounts& counts = run.counts();
  const auto number = [](std::uint64_t count) { return with_commas(static_cast<std::int64_t>(count)); };
  const fs::path failed = run.names().file("failed", ".csv");
  if (common.json) {
    print_json({{"output", rows.string()},
                {"photos", counts.done},
                {"answered", counts.answered},
                {"failed", counts.failed},
                {"failed_file", failed.string()},
                {"finished", !stopped}});
  }
  if (stopped) {
    std::cerr << "stopped after " << number(counts.done) << " of " << number(range.size())
              << " photos; the same command with --resume continues\n";
    return exit_code(ErrorKind::interrupted);
  }
  if (!common.json && !common.quiet) {
    std::cout << shown(rows.string()) << "  " << number(counts.answered) << " of " << number(counts.done)
              << (counts.done == 1 ? " photo\n" : " photos\n");
    if (counts.failed > 0)
      std::cout << shown(failed.string()) << "  " << number(counts.failed) << " could not be read\n";
  }
  return counts.failed > 0 ? kSomeFailed : kOk;
}

}  // namespace graft::cli
