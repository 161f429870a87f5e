// SPDX-License-Identifier: Apache-2.0
#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/tfjs.hpp"
#include "graft/tfjs.hpp"
#include "graft/version.hpp"

#include "saving/tfjs/emitter.hpp"
#include "saving/tfjs_model.hpp"

namespace graft {
inline namespace saving {
namespace {

namespace fs = std::filesystem;

/// Teachable Machine's metadata.json; pages with TensorFlow.js alone read the labels from it.
Json labels_json(const Model& written, const TfjsOptions& options) {
  const Shape shape = written.input_shape();
  Json json{{"labels", options.class_names},
            {"modelName", written.name()},
            {"userMetadata", Json::object()},
            {"generatedBy", cat("graft ", version())}};
  if (shape.rank() == 4) {
    json["imageHeight"] = shape[1];
    json["imageWidth"] = shape[2];
    if (shape[1] == shape[2]) json["imageSize"] = shape[1];
  }
  json["inputRange"] = options.teachable_machine ? "pixel / 127 - 1" : "0..255";
  if (options.teachable_machine) {
    json["tfjsVersion"] = "1.3.1";
    json["tmVersion"] = "2.4.10";
    json["packageVersion"] = "0.8.5";
    json["packageName"] = "@teachablemachine/image";
  }
  return json;
}

}  // namespace

void save_tfjs(const Model& model, const fs::path& path, const TfjsOptions& options) {
  const Model written = with_tfjs_layers(model, options);
  formats::TfjsModel content = tfjs_content(written, path, options.metadata);
  content.one_file = options.teachable_machine;
  const std::string labels =
      labels_json(written, options).dump(2, ' ', false, Json::error_handler_t::replace);
  write_file_atomically(path.parent_path() / "metadata.json", labels + '\n');
  formats::write_tfjs(path, content);
}

}  // namespace saving
}  // namespace graft
