// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"
#include "graft/formats/tfjs.hpp"

#include "formats/byte_tensors.hpp"
#include "formats/input_file.hpp"
#include "formats/json_text.hpp"

namespace graft::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostJsonBytes = std::uintmax_t{64} << 20U;
constexpr std::size_t kMostAxes = 32;

/// Several files read as one.
class JoinedFiles : public ByteSource {
 public:
  JoinedFiles(std::string name, const std::vector<fs::path>& paths) : ByteSource(std::move(name)) {
    for (const fs::path& path : paths) {
      files_.push_back({.begin = size_, .file = std::make_unique<InputFile>(path)});
      size_ += files_.back().file->size();
    }
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  struct Part {
    std::uint64_t begin = 0;
    std::unique_ptr<InputFile> file;
  };

  void read_inside(std::uint64_t offset, std::span<char> out) const override {
    for (const Part& part : files_) {
      const std::uint64_t end = part.begin + part.file->size();
      if (out.empty() || offset >= end) continue;
      const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), end - offset));
      part.file->read(offset - part.begin, out.first(count));
      out = out.subspan(count);
      offset += count;
    }
  }

  std::vector<Part> files_;
  std::uint64_t size_ = 0;
};

struct DTypeName {
  std::string_view name;
  DType dtype;
};
constexpr std::array<DTypeName, 6> kDTypes = {{{"float32", DType::float32},
                                               {"float16", DType::float16},
                                               {"int32", DType::int32},
                                               {"uint8", DType::uint8},
                                               {"bool", DType::boolean},
                                               {"uint16", DType::int16}}};

/// How a weight's numbers are stored: q in the file stands for scale · q + min.
struct Quantisation {
  bool used = false;
  bool wide = false;  ///< uint16, else uint8
  double scale = 1, min = 0;
};

/// One entry of the manifest.
struct ManifestWeight {
  StoredTensor description;
  Quantisation quantisation;
  DType stored = DType::float32;
  std::uint64_t bytes = 0;
};

class ManifestReader {
 public:
  explicit ManifestReader(const fs::path& path) : path_(path) {}

  [[nodiscard]] StoredTensors read(const Json& manifest) const {
    if (!manifest.is_array()) broken("it has no weightsManifest");
    StoredTensors tensors;
    for (const Json& group : manifest) {
      if (!group.is_object() || !group.contains("paths") || !group.contains("weights") ||
          !group["weights"].is_array())
        broken("a group of weights has no paths or weights");
      read_group(group, tensors);
    }
    return tensors;
  }

 private:
  [[noreturn]] void broken(const std::string& what) const {
    fail(ErrorKind::bad_file, path_.string(),
         " is no layers model of TensorFlow.js that can be read: ", what);
  }

  void read_group(const Json& group, StoredTensors& tensors) const {
    const auto source =
        std::make_shared<JoinedFiles>(path_.string() + "'s weights", files_of(group["paths"]));
    std::uint64_t at = 0;
    for (const Json& weight : group["weights"]) {
      ManifestWeight entry = entry_of(weight);
      if (entry.bytes > source->size() - at) {
        broken(cat("its files of weights end before '", printable(entry.description.path), "': they have ",
                   source->size(), " bytes"));
      }
      const std::uint64_t end = at + entry.bytes;
      tensors.push_back(tensor_of(source, at, std::move(entry)));
      at = end;
    }
    if (at != source->size())
      broken(cat("its files of weights have ", source->size(), " bytes, the weights need ", at));
  }

  /// Files beside model.json only: a name from elsewhere must not reach other folders.
  [[nodiscard]] std::vector<fs::path> files_of(const Json& paths) const {
    if (!paths.is_array()) broken("paths is no list");
    std::vector<fs::path> files;
    for (const Json& name : paths) {
      if (!name.is_string()) broken("a path is no text");
      const fs::path file = name.get<std::string>();
      const bool outside =
          file.is_absolute() || std::ranges::any_of(file, [](const fs::path& part) { return part == ".."; });
      if (outside || file.string().find("://") != std::string::npos)
        broken(cat("it names the file '", printable(file.string()), "' outside its folder"));
      files.push_back(path_.parent_path() / file);
    }
    return files;
  }

  [[nodiscard]] DType dtype_of(const Json& name, const std::string& weight) const {
    const std::string text = name.is_string() ? name.get<std::string>() : "";
    const auto found = std::ranges::find(kDTypes, text, &DTypeName::name);
    if (found == kDTypes.end()) {
      fail(ErrorKind::unsupported, path_.string(), ": weight '", printable(weight), "' has elements of type ",
           printable(text), ", which graft does not read");
    }
    return found->dtype;
  }

