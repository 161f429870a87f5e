// SPDX-License-Identifier: Apache-2.0
#include "transfer/result/finish.hpp"

#include <algorithm>
#include <utility>

#include "graft/base/json.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/pretrained.hpp"
#include "graft/transfer/earlier_run.hpp"
#include "graft/version.hpp"

namespace graft::transfer {
namespace {

/// The prints of a part's files; those that are not known yet are made now.
std::vector<std::string> prints_of(const Photos& photos, Part part,
                                   const std::vector<std::filesystem::path>& files) {
  const auto known = photos.prints.find(part);
  if (known == photos.prints.end()) return photo_prints(files);
  std::vector<std::string> prints = known->second;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (prints[i].empty()) prints[i] = photo_print(files[i]);
  }
  return prints;
}

/// "cat|dog"
std::string joined_names(const std::vector<int>& labels, const std::vector<std::string>& names) {
  std::string text;
  for (const int label : labels)
    text += (text.empty() ? "" : "|") + names.at(static_cast<std::size_t>(label));
  return text;
}

/// This round's photos by part, for later rounds. Of several labels a photo's class names all of them; of
/// numbers none.
RoundRecord record_of(const Photos& photos, const std::filesystem::path& folder, double test_accuracy) {
  RoundRecord round{.photos = std::filesystem::absolute(folder).lexically_normal().string(),
                    .classes = photos.class_names,
                    .test_accuracy = test_accuracy,
                    .known = {}};
  for (const auto& [part, dataset] :
       {std::pair{Part::train, &photos.train}, std::pair{Part::validation, &photos.validation},
        std::pair{Part::test, &photos.test}}) {
    const std::vector<std::filesystem::path> files = dataset->file_paths();
    const std::vector<int> labels = dataset->labels();
    const std::vector<std::vector<int>> sets = dataset->label_sets();
    const std::vector<std::string> prints = prints_of(photos, part, files);
    for (std::size_t i = 0; i < files.size(); ++i) {
      std::vector<int> own;  // none of numbers
      if (!sets.empty()) {
        own = sets[i];
      } else if (!labels.empty()) {
        own = {labels[i]};
      }
      round.known.push_back({.file = std::filesystem::absolute(files[i]).lexically_normal(),
                             .class_name = joined_names(own, photos.class_names),
                             .print = prints[i],
                             .part = part});
    }
  }
  return round;
}

/// In place of those of an earlier round, which belong to other weights.
void add_decisions(Json& metadata, const TrainFacts& facts) {
  if (metadata.is_object()) {
    metadata.erase("reject");
    metadata.erase("min_recall");
  }
  if (facts.several) {
    for (const RecallRule& rule : facts.several->min_recall)
      metadata["min_recall"].push_back(
          {{"class", rule.wanted.class_name}, {"recall", rule.wanted.recall}, {"threshold", rule.threshold}});
  }
  const std::optional<DecisionFacts>& found = facts.decisions;
  if (!found) return;
  const DecisionFigures& figures = found->chosen_on;
  if (found->rules.reject_below) {
    metadata["reject"] = {{"threshold", *found->rules.reject_below},
                          {"photos", figures.photos},
                          {"answered", figures.answered},
                          {"right", figures.answered_right}};
  }
  for (std::size_t k = 0; k < found->rules.min_recall.size(); ++k) {
    const RecallRule& rule = found->rules.min_recall[k];
    const RecallFigures& recall = figures.recalls[k];
    metadata["min_recall"].push_back({{"class", rule.wanted.class_name},
                                      {"recall", rule.wanted.recall},
                                      {"threshold", rule.threshold},
                                      {"photos", recall.of_class},
                                      {"found", recall.found},
                                      {"other_photos", recall.others},
                                      {"false_alarms", recall.false_alarms}});
  }
}

}  // namespace

Json model_metadata(const ResultParts& parts, const Trained& trained) {
  const TrainOptions& options = parts.options;
  Json metadata = trained.metadata;
  metadata["output"] = trained.output;
  if (trained.facts.classical_head) {
    metadata["head"] = to_json(trained.facts.classical_head->options);
    metadata["head"]["scores"] = trained.head_scores;
  }
  add_decisions(metadata, trained.facts);
  if (!trained.architecture.empty()) metadata["architecture"] = trained.architecture;
  if (!std::holds_alternative<RoundRecipe>(options.recipe) && !is_network_file(options))
    classify::add_resize(metadata, classify::resize_for_weights(options.weights));
  else if (!metadata.contains("interpolation"))
    classify::add_resize(metadata, {});
  metadata.update({{"graft_version", std::string(version())},
                   {"class_names", parts.photos.class_names},
                   {"image_size", {parts.image_size.height, parts.image_size.width}},
                   {"exif", std::string(data::to_string(options.exif))},
                   {"jpeg_scale", std::string(data::to_string(options.jpeg_scale))},
                   {"pixel_type", std::string(data::to_string(options.pixel_type))},
                   {"preprocessing", "in model"}});
  return metadata;
}

TrainResult make_result(const ResultParts& parts, Trained trained, Measured measured,
                        const Reporter& reporter) {
  const TestScore& test = measured.test;
  const Photos& photos = parts.photos;
  TrainResult result{.model = trained.model,
                     .network = parts.options.model,
                     .class_names = photos.class_names,
                     .image_size = parts.image_size,
                     .test_accuracy = test.accuracy,
                     .validation_accuracy = trained.validation_accuracy,
                     .test_accuracy_interval = test.interval,
                     .train_photos = photos.train.size(),
                     .validation_photos = photos.validation.size(),
                     .test_photos = photos.test.size(),
                     .confusion = test.confusion,
                     .answers = std::move(measured.answers),
                     .left_out = photos.left_out,
                     .notes = {},
                     .history = std::move(trained.history),
                     .facts = trained.facts,
                     .metadata = model_metadata(parts, trained),
                     .training_features = {},
                     .distances = {},
                     .features = {},
                     .loaded = photos.loaded,
                     .rounds = {},
                     .stopped = reporter.stopped(),
                     .broke_down = reporter.broke_down()};
  std::ranges::sort(result.loaded, {}, &LoadedPhoto::file);
  const auto* round = std::get_if<RoundRecipe>(&parts.options.recipe);
  if (round != nullptr) result.rounds = read_rounds(rounds_folder(round->from));
  const double accuracy = result.facts.numbers ? share_explained(result.facts.numbers->test) : test.accuracy;
  result.rounds.push_back(record_of(photos, parts.folder, accuracy));
  return result;
}

}  // namespace graft::transfer
