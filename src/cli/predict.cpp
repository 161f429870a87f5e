// SPDX-License-Identifier: Apache-2.0
// graft predict MODEL|ARCHITECTURE IMAGE...
#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <utility>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"

#include "cli/answer_stdin.hpp"
#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"
#include "cli/stop.hpp"
#include "cli/training_options.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

constexpr std::size_t kChunk = 256;  // names from standard input that are classified together

/// How answers are printed.
enum class AnswerFormat {
  text,      ///< the file, then its classes
  textbook,  ///< "Doberman (33.59%)", as the tutorials print them
  csv,       ///< a line a photo
  json,      ///< one object
  jsonl,     ///< an object a line
};

struct PredictArguments {
  ModelArgument model;
  std::vector<std::string> images;
  std::optional<int> top;
  int views = 1;
  bool reject = false;
  bool from_stdin = false;
  std::optional<double> reject_below;
  AnswerFormat format = AnswerFormat::text;
  data::ListOptions listing;
  CommonOptions common;
};

/// Why the answer is not the most probable class, and what else the photo may be; empty: neither.
std::string reason_of(const Decision& decision) {
  if (decision.also.empty()) return decision.reason;
  return cat(decision.reason, decision.reason.empty() ? "" : "; ", "may also be ", comma_list(decision.also),
             ", which must not be missed");
}

/// "a|b"
std::string joined_labels(const PhotoPrediction& answer) {
  std::string text;
  for (const Prediction& one : answer.labels) text += (text.empty() ? "" : "|") + one.name;
  return text;
}

/// A line of the table that --csv prints.
std::string csv_line(const PhotoPrediction& answer, bool several) {
  if (several) {
    std::string line = cat(csv_field(answer.path.string()), ',', csv_field(joined_labels(answer)), ',',
                           csv_field(answer.predictions.front().name), ',');
    append_number(line, static_cast<float>(answer.predictions.front().probability));
    return line + '\n';
  }
  const Prediction& best = answer.predictions.front();
  std::string line = cat(csv_field(answer.path.string()), ',', csv_field(answer.decision.name), ',',
                         answer.decision.index ? "false" : "true", ',', csv_field(best.name), ',');
  append_number(line, static_cast<float>(best.probability));
  line += ',';
  if (answer.distance) append_number(line, static_cast<float>(*answer.distance));
  return cat(line, ',', csv_field(reason_of(answer.decision)), '\n');
}

/// "Doberman (33.59%)": Python's '%s (%.2f%%)'.
std::string textbook_line(const Prediction& one) {
  std::array<char, 16> share{};
  std::snprintf(share.data(), share.size(), "%.2f", one.probability * 100);
  return cat(shown(one.name), " (", share.data(), "%)\n");
}

/// Prints answers as they come. The end of one JSON object comes with finish().
class AnswerPrinter {
 public:
  /// one_photo: the command line names one file, which the textbook's line does not repeat.
  AnswerPrinter(const Classifier& classifier, AnswerFormat format, bool one_photo, PhotoProgress& progress)
      : known_(classifier.training_features()),
        several_(classifier.has_several_labels()),
        thresholds_(classifier.label_thresholds()),
        format_(format),
        one_photo_(one_photo),
        progress_(progress) {
    if (format_ == AnswerFormat::json) std::cout << "{\"photos\": [" << std::flush;
    if (format_ == AnswerFormat::csv)
      std::cout << (several_ ? "file,labels,most_probable,probability\n"
                             : "file,answer,unknown,most_probable,probability,distance,reason\n")
                << std::flush;
  }

  void print(const PhotoPrediction& answer) {
    progress_.clear();
    if (!answer.error.empty()) return leave_out(answer);
    if (!answer.note.empty())
      std::cerr << "note: " << shown(answer.path.string()) << ": " << answer.note << '\n';
    switch (format_) {
      case AnswerFormat::json:
        std::cout << (any_ ? ",\n" : "\n") << dumped(answer_json(answer, several_));
        break;
      case AnswerFormat::jsonl:
        std::cout << dumped(answer_json(answer, several_)) << '\n';
        break;
      case AnswerFormat::csv:
        std::cout << csv_line(answer, several_);
        break;
      case AnswerFormat::textbook:
        print_textbook(answer);
        break;
      case AnswerFormat::text:
        print_text(answer);
        break;
    }
    std::cout << std::flush;
    any_ = true;
  }

  int finish(const std::vector<std::string>& images) {
    progress_.clear();
    if (format_ == AnswerFormat::json)
      std::cout << "],\n\"skipped_images\": " << dumped(left_out_json(left_out_)) << "}\n";
    if (!any_ && left_out_.empty() && !interrupted()) fail_without_photos(images);
    return interrupted() ? exit_code(ErrorKind::interrupted) : exit_code_for(left_out_);
  }

 private:
  void leave_out(const PhotoPrediction& answer) {
    if (interrupted() && answer.error.starts_with("not classified")) return;
    std::string reason = answer.error;
    const std::string begin = answer.path.string() + ": ";
    if (reason.starts_with(begin)) reason.erase(0, begin.size());
    left_out_.push_back({.path = answer.path, .reason = reason, .unreadable = answer.unreadable});
    report_left_out({left_out_.back()});
  }

