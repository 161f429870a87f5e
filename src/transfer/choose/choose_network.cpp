// SPDX-License-Identifier: Apache-2.0
#include "transfer/choose/choose_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <utility>

#include "graft/applications.hpp"
#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/pretrained.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/base/base_weights.hpp"
#include "transfer/base/classifier_graph.hpp"
#include "transfer/base/operations.hpp"
#include "transfer/base/precision.hpp"
#include "transfer/context/networks.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/features/features.hpp"
#include "transfer/head/head_choice.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/measure/comparison.hpp"
#include "transfer/measure/objective.hpp"
#include "transfer/split/photo_part.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

/// Photos that the networks are compared by, at most, and the fewest that can tell them apart.
constexpr std::size_t kMostPhotos = 600, kFewestPhotos = 40;
/// Multiplications and additions: of one network, and of all together. About 10 s and a minute on two cores.
constexpr double kOperationsOfOne = 4e12, kOperationsOfAll = 2e13;
/// A second network doubles the time of a prediction: it must lower the loss by this share at least.
constexpr double kWorthSecond = 0.05;
/// Of a budget: no further network is tried beyond it.
constexpr double kShareOfBudget = 0.25;

/// A list without all but about `most` of its photos: equal steps through each class.
data::PhotoList thinned(const data::PhotoList& list, std::size_t most) {
  if (list.paths.size() <= most) return list;
  const double share = static_cast<double>(most) / static_cast<double>(list.paths.size());
  data::PhotoList some{.paths = {}, .labels = {}, .class_names = list.class_names, .left_out = {}};
  std::map<int, double> owed;  // by class; the first photo of each is taken
  for (std::size_t i = 0; i < list.paths.size(); ++i) {
    double& due = owed.try_emplace(list.labels[i], 1 - share).first->second;
    due += share;
    if (due < 1) continue;
    due -= 1;
    some.paths.push_back(list.paths[i]);
    some.labels.push_back(list.labels[i]);
    if (!list.groups.empty()) some.groups.push_back(list.groups[i]);
    if (!list.weights.empty()) some.weights.push_back(list.weights[i]);
  }
  return some;
}

std::string three_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

/// What was tried, and the model that it leads to.
struct NetworkChoice {
  std::string model;
  std::vector<NetworkTrial> trials;
};

/// The photos of a trial: at most `most`, resized to size.
struct SomePhotos {
  Size2D size;
  std::size_t most = 0;
  Photos photos;
};

/// One network on trial: what its head answered for photos that it had not seen.
struct Candidate {
  NetworkTrial trial;
  HeadData data;
  UnseenAnswers answers;
};

class NetworkSearch {
 public:
  NetworkSearch(const PhotoLists& lists, const TrainOptions& options, Reporter& reporter)
      : lists_(lists), options_(options), reporter_(reporter) {
    options_.weights = "imagenet";
  }

