// SPDX-License-Identifier: Apache-2.0
#include "report/next_steps.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::report {
namespace {

constexpr float kSure = 0.9F;            // an answer that contradicts a label this surely questions the label
constexpr double kFewTestPhotos = 100;   // below it the interval says little
constexpr double kWeak = 0.08;           // recall below the mean of all classes by this is weak
constexpr std::size_t kWeakClasses = 3;  // that are named
constexpr double kUneven = 3;            // photos of the largest class by those of the smallest
constexpr double kMiscalibrated = 0.05;  // calibration error
constexpr double kGoodEnough = 0.99;

std::string photos_text(std::size_t count) { return cat(count, count == 1 ? " photo" : " photos"); }
std::string times_text(std::int64_t count) {
  return count == 1 ? "once" : count == 2 ? "twice" : cat(count, " times");
}

/// The suggestions about one run.
class Steps {
 public:
  Steps(const RunFiles& run, const AnswerSet& set, const AnswerFigures& figures)
      : run_(run), set_(set), figures_(figures) {}

  void add(std::string what, std::string why) { steps_.push_back({std::move(what), std::move(why)}); }

  void about_labels(const std::vector<Answer>& answers) {
    if (set_.name == "seen") return;
    const auto doubtful = std::ranges::count_if(set_.rows, [&](std::size_t row) {
      return answers[row].answer != run_.answers.truth[row] && answers[row].probability >= kSure;
    });
    if (doubtful == 0) return;
    add(cat("Check the labels of ", photos_text(static_cast<std::size_t>(doubtful))),
        cat("Their answers contradict the label with a probability of ", percent(kSure),
            " or more. They are the first of the worst mistakes",
            set_.name == "training" ? " of the training and validation photos" : "",
            ": either the label is wrong, or the photo is unusual for its class."));
  }

  void about_classes() {
    const ClassFigures& classes = figures_.classes;
    const std::vector<std::size_t> counts = training_photos(run_);
    std::vector<std::size_t> weak;
    for (std::size_t k = 0; k < run_.classes.size(); ++k) {
      const auto found = classes.recall[k] * static_cast<double>(classes.photos[k]);
      if (classes.photos[k] > 0 && static_cast<double>(classes.photos[k]) - found > 1.5 &&
          classes.recall[k] < classes.balanced_accuracy - kWeak)
        weak.push_back(k);
    }
    std::ranges::stable_sort(weak, {}, [&](std::size_t k) { return classes.recall[k]; });
    if (weak.size() > kWeakClasses) weak.resize(kWeakClasses);
    for (const std::size_t k : weak) {
      std::string why = cat("Only ", percent(classes.recall[k]), " of its ", classes.photos[k],
                            " photos were recognised; the mean of all classes is ",
                            percent(classes.balanced_accuracy), ".");
      if (!counts.empty()) {
        std::vector<std::size_t> sorted = counts;
        std::ranges::sort(sorted);
        why += cat(" It was trained with ", photos_text(counts[k]), "; half of the classes have ",
                   sorted[sorted.size() / 2], " or more.");
      }
      add(cat("Add photos of “", run_.classes[k], "”"), why);
    }
  }

  void about_pairs() {
    if (figures_.mistakes.empty()) return;
    const auto& [pair, count] = figures_.mistakes.front();
    const std::size_t wrong = figures_.evaluation.photos - figures_.evaluation.right;
    if (count < 3 || static_cast<double>(count) < 0.1 * static_cast<double>(wrong)) return;
    const auto& confusion = figures_.evaluation.confusion;
    const std::int64_t back =
        confusion[static_cast<std::size_t>(pair.second)][static_cast<std::size_t>(pair.first)];
    const std::string& first = run_.classes[static_cast<std::size_t>(pair.first)];
    const std::string& second = run_.classes[static_cast<std::size_t>(pair.second)];
    add(cat("Tell “", first, "” and “", second, "” apart"),
        cat("“", first, "” was taken for “", second, "” ", times_text(count), ", and “", second, "” for “",
            first, "” ", back == 0 ? "never" : times_text(back), ": ", count + back, " of ", wrong,
            " mistakes. Photos that show what distinguishes them help most."));
  }

  void about_balance() {
    const std::vector<std::size_t> counts = training_photos(run_);
    if (counts.empty()) return;
    const auto [least, most] = std::ranges::minmax(counts);
    if (static_cast<double>(most) < kUneven * static_cast<double>(std::max<std::size_t>(least, 1))) return;
    if (run_.settings.value("head", Json::object()).value("class_weight", "none") == "balanced") return;
    if (run_.settings.contains("optimize")) return;
    add("Weight the classes", cat("The largest class has ", most, " training photos, the smallest ", least,
                                  ". graft train --optimize balanced gives rare classes the same influence; "
                                  "with another recipe or a "
                                  "classical head, --class-weight balanced."));
  }

