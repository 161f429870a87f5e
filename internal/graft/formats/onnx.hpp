// SPDX-License-Identifier: Apache-2.0
// ONNX files as lists of nodes and tensors, without meaning: which operators there are is not known here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graft/tensor.hpp"

namespace graft::formats {

/// One setting of a node. Only the member that `kind` names is set.
struct OnnxAttribute {
  enum class Kind { real, integer, text, tensor, reals, integers, texts, other };
  std::string name;
  Kind kind = Kind::other;  ///< other: a kind that graft has no use for, such as a graph
  float real = 0;
  std::int64_t integer = 0;
  std::string text;
  Tensor tensor;
  std::vector<float> reals;
  std::vector<std::int64_t> integers;
  std::vector<std::string> texts;

  [[nodiscard]] static OnnxAttribute of(std::string name, std::int64_t value);
  [[nodiscard]] static OnnxAttribute of(std::string name, float value);
  [[nodiscard]] static OnnxAttribute of(std::string name, std::string value);
  [[nodiscard]] static OnnxAttribute of(std::string name, std::vector<std::int64_t> values);
};

/// One call of an operator. Values have names; an empty one stands for an argument that is left out.
struct OnnxNode {
  std::string op;      ///< "Conv"
  std::string name;    ///< may be empty
  std::string domain;  ///< empty: ONNX's own operators
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<OnnxAttribute> attributes;

  /// The attribute of this name; null where it is not there.
  [[nodiscard]] const OnnxAttribute* find(std::string_view attribute) const;
};

/// The description of an input or output of the graph.
struct OnnxValue {
  std::string name;
  DType dtype = DType::float32;
  bool known_dtype = true;  ///< false: a type that graft has no word for
  Shape shape;              ///< -1: open
  bool known_shape = true;  ///< false: not even the number of axes
};

/// A tensor of fixed elements with its name.
struct OnnxTensor {
  std::string name;
  Tensor value;
};

struct OnnxModel {
  std::int64_t ir_version = 8;
  std::int64_t opset = 13;  ///< of ONNX's own operators
  std::string producer;
  std::string producer_version;
  std::string description;                      ///< the model's doc_string
  std::string graph_name;                       ///< must not be empty in a written file
  std::map<std::string, std::int64_t> domains;  ///< opsets of other domains
  std::map<std::string, std::string> metadata;  ///< metadata_props
  std::vector<OnnxValue> inputs;                ///< older files also list the initializers
  std::vector<OnnxValue> outputs;
  std::vector<OnnxNode> nodes;  ///< in the file's order
  std::vector<OnnxTensor> initializers;
};

/// True for the first bytes of a file that is probably ONNX: it begins with an IR version. At least 2 bytes
/// of it are needed; other formats are to be excluded before.
[[nodiscard]] bool looks_like_onnx(std::string_view head);

/// Reads a file and the external data that it names in its own folder. Errors: Error{not_found};
/// Error{bad_file} a broken or cut file, naming the place; Error{unsupported} a type of elements that graft
/// does not know; Error{resource_limit} more nodes or values than any network has. Memory is bounded by a
/// small multiple of the file's size.
[[nodiscard]] OnnxModel read_onnx(const std::filesystem::path& path);
/// The same from memory; external data are an Error{unsupported}. name stands for the bytes in messages.
[[nodiscard]] OnnxModel read_onnx(std::string_view bytes, const std::string& name);

/// Largest file that protobuf's readers accept.
inline constexpr std::uint64_t kMostOnnxBytes = 2147483647;

/// Writes a file, whole or not at all. Where it would have more than `most` bytes, the elements of its larger
/// tensors go to a file beside it, path + ".data". Returns whether that was done. Errors: Error{io}.
bool write_onnx(const std::filesystem::path& path, const OnnxModel& model,
                std::uint64_t most = kMostOnnxBytes);

}  // namespace graft::formats
