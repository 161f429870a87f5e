// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/formats/tfjs.hpp"
#include "graft/version.hpp"

#include "formats/json_text.hpp"

namespace graft::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShardBytes = std::size_t{4} << 20U;

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

}  // namespace

void write_tfjs(const fs::path& path, const TfjsModel& model) {
  std::string bytes;
  Json weights = Json::array();
  for (const NamedTensor& weight : model.weights) {
    const Tensor tensor = writable(weight.tensor);
    weights.push_back({{"name", weight.path},
                       {"shape", tensor.shape().sizes()},
                       {"dtype", dtype_name(weight, tensor.dtype())}});
    if (!tensor.empty()) bytes.append(static_cast<const char*>(tensor.raw()), tensor.size_bytes());
  }
  const std::size_t shards = std::max<std::size_t>(1, (bytes.size() + kShardBytes - 1) / kShardBytes);
  Json paths = Json::array();
  for (std::size_t i = 0; i < shards; ++i) {
    const std::string name = cat("group1-shard", i + 1, "of", shards, ".bin");
    write_file_atomically(path.parent_path() / name,
                          std::string_view(bytes).substr(i * kShardBytes, kShardBytes));
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
}

}  // namespace graft::formats
