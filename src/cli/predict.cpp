// SPDX-License-Identifier: Apache-2.0
// graft predict MODEL|ARCHITECTURE IMAGE...
#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"

#include "cli/answer_printer.hpp"
#include "cli/answer_stdin.hpp"
#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/predict_run.hpp"
#include "cli/progress.hpp"
#include "cli/sort_into.hpp"
#include "cli/stop.hpp"
#include "cli/training_options.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

constexpr std::size_t kChunk = 256;  // photos that are classified together: whole batches

struct PredictArguments {
  ModelArgument model;
  std::vector<std::string> images;
  std::optional<int> top;
  int views = 1;
  bool reject = false;
  bool from_stdin = false;
  std::optional<double> reject_below;
  std::optional<AnswerFormat> format;
  AnswerFiles files;
  data::ListOptions listing;
  CommonOptions common;
};

/// Classifies the photos that the command line names, in its order.
class NamePredictor {
 public:
  NamePredictor(const Classifier& classifier, ClassifyOptions options)
      : classifier_(classifier),
        options_(std::move(options)),
        progress_(std::exchange(options_.progress, {})) {}

  void run(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      std::error_code ignored;
      if (name == "-") {
        predict_standard_input();
      } else if (std::filesystem::is_directory(name, ignored) || data::is_archive(name)) {
        predict_files();
        if (!interrupted()) predict_named(find_photos({name}, {}, options_.listing));
      } else {
        files_.emplace_back(name);
      }
    }
    predict_files();
  }

  /// The names in a file.
  void run_list(const std::string& list) { predict_named(find_photos({}, list, options_.listing)); }

 private:
  /// One name a line.
  void predict_standard_input() {
    for (std::string line; !interrupted() && std::getline(std::cin, line);) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty()) files_.emplace_back(line);
      if (files_.size() >= kChunk) predict_files();
    }
  }

  void predict_files() {
    const std::size_t count = files_.size();
    if (count > 0 && !interrupted()) predict_some(files_, 0, count);
    files_.clear();
  }

  /// A part at a time, so that memory does not grow with the photos.
  void predict_named(const NamedPhotos& photos) {
    for (std::size_t begin = 0; begin < photos.names.size() && !interrupted(); begin += kChunk)
      predict_some(photos.paths(begin, begin + kChunk), begin, photos.names.size());
    for (const data::LeftOut& file : photos.left_out)
      options_.on_answer({.path = file.path, .error = file.reason, .unreadable = file.unreadable});
  }

  void predict_some(const std::vector<std::filesystem::path>& files, std::size_t before, std::size_t all) {
    options_.progress = [&](std::size_t done, std::size_t) {
      return !progress_ || progress_(before + done, all);
    };
    static_cast<void>(classifier_.predict_all(files, options_));
  }

  const Classifier& classifier_;
  ClassifyOptions options_;
  std::function<bool(std::size_t, std::size_t)> progress_;
  std::vector<std::filesystem::path> files_;  ///< named one after the other, not yet classified
};

/// Whether the command line names one photo.
bool names_one_photo(const std::vector<std::string>& names) {
  std::error_code ignored;
  return names.size() == 1 && names[0] != "-" && !std::filesystem::is_directory(names[0], ignored) &&
         !data::is_archive(names[0]);
}

/// Stays and answers what comes on standard input.
int answer_programs(const PredictArguments& given, const ClassifyOptions& options) {
  bool first = true;
  return answer_stdin(
      [&] {
        // Notes are said once: later ones would be those of the same model.
        Classifier opened =
            open_classifier(given.model, given.common.execution, !std::exchange(first, false));
        if (options.reject)
          static_cast<void>(opened.decide(std::vector<float>(opened.class_names().size()), options));
        return opened;
      },
      options, given.common.quiet);
}

/// How the answers are written. The name of a file decides where there is one.
AnswerFormat format_of(const PredictArguments& given) {
  if (given.files.out.empty())
    return given.common.json ? AnswerFormat::json : given.format.value_or(AnswerFormat::text);
  std::error_code ignored;
  const std::filesystem::path out = given.files.out;
  const std::string ending = out.extension().string();
  const bool is_file = !ending.empty() && !std::filesystem::is_directory(out, ignored);
  const AnswerFormat by_name = ending == ".jsonl" ? AnswerFormat::jsonl : AnswerFormat::csv;
  const AnswerFormat format = given.format.value_or(by_name);
  const bool is_table = format == AnswerFormat::csv || format == AnswerFormat::jsonl;
  const bool fits = ending == (format == AnswerFormat::jsonl ? ".jsonl" : ".csv");
  if (!is_table || (is_file && !fits))
    fail(ErrorKind::invalid_argument, "--out ", given.files.out,
         ": expected a name that ends in .csv or .jsonl as the format says, or a folder with --csv or "
         "--jsonl");
  return format;
}