  static void print_reason(const PhotoPrediction& answer) {
    const std::string reason = reason_of(answer.decision);
    if (reason.empty()) return;
    std::cout << fitted(cat("  ", shown(answer.decision.name), ": ", shown(reason))) << '\n';
  }

  void print_textbook(const PhotoPrediction& answer) const {
    if (!one_photo_) std::cout << shown(answer.path.string()) << '\n';
    print_reason(answer);
    for (const Prediction& one : answer.predictions)
      std::cout << (one_photo_ ? "" : "  ") << textbook_line(one);
    print_distance(answer);
  }

  void print_text(const PhotoPrediction& answer) const {
    std::cout << shown(answer.path.string()) << '\n';
    print_reason(answer);
    if (several_)
      std::cout << fitted(cat("  ", answer.labels.empty()
                                        ? std::string("no label")
                                        : comma_list(answer.labels,
                                                     [](const Prediction& one) { return shown(one.name); })))
                << '\n';
    for (const Prediction& one : answer.predictions) {
      std::string share = percent(one.probability);
      share.insert(0, share.size() < 9 ? 9 - share.size() : 0, ' ');
      const bool given = several_ && one.probability >= thresholds_[static_cast<std::size_t>(one.index)];
      std::cout << share << (given ? "* " : "  ") << shown(one.name)
                << (one.class_id == one.name ? "" : "  " + shown(one.class_id)) << '\n';
    }
    print_distance(answer);
  }

  void print_distance(const PhotoPrediction& answer) const {
    if (answer.unlike_training) {
      std::cout << fitted(cat("  unlike the training photos: distance ", *answer.distance, ", and at most ",
                              percent(known_->false_alarms), " of photos like them are above ",
                              known_->limit))
                << '\n';
    }
  }

  const TrainingFeatures* known_;  ///< null: the model file has none
  bool several_;                   ///< labels a photo
  std::vector<double> thresholds_;
  AnswerFormat format_;
  bool one_photo_;
  PhotoProgress& progress_;
  bool any_ = false;
  std::vector<data::LeftOut> left_out_;
};

/// Classifies the photos that the command line names, in its order.
class NamePredictor {
 public:
  NamePredictor(const Classifier& classifier, ClassifyOptions options)
      : classifier_(classifier), options_(std::move(options)) {}

  void run(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      std::error_code ignored;
      if (name == "-") {
        predict_standard_input();
      } else if (std::filesystem::is_directory(name, ignored) || data::is_archive(name)) {
        predict_files();
        if (!interrupted()) static_cast<void>(classifier_.predict_folder(name, options_));
      } else {
        files_.emplace_back(name);
      }
    }
    predict_files();
  }

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
    if (!files_.empty() && !interrupted()) static_cast<void>(classifier_.predict_all(files_, options_));
    files_.clear();
  }

  const Classifier& classifier_;
  ClassifyOptions options_;
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

int predict(const PredictArguments& given) {
  use_threads(given.common.execution);
  if (given.from_stdin == !given.images.empty())
    fail(ErrorKind::invalid_argument, "IMAGE: expected photos, folders or -, or else --stdin");
  if (!given.from_stdin) check_any_exists(given.images);
  const AnswerFormat format = given.common.json ? AnswerFormat::json : given.format;
  const int top = given.top.value_or(format == AnswerFormat::textbook ? 1 : 5);
  ClassifyOptions options{.top = top, .views = given.views, .exif = given.common.exif};
  options.reject = given.reject || given.reject_below.has_value();
  options.reject_below = given.reject_below;
  options.interpolation = given.common.interpolation;
  if (given.from_stdin) return answer_programs(given, options);
  const Classifier classifier = open_classifier(given.model, given.common.execution);
  // Refused before anything is printed.
  if (options.reject)
    static_cast<void>(classifier.decide(std::vector<float>(classifier.class_names().size()), options));
  const bool is_text = format == AnswerFormat::text || format == AnswerFormat::textbook;
  PhotoProgress progress(given.common.quiet, is_text);
  AnswerPrinter printer(classifier, format, names_one_photo(given.images), progress);
  options.progress = progress.photos();
  options.listing = given.listing;
  options.listing.progress = progress.files();
  options.on_answer = [&](const PhotoPrediction& answer) { printer.print(answer); };
  NamePredictor(classifier, options).run(given.images);
  return printer.finish(given.images);
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

/// Below the options in --help.
constexpr const char* kFooter =
    "The answer is the most probable class. A model that was trained with --min-recall answers with the "
    "class "
    "that must not be missed from its own threshold on; with --reject the answer can be unknown. Both say "
    "why.\n\n"
    "A model of several labels a photo answers with those that reach their thresholds, marked by * in the "
    "text; in --json they are labels, in --csv a column with | between.\n\n"
    "Answers are printed as they come. A photo that cannot be read is reported on standard error; the others "
    "are classified all the same (exit code 1). --json prints one object: photos, each with its file and "
    "predictions, and skipped_images, each with its file and the reason. --jsonl prints the object of each "
    "photo on a line, --csv a table with a line for each photo and its most probable class.\n\n"
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
      "training photos");
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
  command->footer(kFooter);
  command->callback([given, &run] { run = [given] { return predict(*given); }; });
}

}  // namespace graft::cli
