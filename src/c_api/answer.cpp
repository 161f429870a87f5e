// SPDX-License-Identifier: Apache-2.0
// graft.h: reading an answer.
#include <algorithm>

#include "graft/base/fail.hpp"

#include "c_api/guard.hpp"
#include "c_api/handles.hpp"

using namespace graft::c_api;  // NOLINT(google-build-using-namespace,google-global-names-in-headers): what
                               // follows are C's functions

size_t graft_answer_count(const graft_answer* answer) {
  return answer == nullptr ? 0 : answer->probabilities.size();
}
const float* graft_answer_probabilities(const graft_answer* answer) {
  return answer == nullptr ? nullptr : answer->probabilities.data();
}

graft_status graft_answer_prediction(const graft_answer* answer, size_t rank, graft_prediction* prediction,
                                     graft_error** error) {
  return guarded(error, [&] {
    const graft::PhotoPrediction& photo = required(answer, "answer").photo;
    if (rank >= photo.predictions.size()) {
      graft::fail(graft::ErrorKind::invalid_argument, "rank: expected less than the number of classes, ",
                  photo.predictions.size(), ", received ", rank);
    }
    const graft::Prediction& one = photo.predictions[rank];
    const bool given =
        std::ranges::find(photo.labels, one.index, &graft::Prediction::index) != photo.labels.end();
    write_struct({.index = one.index,
                  .name = one.name.c_str(),
                  .id = one.class_id.c_str(),
                  .probability = one.probability,
                  .is_label = given ? 1 : 0},
                 prediction, "prediction");
  });
}

graft_status graft_answer_decision(const graft_answer* answer, graft_decision* decision,
                                   graft_error** error) {
  return guarded(error, [&] {
    const graft_answer& known = required(answer, "answer");
    if (known.classifier.gives_numbers()) {
      graft::fail(graft::ErrorKind::unsupported,
                  "the model estimates numbers, which this interface does not give: there is no decision");
    }
    if (known.classifier.has_several_labels()) {
      graft::fail(
          graft::ErrorKind::unsupported,
          "the classifier gives several labels, so that there is no one decision; see is_label of each "
          "prediction");
    }
    const graft::Decision& made = known.photo.decision;
    write_struct({.index = made.index.value_or(-1),
                  .name = made.name.c_str(),
                  .reason = made.reason.c_str(),
                  .also_count = known.also.size(),
                  .also = known.also.data()},
                 decision, "decision");
  });
}

const char* graft_answer_unknown_reason(const graft_answer* answer) {
  return answer == nullptr || !answer->photo.unknown ? "" : answer->photo.decision.reason.c_str();
}
double graft_answer_distance(const graft_answer* answer) {
  return answer == nullptr ? -1 : answer->photo.distance.value_or(-1);
}
int64_t graft_answer_is_unlike_training(const graft_answer* answer) {
  return answer != nullptr && answer->photo.unlike_training ? 1 : 0;
}
const char* graft_answer_note(const graft_answer* answer) {
  return answer == nullptr ? "" : answer->photo.note.c_str();
}
