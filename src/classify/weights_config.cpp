// SPDX-License-Identifier: Apache-2.0
// How photos become pixels, as a config beside a weights file states it: timm's config.json, or the
// preprocessor_config.json of transformers.
#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/pretrained.hpp"

#include "classify/small_file.hpp"

namespace graft::classify {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostConfigBytes = std::uintmax_t{1} << 20U;

/// transformers resizes so large pictures without a crop.
constexpr double kWholeFrom = 384;

/// Names of Pillow's filters by their number, as "resample" has them.
constexpr std::array kFilters{"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"};

/// A JSON object in a file and the file's name, for messages.
struct Facts {
  Json values;
  fs::path file;

  [[nodiscard]] const Json& get(const char* key) const {
    static const Json kNothing;
    const auto found = values.find(key);
    return found == values.end() ? kNothing : *found;
  }
  [[nodiscard]] bool is(const char* key) const { return get(key) == true; }
  /// 0 where it is no positive number.
  [[nodiscard]] double positive(const char* key) const {
    const Json& value = get(key);
    return value.is_number() && value.get<double>() > 0 ? value.get<double>() : 0;
  }
};

Facts read_facts(const fs::path& file) {
  Json facts = Json::parse(small_file(file, kMostConfigBytes), nullptr, false);
  if (!facts.is_object()) facts = Json::object();
  if (facts.contains("pretrained_cfg") && facts["pretrained_cfg"].is_object()) {
    Json inner = facts["pretrained_cfg"];
    facts = std::move(inner);
  }
  return {.values = std::move(facts), .file = file};
}

std::array<double, 3> three(const Facts& facts, const char* key) {
  const Json& values = facts.get(key);
  std::array<double, 3> result{};
  const bool fits = values.is_array() && (values.size() == 3 || values.size() == 1) &&
                    std::ranges::all_of(values, [](const Json& value) { return value.is_number(); });
  if (!fits) fail(ErrorKind::bad_file, facts.file.string(), ": ", key, ": expected three numbers");
  for (std::size_t c = 0; c < 3; ++c) result[c] = values[values.size() == 1 ? 0 : c].get<double>();
  return result;
}

/// mean and std by these keys; nothing where one of them is missing.
std::optional<WeightsConfig> statistics_in(const Facts& facts, const char* mean, const char* deviation) {
  if (facts.get(mean).is_null() || facts.get(deviation).is_null()) return std::nullopt;
  WeightsConfig config{.mean = three(facts, mean),
                       .deviation = three(facts, deviation),
                       .file = facts.file.filename().string()};
  for (const double value : config.deviation) {
    if (!(value > 0))
      fail(ErrorKind::bad_file, facts.file.string(), ": ", deviation, ": expected numbers above 0");
  }
  return config;
}

/// Pillow's name of a filter in the words of data::ResizeMethod.
void set_filter(WeightsConfig& config, const std::string& name) {
  if (name.empty()) return;
  config.interpolation = name == "lanczos" ? "lanczos3" : name == "box" ? "area" : name;
  constexpr std::array kKnown{"nearest", "bilinear", "bicubic", "lanczos3", "area"};
  if (std::ranges::find(kKnown, config.interpolation) != kKnown.end()) return;
  config.not_done = cat("its interpolation '", name, "' is bilinear here");
  config.interpolation = "bilinear";
}

/// size: channels, height and width, as timm's "input_size".
void set_input_size(WeightsConfig& config, const Json& size, const Facts& facts) {
  constexpr double kLargest = 8192;
  const bool fits = size.is_array() && size.size() == 3 && std::ranges::all_of(size, [](const Json& one) {
                      return one.is_number() && one.get<double>() >= 1 && one.get<double>() <= kLargest;
                    });
  if (!fits)
    fail(ErrorKind::bad_file, facts.file.string(), ": expected channels, height and width of the input");
  const auto whole = [&](std::size_t i) { return static_cast<std::int64_t>(size[i].get<double>()); };
  config.input_size = {whole(1), whole(2), whole(0)};
}

std::optional<WeightsConfig> timm_config(const fs::path& file) {
  const Facts facts = read_facts(file);
  std::optional<WeightsConfig> config = statistics_in(facts, "mean", "std");
  if (!config) return config;
  if (facts.get("interpolation").is_string())
    set_filter(*config, facts.get("interpolation").get<std::string>());
  if (!facts.get("input_size").is_null()) set_input_size(*config, facts.get("input_size"), facts);
  const Json& mode = facts.get("crop_mode");
  const double crop = facts.positive("crop_pct");
  if (crop == 0 || crop > 1) return config;
  config->crop = crop;
  if (mode == "squash") config->crop_mode = data::CropMode::squash;
  if (mode == "border") {
    config->crop_mode = data::CropMode::border;
    for (std::size_t c = 0; c < 3; ++c) config->border_color[c] = std::nearbyint(255 * config->mean[c]);
  }
  return config;
}

/// The number in "size": 224, {"shortest_edge": 224} or {"height": 224, "width": 224}; 0: none of them.
double edge_in(const Json& size) {
  if (size.is_number()) return size.get<double>();
  for (const char* key : {"shortest_edge", "height"}) {
    if (size.is_object() && size.contains(key) && size[key].is_number()) return size[key].get<double>();
  }
  return 0;
}

/// How an image processor of transformers resizes and crops.
void set_crop(WeightsConfig& config, const Facts& facts) {
  if (facts.get("do_resize") == false) return;
  const Json& size = facts.get("size");
  const double edge = edge_in(size);
  const double crop_edge = edge_in(facts.get("crop_size"));
  const double crop = facts.positive("crop_pct");
  if (edge <= 0) return;
  bool squash = size.is_object() && size.contains("height");
  std::array<double, 2> input{edge, edge};
  if (squash) input = {edge, size.value("width", Json()).is_number() ? size["width"].get<double>() : edge};
  if (crop > 0 && crop <= 1 && !squash) {  // ConvNeXt's, ResNet's and RegNet's
    squash = edge >= kWholeFrom;
    config.crop = squash ? 1 : crop;
  } else if (facts.is("do_center_crop") && crop_edge > 0 && crop_edge <= edge) {
    // Rounded down, so that the division's result is not below the edge.
    config.crop = crop_edge == edge ? 1 : std::nextafter(crop_edge / edge, 0.0);
    input = {crop_edge, crop_edge};
  } else {
    config.crop = 1;
    squash = true;
  }
  if (squash) config.crop_mode = data::CropMode::squash;
  set_input_size(config, Json{3, input[0], input[1]}, facts);
}

/// The mean and deviation of pixels from 0 to 1 where the processor scales otherwise before them.
void undo_rescaling(WeightsConfig& config, const Facts& facts) {
  if (facts.get("do_normalize") == false) {
    config.mean = {0, 0, 0};
    config.deviation = {1, 1, 1};
  } else if (facts.is("include_top")) {  // EfficientNet's: divided by the deviation twice
    for (double& value : config.deviation) value *= value;
  }
  const double stated = facts.positive("rescale_factor");
  const double factor = facts.get("do_rescale") == false ? 1 : stated > 0 ? stated : 1.0 / 255;
  const double offset = facts.is("rescale_offset") ? 1 : 0;
  for (std::size_t c = 0; c < 3; ++c) {
    config.mean[c] = (config.mean[c] + offset) / (255 * factor);
    config.deviation[c] /= 255 * factor;
  }
}

std::optional<WeightsConfig> transformers_config(const fs::path& file) {
  const Facts facts = read_facts(file);
  std::optional<WeightsConfig> config = statistics_in(facts, "image_mean", "image_std");
  if (!config) return config;
  undo_rescaling(*config, facts);
  const Json& filter = facts.get("resample");
  if (filter.is_number_unsigned() && filter.get<std::size_t>() < kFilters.size())
    set_filter(*config, kFilters.at(filter.get<std::size_t>()));
  set_crop(*config, facts);
  return config;
}

}  // namespace

