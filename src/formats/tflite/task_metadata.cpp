// SPDX-License-Identifier: Apache-2.0
#include <flatbuffers/flatbuffers.h>

#include "graft/formats/tflite.hpp"

#include "formats/tflite/table_view.hpp"

namespace graft::formats {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using TaskTable = Offset<flatbuffers::Table>;

// The numbers of the fields and kinds, in the order of metadata_schema.fbs.
namespace model_metadata {
enum { name, description, version, subgraph_metadata, author, license, associated_files, min_parser_version };
}
namespace subgraph_metadata {
enum { name, description, input_tensor_metadata, output_tensor_metadata };
}
namespace tensor_metadata {
enum { name, description, dimension_names, content, process_units, stats, associated_files };
}
namespace content {
enum { properties_type, properties };
}
namespace process_unit {
enum { options_type, options };
}
namespace associated_file {
enum { name, description, type };
}
constexpr std::uint8_t kFeatures = 1, kImageContent = 2;  // ContentProperties
constexpr std::uint8_t kNormalization = 1;                // ProcessUnitOptions
constexpr std::int8_t kRgb = 1, kGrayscale = 2;           // ColorSpaceType
constexpr std::int8_t kAxisLabels = 2;                    // AssociatedFileType

/// Tables of the metadata. What a table points to is made before it is begun.
class TaskBuilder {
 public:
  template <typename T>
  void field(int number, T value) {
    builder_.AddElement<T>(place(number), value, T{});
  }
  template <typename T>
  void point(int number, Offset<T> to) {
    if (!to.IsNull()) builder_.AddOffset(place(number), to);
  }
  void begin() { start_ = builder_.StartTable(); }
  TaskTable end() { return {builder_.EndTable(start_)}; }
  Offset<flatbuffers::String> text(const std::string& value) { return builder_.CreateString(value); }
  Offset<flatbuffers::Vector<TaskTable>> one(TaskTable table) {
    return builder_.CreateVector(std::vector<TaskTable>{table});
  }
  Offset<flatbuffers::Vector<float>> numbers(float value) {
    return builder_.CreateVector(std::vector<float>{value});
  }
  std::string finish(TaskTable root) {
    builder_.Finish(root, "M001");
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }

 private:
  static flatbuffers::voffset_t place(int number) {
    return flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(number));
  }
  FlatBufferBuilder builder_;
  flatbuffers::uoffset_t start_ = 0;
};

TaskTable content_of(TaskBuilder& b, std::uint8_t kind, TaskTable properties) {
  b.begin();
  b.field(content::properties_type, kind);
  b.point(content::properties, properties);
  return b.end();
}

/// (x - 0) / 1: the file's input are pixels from 0 to 255.
TaskTable no_normalization(TaskBuilder& b) {
  enum { mean, deviation };
  const auto means = b.numbers(0), deviations = b.numbers(1);
  b.begin();
  b.point(mean, means);
  b.point(deviation, deviations);
  const TaskTable options = b.end();
  b.begin();
  b.field(process_unit::options_type, kNormalization);
  b.point(process_unit::options, options);
  return b.end();
}

TaskTable range_of(TaskBuilder& b, float least, float most) {
  enum { max, min };
  const auto mosts = b.numbers(most), leasts = b.numbers(least);
  b.begin();
  b.point(max, mosts);
  b.point(min, leasts);
  return b.end();
}

TaskTable input_of(TaskBuilder& b, const TfliteTask& given) {
  constexpr float kMostOfPixel = 255;
  b.begin();
  b.field(0, given.grey ? kGrayscale : kRgb);
  const TaskTable what = content_of(b, kImageContent, b.end());
  const auto units = b.one(no_normalization(b));
  const TaskTable stats = range_of(b, 0, kMostOfPixel);
  const auto name = b.text("image"), description = b.text(given.description);
  b.begin();
  b.point(tensor_metadata::name, name);
  b.point(tensor_metadata::description, description);
  b.point(tensor_metadata::content, what);
  b.point(tensor_metadata::process_units, units);
  b.point(tensor_metadata::stats, stats);
  return b.end();
}

TaskTable labels_of(TaskBuilder& b) {
  const auto name = b.text("labels.txt"), description = b.text("Names of the classes, one a line.");
  b.begin();
  b.point(associated_file::name, name);
  b.point(associated_file::description, description);
  b.field(associated_file::type, kAxisLabels);
  return b.end();
}

TaskTable output_of(TaskBuilder& b, const TfliteTask& given) {
  b.begin();
  const TaskTable what = content_of(b, kFeatures, b.end());
  const TaskTable stats = range_of(b, 0, 1);
  const auto files = given.labels ? b.one(labels_of(b)) : Offset<flatbuffers::Vector<TaskTable>>();
  const auto name = b.text(given.output_name);
  b.begin();
  b.point(tensor_metadata::name, name);
  b.point(tensor_metadata::content, what);
  b.point(tensor_metadata::stats, stats);
  b.point(tensor_metadata::associated_files, files);
  return b.end();
}

}  // namespace

std::string tflite_task_metadata(const TfliteTask& given) {
  TaskBuilder b;
  const auto inputs = b.one(input_of(b, given));
  const auto outputs = b.one(output_of(b, given));
  b.begin();
  b.point(subgraph_metadata::input_tensor_metadata, inputs);
  b.point(subgraph_metadata::output_tensor_metadata, outputs);
  const auto subgraphs = b.one(b.end());
  const auto name = b.text(given.name), description = b.text(given.description),
             version = b.text(given.version);
  const auto parser = b.text("1.0.0");
  b.begin();
  b.point(model_metadata::name, name);
  b.point(model_metadata::description, description);
  b.point(model_metadata::version, version);
  b.point(model_metadata::subgraph_metadata, subgraphs);
  b.point(model_metadata::min_parser_version, parser);
  return b.finish(b.end());
}

std::optional<TfliteNormalization> tflite_normalization(const TfliteModel& model) {
  enum { mean, deviation };
  const auto found = model.metadata.find("TFLITE_METADATA");
  if (found == model.metadata.end()) return std::nullopt;
  const CheckedBytes bytes(found->second, "the metadata of a TensorFlow Lite file");
  const TableView root(bytes, bytes.follow(0));
  const std::vector<TableView> graphs = root.tables(model_metadata::subgraph_metadata);
  if (graphs.empty()) return std::nullopt;
  const std::vector<TableView> inputs = graphs.front().tables(subgraph_metadata::input_tensor_metadata);
  if (inputs.empty()) return std::nullopt;
  for (const TableView& unit : inputs.front().tables(tensor_metadata::process_units)) {
    if (unit.number<std::uint8_t>(process_unit::options_type) != kNormalization) continue;
    const std::optional<TableView> options = unit.table(process_unit::options);
    if (!options) continue;
    TfliteNormalization result{options->numbers<float>(mean), options->numbers<float>(deviation)};
    if (!result.mean.empty() && !result.deviation.empty()) return result;
  }
  return std::nullopt;
}

}  // namespace graft::formats
