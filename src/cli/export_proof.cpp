// SPDX-License-Identifier: Apache-2.0
#include "cli/export_proof.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/classify/int8_ranges.hpp"
#include "graft/training.hpp"

#include "cli/output.hpp"

namespace graft::cli {
namespace {

constexpr double kFloat32 = 1e-4, kFloat16 = 0.02;
/// What a file of 8 bits may differ by beyond graft's own rounding, which few photos may not show.
constexpr double kBeyondRounding = 0.05;

/// The largest difference, as a part of the largest number where that is above 1 (logits).
double difference_of(const Tensor& one, const Tensor& other) {
  if (one.count() != other.count()) return INFINITY;
  double largest = 0;
  double most = 1;
  for (std::size_t i = 0; i < one.data().size(); ++i) {
    const double difference = std::abs(static_cast<double>(one.data()[i]) - other.data()[i]);
    if (!(difference <= largest)) largest = std::isnan(difference) ? INFINITY : difference;
    most = std::max(most, std::abs(static_cast<double>(other.data()[i])));
  }
  return largest / most;
}

std::string short_number(double value) {
  std::ostringstream text;
  text << std::setprecision(2) << value;
  return text.str();
}

/// What the samples are called: to people, and in JSON.
struct SampleWords {
  const char *one, *many, *after, *key;
};
SampleWords sample_words(SampleKind kind) {
  switch (kind) {
    case SampleKind::photos:
      return {"photo", "photos", "", "photos"};
    case SampleKind::random_pixels:
      return {"image", "images", " of random pixels", "random_images"};
    case SampleKind::drawn_pictures:
      return {"drawn picture", "drawn pictures", "", "drawn_pictures"};
  }
  return {};
}

std::string samples_text(const Samples& samples) {
  const SampleWords words = sample_words(samples.kind);
  return cat(counted(static_cast<std::size_t>(samples.batch.shape()[0]), words.one, words.many), words.after);
}

}  // namespace

Proof::Proof(const Classifier& classifier, const Samples& samples, bool int8, bool float16,
             ProofLimits limits)
    : classifier_(classifier), samples_(samples), int8_(int8), float16_(float16), limits_(limits) {
  Model model = classifier.model();
  const Tensor exact = model.predict(samples.batch);
  expected_ = int8 ? classify::int8_output(classifier, samples.batch) : exact;
  if (!int8) return;
  if (!samples.truth.empty()) {
    right_ = right_in(expected_);
    right_float32_ = right_in(exact);
  }
  rounding_ = compared("graft's own int8", expected_, exact);
}

Tensor Proof::probabilities(const Tensor& answer) const {
  return classify::to_probabilities(classify::output_kind(classifier_.model(), classifier_.metadata()),
                                    answer, classifier_.class_names().size());
}

std::size_t Proof::right_in(const Tensor& answer) const {
  return equal_classes(best_classes(probabilities(answer)), samples_.truth);
}

Check Proof::compared(const std::string& engine, const Tensor& answer, const Tensor& with) const {
  Check check{.engine = engine, .difference = difference_of(answer, with)};
  if (!int8_ || samples_.kind != SampleKind::photos || !std::isfinite(check.difference)) return check;
  if (classifier_.has_several_labels() || classifier_.gives_numbers()) return check;  // not one class a photo
  const std::vector<int> classes = best_classes(probabilities(answer));
  check.other_class = classes.size() - equal_classes(classes, best_classes(probabilities(with)));
  if (!samples_.truth.empty()) check.right = equal_classes(classes, samples_.truth);
  return check;
}

void Proof::add(const std::string& engine, const Tensor& answer) {
  checks_.push_back(compared(engine, answer, expected_));
  judge(checks_.back());
}

double Proof::most_difference() const {
  if (limits_.difference) return *limits_.difference;
  return rounding_ ? rounding_->difference + kBeyondRounding : float16_ ? kFloat16 : kFloat32;
}

double Proof::most_lost() const {
  // One photo whose two classes are as probable as one another says nothing.
  return std::max(limits_.lost * static_cast<double>(samples_.truth.size()), 1.0);
}

void Proof::judge(const Check& check) const {
  if (!std::isfinite(check.difference) || check.difference > most_difference()) {
    fail(ErrorKind::unsupported, "the exported model answers otherwise than graft: ", check.engine,
         " differs by ", short_number(check.difference), ", expected at most ",
         short_number(most_difference()), "; no file was written. --max-difference sets another bound");
  }
  if (!check.right || static_cast<double>(*check.right) + most_lost() >= static_cast<double>(*right_)) return;
  fail(ErrorKind::unsupported, "the exported model loses accuracy: ", check.engine, " classifies ",
       *check.right, " of ", samples_.truth.size(), " photos correctly, graft's own int8 ", *right_,
       "; no file was written. --most-lost sets another bound");
}

Json Proof::to_json() const {
  const auto count = static_cast<double>(samples_.batch.shape()[0]);
  Json list = Json::array();
  const auto append = [&](const Check& check, const char* with, std::optional<std::size_t> right) {
    Json one{{"engine", check.engine},
             {"difference", check.difference},
             {sample_words(samples_.kind).key, samples_.batch.shape()[0]}};
    if (int8_) one["compared_with"] = with;
    if (check.other_class) one["other_class"] = *check.other_class;
    if (check.right) one["accuracy"] = static_cast<double>(*check.right) / count;
    if (check.right && right) one["expected_accuracy"] = static_cast<double>(*right) / count;
    list.push_back(std::move(one));
  };
  if (rounding_) append(*rounding_, "float32", right_float32_);
  for (const Check& check : checks_) append(check, "int8", right_);
  return list;
}

std::string Proof::text() const {
  const auto accuracy = [&](std::size_t right) {
    return percent(static_cast<double>(right) / static_cast<double>(samples_.truth.size()));
  };
  std::string text;
  const auto append = [&](const Check& check, const char* with) {
    text += cat(check.engine, " differs from ", with, " by ", short_number(check.difference), " at most on ",
                samples_text(samples_));
    if (check.other_class) text += cat("; another class: ", *check.other_class);
    if (check.right) text += cat("; accuracy ", accuracy(*check.right));
  };
  if (rounding_) {
    append(*rounding_, "float32");
    if (right_float32_) text += cat(", in float32 ", accuracy(*right_float32_));
    text += '\n';
  }
  for (const Check& check : checks_) {
    append(check, rounding_ ? "that" : "graft");
    text += '\n';
  }
  return text;
}

}  // namespace graft::cli
