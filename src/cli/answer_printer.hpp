// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/classifier.hpp"

#include "cli/progress.hpp"

namespace graft::cli {

/// How answers are printed.
enum class AnswerFormat {
  text,      ///< the file, then its classes
  textbook,  ///< "Doberman (33.59%)", as the tutorials print them
  csv,       ///< a line a photo
  json,      ///< one object
  jsonl,     ///< an object a line
};

/// Prints answers as they come. The end of one JSON object comes with finish().
class AnswerPrinter {
 public:
  /// one_photo: the command line names one file, which the textbook's line does not repeat.
  AnswerPrinter(const Classifier& classifier, AnswerFormat format, bool one_photo, PhotoProgress& progress);

  void print(const PhotoPrediction& answer);
  /// Returns the exit code. images: what was named; Error{not_found} where there was no photo.
  int finish(const std::vector<std::string>& images);

 private:
  void leave_out(const PhotoPrediction& answer);
  void print_textbook(const PhotoPrediction& answer) const;
  void print_text(const PhotoPrediction& answer) const;
  void print_distance(const PhotoPrediction& answer) const;

  const TrainingFeatures* known_;  ///< null: the model file has none
  bool several_;                   ///< labels a photo
  std::vector<double> thresholds_;
  AnswerFormat format_;
  bool one_photo_;
  PhotoProgress& progress_;
  bool any_ = false;
  std::vector<data::LeftOut> left_out_;
};

}  // namespace graft::cli