void check(const PredictArguments& given) {
  const LongRunOptions& run = given.files.run;
  const bool any = !given.images.empty() || !run.list.empty();
  if (given.from_stdin == any)
    fail(ErrorKind::invalid_argument, "IMAGE: expected photos, folders, - or --list FILE, or else --stdin");
  const auto needs_out = [&](const char* flag, bool is_given) {
    if (is_given && given.files.out.empty())
      fail(ErrorKind::invalid_argument, flag, ": expected --out with a folder or file for the answers");
  };
  needs_out("--resume", run.resume);
  needs_out("--shard", !run.shard.is_all());
  if (!given.files.out.empty() && given.from_stdin)
    fail(ErrorKind::invalid_argument, "--out: not possible with --stdin, which answers on standard output");
}

/// Answers on standard output.
int predict_to_screen(const PredictArguments& given, const Classifier& classifier, ClassifyOptions options,
                      AnswerFormat format) {
  std::vector<std::string> images = given.images;
  const bool is_text = format == AnswerFormat::text || format == AnswerFormat::textbook;
  PhotoProgress progress(given.common.quiet, is_text);
  AnswerPrinter printer(classifier, format, names_one_photo(images) && given.files.run.list.empty(),
                        progress);
  std::optional<PhotoSorter> sorter;
  if (!given.files.sort_into.empty()) sorter.emplace(given.files.sort_into, classifier, images);
  options.progress = progress.photos();
  options.listing.progress = progress.files();
  options.on_answer = [&](const PhotoPrediction& answer) {
    printer.print(answer);
    if (sorter && !interrupted()) sorter->add(answer);
  };
  NamePredictor predictor(classifier, options);
  predictor.run(images);
  const std::string& list = given.files.run.list;
  if (!list.empty()) predictor.run_list(list);
  if (!list.empty()) images.push_back(list);
  return printer.finish(images);
}

int predict(const PredictArguments& given) {
  use_threads(given.common.execution);
  check(given);
  if (!given.images.empty()) check_any_exists(given.images);
  const AnswerFormat format = format_of(given);
  const int top = given.top.value_or(format == AnswerFormat::textbook ? 1 : 5);
  ClassifyOptions options{.top = top, .views = given.views, .exif = given.common.exif};
  options.reject = given.reject || given.reject_below.has_value();
  options.reject_below = given.reject_below;
  options.interpolation = given.common.interpolation;
  options.listing = given.listing;
  if (given.from_stdin) return answer_programs(given, options);
  const Classifier classifier = open_classifier(given.model, given.common.execution);
  // Refused before anything is printed.
  if (options.reject)
    static_cast<void>(classifier.decide(std::vector<float>(classifier.class_names().size()), options));
  if (given.files.out.empty()) return predict_to_screen(given, classifier, options, format);
  AnswerFiles files = given.files;
  files.json_lines = format == AnswerFormat::jsonl;
  return predict_into_files(classifier, options, files, given.images, given.common);
}

}  // namespace