std::optional<WeightsConfig> config_of_weights(const std::string& weights) {
  std::error_code ignored;
  const fs::path path = file_of_weights(weights);
  const fs::path ending = path.extension();
  const bool torch = ending == ".safetensors" || ending == ".bin" || ending == ".pth" || ending == ".pt";
  if (!torch || !fs::is_regular_file(path, ignored)) return std::nullopt;
  const fs::path folder = path.parent_path();
  if (auto config = timm_config(folder / "config.json")) return config;
  return transformers_config(folder / "preprocessor_config.json");
}

data::ResizeOptions resize_for_weights(const std::string& weights) {
  data::ResizeOptions resize;
  const std::optional<WeightsConfig> config = config_of_weights(weights);
  if (!config || (config->interpolation.empty() && config->crop == 0)) return resize;
  if (!config->interpolation.empty())
    resize.interpolation = data::resize_method_from_name(config->interpolation);
  resize.antialias = true;
  resize.pillow = true;  // so timm and transformers resize
  // Squashed without a crop is what a resize does.
  const bool whole = config->crop_mode == data::CropMode::squash && config->crop == 1;
  resize.center_crop = whole ? 0 : config->crop;
  resize.crop_mode = whole ? data::CropMode::center : config->crop_mode;
  resize.border_color = config->border_color;
  return resize;
}