  void about_fine_tuning() {
    if (run_.evaluation || figures_.evaluation.accuracy >= kGoodEnough) return;
    if (run_.result.contains("fine_tuning")) {
      const Json& tuned = run_.result.at("fine_tuning");
      if (!tuned.value("kept", false)) {
        add("Try a larger network",
            "Fine-tuning was tried and was not better than the head alone on the validation photos, so the "
            "head was kept. More photos, or a larger network (graft models lists them), may help.");
      }
      return;
    }
    if (run_.settings.value("recipe", "") == "head") {
      add("Try fine-tuning",
          "Only a head on frozen features was trained. Without --recipe head the upper layers of the network "
          "are trained too, and kept where validation improves.");
    }
  }

  void about_trust() {
    const double error = figures_.evaluation.calibration_error;
    if (error < kMiscalibrated || run_.result.contains("calibration") || run_.evaluation) return;
    add("Calibrate the probabilities",
        cat("The probabilities miss the accuracy by ", percent(error),
            " on average. graft train --calibrate fits a temperature; the answers stay the same."));
  }

  void about_files() {
    const std::size_t left_out = run_.result.value("skipped_images", Json::array()).size();
    if (left_out > 0)
      add(left_out == 1 ? std::string("Look at the file that was not used")
                        : cat("Look at the ", left_out, " files that were not used"),
          "The reason is under Data.");
    const auto conflicts =
        run_.result.value("duplicates", Json::object()).value("of_different_classes", std::size_t{0});
    if (conflicts > 0)
      add("Decide the class of photos that occur twice",
          cat(conflicts, conflicts == 1 ? " pair" : " pairs",
              " of equal or nearly equal photos have different classes."));
  }

  void about_size(const AnswerFigures& test) {
    const Evaluation& measured = test.evaluation;
    if (static_cast<double>(measured.photos) >= kFewTestPhotos) return;
    const double half = (measured.interval.high - measured.interval.low) / 2;
    add("Measure on more photos",
        cat("The accuracy is known to about ", percent(half), " only, because ", photos_text(measured.photos),
            run_.evaluation ? " were evaluated."
                            : " were held back. graft train --folds 5 tests on all photos."));
  }

  std::vector<NextStep> take() { return std::move(steps_); }

 private:
  const RunFiles& run_;
  const AnswerSet& set_;
  const AnswerFigures& figures_;
  std::vector<NextStep> steps_;
};

}  // namespace

std::vector<std::size_t> training_photos(const RunFiles& run) {
  std::vector<std::size_t> counts(run.classes.size(), 0);
  bool any = false;
  for (const KnownPhoto& photo : run.known) {
    const auto found = std::ranges::find(run.classes, photo.class_name);
    if (photo.part != Part::train || found == run.classes.end()) continue;
    ++counts[static_cast<std::size_t>(found - run.classes.begin())];
    any = true;
  }
  return any ? counts : std::vector<std::size_t>();
}

std::vector<NextStep> next_steps(const RunFiles& run, const std::vector<AnswerSet>& sets,
                                 const std::vector<AnswerFigures>& figures,
                                 const std::vector<Answer>& answers) {
  if (sets.empty())
    return {{"Evaluate on labelled photos", "No photo was answered, so nothing was measured."}};
  // Judged by the set with the most photos: the out-of-fold answers of the training photos where there are
  // any.
  std::size_t judged = 0;
  for (std::size_t i = 1; i < sets.size(); ++i) {
    if (sets[i].name == "training" && sets[i].rows.size() > sets[judged].rows.size()) judged = i;
  }
  Steps steps(run, sets[judged], figures[judged]);
  if (!run.result.value("broke_down", "").empty())
    steps.add("Train again with a lower --learning-rate",
              cat("Training broke down: ", run.result.value("broke_down", ""), "."));
  if (sets.front().name == "seen")
    steps.add("Evaluate on photos that the model has not seen",
              "It was trained on these photos or chosen by them, so these figures are better than those of "
              "new ones.");
  steps.about_labels(answers);
  steps.about_pairs();
  steps.about_classes();
  steps.about_balance();
  steps.about_fine_tuning();
  steps.about_trust();
  steps.about_files();
  steps.about_size(figures.front());
  std::vector<NextStep> all = steps.take();
  if (all.empty())
    all.push_back({"Try it on photos from where it will be used",
                   "Nothing stands out in these figures. Photos from another camera or place may be harder: "
                   "graft evaluate measures it."});
  return all;
}

}  // namespace graft::report