namespace {

void add_format_options(CLI::App& command, PredictArguments& given) {
  CLI::Option* json = command.get_option("--json");
  CLI::Option* format =
      add_choice(command, "--format", given.format,
                 Choices<AnswerFormat>{{"text", AnswerFormat::text},
                                       {"textbook", AnswerFormat::textbook},
                                       {"csv", AnswerFormat::csv},
                                       {"json", AnswerFormat::json},
                                       {"jsonl", AnswerFormat::jsonl}},
                 "how answers are printed; textbook: Doberman (33.59%), as Keras's tutorials print them");
  format->default_str("text")->excludes(json);
  CLI::Option* csv = command.add_flag_callback(
      "--csv", [&given] { given.format = AnswerFormat::csv; },
      "print a table: file, answer, unknown, most_probable, probability, distance, reason");
  csv->excludes(json)->excludes(format);
  command
      .add_flag_callback(
          "--jsonl", [&given] { given.format = AnswerFormat::jsonl; },
          "print JSON Lines: an object a line for each photo")
      ->excludes(json)
      ->excludes(format)
      ->excludes(csv);
}

void add_files_options(CLI::App& command, AnswerFiles& files) {
  command
      .add_option("-o,--out", files.out,
                  "write the answers to files: a folder, or a file that ends in .csv or .jsonl; default: "
                  "standard output")
      ->type_name("OUT");
  add_long_run_options(command, files.run);
  command
      .add_option("--sort-into", files.sort_into,
                  "make links to the photos in this folder, in a sub-folder for each class, _doubtful "
                  "(unknown) and _broken; photos in archives are copied out")
      ->type_name("DIR");
}

/// Below the options in --help.
constexpr const char* kFooter =
    "The answer is the most probable class. A model that was trained with --min-recall answers with the "
    "class "
    "that must not be missed from its own threshold on; with --reject the answer can be unknown. Both say "
    "why.\n\n"
    "A model of several labels a photo answers with those that reach their thresholds, marked by * in the "
    "text; in --json they are labels, in --csv a column with | between. With --reject they are unknown where "
    "that all of them are right is not probable enough.\n\n"
    "A model of numbers answers with each number and the interval that holds the true one in as many of all "
    "photos as the percentage says; in --json they are numbers, in --csv three columns each.\n\n"
    "Answers are printed as they come. A photo that cannot be read is reported on standard error; the others "
    "are classified all the same (exit code 1). --json prints one object: photos, each with its file and "
    "predictions, and skipped_images, each with its file and the reason. --jsonl prints the object of each "
    "photo on a line, --csv a table with a line for each photo and its most probable class.\n\n"
    "For many photos: --out writes the answers to files as they are known, in memory that does not grow with "
    "the photos. In a folder they are answers.csv (or .jsonl), failed.csv with the photos that cannot be "
    "read, "
    "and run.json; until the run is done, the first two end in .part. After a stop or kill the same command "
    "with --resume continues to the same bytes; it is refused where the model, an option or the list of "
    "photos "
    "has changed. --shard 2/8 does the second of eight parts; the files of all parts together hold the rows "
    "of "
    "one run. --sort-into makes a folder for each class with links to the photos, and _doubtful and _broken "
    "beside them; nothing of yours is moved or changed.\n\n"
    "With --stdin the program loads the model once and stays until its input ends. A line is a path (one "
    "that "
    "begins with = is written ./=), or =LENGTH, or =LENGTH NAME, followed by LENGTH bytes, a picture's "
    "file. "
    "Each is answered at once, in order, by a line as --jsonl prints it, or {\"file\", \"reason\"} where "
    "there is no answer. A changed model file is opened again.\n\n"
    "Examples:\n"
    "  graft predict photos-graft new.jpg\n"
    "  graft predict photos-graft holiday/ --top 1 --json\n"
    "  find archive -name '*.jpg' | graft predict photos-graft - --jsonl\n"
    "  graft predict photos-graft holiday/ --reject --csv > answers.csv\n"
    "  graft predict photos-graft archive/ shards/*.tar --out answers/ --resume\n"
    "  graft predict photos-graft --list names.txt --out answers/ --shard $SLURM_ARRAY_TASK_ID/100\n"
    "  graft predict photos-graft inbox/ --out inbox.csv --sort-into sorted/ --reject-below 0.9\n"
    "  graft predict vgg16 dog.jpg --format textbook\n"
    "  graft predict mobilenet_v2 --weights weights.h5 dog.jpg";

}  // namespace

void add_predict(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("predict", "Classify photos");
  auto given = std::make_shared<PredictArguments>();
  add_model_argument(*command, given->model);
  command->add_option(
      "IMAGE", given->images,
      "photos, folders or archives (.zip, .tar) with photos, or - for names on standard input, "
      "one a line");
  command->add_flag("--stdin", given->from_stdin,
                    "stay, and answer each photo on standard input at once with a JSON line: paths, or "
                    "pictures as bytes");
  add_weights_option(*command, given->model);
  add_pixels_option(*command, given->model.pixels,
                    "how the program around a model file scaled its pixels, where the model does not");
  add_class_names_option(*command, given->model);
  command
      ->add_option("--top", given->top,
                   "number of classes to print per photo, most probable first; default: 5, as textbook 1")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  add_views_option(*command, given->views);
  command->add_flag(
      "--reject", given->reject,
      "answer unknown below the probability that training chose for it, and for photos unlike the "
      "training photos; numbers: for these alone");
  command
      ->add_option("--reject-below", given->reject_below,
                   "the same with a probability of your own, such as 0.9")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P");
  add_interpolation_option(*command, given->common);
  add_listing_options(*command, given->listing, false);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  add_format_options(*command, *given);
  add_files_options(*command, given->files);
  command->footer(kFooter);
  command->callback([given, &run] { run = [given] { return predict(*given); }; });
}

}  // namespace graft::cli
