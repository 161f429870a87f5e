// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/decisions.hpp"

#include <algorithm>
#include <functional>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/context/recipe_options.hpp"

namespace graft::transfer {
namespace {

std::size_t index_of_recall(const MinRecall& wanted, const std::vector<std::string>& class_names) {
  const auto found = std::ranges::find(class_names, wanted.class_name);
  if (found == class_names.end()) {
    fail_option(ErrorKind::not_found, "min_recall", "min_recall: there is no class '",
                printable(wanted.class_name), "'; the classes are ",
                comma_list(class_names, {}, kMostClassesNamed));
  }
  return static_cast<std::size_t>(found - class_names.begin());
}

/// Only the validation photos are unseen then: no head answers for the training photos.
bool trains_by_gradient(const TrainOptions& options) {
  if (is_recipe<TutorialRecipe>(options) || is_recipe<NetworkRecipe>(options)) return true;
  if (const auto* round = std::get_if<RoundRecipe>(&options.recipe)) return !solves_head(*round, options);
  if (!is_recipe<AutomaticRecipe>(options)) return false;
  return is_network_file(options) || automatic_options(options).always_fine_tune;
}

/// Some rows of the answers.
struct JudgedRows {
  Tensor probabilities;    ///< (rows, classes)
  std::vector<int> truth;  ///< the class of each
};

JudgedRows rows_where(const PhotoAnswers& answers, const std::function<bool(std::size_t)>& wanted) {
  const std::int64_t width = answers.probabilities.shape()[1];
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < answers.files.size(); ++i) {
    if (wanted(i)) rows.push_back(i);
  }
  JudgedRows judged{.probabilities = Tensor({static_cast<std::int64_t>(rows.size()), width}), .truth = {}};
  for (const std::size_t row : rows) {
    const auto from = static_cast<std::int64_t>(row);
    const auto to = static_cast<std::int64_t>(judged.truth.size());
    judged.probabilities.slice(to, to + 1).copy_from(answers.probabilities.slice(from, from + 1));
    judged.truth.push_back(answers.truth[row]);
  }
  return judged;
}

/// Answers for unseen photos by what answers as the model does.
JudgedRows rows_to_choose_by(const PhotoAnswers& answers, bool head_is_final) {
  const bool validation_by_model = [&] {
    for (std::size_t i = 0; i < answers.files.size(); ++i) {
      if (answers.parts[i] == Part::validation && answers.by_model[i]) return true;
    }
    return false;
  }();
  const bool heads = head_is_final && !validation_by_model;
  return rows_where(answers, [&](std::size_t i) {
    if (answers.parts[i] == Part::test || answers.seen(i)) return false;
    return heads ? !answers.by_model[i] : answers.by_model[i];
  });
}

std::vector<RecallRule> recall_rules(const TrainOptions& options, const JudgedRows& rows,
                                     const std::vector<std::string>& class_names, Reporter& reporter) {
  std::vector<RecallRule> rules;
  for (const MinRecall& wanted : options.min_recall) {
    const std::size_t index = index_of_recall(wanted, class_names);
    try {
      rules.push_back({.wanted = wanted,
                       .index = index,
                       .threshold = find_recall_threshold(rows.probabilities, rows.truth, index, wanted)});
    } catch (const Error& error) {
      if (!reporter.stopped()) throw;
      reporter.note(cat("no threshold for a recall of ", percent(wanted.recall), " of ", wanted.class_name,
                        ": the run was stopped, and ", error.what()));
    }
  }
  return rules;
}

void note_decisions(const DecisionFacts& facts, Reporter& reporter) {
  const std::vector<RecallRule>& rules = facts.rules.min_recall;
  const std::vector<std::string> lines = describe(facts.chosen_on, {.reject_below = {}, .min_recall = rules});
  for (std::size_t k = 0; k < rules.size(); ++k) {
    reporter.note(cat("wanted: a recall of ", percent(rules[k].wanted.recall), " of ",
                      rules[k].wanted.class_name, "; chosen on answers for ", facts.chosen_on.photos,
                      " unseen photos: ", lines[k]));
  }
  // What a handful of photos shows of a threshold that nobody asked for is chance.
  if (rules.empty() && facts.test.photos < kFewestToReject) return;
  for (const std::string& line : describe(facts.test, facts.rules))
    reporter.note("on the test photos, " + line);
}

/// The options with which the photos have a threshold for this recall.
TrainOptions options_for(const MinRecall& wanted, const TrainOptions& options, const Photos& photos,
                         Reporter& reporter) {
  const auto label = static_cast<int>(index_of_recall(wanted, photos.class_names));
  const auto of_class = [&](const data::Dataset& part) {
    const std::vector<int> labels = part.labels();
    return static_cast<std::size_t>(std::ranges::count(labels, label));
  };
  const std::size_t needed = fewest_for_recall(wanted.recall);
  const std::size_t validation = of_class(photos.validation);
  const bool by_gradient = trains_by_gradient(options);
  const std::size_t at_most = validation + (by_gradient ? 0 : of_class(photos.train));
  if (at_most < needed) {
    fail_option(ErrorKind::invalid_argument, "min_recall", "min_recall: a recall of ", percent(wanted.recall),
                " of ", wanted.class_name, " needs answers for at least ", needed,
                " photos of the class by what was not trained on them; there are ", at_most,
                by_gradient ? " (the validation photos, as the network is trained by gradient)" : "",
                ": add photos of the class, or ask for less");
  }
  if (!is_recipe<AutomaticRecipe>(options) || by_gradient || validation >= needed) return options;
  reporter.note(cat("not fine-tuned: a recall of ", percent(wanted.recall), " of ", wanted.class_name,
                    " needs answers for ", needed,
                    " unseen photos of the class. The heads have them; of a fine-tuned network only the ",
                    validation, " validation photos would be unseen"));
  const AutomaticRecipe recipe = automatic_options(options);
  TrainOptions changed = options;
  changed.recipe =
      HeadRecipe{.views = recipe.views, .class_weight = recipe.class_weight, .optimize = recipe.optimize};
  return changed;
}

}  // namespace

TrainOptions options_for_recall(const TrainOptions& options, const Photos& photos, Reporter& reporter) {
  TrainOptions changed = options;
  for (const MinRecall& wanted : options.min_recall) changed = options_for(wanted, changed, photos, reporter);
  return changed;
}

std::optional<DecisionFacts> find_decisions(const TrainOptions& options, const PhotoAnswers& answers,
                                            bool head_is_final, const std::vector<std::string>& class_names,
                                            Reporter& reporter) {
  const JudgedRows rows = rows_to_choose_by(answers, head_is_final);
  DecisionFacts facts;
  facts.rules.min_recall = recall_rules(options, rows, class_names, reporter);
  facts.rules.reject_below = find_reject_threshold(rows.probabilities, rows.truth, options.reject_accuracy);
  if (options.reject_accuracy && !facts.rules.reject_below) {
    reporter.note(cat("no threshold for unknown: on ", rows.truth.size(),
                      " unseen photos no answers are right in ", percent(*options.reject_accuracy),
                      " of the cases, with one more counted as wrong as caution"));
  }
  if (facts.rules.min_recall.empty() && !facts.rules.reject_below) return std::nullopt;
  const JudgedRows test = rows_where(answers, [&](std::size_t i) { return answers.parts[i] == Part::test; });
  facts.chosen_on = decision_figures(rows.probabilities, rows.truth, facts.rules);
  facts.test = decision_figures(test.probabilities, test.truth, facts.rules);
  note_decisions(facts, reporter);
  return facts;
}

}  // namespace graft::transfer
