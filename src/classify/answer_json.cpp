// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/answer_json.hpp"

#include <algorithm>

namespace graft::classify {
namespace {

Json numbers_json(const PhotoPrediction& answer) {
  Json numbers = Json::array();
  for (const NumberAnswer& one : answer.numbers) {
    numbers.push_back({{"name", one.name}, {"value", one.value}});
    if (one.low && one.high)
      numbers.back().update({{"interval", {*one.low, *one.high}}, {"level", one.level}});
  }
  return numbers;
}

Json labels_json(const PhotoPrediction& answer) {
  Json labels = Json::array();
  for (const Prediction& one : answer.labels) labels.push_back(one.name);
  return labels;
}

/// What to act on. one_class: the photo has one, which is named.
void add_decision(Json& json, const PhotoPrediction& answer, bool one_class) {
  if (one_class) json["answer"] = answer.decision.name;
  json["unknown"] = answer.unknown;
  if (!answer.decision.reason.empty()) json["answer_reason"] = answer.decision.reason;
  if (!answer.decision.also.empty()) json["answer_also"] = answer.decision.also;
}

}  // namespace

Json answer_json(const PhotoPrediction& answer, bool several, std::size_t top) {
  Json json = Json::object();
  const bool numbers = !answer.numbers.empty();
  if (numbers) json["numbers"] = numbers_json(answer);
  if (several) json["labels"] = labels_json(answer);
  add_decision(json, answer, !numbers && !several);
  if (!numbers) {
    json["predictions"] = Json::array();
    for (std::size_t i = 0; i < std::min(top, answer.predictions.size()); ++i) {
      const Prediction& one = answer.predictions[i];
      json["predictions"].push_back(
          {{"class", one.class_id}, {"name", one.name}, {"probability", one.probability}});
    }
  }
  if (!answer.note.empty()) json["note"] = answer.note;
  if (answer.distance) {
    json["distance"] = *answer.distance;
    json["unlike_training_photos"] = answer.unlike_training;
  }
  return json;
}

}  // namespace graft::classify
