// SPDX-License-Identifier: Apache-2.0
// The model that a round starts from: of an earlier round, or the user's own network.
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/train.hpp"

#include "transfer/result/round_record.hpp"

namespace graft::inline transfer {

struct StartModel {
  Model model;
  Json metadata;                     ///< its graft.json; an object
  std::vector<std::string> classes;  ///< as it names them; empty where it has no names
  data::LoadPhotosOptions load;      ///< how photos reach it
  std::string described;             ///< where it comes from, in words
};

/// Opens options.rounds.from, or the file options.model. Errors: as saving::load_model and model_from_config;
/// Error{invalid_argument} for an earlier round without class names, or another image size than the model's;
/// Error{unsupported} for a model that is no classifier of photos.
[[nodiscard]] StartModel open_start(const TrainOptions& options);

/// Gives the model these classes, in this order: those that it knows keep what they learnt. Says in words
/// what was done; empty: nothing.
[[nodiscard]] std::string fit_classes(StartModel& start, const std::vector<std::string>& classes);

/// The recipe of a round: for the user's own network `automatic` means `network`.
[[nodiscard]] Recipe effective_recipe(const TrainOptions& options);

}  // namespace graft::inline transfer
