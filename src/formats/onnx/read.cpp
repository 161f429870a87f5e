// SPDX-License-Identifier: Apache-2.0

#include "graft/base/fail.hpp"
#include "graft/formats/onnx.hpp"

#include "formats/input_file.hpp"
#include "formats/onnx/read_tensor.hpp"
#include "formats/onnx/types.hpp"
#include "formats/onnx/wire.hpp"

namespace graft::formats {
namespace {

using namespace onnx_fields;  // NOLINT(google-build-using-namespace): names of field numbers

OnnxAttribute::Kind kind_of(std::int64_t type) {
  using Kind = OnnxAttribute::Kind;
  switch (type) {
    case kTypeFloat:
      return Kind::real;
    case kTypeInt:
      return Kind::integer;
    case kTypeString:
      return Kind::text;
    case kTypeTensor:
      return Kind::tensor;
    case kTypeFloats:
      return Kind::reals;
    case kTypeInts:
      return Kind::integers;
    case kTypeStrings:
      return Kind::texts;
    default:
      return Kind::other;
  }
}

OnnxAttribute read_attribute(std::string_view bytes, OnnxContext& context) {
  context.count_part();
  WireReader reader(bytes, context.file, "node's attribute");
  WireField field;
  OnnxAttribute result;
  std::int64_t type = 0;
  std::int64_t seen = 0;  // old files have no type: the field that is there tells it
  while (reader.next(field)) {
    switch (field.number) {
      case kAttributeName:
        result.name = reader.text(field);
        break;
      case kFloat:
        result.real = field.real();
        seen = kTypeFloat;
        break;
      case kInt:
        result.integer = field.integer();
        seen = kTypeInt;
        break;
      case kString:
        result.text = reader.text(field);
        seen = kTypeString;
        break;
      case kTensor:
        result.tensor = read_onnx_tensor(reader.content(field), context).value;
        seen = kTypeTensor;
        break;
      case kFloats:
        reader.append_reals(field, result.reals);
        seen = kTypeFloats;
        break;
      case kInts:
        reader.append_integers(field, result.integers);
        seen = kTypeInts;
        break;
      case kStrings:
        context.count_part();
        result.texts.push_back(reader.text(field));
        seen = kTypeStrings;
        break;
      case kAttributeType:
        type = field.integer();
        break;
      default:
        break;
    }
  }
  result.kind = kind_of(type != 0 ? type : seen);
  return result;
}

OnnxNode read_node(std::string_view bytes, OnnxContext& context) {
  context.count_part();
  WireReader reader(bytes, context.file, "node");
  WireField field;
  OnnxNode node;
  while (reader.next(field)) {
    switch (field.number) {
      case kNodeInput:
        context.count_part();
        node.inputs.push_back(reader.text(field));
        break;
      case kNodeOutput:
        context.count_part();
        node.outputs.push_back(reader.text(field));
        break;
      case kNodeName:
        node.name = reader.text(field);
        break;
      case kNodeOp:
        node.op = reader.text(field);
        break;
      case kNodeAttribute:
        node.attributes.push_back(read_attribute(reader.content(field), context));
        break;
      case kNodeDomain:
        node.domain = reader.text(field);
        break;
      default:
        break;
    }
  }
  if (node.domain == "ai.onnx") node.domain.clear();
  return node;
}

std::int64_t read_dimension(std::string_view bytes, const OnnxContext& context) {
  WireReader reader(bytes, context.file, "size of an axis");
  WireField field;
  std::int64_t size = -1;
  while (reader.next(field)) {
    // Old exporters write 0 or -1 for an open axis.
    if (field.number == kDimensionValue) size = field.integer() > 0 ? field.integer() : -1;
  }
  return size;
}

void read_type(std::string_view bytes, OnnxContext& context, OnnxValue& value) {
  WireReader type(bytes, context.file, "type");
  WireField field;
  while (type.next(field)) {
    if (field.number != kTensorType) continue;
    WireReader tensor(type.content(field), context.file, "type of a tensor");
    WireField part;
    while (tensor.next(part)) {
      if (part.number == kElementType) {
        const std::optional<DType> known = dtype_of(part.integer());
        value.known_dtype = known.has_value();
        value.dtype = known.value_or(DType::float32);
      }
      if (part.number != kShape) continue;
      WireReader shape(tensor.content(part), context.file, "shape");
      WireField dimension;
      std::vector<std::int64_t> sizes;
      while (shape.next(dimension)) {
        if (dimension.number != kDimension) continue;
        context.count_part();
        sizes.push_back(read_dimension(shape.content(dimension), context));
      }
      value.shape = Shape(std::move(sizes));
      value.known_shape = true;
    }
  }
}

OnnxValue read_value(std::string_view bytes, OnnxContext& context) {
  context.count_part();
  WireReader reader(bytes, context.file, "description of a value");
  WireField field;
  OnnxValue value;
  value.known_shape = false;
  value.known_dtype = false;
  while (reader.next(field)) {
    if (field.number == kValueName) value.name = reader.text(field);
    if (field.number == kValueType) read_type(reader.content(field), context, value);
  }
  return value;
}

void read_graph(std::string_view bytes, OnnxContext& context, OnnxModel& model) {
  WireReader reader(bytes, context.file, "graph");
  WireField field;
  while (reader.next(field)) {
    switch (field.number) {
      case kNode:
        model.nodes.push_back(read_node(reader.content(field), context));
        break;
      case kGraphName:
        model.graph_name = reader.text(field);
        break;
      case kInitializer:
        model.initializers.push_back(read_onnx_tensor(reader.content(field), context));
        break;
      case kInput:
        model.inputs.push_back(read_value(reader.content(field), context));
        break;
      case kOutput:
        model.outputs.push_back(read_value(reader.content(field), context));
        break;
      case kSparseInitializer:
        fail(ErrorKind::unsupported, context.file, " has sparse weights, which graft does not read");
      default:
        break;
    }
  }
}

void read_opset(std::string_view bytes, const OnnxContext& context, OnnxModel& model) {
  WireReader reader(bytes, context.file, "operator set");
  WireField field;
  std::string domain;
  std::int64_t version = 0;
  while (reader.next(field)) {
    if (field.number == kOpsetDomain) domain = reader.text(field);
    if (field.number == kOpsetVersion) version = field.integer();
  }
  if (domain.empty() || domain == "ai.onnx") {
    model.opset = version;
  } else {
    model.domains[domain] = version;
  }
}

OnnxModel read_model(std::string_view bytes, OnnxContext context) {
  WireReader reader(bytes, context.file, "model");
  WireField field;
  OnnxModel model;
  model.ir_version = 0;
  model.opset = 0;
  bool has_graph = false;
  while (reader.next(field)) {
    switch (field.number) {
      case kIrVersion:
        model.ir_version = field.integer();
        break;
      case kProducer:
        model.producer = reader.text(field);
        break;
      case kProducerVersion:
        model.producer_version = reader.text(field);
        break;
      case kModelDoc:
        model.description = reader.text(field);
        break;
      case kGraph:
        if (has_graph) reader.broken("there are two graphs");
        has_graph = true;
        read_graph(reader.content(field), context, model);
        break;
      case kOpsetImport:
        context.count_part();
        read_opset(reader.content(field), context, model);
        break;
      case kModelMetadata:
        context.count_part();
        read_onnx_entry(reader.content(field), context, model.metadata);
        break;
      default:
        break;
    }
  }
  if (!has_graph) reader.broken("there is no graph");
  return model;
}

}  // namespace

bool looks_like_onnx(std::string_view head) {
  // Field 1 is the IR version, 3 to 13 so far (1 is the version of TensorFlow's saved_model.pb); then a text
  // (producer), an opset or the graph.
  constexpr std::string_view kNext("\x12\x1A\x22\x28\x32\x3A\x42", 7);
  return head.size() > 2 && head[0] == '\x08' && head[1] > 1 && head[1] < 32 &&
         kNext.find(head[2]) != std::string_view::npos;
}

OnnxModel read_onnx(std::string_view bytes, const std::string& name) {
  return read_model(bytes, {.file = name, .folder = {}});
}

OnnxModel read_onnx(const std::filesystem::path& path) {
  const InputFile source(path);
  if (source.size() > kMostOnnxBytes)
    fail(ErrorKind::bad_file, path.string(), " has ", source.size(), " bytes; an ONNX file has at most ",
         kMostOnnxBytes);
  if (!looks_like_onnx(source.head(3))) fail_wrong_format(source, "an ONNX file");
  std::string bytes(source.size(), '\0');
  source.read(0, bytes);
  std::filesystem::path folder = path.parent_path();
  if (folder.empty()) folder = ".";
  return read_model(bytes, {.file = path.string(), .folder = folder});
}

}  // namespace graft::formats
