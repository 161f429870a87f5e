// SPDX-License-Identifier: Apache-2.0
// The model that a round starts from: of an earlier round, or the user's own network.
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

struct StartModel {
  Model model;
  Json metadata;                     ///< its graft.json; an object
  std::vector<std::string> classes;  ///< as it names them; empty where it has no names
  data::LoadPhotosOptions load;      ///< how photos reach it
  std::string described;             ///< where it comes from, in words
  std::string file;                  ///< of the weights that it started with; empty: random ones
};

/// Opens the earlier round's model, or the file options.model. frozen: a later round of several labels a
/// photo or of numbers is possible. Errors: as saving::load_model and model_from_config;
/// Error{invalid_argument} for an earlier round without class names, or another image size than the model's;
/// Error{unsupported} for a model that is no classifier of photos.
[[nodiscard]] StartModel open_start(const TrainOptions& options, bool frozen = false);
/// How the base of an earlier run was built, as the settings.json beside its model says; without that file
/// ImageNet's weights. Throws Error{bad_file} for broken settings.
[[nodiscard]] BuiltBase earlier_base(const std::filesystem::path& from);

/// Changes the classes of the model to these, in this order: known classes keep their weights. Returns what
/// was done in words; empty: nothing.
[[nodiscard]] std::string fit_classes(StartModel& start, const std::vector<std::string>& classes);

/// A JSON file that graft wrote. Errors: Error{not_found}; Error{bad_file}, also for a very large or deeply
/// nested one.
[[nodiscard]] Json read_json_file(const std::filesystem::path& file);

/// What a later round and a repeated run both read from settings.json: model, precision, seed, batch size,
/// and how photos are decoded. Throws Json::exception.
void take_photo_settings(const Json& settings, TrainOptions& options);
/// The recipe's class weights there. Throws Json::exception.
[[nodiscard]] ClassWeight class_weight_in(const Json& settings);

/// "auto" for an unknown name.
[[nodiscard]] RecipeName recipe_from_name(const std::string& text);

/// True where training starts from an existing model: an earlier round's, or the user's own network.
[[nodiscard]] bool continues_model(const TrainOptions& options);

/// How an existing model is trained further.
struct ContinuationPlan {
  bool solves_head = false;                      ///< its last Dense layer is solved again, where it has one
  int views = 1;                                 ///< of each training photo, for that
  ClassWeight class_weight = ClassWeight::none;  ///< for that
  NetworkRecipe network{};                       ///< otherwise
};
/// From the recipe of options that continue a model.
[[nodiscard]] ContinuationPlan continuation_plan(const TrainOptions& options);

}  // namespace transfer
}  // namespace graft
