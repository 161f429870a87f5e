// SPDX-License-Identifier: Apache-2.0
// An Advice as JSON and as lines for a person.
#include <array>
#include <cstdio>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/train.hpp"

namespace graft::transfer {
namespace {

Json trials_json(const std::vector<StrategyTrial>& trials) {
  Json rows = Json::array();
  for (const StrategyTrial& trial : trials) {
    rows.push_back({{"strategy", std::string(to_string(trial.strategy))},
                    {"first_layer", trial.first_layer},
                    {"learning_rate", trial.learning_rate},
                    {"epochs", trial.epochs},
                    {"photos", trial.photos},
                    {"judged_by", trial.judged},
                    {"accuracy", trial.accuracy},
                    {"loss", trial.loss},
                    {"seconds", trial.seconds},
                    {"clearly_better", trial.clearly_better}});
  }
  return rows;
}

/// Columns of a table: a name of this width, then numbers.
std::string row(const char* format, const std::string& name, double a, double b, double c) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), format, name.c_str(), a, b, c);
  return text.data();
}

std::string trials_text(const std::vector<StrategyTrial>& trials) {
  std::string text;
  for (const StrategyTrial& trial : trials) {
    text += row("  %-22s %5.1f %%   loss %.3f   %6.1f s", std::string(to_string(trial.strategy)),
                100 * trial.accuracy, trial.loss, trial.seconds);
    if (!trial.first_layer.empty())
      text += cat("   from ", trial.first_layer, ", rate ", trial.learning_rate, ", ", trial.epochs,
                  trial.epochs == 1 ? " epoch" : " epochs");
    text += "\n";
  }
  return text;
}

std::string recommendation(const Advice& advice) {
  std::string text = cat("recommended: ", to_string(advice.recommended));
  if (advice.recommended == Strategy::freeze_base) {
    text += advice.several_depths ? ", with a head on several depths" : ", with a head on the last features";
  } else {
    text += cat(", from ", advice.first_layer, ", learning rate up to ", advice.learning_rate, ", ",
                advice.epochs, advice.epochs == 1 ? " epoch" : " epochs");
  }
  return text + (advice.mirror ? ", photos mirrored too" : ", photos not mirrored");
}

}  // namespace

Json to_json(const Advice& advice) {
  Json depths = Json::array();
  for (const DepthScore& depth : advice.depths)
    depths.push_back({{"layer", depth.layer},
                      {"position", depth.position},
                      {"accuracy", depth.accuracy},
                      {"loss", depth.loss}});
  Json json{{"model", advice.model},
            {"image_size", {advice.image_size.height, advice.image_size.width}},
            {"classes", advice.class_names},
            {"photos", advice.photos},
            {"photos_per_class", advice.photos_per_class},
            {"size", advice.many ? "many" : "few"},
            {"similarity", advice.similar ? "similar" : "different"},
            {"depths", std::move(depths)},
            {"trials", trials_json(advice.trials)},
            {"mirror",
             {{"recommended", advice.mirror},
              {"loss_with", advice.loss_mirrored},
              {"loss_without", advice.loss_plain}}},
            {"recommended",
             {{"model", advice.model},
              {"strategy", std::string(to_string(advice.recommended))},
              {"several_depths", advice.several_depths},
              {"first_layer", advice.first_layer},
              {"learning_rate", advice.learning_rate},
              {"epochs", advice.epochs}}},
            {"why", advice.why}};
  if (advice.best) {
    json["outcomes"] = trials_json(advice.outcomes);
    json["best"] = std::string(to_string(*advice.best));
  }
  return json;
}

std::string to_text(const Advice& advice) {
  std::string text = cat(advice.photos, " photos, ", advice.class_names.size(), " classes; ", advice.model,
                         " at ", advice.image_size.height, " x ", advice.image_size.width,
                         "\n\nwhat a head makes of the frozen network, by depth (unseen photos)\n");
  for (const DepthScore& depth : advice.depths)
    text += row("  %-30s %3.0f %% deep   %5.1f %%   loss %.3f\n", depth.layer, 100 * depth.position,
                100 * depth.accuracy, depth.loss);
  text += cat("\nthe three strategies, tried for a short while (", advice.trials.front().judged,
              " unseen photos)\n", trials_text(advice.trials), "\n");
  for (const std::string& line : advice.why) text += "  " + line + "\n";
  text += "\n" + recommendation(advice) + "\n";
  if (advice.best) {
    text += cat("\nin full, judged by ", advice.outcomes.front().judged, " test photos\n",
                trials_text(advice.outcomes), "best: ", to_string(*advice.best),
                *advice.best == advice.recommended ? ", as recommended\n" : ", not what was recommended\n");
  }
  return text;
}

}  // namespace graft::transfer
