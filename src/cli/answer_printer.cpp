// SPDX-License-Identifier: Apache-2.0
#include "cli/answer_printer.hpp"

#include <array>
#include <cstdio>
#include <iostream>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"

#include "cli/answer_rows.hpp"
#include "cli/answer_stdin.hpp"
#include "cli/exit_code.hpp"
#include "cli/number_text.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

/// "Doberman (33.59%)": Python's '%s (%.2f%%)'.
std::string textbook_line(const Prediction& one) {
  std::array<char, 16> share{};
  std::snprintf(share.data(), share.size(), "%.2f", one.probability * 100);
  return cat(shown(one.name), " (", share.data(), "%)\n");
}

void print_reason(const PhotoPrediction& answer) {
  const std::string reason = reason_of(answer.decision);
  if (reason.empty()) return;
  std::cout << fitted(cat("  ", shown(answer.decision.name), ": ", shown(reason))) << '\n';
}

}  // namespace

AnswerPrinter::AnswerPrinter(const Classifier& classifier, AnswerFormat format, bool one_photo,
                             PhotoProgress& progress)
    : known_(classifier.training_features()),
      several_(classifier.has_several_labels()),
      thresholds_(classifier.label_thresholds()),
      format_(format),
      one_photo_(one_photo),
      progress_(progress) {
  if (format_ == AnswerFormat::json) std::cout << "{\"photos\": [" << std::flush;
  if (format_ == AnswerFormat::csv) std::cout << csv_head(classifier) << std::flush;
}

void AnswerPrinter::print(const PhotoPrediction& answer) {
  progress_.clear();
  if (!answer.error.empty()) return leave_out(answer);
  if (!answer.note.empty())
    std::cerr << "note: " << shown(answer.path.string()) << ": " << answer.note << '\n';
  switch (format_) {
    case AnswerFormat::json:
      std::cout << (any_ ? ",\n" : "\n") << dumped(answer_with_file(answer, several_));
      break;
    case AnswerFormat::jsonl:
      std::cout << dumped(answer_with_file(answer, several_)) << '\n';
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

int AnswerPrinter::finish(const std::vector<std::string>& images) {
  progress_.clear();
  if (format_ == AnswerFormat::json)
    std::cout << "],\n\"skipped_images\": " << dumped(left_out_json(left_out_)) << "}\n";
  if (!any_ && left_out_.empty() && !interrupted()) fail_without_photos(images);
  return interrupted() ? exit_code(ErrorKind::interrupted) : exit_code_for(left_out_);
}

void AnswerPrinter::leave_out(const PhotoPrediction& answer) {
  if (interrupted() && answer.error.starts_with("not classified")) return;
  left_out_.push_back(
      {.path = answer.path, .reason = reason_of_failure(answer), .unreadable = answer.unreadable});
  report_left_out({left_out_.back()});
}

void AnswerPrinter::print_textbook(const PhotoPrediction& answer) const {
  if (!answer.numbers.empty()) return print_text(answer);
  if (!one_photo_) std::cout << shown(answer.path.string()) << '\n';
  print_reason(answer);
  for (const Prediction& one : answer.predictions)
    std::cout << (one_photo_ ? "" : "  ") << textbook_line(one);
  print_distance(answer);
}

void AnswerPrinter::print_text(const PhotoPrediction& answer) const {
  std::cout << shown(answer.path.string()) << '\n';
  print_reason(answer);
  for (const NumberAnswer& one : answer.numbers)
    std::cout << fitted(cat("  ", shown(one.name), " ", answer_text(one))) << '\n';
  if (several_ && !answer.unknown)
    std::cout << fitted(cat("  ", answer.labels.empty()
                                      ? std::string("no label")
                                      : comma_list(answer.labels,
                                                   [](const Prediction& one) { return shown(one.name); })))
              << '\n';
  for (const Prediction& one : answer.predictions) {
    std::string share = percent(one.probability);
    share.insert(0, share.size() < 9 ? 9 - share.size() : 0, ' ');
    const bool given =
        several_ && !answer.unknown && one.probability >= thresholds_[static_cast<std::size_t>(one.index)];
    std::cout << share << (given ? "* " : "  ") << shown(one.name)
              << (one.class_id == one.name ? "" : "  " + shown(one.class_id)) << '\n';
  }
  print_distance(answer);
}

void AnswerPrinter::print_distance(const PhotoPrediction& answer) const {
  if (answer.unlike_training) {
    std::cout << fitted(cat("  unlike the training photos: distance ", *answer.distance, ", and at most ",
                            percent(known_->false_alarms), " of photos like them are above ", known_->limit))
              << '\n';
  }
}

}  // namespace graft::cli
