// SPDX-License-Identifier: Apache-2.0
#include "transfer/result/settings.hpp"

#include <utility>

#include "transfer/result/round_record.hpp"

namespace graft::transfer {

std::string recipe_name(Recipe recipe) {
  switch (recipe) {
    case Recipe::automatic:
      return "auto";
    case Recipe::head:
      return "head";
    case Recipe::tutorial:
      return "tutorial";
    case Recipe::network:
      return "network";
  }
  return "auto";
}

namespace {

Json head_json(const ClassicalHead& head) {
  Json kinds = Json::array();
  for (const HeadKind kind : head.kinds) kinds.push_back(to_string(kind));
  Json json{{"kinds", std::move(kinds)}, {"folds", head.folds}};
  if (head.c) json["c"] = *head.c;
  if (head.gamma) json["gamma"] = *head.gamma;
  if (head.neighbours) json["neighbours"] = *head.neighbours;
  json["class_weight"] = head.class_weight == ClassWeight::balanced ? "balanced" : "none";
  return json;
}

Json evaluation_json(const EvaluationOptions& evaluation) {
  const auto* const duplicates = evaluation.duplicates == Duplicates::report ? "report"
                                 : evaluation.duplicates == Duplicates::drop ? "drop"
                                                                             : "ignore";
  return {{"duplicates", duplicates},
          {"group_by", evaluation.group_by},
          {"folds", evaluation.folds},
          {"seeds", evaluation.seeds}};
}

/// As --pixels names it.
const char* pixels_name(applications::Preprocessing pixels) {
  using applications::Preprocessing;
  if (pixels == Preprocessing::tf) return "-1..1";
  if (pixels == Preprocessing::unit) return "0..1";
  return pixels == Preprocessing::caffe ? "caffe" : "torch";
}

}  // namespace

Json settings_json(const TrainOptions& options, const std::filesystem::path& photos, Size2D size) {
  Json settings{{"photos", std::filesystem::absolute(photos).string()},
                {"model", options.model},
                {"weights", options.weights},
                {"image_size", {size.height, size.width}},
                {"recipe", recipe_name(options.recipe)},
                {"head", head_json(options.head)},
                {"honest", evaluation_json(options.evaluation)},
                {"test", options.test.string()},
                {"validation", options.validation.string()},
                {"seed", options.seed},
                {"precision", options.precision},
                {"batch_size", options.batch_size},
                {"views", options.views},
                {"epochs", options.epochs},
                {"fine_tune_from", options.fine_tune_from},
                {"fine_tune_epochs", options.fine_tune_epochs},
                {"tuning", tuning_json(options.tuning)},
                {"exif", options.exif == data::Exif::apply ? "apply" : "ignore"},
                {"jpeg_scale", std::string(data::to_string(options.jpeg_scale))},
                {"rounds", rounds_settings(options.rounds)}};
  if (options.pixels) settings["pixels"] = pixels_name(*options.pixels);
  if (options.budget) settings["budget"] = *options.budget;
  return settings;
}

}  // namespace graft::transfer
