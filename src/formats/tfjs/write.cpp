// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/formats/tfjs.hpp"
#include "graft/version.hpp"

#include "formats/json_text.hpp"

namespace graft::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShardBytes = std::size_t{4} << 20U;
constexpr std::uintmax_t kMostOldBytes = std::uintmax_t{64} << 20U;
constexpr const char* kOneFile = "weights.bin";

/// Floating types as float32; TensorFlow.js has no others.
Tensor writable(const Tensor& tensor) {
  const DType type = tensor.dtype();
  const bool floating = type == DType::float64 || type == DType::float16 || type == DType::bfloat16;
  return floating ? tensor.to(DType::float32) : tensor;
}

std::string_view dtype_name(const NamedTensor& weight, DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "float32";
    case DType::int32:
      return "int32";
    case DType::uint8:
      return "uint8";
    case DType::boolean:
      return "bool";
    default:
      fail(ErrorKind::unsupported, "weight '", weight.path, "' has elements of type ", to_string(dtype),
           ", which TensorFlow.js does not have");
  }
}

/// Whether the name is one that write_tfjs() gives to weights.
bool is_name_of_weights(const std::string& name) {
  return name == kOneFile ||
         (name.starts_with("group1-shard") && name.ends_with(".bin") && name.find('/') == std::string::npos);
}

/// Removes the weights that the file had before and the new one has not.
void remove_weights(const fs::path& folder, const std::vector<std::string>& before, const Json& kept) {
  std::error_code ignored;
  for (const std::string& name : before) {
    if (std::ranges::find(kept, Json(name)) == kept.end()) fs::remove(folder / name, ignored);
  }
}

}  // namespace

std::vector<std::string> tfjs_weight_files(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code none;
  if (!fs::exists(path, none)) return names;
  try {
    const Json json = parse_json(read_file(path, kMostOldBytes), path.string());
    for (const Json& group : json.at("weightsManifest")) {
      for (const Json& name : group.at("paths")) {
        if (name.is_string() && is_name_of_weights(name.get<std::string>())) names.push_back(name);
      }
    }
  } catch (const std::exception&) {
    return {};  // another file of this name: it has no weights
  }
  return names;
}

void write_tfjs(const fs::path& path, const TfjsModel& model) {
  const std::vector<std::string> before = tfjs_weight_files(path);
  std::string bytes;
  Json weights = Json::array();
  for (const NamedTensor& weight : model.weights) {
    const Tensor tensor = writable(weight.tensor);
    weights.push_back({{"name", weight.path},
                       {"shape", tensor.shape().sizes()},
                       {"dtype", dtype_name(weight, tensor.dtype())}});
    if (!tensor.empty()) bytes.append(static_cast<const char*>(tensor.raw()), tensor.size_bytes());
  }
  const std::size_t size = model.one_file ? std::max<std::size_t>(1, bytes.size()) : kShardBytes;
  const std::size_t shards = std::max<std::size_t>(1, (bytes.size() + size - 1) / size);
  Json paths = Json::array();
  for (std::size_t i = 0; i < shards; ++i) {
    const std::string name = model.one_file ? kOneFile : cat("group1-shard", i + 1, "of", shards, ".bin");
    write_file_atomically(path.parent_path() / name, std::string_view(bytes).substr(i * size, size));
    paths.push_back(name);
  }
  const Json json{
      {"format", "layers-model"},
      {"generatedBy", cat("graft ", version())},
      {"convertedBy", nullptr},
      {"modelTopology",
       {{"keras_version", "2.15.0"}, {"backend", "tensorflow"}, {"model_config", model.model_config}}},
      {"weightsManifest", Json::array({Json{{"paths", paths}, {"weights", weights}}})},
      {"userDefinedMetadata", model.metadata}};
  write_file_atomically(path, json_text(json, path.string()));
  remove_weights(path.parent_path(), before, paths);
}

}  // namespace graft::formats
