// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "graft/base/fail.hpp"
#include "graft/formats/onnx.hpp"

#include "formats/onnx/types.hpp"
#include "formats/onnx/wire.hpp"
#include "formats/output_file.hpp"

namespace graft::formats {
namespace {

using namespace onnx_fields;  // NOLINT(google-build-using-namespace): names of field numbers

/// Smaller tensors stay in the file: sizes and axes, which readers look at before they load weights.
constexpr std::uint64_t kLeastExternalBytes = 1024;
/// Each tensor in the other file begins at a multiple of it, so that readers can map it.
constexpr std::uint64_t kAlignment = 4096;

WireWriter value_message(const OnnxValue& value) {
  WireWriter shape;
  for (std::size_t axis = 0; axis < value.shape.rank(); ++axis) {
    const std::int64_t size = value.shape.sizes()[axis];
    WireWriter dimension;
    if (size >= 0) {
      dimension.integer(kDimensionValue, size);
    } else {
      dimension.bytes(kDimensionName, axis == 0 ? "batch" : cat("open_", axis));
    }
    shape.message(kDimension, dimension);
  }
  WireWriter tensor;
  tensor.integer(kElementType, onnx_type(value.dtype));
  tensor.message(kShape, shape);
  WireWriter type;
  type.message(kTensorType, tensor);
  WireWriter result;
  result.bytes(kValueName, value.name);
  result.message(kValueType, type);
  return result;
}

/// All of a tensor's message but its elements.
WireWriter tensor_head(const OnnxTensor& tensor) {
  WireWriter head;
  head.integers(kDims, tensor.value.shape().sizes());
  head.integer(kDataType, onnx_type(tensor.value.dtype()));
  if (!tensor.name.empty()) head.bytes(kTensorName, tensor.name);
  return head;
}

std::string_view elements(const Tensor& tensor) {
  return tensor.empty() ? std::string_view()
                        : std::string_view(static_cast<const char*>(tensor.raw()), tensor.size_bytes());
}

WireWriter attribute_message(const OnnxAttribute& attribute) {
  using Kind = OnnxAttribute::Kind;
  WireWriter out;
  out.bytes(kAttributeName, attribute.name);
  switch (attribute.kind) {
    case Kind::real:
      out.real(kFloat, attribute.real);
      out.integer(kAttributeType, kTypeFloat);
      break;
    case Kind::integer:
      out.integer(kInt, attribute.integer);
      out.integer(kAttributeType, kTypeInt);
      break;
    case Kind::text:
      out.bytes(kString, attribute.text);
      out.integer(kAttributeType, kTypeString);
      break;
    case Kind::tensor: {
      WireWriter tensor = tensor_head({"", attribute.tensor});
      tensor.bytes(kRawData, elements(attribute.tensor));
      out.message(kTensor, tensor);
      out.integer(kAttributeType, kTypeTensor);
      break;
    }
    case Kind::reals:
      out.reals(kFloats, attribute.reals);
      out.integer(kAttributeType, kTypeFloats);
      break;
    case Kind::integers:
      out.integers(kInts, attribute.integers);
      out.integer(kAttributeType, kTypeInts);
      break;
    case Kind::texts:
      for (const std::string& text : attribute.texts) out.bytes(kStrings, text);
      out.integer(kAttributeType, kTypeStrings);
      break;
    case Kind::other:
      fail(ErrorKind::internal, "attribute ", attribute.name, " of a kind that cannot be written");
  }
  return out;
}

WireWriter node_message(const OnnxNode& node) {
  WireWriter out;
  for (const std::string& input : node.inputs) out.bytes(kNodeInput, input);
  for (const std::string& output : node.outputs) out.bytes(kNodeOutput, output);
  if (!node.name.empty()) out.bytes(kNodeName, node.name);
  out.bytes(kNodeOp, node.op);
  for (const OnnxAttribute& attribute : node.attributes)
    out.message(kNodeAttribute, attribute_message(attribute));
  if (!node.domain.empty()) out.bytes(kNodeDomain, node.domain);
  return out;
}

/// The graph without its initializers.
std::string graph_message(const OnnxModel& model) {
  WireWriter graph;
  for (const OnnxNode& node : model.nodes) graph.message(kNode, node_message(node));
  graph.bytes(kGraphName, model.graph_name);
  for (const OnnxValue& input : model.inputs) graph.message(kInput, value_message(input));
  for (const OnnxValue& output : model.outputs) graph.message(kOutput, value_message(output));
  return graph.result();
}

void add_opset(WireWriter& out, const std::string& domain, std::int64_t version) {
  WireWriter opset;
  opset.bytes(kOpsetDomain, domain);
  opset.integer(kOpsetVersion, version);
  out.message(kOpsetImport, opset);
}

/// The model without its graph.
WireWriter model_message(const OnnxModel& model) {
  WireWriter out;
  out.integer(kIrVersion, model.ir_version);
  out.bytes(kProducer, model.producer);
  out.bytes(kProducerVersion, model.producer_version);
  if (!model.description.empty()) out.bytes(kModelDoc, model.description);
  add_opset(out, "", model.opset);
  for (const auto& [domain, version] : model.domains) add_opset(out, domain, version);
  for (const auto& [key, value] : model.metadata) {
    WireWriter entry;
    entry.bytes(kEntryKey, key);
    entry.bytes(kEntryValue, value);
    out.message(kModelMetadata, entry);
  }
  return out;
}

void add_entry(WireWriter& head, const char* key, const std::string& value) {
  WireWriter entry;
  entry.bytes(kEntryKey, key);
  entry.bytes(kEntryValue, value);
  head.message(kExternalData, entry);
}

/// The initializers of a file: bytes before each tensor's elements, and whether these follow at once.
struct Initializer {
  std::string head;  ///< from the field's key on
  bool inside = true;
  std::uint64_t offset = 0;  ///< in the other file
};

std::vector<Initializer> lay_out(const OnnxModel& model, const std::string* other_file) {
  std::vector<Initializer> result;
  std::uint64_t offset = 0;
  for (const OnnxTensor& tensor : model.initializers) {
    const std::uint64_t bytes = tensor.value.size_bytes();
    Initializer placed;
    WireWriter head = tensor_head(tensor);
    placed.inside = other_file == nullptr || bytes < kLeastExternalBytes;
    if (placed.inside) {
      head.begin_bytes(kRawData, bytes);
    } else {
      offset = (offset + kAlignment - 1) / kAlignment * kAlignment;
      placed.offset = offset;
      add_entry(head, "location", *other_file);
      add_entry(head, "offset", cat(offset));
      add_entry(head, "length", cat(bytes));
      head.integer(kDataLocation, 1);
      offset += bytes;
    }
    WireWriter whole;
    whole.begin_bytes(kInitializer, head.result().size() + (placed.inside ? bytes : 0));
    placed.head = whole.result() + head.result();
    result.push_back(std::move(placed));
  }
  return result;
}

std::uint64_t size_of_all(const OnnxModel& model, const std::vector<Initializer>& placed) {
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < placed.size(); ++i)
    size += placed[i].head.size() + (placed[i].inside ? model.initializers[i].value.size_bytes() : 0);
  return size;
}

void write_other_file(const std::filesystem::path& path, const OnnxModel& model,
                      const std::vector<Initializer>& placed) {
  OutputFile out(path);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (placed[i].inside) continue;
    out.write(std::string(placed[i].offset - at, '\0'));
    out.write(model.initializers[i].value);
    at = placed[i].offset + model.initializers[i].value.size_bytes();
  }
  out.commit();
}

}  // namespace

bool write_onnx(const std::filesystem::path& path, const OnnxModel& model, std::uint64_t most) {
  const std::string graph = graph_message(model);
  WireWriter head = model_message(model);
  std::vector<Initializer> placed = lay_out(model, nullptr);
  std::uint64_t size = graph.size() + size_of_all(model, placed);
  const bool external = head.result().size() + size + 16 > most;
  const std::string other_file = path.filename().string() + ".data";
  if (external) {
    placed = lay_out(model, &other_file);
    size = graph.size() + size_of_all(model, placed);
    write_other_file(path.parent_path() / other_file, model, placed);
  }
  head.begin_bytes(kGraph, size);
  OutputFile out(path);
  out.write(head.result());
  out.write(graph);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    out.write(placed[i].head);
    if (placed[i].inside) out.write(model.initializers[i].value);
  }
  out.commit();
  return external;
}

}  // namespace graft::formats
