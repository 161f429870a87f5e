// SPDX-License-Identifier: Apache-2.0
#include "transfer/rounds/round_model.hpp"

#include <algorithm>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/read_file.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/pretrained.hpp"
#include "graft/quantize.hpp"
#include "graft/saving.hpp"
#include "graft/surgery.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/state/run_state.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestText = std::uintmax_t{256} << 20;

fs::path model_file(const fs::path& from) {
  std::error_code error;
  if (fs::is_directory(from, error)) {
    if (fs::exists(from / "model.keras", error)) return from / "model.keras";
    fail_option(ErrorKind::not_found, "from", "from: the folder ", from.string(),
                " holds no model.keras; expected the result folder of an earlier training, or a model file");
  }
  if (fs::exists(from, error)) return from;
  fail_option(ErrorKind::not_found, "from", "from: there is no file or folder '", from.string(), "'");
}

bool has_weights_file(const TrainOptions& options) {
  return !options.weights.empty() && options.weights != "imagenet" && options.weights != "none";
}

void check_size(StartModel& start, const TrainOptions& options) {
  const Shape input = start.model.input_shape();
  start.load.decode.exif = options.exif;
  start.load.decode.jpeg_scale = options.jpeg_scale;
  if (!options.image_size) return;
  const Size2D size = *options.image_size;
  if ((input[1] > 0 && input[1] != size.height) || (input[2] > 0 && input[2] != size.width)) {
    fail_option(ErrorKind::invalid_argument, "image_size", "image_size: ", size.height, " x ", size.width,
                ": the model expects ", input[1], " x ", input[2], "; change its input size to ", size.height,
                size.width == size.height ? "" : cat(" x ", size.width),
                " first (graft edit, or change_input_size() in C++)");
  }
  start.load.image_size = size;
}

}  // namespace

Json read_json_file(const fs::path& file) {
  const std::string text = read_file(file, kLargestText);
  constexpr int kMostNesting = 200;
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMostNesting) fail(ErrorKind::bad_file, file.string(), " is nested too deeply");
    return true;
  };
  try {
    return Json::parse(text, shallow);
  } catch (const Json::parse_error& problem) {
    fail(ErrorKind::bad_file, file.string(), " is no JSON",
         text.empty() ? ": it is empty" : cat(": it breaks at byte ", problem.byte),
         "; expected what model.to_json() of Keras writes");
  }
}

BuiltBase earlier_base(const fs::path& from) {
  const fs::path file = rounds_folder(from) / "settings.json";
  BuiltBase base;
  std::error_code error;
  if (!fs::exists(file, error)) return base;
  const Json settings = read_json_file(file);
  try {
    base.weights = settings.value("weights", base.weights);
    base.alpha = settings.value("alpha", base.alpha);
    // A later round has them from the one before it, whatever its options say.
    const Json used = settings.value("used", Json::object());
    base.weights = used.value("weights", base.weights);
    base.alpha = used.value("alpha", base.alpha);
  } catch (const Json::exception& problem) {
    fail(ErrorKind::bad_file, file.string(), " is not as graft train writes it: ", problem.what());
  }
  return base;
}

StartModel open_start(const TrainOptions& options, bool frozen) {
  StartModel start;
  const auto* round = std::get_if<RoundRecipe>(&options.recipe);
  const bool from = round != nullptr;
  const fs::path file = from ? model_file(round->from) : fs::path(options.model);
  const Json structure = file.extension() == ".json" ? read_json_file(file) : Json();
  if (structure.is_object() && !structure.contains("modelTopology")) {  // TensorFlow.js's has weights, too
    start.model = saving::model_from_config(structure);
    start.described = cat("network ", file.string(), ", new weights");
  } else {
    saving::LoadedModel loaded = saving::load_model(file);
    start.model = std::move(loaded.model);
    start.metadata = classifier_metadata(loaded.extra, file);
    start.described = cat(from ? "continues " : "network ", file.string());
    start.file = file.string();
  }
  if (!frozen) classify::refuse_other_than_one_class(start.metadata, "a later round");
  if (start.metadata.is_null()) start.metadata = Json::object();
  start.metadata.erase(classify::kInt8Key);  // found for weights that will change
  if (from && !start.metadata.contains("class_names")) {
    fail_option(ErrorKind::invalid_argument, "from", "from: ", file.string(),
                " holds no class names, so its outputs cannot be matched to the photos' classes; expected a "
                "model that graft trained; to train it as your own network, pass it as the model: ",
                file.string());
  }
  if (!from && has_weights_file(options)) {
    start.file = classify::file_of_weights(options.weights);
    const saving::LoadReport report = saving::load_weights(start.model, start.file);
    start.described += ", " + report.summary();
  }
  if (options.pixels)
    start.model = classify::scale_pixels(start.model, start.metadata, *options.pixels).model;
  static_cast<void>(classify::output_kind(start.model, start.metadata));  // that it is a classifier
  if (start.metadata.contains("class_names"))
    start.classes = classify::class_names(start.model, start.metadata);
  start.load = photo_options(start.model, start.metadata);
  check_size(start, options);
  return start;
}

