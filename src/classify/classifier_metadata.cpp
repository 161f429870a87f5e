// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/classifier_metadata.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/functional_model.hpp"

namespace graft {
namespace classify {
namespace {

/// Layers and operations after which the numbers are the same.
bool changes_no_number(const Json& config, const std::string& class_name) {
  if (class_name == "Activation") return config.value("activation", Json()) == "linear";
  for (const char* known : {"Cast", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze"}) {
    if (class_name == known) return true;
  }
  return false;
}

/// The activation that ends a model, looking into nested models: "softmax", "sigmoid", "linear".
std::string last_activation(const SymbolicTensor& output) {
  if (const auto nested = std::dynamic_pointer_cast<models::FunctionalModel>(output.layer))
    return last_activation(nested->outputs().front());
  const std::string& class_name = output.layer->class_name();
  if (class_name == "Softmax") return "softmax";
  if (class_name == "Sigmoid") return "sigmoid";  // the operation
  const layers::Node& node = output.layer->nodes().at(static_cast<std::size_t>(output.node));
  if (changes_no_number(output.layer->config(), class_name) && node.inputs.size() == 1)
    return last_activation(node.inputs.front());
  const Json config = output.layer->config();
  const auto activation = config.find("activation");
  return activation != config.end() && activation->is_string() ? activation->get<std::string>() : "linear";
}

/// Names of the layers at the ends of a model: "'a' and 'b'".
std::string layers_of(const std::vector<SymbolicTensor>& ends) {
  std::string text;
  for (std::size_t i = 0; i < ends.size(); ++i)
    text += cat(i == 0                 ? ""
                : i + 1 == ends.size() ? " and "
                                       : ", ",
                "'", ends[i].layer->name(), "' ", ends[i].shape);
  return text;
}

std::int64_t output_width(const Model& model) {
  const Shape shape = model.output_shape();
  if (model.outputs().size() > 1) {
    fail(ErrorKind::unsupported, "model '", model.name(), "' has ", model.outputs().size(), " outputs, ",
         layers_of(model.outputs()),
         "; graft classifies with one. Build a model of one of them in Keras and "
         "save it");
  }
  if (model.outputs().size() != 1 || shape.rank() != 2 || shape[1] < 1) {
    fail(ErrorKind::unsupported, "model '", model.name(),
         "' is no classifier: expected one output (None, classes), received ", shape);
  }
  return shape[1];
}

bool calls_in_training(const Model& model, bool training) {
  for (const models::Call& call : model.functional()->calls()) {
    const layers::Node& node = call.layer->nodes().at(static_cast<std::size_t>(call.node));
    const bool mode = node.options.training.value_or(training);
    const Model nested = models::as_model(Layer(call.layer));
    if (nested.base() != nullptr && nested.trainable() && calls_in_training(nested, mode)) return true;
    if (mode && call.layer->class_name() == "BatchNormalization" && call.layer->trainable()) return true;
  }
  return false;
}

}  // namespace

OutputKind output_kind(const Model& model, const Json& metadata) {
  const std::int64_t width = output_width(model);
  if (metadata.contains("output")) {
    const Json& kind = metadata["output"];
    if (kind == "softmax") return OutputKind::softmax;
    if (kind == "logits") return OutputKind::logits;
    if (kind == "sigmoid") return OutputKind::sigmoid;
    if (kind == "binary_logit" && width == 1) return OutputKind::binary_logit;
    if (kind == "numbers") return OutputKind::numbers;
    fail(ErrorKind::bad_file, kMetadataEntry,
         ": output: expected softmax, logits, sigmoid, numbers or (for one output) binary_logit, received ",
         kind.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  const std::string activation = last_activation(model.outputs().front());
  if (activation == "softmax") return OutputKind::softmax;
  if (activation == "sigmoid") return OutputKind::sigmoid;
  return width == 1 ? OutputKind::binary_logit : OutputKind::logits;
}

std::vector<std::string> class_names(const Model& model, const Json& metadata) {
  const std::int64_t width = output_width(model);
  const auto classes = static_cast<std::size_t>(width == 1 && !gives_numbers(metadata) ? 2 : width);
  std::vector<std::string> names;
  if (!metadata.contains("class_names")) {
    for (std::size_t i = 0; i < classes; ++i) names.push_back(std::to_string(i));
    return names;
  }
  const Json& given = metadata["class_names"];
  if (!given.is_array() || given.size() != classes) {
    fail(ErrorKind::bad_file, kMetadataEntry, ": class_names: expected a list of ", classes,
         " names, one a class of model '", model.name(), "', received ", given.size());
  }
  for (const Json& name : given) {
    if (!name.is_string()) fail(ErrorKind::bad_file, kMetadataEntry, ": class_names: a name is not a text");
    names.push_back(name.get<std::string>());
  }
  return names;
}

std::vector<double> label_thresholds(const Json& metadata, OutputKind kind, std::size_t classes) {
  if (!metadata.contains("labels")) return {};
  if (metadata["labels"] != "several" || kind != OutputKind::sigmoid)
    fail(ErrorKind::bad_file, kMetadataEntry, ": labels: expected \"several\" with the output sigmoid");
  if (!metadata.contains("thresholds")) return std::vector<double>(classes, 0.5);
  const Json& given = metadata["thresholds"];
  const auto is_threshold = [](const Json& value) {
    return value.is_number() && value.get<double>() >= 0 && value.get<double>() <= 1;
  };
  if (!given.is_array() || given.size() != classes || !std::ranges::all_of(given, is_threshold))
    fail(ErrorKind::bad_file, kMetadataEntry, ": thresholds: expected ", classes, " numbers from 0 to 1");
  return given.get<std::vector<double>>();
}

void refuse_other_than_one_class(const Json& metadata, const std::string& what) {
  if (gives_numbers(metadata))
    fail(ErrorKind::unsupported, what,
         ": not possible with a model that estimates numbers; predict and evaluate answer with them");
  if (!metadata.is_object() || !metadata.contains("labels")) return;
  fail(ErrorKind::unsupported, what,
       ": not possible with a model that gives a photo several labels; predict and evaluate answer with all "
       "of them");
}

bool calls_in_training_mode(const Model& model) { return calls_in_training(model, false); }

}  // namespace classify

namespace {

constexpr int kMostNesting = 64;

constexpr std::int64_t kDefaultSize = 224;
constexpr std::int64_t kLargestSize = 16384;

/// The model's own height and width; 224 where they are open.
Size2D size_of(const Shape& input) {
  return {input[1] > 0 ? input[1] : kDefaultSize, input[2] > 0 ? input[2] : kDefaultSize};
}

Size2D size_of(const Json& size, const Shape& input) {
  const auto whole = [](const Json& value) {
    return value.is_number_integer() && value.get<std::int64_t>() >= 1 &&
           value.get<std::int64_t>() <= kLargestSize;
  };
  if (!size.is_array() || size.size() != 2 || !whole(size[0]) || !whole(size[1]))
    fail(ErrorKind::bad_file, kMetadataEntry, ": image_size: expected [height, width]");
  const Size2D result{size[0].get<std::int64_t>(), size[1].get<std::int64_t>()};
  if ((input[1] > 0 && input[1] != result.height) || (input[2] > 0 && input[2] != result.width)) {
    fail(ErrorKind::bad_file, kMetadataEntry, ": image_size ", result.height, " x ", result.width,
         " contradicts the model's input ", input);
  }
  return result;
}

constexpr std::array<std::pair<data::CropMode, const char*>, 3> kCropModes{
    {{data::CropMode::center, "center"},
     {data::CropMode::squash, "squash"},
     {data::CropMode::border, "border"}}};

/// antialias, pillow, center_crop, crop_mode and border_color.
void read_crop(const Json& metadata, data::ResizeOptions& resize) {
  const auto read_flag = [&](const char* key, bool& flag) {
    if (!metadata.contains(key)) return;
    if (!metadata[key].is_boolean())
      fail(ErrorKind::bad_file, kMetadataEntry, ": ", key, ": expected true or false");
    flag = metadata[key].get<bool>();
  };
  read_flag("antialias", resize.antialias);
  read_flag("pillow", resize.pillow);
  if (!metadata.contains("center_crop")) return;
  const Json& crop = metadata["center_crop"];
  // Below, a few pixels would become a picture of any size.
  constexpr double kLeastCrop = 1.0 / 64;
  if (!crop.is_number() || !(crop.get<double>() >= kLeastCrop && crop.get<double>() <= 1))
    fail(ErrorKind::bad_file, kMetadataEntry, ": center_crop: expected a number from 1/64 to 1");
  resize.center_crop = crop.get<double>();
  const Json mode = metadata.value("crop_mode", Json("center"));
  const auto* found = std::ranges::find_if(kCropModes, [&](const auto& one) { return mode == one.second; });
  if (found == kCropModes.end())
    fail(ErrorKind::bad_file, kMetadataEntry, ": crop_mode: expected center, squash or border");
  resize.crop_mode = found->first;
  if (resize.crop_mode != data::CropMode::border) return;
  const Json color = metadata.value("border_color", Json());
  const auto is_part = [](const Json& part) {
    return part.is_number() && part.get<double>() >= 0 && part.get<double>() <= 255;
  };
  if (!color.is_array() || color.size() != 3 || !std::ranges::all_of(color, is_part))
    fail(ErrorKind::bad_file, kMetadataEntry, ": border_color: expected three numbers from 0 to 255");
  for (std::size_t c = 0; c < 3; ++c) resize.border_color[c] = color[c].get<double>();
}

data::ColorMode colors_of(std::int64_t channels, const Model& model) {
  if (channels == 1) return data::ColorMode::grayscale;
  if (channels == 3) return data::ColorMode::rgb;
  if (channels == 4) return data::ColorMode::rgba;
  fail(ErrorKind::unsupported, "model '", model.name(), "' expects ", channels,
       " channels; supported are 1, 3 and 4");
}

}  // namespace

std::string classify::crop_mode_name(data::CropMode mode) {
  return std::ranges::find(kCropModes, mode, &std::pair<data::CropMode, const char*>::first)->second;
}

Json classifier_metadata(const std::map<std::string, std::string>& extra, const std::filesystem::path& file) {
  const auto entry = extra.find(kMetadataEntry);
  if (entry == extra.end()) return nullptr;
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMostNesting)
      fail(ErrorKind::bad_file, file.string(), ": its entry ", kMetadataEntry, " is nested too deeply");
    return true;
  };
  try {
    Json metadata = Json::parse(entry->second, shallow);
    if (metadata.is_object()) return metadata;
  } catch (const Json::exception&) {
    // Reported below.
  }
  fail(ErrorKind::bad_file, file.string(), ": its entry ", kMetadataEntry, " is not a JSON object");
}

data::LoadPhotosOptions photo_options(const Model& model, const Json& metadata) {
  const Shape input = model.input_shape();
  if (model.inputs().size() > 1) {
    fail(ErrorKind::unsupported, "model '", model.name(), "' has ", model.inputs().size(), " inputs, ",
         classify::layers_of(model.inputs()), "; graft classifies one photo with nothing beside it");
  }
  if (model.inputs().size() != 1 || input.rank() != 4) {
    fail(ErrorKind::unsupported, "model '", model.name(),
         "' does not take one picture: expected one input (None, height, width, channels), received ", input);
  }
  data::LoadPhotosOptions options{.image_size = size_of(input), .pixel_type = data::PixelType::float32};
  options.decode.color_mode = colors_of(input[3], model);
  options.require_every_class = false;
  if (metadata.contains("image_size")) options.image_size = size_of(metadata["image_size"], input);
  if (metadata.contains("interpolation")) {
    const Json& name = metadata["interpolation"];
    if (!name.is_string()) fail(ErrorKind::bad_file, kMetadataEntry, ": interpolation: expected a name");
    options.resize.interpolation = data::resize_method_from_name(name.get<std::string>());
  }
  read_crop(metadata, options.resize);
  if (metadata.contains("exif")) {
    const Json& exif = metadata["exif"];
    if (exif != "apply" && exif != "ignore")
      fail(ErrorKind::bad_file, kMetadataEntry, ": exif: expected apply or ignore");
    options.decode.exif = exif == "apply" ? data::Exif::apply : data::Exif::ignore;
  }
  if (metadata.contains("jpeg_scale")) {
    const Json& scale = metadata["jpeg_scale"];
    if (scale != "exact" && scale != "reduced")
      fail(ErrorKind::bad_file, kMetadataEntry, ": jpeg_scale: expected exact or reduced");
    options.decode.jpeg_scale = data::jpeg_scale_from_name(scale.get<std::string>());
  }
  if (metadata.contains("pixel_type")) {
    const Json& type = metadata["pixel_type"];
    if (type != "uint8" && type != "float32")
      fail(ErrorKind::bad_file, kMetadataEntry, ": pixel_type: expected uint8 or float32");
    options.pixel_type = type == "uint8" ? data::PixelType::uint8 : data::PixelType::float32;
  }
  return options;
}

}  // namespace graft
