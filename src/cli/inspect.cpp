// SPDX-License-Identifier: Apache-2.0
// graft inspect PHOTOS
#include "graft/inspect.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"

namespace graft::cli {
namespace {

constexpr std::size_t kExamples = 5;  // findings of a list that the summary shows

struct InspectArguments {
  std::string photos;
  InspectOptions options;
  bool no_features = false;
  std::string out;
  std::string move_to;
  std::vector<std::string> lists;
  CommonOptions common;
};

/// What each list is called in the summary.
std::string title_of(const std::string& list) {
  const std::vector<std::pair<std::string, std::string>> titles{{"unreadable", "cannot be read"},
                                                                {"duplicates", "duplicates of another photo"},
                                                                {"leaks", "also in another part"},
                                                                {"labels", "labels to check"},
                                                                {"outliers", "unlike all others"},
                                                                {"dark", "dark"},
                                                                {"bright", "bright"},
                                                                {"flat", "hardly any contrast"},
                                                                {"blurred", "blurred"},
                                                                {"odd_size", "of an unusual size"},
                                                                {"odd_aspect", "unusually long or narrow"}};
  const auto found = std::ranges::find(titles, list, &std::pair<std::string, std::string>::first);
  return found != titles.end() ? found->second : list;
}

std::string below(const std::string& file, const std::string& folder) {
  const std::filesystem::path relative = std::filesystem::path(file).lexically_relative(folder);
  return relative.empty() || *relative.begin() == ".." ? file : relative.string();
}

/// "roses/a.jpg  as tulips, 93.1 %": what a row of a list says of its photo.
std::string row_text(const FindingList& list, const std::vector<std::string>& row,
                     const std::string& folder) {
  std::string text = "  " + below(row[0], folder);
  if (list.name == "unreadable") return text + ": " + row[1];
  if (list.name == "duplicates")
    return text + " = " + below(row[1], folder) + " (" + row[2] + (row[4].empty() ? "" : ": " + row[4]) + ")";
  if (list.name == "leaks") return text + " = " + below(row[2], folder);
  if (list.name == "labels")
    return text + ": looks like " + row[2] + " (" + percent(std::stod(row[4])) + "), not " + row[1] + " (" +
           percent(std::stod(row[3])) + ")";
  if (list.name == "outliers") return text + ": distance " + row[2] + ", usually " + row[3];
  return text + ": " + row[1] + ", limit " + row[2];
}

void print_counts(const Inspection& found) {
  const bool parts = std::ranges::any_of(found.photos, [](const auto& photo) { return !photo.part.empty(); });
  std::string line = counted(found.photos.size(), "photo", "photos");
  if (!found.counts.empty()) line += cat(", ", counted(found.counts.size(), "class", "classes"), ":");
  for (std::size_t i = 0; i < found.counts.size(); ++i) {
    const ClassCount& one = found.counts[i];
    line += cat(i > 0 ? ", " : " ", one.name, " ", one.train);
    if (parts) line += cat(" + ", one.validation, " + ", one.test);
  }
  if (parts) line += " (train + validation + test)";
  std::cout << fitted(shown(line)) << '\n';
}

void print_summary(const Inspection& found) {
  print_counts(found);
  for (const FindingList& list : finding_lists(found)) {
    const bool looked = !(found.network.empty() && (list.name == "labels" || list.name == "outliers"));
    std::cout << title_of(list.name) << ": ";
    if (looked) {
      std::cout << list.rows.size() << '\n';
    } else {
      std::cout << "not looked for\n";
    }
    for (std::size_t i = 0; i < std::min(kExamples, list.rows.size()); ++i)
      std::cout << shown(row_text(list, list.rows[i], found.folder.string())) << '\n';
    if (list.rows.size() > kExamples) std::cout << "  ... and " << list.rows.size() - kExamples << " more\n";
  }
  if (!found.network.empty() && found.label_accuracy > 0) {
    std::cout << fitted(cat("labels were judged by a head on features of ", found.network,
                            " that agrees with ", percent(found.label_accuracy), " of them"))
              << '\n';
  }
}

Json moved_json(const std::vector<MovedPhoto>& moved) {
  Json json = Json::array();
  for (const MovedPhoto& one : moved) json.push_back({{"from", one.from.string()}, {"to", one.to.string()}});
  return json;
}

void check_arguments(const InspectArguments& given) {
  if (given.move_to.empty() != given.lists.empty()) {
    std::string all;
    for (const std::string& name : finding_list_names()) all += (all.empty() ? "" : ",") + name;
    fail(ErrorKind::invalid_argument,
         given.move_to.empty() ? "--lists needs --move-to" : "--move-to needs --lists",
         ": name the folder to move to, and the lists whose photos are moved, of ", all);
  }
  if (given.no_features && !given.options.model.empty())
    fail(ErrorKind::invalid_argument, "--model: has no effect with --no-features; leave one of them out");
  if (!given.out.empty()) check_writable(given.out);
  if (!given.move_to.empty()) check_writable(given.move_to);
}

int inspect(InspectArguments given) {
  complete_photos(given.photos, given.options.listing);
  check_arguments(given);
  use_threads(given.common.execution);
  PhotoProgress progress(given.common.quiet);
  InspectOptions& options = given.options;
  options.features = !given.no_features;
  options.exif = given.common.exif.value_or(data::Exif::apply);
  options.execution = given.common.execution;
  options.listing.progress = progress.files();
  options.progress = progress.stages();
  const Inspection found = inspect_photos(given.photos, options);
  progress.clear();
  if (!given.common.quiet) report_notes(found.notes);
  if (!given.out.empty()) write_inspection(given.out, found);
  if (!given.common.json) print_summary(found);
  if (!given.out.empty() && !given.common.json)
    std::cout << "written to " << shown(given.out) << ": inspection.json and one CSV for each list\n";
  std::vector<MovedPhoto> moved;
  if (!given.move_to.empty()) moved = move_photos(found, given.lists, given.move_to);
  if (given.common.json) {
    Json json = to_json(found);
    if (!given.move_to.empty()) json["moved"] = moved_json(moved);
    print_json(json);
  } else if (!given.move_to.empty()) {
    for (const MovedPhoto& one : moved)
      std::cout << "moved " << shown(one.from.string()) << " to " << shown(one.to.string()) << '\n';
    std::cout << counted(moved.size(), "photo", "photos") << " moved";
    if (!moved.empty()) std::cout << "; undo it with: sh " << quoted(given.move_to + "/undo.sh");
    std::cout << '\n';
  }
  return exit_code_for(found.left_out);
}

}  // namespace

void add_inspect(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand(
      "inspect", "Find broken, duplicated, mislabelled and unusual photos before training");
  auto given = std::make_shared<InspectArguments>();
  command->add_option(
      "PHOTOS", given->photos,
      "a folder with one sub-folder per class, with train/, validation/ and test/, or with photos");
  command
      ->add_option(
          "--model", given->options.model,
          "network whose features show wrong labels and outliers, or a model file; default: the most "
          "accurate whose weights are here")
      ->type_name("NAME");
  command->add_option("--weights", given->options.weights, "weights of the network: a file, or imagenet")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_flag("--no-features", given->no_features,
                    "use no network: do not look for wrong labels and outliers");
  command->add_option("--out", given->out, "write inspection.json and one CSV for each list into this folder")
      ->type_name("DIR");
  command
      ->add_option("--move-to", given->move_to,
                   "move the photos of --lists to this folder; undo.sh there moves them back")
      ->type_name("DIR");
  command
      ->add_option("--lists", given->lists,
                   "lists whose photos are moved: unreadable, duplicates, labels, ...")
      ->delimiter(',')
      ->type_name("NAMES");
  command
      ->add_option("--blurred", given->options.limits.blurred,
                   "report photos whose blur (0 to 1) is above this")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("X");
  command->add_option("--seed", given->options.seed, "seed of the folds")
      ->capture_default_str()
      ->type_name("N");
  add_label_options(*command, given->options.listing);
  add_nested_option(*command, given->options.listing);
  add_listing_options(*command, given->options.listing, true);
  add_common_options(*command, given->common);
  command->footer(
      "Changes nothing, unless --move-to asks for it. Labels are judged by cross-validation: each photo by a "
      "head that has not seen it. Exit code 1: some photos cannot be read.\n\n"
      "Examples:\n"
      "  graft inspect flowers/\n"
      "  graft inspect flowers/ --out findings/\n"
      "  graft inspect flowers/ --move-to aside/ --lists unreadable,duplicates");
  command->callback([given, &run] { run = [given] { return inspect(*given); }; });
}

}  // namespace graft::cli