std::string fit_classes(StartModel& start, const std::vector<std::string>& classes) {
  if (start.classes == classes) return {};
  const std::int64_t width = start.model.output_shape()[1];
  if (!start.classes.empty()) {
    start.model =
        classify::replace_classes(start.model, start.metadata, {.names = classes, .hidden = {}}).model;
    std::string added;
    for (const std::string& name : classes) {
      if (std::ranges::find(start.classes, name) == start.classes.end())
        added += cat(added.empty() ? "" : ", ", name);
    }
    start.classes = classes;
    return added.empty() ? "the head was put in the order of these classes" : "new classes: " + added;
  }
  start.classes = classes;
  const auto wanted = static_cast<std::int64_t>(classes.size());
  if (width == wanted || (width == 1 && wanted == 2)) return {};
  start.model = models::replace_head(start.model, {.classes = wanted, .from = {}, .hidden = {}}).model;
  return cat("the head has ", wanted, " new outputs in place of ", width);
}

bool continues_model(const TrainOptions& options) {
  return std::holds_alternative<RoundRecipe>(options.recipe) || is_network_file(options);
}

namespace {

constexpr double kTutorialRate = 1e-5;  // of the tutorial's second phase

/// The plan of each recipe.
struct PlanOf {
  const TrainOptions& options;

  ContinuationPlan operator()(const AutomaticRecipe& recipe) const {
    return {.network = {.epochs = recipe.epochs, .class_weight = recipe.class_weight}};
  }
  ContinuationPlan operator()(const HeadRecipe& recipe) const {
    return {.solves_head = true, .views = recipe.views, .class_weight = recipe.class_weight};
  }
  ContinuationPlan operator()(const NetworkRecipe& recipe) const { return {.network = recipe}; }
  ContinuationPlan operator()(const RoundRecipe& recipe) const {
    const bool tutorial = recipe.recipe == RecipeName::tutorial;
    return {.solves_head = solves_head(recipe, options),
            .views = recipe.views,
            .class_weight = recipe.class_weight,
            .network = {
                .epochs = recipe.epochs,
                .learning_rate = recipe.learning_rate > 0 || !tutorial ? recipe.learning_rate : kTutorialRate,
                .freeze = recipe.freeze,
                .fine_tune_from = recipe.fine_tune_from,
                .class_weight = recipe.class_weight}};
  }
  /// Recipes for pretrained networks, which check_options() refuses here.
  template <typename Other>
  ContinuationPlan operator()(const Other&) const {
    return {};
  }
};

}  // namespace

ContinuationPlan continuation_plan(const TrainOptions& options) {
  return std::visit(PlanOf{options}, options.recipe);
}

bool is_network_file(const TrainOptions& options) {
  if (applications::look_up_application(options.model) != nullptr) return false;
  const std::string ending = fs::path(options.model).extension().string();
  return ending == ".keras" || ending == ".h5" || ending == ".hdf5" || ending == ".json" ||
         ending == ".onnx" || ending == ".tflite";
}

RecipeName recipe_from_name(const std::string& text) {
  for (const RecipeName name : {RecipeName::head, RecipeName::tutorial, RecipeName::network}) {
    if (text == to_string(name)) return name;
  }
  return RecipeName::automatic;
}

void take_photo_settings(const Json& settings, TrainOptions& options) {
  options.model = settings.at("model").get<std::string>();
  options.precision = settings.at("precision").get<std::string>();
  options.seed = settings.at("seed").get<std::uint64_t>();
  options.batch_size = settings.value("batch_size", options.batch_size);
  options.exif = settings.at("exif") == "ignore" ? data::Exif::ignore : data::Exif::apply;
  options.jpeg_scale = data::jpeg_scale_from_name(settings.value("jpeg_scale", "exact"));
  if (settings.value("pixel_type", "") == "float32") options.pixel_type = data::PixelType::float32;
}

ClassWeight class_weight_in(const Json& settings) {
  const std::string name = settings.at("head").value("class_weight", "none");
  return name == "balanced" ? ClassWeight::balanced : ClassWeight::none;
}

namespace {

void take_settings(const Json& settings, RoundRecipe& round, TrainOptions& options) {
  take_photo_settings(settings, options);
  round.recipe = recipe_from_name(settings.at("recipe").get<std::string>());
  round.views = settings.value("views", round.views);
  round.class_weight = class_weight_in(settings);
  round.epochs = settings.value("epochs", round.epochs);
  if (options.batch_size < 1 || round.epochs < 0)
    fail(ErrorKind::bad_file, "settings.json: a batch size below 1, or epochs below 0");
  if (!settings.contains("rounds")) return;
  // The rate of a tutorial's first round is that of a new head.
  const Json& rounds = settings.at("rounds");
  const bool first = rounds.value("from", "").empty();
  if (round.recipe != RecipeName::tutorial || !first)
    round.learning_rate = rounds.value("learning_rate", round.learning_rate);
}

}  // namespace

void read_earlier_settings(const fs::path& from, TrainOptions& options) {
  const fs::path file = model_file(from);
  const fs::path settings = rounds_folder(from) / "settings.json";
  RoundRecipe round{.from = from};
  std::error_code error;
  if (!fs::exists(settings, error)) {
    const Model model = saving::load_model(file).model;
    round.recipe = model.trainable_weights().size() <= 2 ? RecipeName::head : RecipeName::network;
    options.recipe = round;
    return;
  }
  const Json read = read_json_file(settings);
  try {
    take_settings(read, round, options);
  } catch (const Json::exception& problem) {
    fail(ErrorKind::bad_file, settings.string(), " is not as graft train writes it: ", problem.what());
  }
  options.recipe = round;
}

}  // namespace graft::transfer