Shape input_shape_for_weights(const applications::Application& application, const std::string& weights) {
  const std::optional<WeightsConfig> config = config_of_weights(weights);
  if (!config || !config->input_size) return {application.default_size, application.default_size, 3};
  const auto& [height, width, channels] = *config->input_size;
  return {height, width, channels};
}

namespace {

std::string_view resized_side(data::CropMode mode) {
  if (mode == data::CropMode::squash) return "photos are";
  return mode == data::CropMode::border ? "the longer side of photos is" : "the shorter side of photos is";
}

}  // namespace

std::string note_of_config(const std::string& weights, Size2D image_size) {
  const std::optional<WeightsConfig> config = config_of_weights(weights);
  if (!config) return {};
  const data::ResizeOptions resize = resize_for_weights(weights);
  std::string note = cat("mean and std of the pixels are those of ", config->file);
  if (!config->interpolation.empty())
    note += cat(", and so is the interpolation, ", data::to_string(resize.interpolation));
  if (resize.center_crop > 0) {
    const auto edge = static_cast<std::int64_t>(
        std::floor(static_cast<double>(std::min(image_size.height, image_size.width)) / resize.center_crop));
    note += cat("; ", resized_side(resize.crop_mode), " resized to ", edge, " and the middle ",
                image_size.height, " x ", image_size.width, " is used (crop_pct)",
                resize.crop_mode == data::CropMode::border ? ", with a border where photos are smaller" : "",
                "; a photo of that size is used whole");
  }
  if (config->input_size && config->input_size->back() == 1)
    note +=
        "; grey values of colour JPEG files are those in the file, which differ from Pillow's by rounding";
  if (!config->not_done.empty()) note += "; " + config->not_done;
  return note;
}

void add_resize(Json& metadata, const data::ResizeOptions& resize) {
  if (metadata.is_null()) metadata = Json::object();
  metadata["interpolation"] = std::string(data::to_string(resize.interpolation));
  if (resize.antialias) metadata["antialias"] = true;
  if (resize.pillow) metadata["pillow"] = true;
  if (resize.center_crop == 0) return;
  metadata["center_crop"] = resize.center_crop;
  metadata["crop_mode"] = crop_mode_name(resize.crop_mode);
  if (resize.crop_mode == data::CropMode::border) metadata["border_color"] = resize.border_color;
}

}  // namespace graft::classify