  [[nodiscard]] Quantisation quantisation_of(const Json& weight, const std::string& name,
                                             DType& stored) const {
    Quantisation result;
    if (!weight.contains("quantization")) return result;
    const Json& quantised = weight["quantization"];
    const std::string type = quantised.is_object() ? quantised.value("dtype", "") : "";
    if (type == "float16") {
      stored = DType::float16;
      return result;
    }
    const auto number = [&](const char* key) {
      if (!quantised.contains(key) || !quantised[key].is_number() ||
          !std::isfinite(quantised[key].get<double>()))
        broken(cat("the quantization of '", printable(name), "' has no number ", key));
      return quantised[key].get<double>();
    };
    if (type != "uint8" && type != "uint16") {
      fail(ErrorKind::unsupported, path_.string(), ": weight '", printable(name), "' is quantised to ",
           printable(type), ", which graft does not read");
    }
    stored = type == "uint8" ? DType::uint8 : DType::int16;
    return {.used = true, .wide = type == "uint16", .scale = number("scale"), .min = number("min")};
  }

  [[nodiscard]] ManifestWeight entry_of(const Json& weight) const {
    const bool complete = weight.is_object() && weight.contains("name") && weight["name"].is_string() &&
                          weight.contains("shape") && weight["shape"].is_array() &&
                          weight["shape"].size() <= kMostAxes && weight.contains("dtype");
    if (!complete) broken("a weight has no name, shape or dtype");
    ManifestWeight entry{.description = {.path = weight["name"].get<std::string>()}};
    entry.stored = dtype_of(weight["dtype"], entry.description.path);
    entry.quantisation = quantisation_of(weight, entry.description.path, entry.stored);
    // float16 is a way to store here, not a type to compute with.
    const bool becomes_float = entry.quantisation.used || entry.stored == DType::float16;
    entry.description.dtype = becomes_float ? DType::float32 : entry.stored;
    std::vector<std::int64_t> sizes;
    entry.bytes = size_of(entry.stored);
    for (const Json& size : weight["shape"]) {
      const std::uint64_t count = size.is_number_unsigned() ? size.get<std::uint64_t>() : std::uint64_t{0};
      if (!size.is_number_unsigned() || count > std::uint64_t{std::numeric_limits<std::int64_t>::max()} ||
          __builtin_mul_overflow(entry.bytes, count, &entry.bytes))
        broken(cat("the shape of '", printable(entry.description.path), "' cannot be"));
      sizes.push_back(static_cast<std::int64_t>(count));
    }
    entry.description.shape = Shape(std::move(sizes));
    return entry;
  }

  [[nodiscard]] static StoredTensor tensor_of(const std::shared_ptr<const JoinedFiles>& source,
                                              std::uint64_t at, ManifestWeight entry) {
    StoredTensor stored = entry.description;
    stored.dtype = entry.stored;
    StoredTensor raw = tensor_at(source, at, std::move(stored));
    if (raw.dtype == entry.description.dtype) return raw;
    StoredTensor result = std::move(entry.description);
    result.fetch = [raw = std::move(raw), quantised = entry.quantisation](std::int64_t begin, Tensor& rows) {
      const bool scalar = raw.shape.rank() == 0;
      const Tensor part = scalar ? raw.read() : raw.read_rows(begin, begin + rows.shape()[0]);
      std::span<float> out = rows.data<float>();
      if (!quantised.used) {
        const Tensor widened = part.to(DType::float32);
        std::ranges::copy(widened.data<float>(), out.begin());
        return;
      }
      for (std::size_t i = 0; i < out.size(); ++i) {
        const double q = quantised.wide ? static_cast<std::uint16_t>(part.data<std::int16_t>()[i])
                                        : part.data<std::uint8_t>()[i];
        out[i] = static_cast<float>(quantised.scale * q + quantised.min);
      }
    };
    return result;
  }

  fs::path path_;
};

Json read_json_file(const fs::path& path) {
  return parse_json(read_file(path, kMostJsonBytes), path.string());
}

}  // namespace

bool is_tfjs(const fs::path& path) {
  const Json json = read_json_file(path);
  return json.is_object() && json.contains("modelTopology") && json.contains("weightsManifest");
}

StoredTfjs open_tfjs(const fs::path& path) {
  const Json json = read_json_file(path);
  if (!json.is_object() || !json.contains("modelTopology"))
    fail(ErrorKind::bad_file, path.string(), " is no model.json of TensorFlow.js: it has no modelTopology");
  if (json.value("format", "layers-model") == "graph-model" || json["modelTopology"].contains("node")) {
    fail(ErrorKind::unsupported, path.string(),
         " is a graph model of TensorFlow.js, whose layers are gone; graft ",
         "reads layers models: export the Keras model itself, with tensorflowjs_converter --output_format "
         "tfjs_layers_model");
  }
  const Json& topology = json["modelTopology"];
  StoredTfjs model;
  if (topology.is_object()) {
    model.model_config = topology.value("model_config", topology);
    model.training_config = topology.value("training_config", Json(nullptr));
    model.keras_version = topology.contains("keras_version") && topology["keras_version"].is_string()
                              ? topology["keras_version"].get<std::string>()
                              : "";
  }
  if (!model.model_config.is_object() || !model.model_config.contains("class_name"))
    fail(ErrorKind::bad_file, path.string(), ": its modelTopology describes no model of Keras");
  model.metadata = json.value("userDefinedMetadata", Json(nullptr));
  model.weights = ManifestReader(path).read(json.value("weightsManifest", Json(nullptr)));
  return model;
}

}  // namespace graft::formats