  NetworkChoice run(const std::vector<const applications::Application*>& here) {
    for (const applications::Application* application : here) {
      if (reporter_.stopped()) break;
      if (const std::optional<double> left = reporter_.seconds_left();
          left && !candidates_.empty() &&
          reporter_.passed() > kShareOfBudget * (*left + reporter_.passed())) {
        reporter_.note(cat("  ", application->name, "  not tried: the budget leaves no time for it"));
        continue;
      }
      try_or_note(*application);
    }
    if (candidates_.empty() && failed_) std::rethrow_exception(failed_);
    if (candidates_.empty()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
    return choose();
  }

 private:
  /// Weights that cannot be used do not end the search.
  void try_or_note(const applications::Application& application) {
    try {
      try_one(application);
    } catch (const Error& error) {
      const bool of_weights = error.kind() == ErrorKind::bad_file || error.kind() == ErrorKind::not_found ||
                              error.kind() == ErrorKind::shape_mismatch ||
                              error.kind() == ErrorKind::unsupported;
      if (!of_weights) throw;
      if (!failed_) failed_ = std::current_exception();
      reporter_.note(cat("  ", application.name, "  not tried: ", error.what()));
    }
  }

  void try_one(const applications::Application& application) {
    const Stopwatch clock;
    const std::string name(application.name);
    options_.model = name;
    const Size2D size = size_with_weights(lists_.train, options_, reporter_);
    const BaseModel base = make_base(options_, size);
    const Model features = build_features(base, size, head_depths(base.model), std::nullopt);
    const double a_photo = operations_of(features);
    const double left = std::min(kOperationsOfOne, kOperationsOfAll - spent_);
    const auto most = std::min(kMostPhotos, static_cast<std::size_t>(std::max(left, 0.0) / a_photo));
    if (most < kFewestPhotos) {
      reporter_.note(cat("  ", application.name,
                         "  not tried: it would take too long; model = ", application.name, " uses it"));
      return;
    }
    const Photos& photos = some_photos(size, most);
    spent_ += a_photo * static_cast<double>(photos.train.size() + photos.validation.size());
    const PrecisionChoice precision = choose_precision(base, size, photos, options_);
    const ExecutionScope scope({.dtype_policy = precision.policy});
    Candidate candidate{.trial = {.model = name, .image_size = size, .operations = a_photo},
                        .data = features_of(features, photos, application, size)};
    if (reporter_.stopped()) return;
    HeadChoice head = choose_head(candidate.data, reporter_, cat("trying ", application.name, ", head"));
    if (reporter_.stopped()) return;
    candidate.answers = std::move(head.answers);
    set_scores(candidate);
    candidate.trial.seconds = clock.seconds();
    report(candidate.trial);
    candidates_.push_back(std::move(candidate));
  }

  /// Photos that the run would train on or choose by: a photo's part follows from its content. Networks of
  /// one size after each other share them.
  const Photos& some_photos(Size2D size, std::size_t most) {
    if (photos_ && photos_->size == size && photos_->most == most) return photos_->photos;
    PhotoLists some{.folders = lists_.folders, .train = thinned(lists_.train, most)};
    photos_ = SomePhotos{size, most, split_pool(load_pool(some, options_, size, reporter_), options_, false)};
    return photos_->photos;
  }

  HeadData features_of(const Model& model, const Photos& photos, const applications::Application& application,
                       Size2D size) {
    const auto of = [&](const data::Dataset& part) {
      Features features({.model = model,
                         .stage = cat("trying ", application.name),
                         .views = 1,
                         .cache = options_.disk_cache,
                         .label = feature_label(application, size)},
                        part, reporter_);
      return features.take(0);
    };
    const PhotoPart train = whole_part(photos.train, photos.train_groups);
    const std::size_t classes = photos.class_names.size();
    return {.train = of(train.photos),
            .validation = reporter_.stopped() ? Tensor() : of(photos.validation),
            .train_labels = train.photos.labels(),
            .validation_labels = photos.validation.labels(),
            .classes = classes,
            .seed = options_.seed,
            .groups = train.groups,
            .class_weights = weights_of_classes(options_, train.photos.labels(), photos.class_names)};
  }

  static void set_scores(Candidate& candidate) {
    const HeadTrial trial = trial_of(0, candidate.answers, candidate.data);
    candidate.trial.photos = candidate.answers.photos.size();
    candidate.trial.loss = calibrated_loss(candidate.answers, candidate.data.class_weights);
    candidate.trial.accuracy = 1 - trial.error_share();
  }

  void report(const NetworkTrial& trial) {
    if (!said_) {
      said_ = true;
      reporter_.note(cat("networks whose weights are here: heads on their frozen features, ", trial.photos,
                         " photos that each head has not seen"));
    }
    reporter_.note(cat("  ", trial.model, "  ", percent(trial.accuracy), "  loss ", three_digits(trial.loss),
                       "  ", duration_of(trial.seconds)));
  }

  static std::string duration_of(double seconds) { return cat(std::lround(seconds * 10) / 10.0, " s"); }

  NetworkChoice choose() {
    const auto best =
        std::ranges::min_element(candidates_, {}, [](const Candidate& one) { return one.trial.loss; });
    NetworkChoice choice{.model = best->trial.model};
    const std::optional<NetworkTrial> pair = best_pair(*best);
    if (pair) report(*pair);
    const bool two = pair && pair->loss < (1 - kWorthSecond) * best->trial.loss;
    best->trial.chosen = !two;
    for (const Candidate& one : candidates_) choice.trials.push_back(one.trial);
    if (pair) choice.trials.push_back(*pair);
    if (two) {
      choice.trials.back().chosen = true;
      choice.model = pair->model;
    }
    reporter_.note(cat("network ", choice.model,
                       two ? ", the mean of both networks' answers: predictions take the time of both; "
                             "the option single allows one network only"
                           : "; the option model names another one"));
    return choice;
  }

  [[nodiscard]] std::optional<NetworkTrial> best_pair(const Candidate& best) const {
    std::optional<NetworkTrial> pair;
    if (options_.single || is_recipe<ClassicalHeadRecipe>(options_)) return pair;
    for (const Candidate& other : candidates_) {
      if (&other == &best || !comparable(best, other)) continue;
      const NetworkTrial both = mean_of(best, other).trial;
      if (!pair || both.loss < pair->loss) pair = both;
    }
    return pair;
  }

  /// Were both asked about the same photos, of the same size?
  static bool comparable(const Candidate& a, const Candidate& b) {
    return a.answers.photos == b.answers.photos && a.answers.labels == b.answers.labels &&
           a.trial.image_size == b.trial.image_size;
  }

  /// The mean of both heads' logits.
  static Candidate mean_of(const Candidate& a, const Candidate& b) {
    Candidate both{.trial = {.model = cat(a.trial.model, "+", b.trial.model),
                             .image_size = a.trial.image_size,
                             .operations = a.trial.operations + b.trial.operations,
                             .seconds = a.trial.seconds + b.trial.seconds},
                   .data = a.data,
                   .answers = mean_of_answers(a.answers, b.answers)};
    set_scores(both);
    return both;
  }

  const PhotoLists& lists_;
  TrainOptions options_;
  Reporter& reporter_;
  std::optional<SomePhotos> photos_;  ///< of the last trial
  std::vector<Candidate> candidates_;
  double spent_ = 0;
  bool said_ = false;
  std::exception_ptr failed_;  ///< of the first network that could not be used
};

}  // namespace

ChosenNetwork with_network(const TrainOptions& options, const PhotoLists& lists, Reporter& reporter) {
  if (options.model != kAutomaticModel) return {.options = options, .trials = {}};
  reporter.enter("networks");
  const std::vector<const applications::Application*> here = classify::applications_here();
  if (here.size() > 1 && !is_recipe<TutorialRecipe>(options)) {
    NetworkChoice choice = NetworkSearch(lists, options, reporter).run(here);
    return {.options = with_model(options, choice.model), .trials = std::move(choice.trials)};
  }
  reporter.note(cat("network ", here.at(0)->name,
                    here.size() == 1 ? ", the only one whose weights are here"
                                     : ", the most accurate on ImageNet whose weights are here",
                    "; the option model names another one, see graft models"));
  return {.options = with_model(options, std::string(here.front()->name)), .trials = {}};
}

}  // namespace graft::transfer
