// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/value_ranges.hpp"

#include <cmath>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "plan/executor.hpp"
#include "plan/lower.hpp"
#include "plan/range_finder.hpp"

namespace graft::plan {
namespace {

[[noreturn]] void fail_format(const std::string& what) {
  fail(ErrorKind::bad_file, "the ranges of an int8 model: ", what,
       "; calibrate the model again with graft quantize");
}

ValueRange range_from_json(const std::string& name, const Json& json) {
  if (!json.is_array() || json.size() != 2 || !json[0].is_number() || !json[1].is_number())
    fail_format(cat("'", name, "': expected [low, high]"));
  const ValueRange range{json[0].get<float>(), json[1].get<float>()};
  if (!std::isfinite(range.low) || !std::isfinite(range.high) || range.low > range.high)
    fail_format(cat("'", name, "': expected two finite numbers, the smaller first"));
  return range;
}

/// Sums and activations stay ops of their own, so that the values before them are seen too: int8 plans have
/// no use for those, but operators of other programs do that read and write nothing but 8 bits.
Program lower_in_float32(const Model& model, const Shape& sample) {
  const PlanOptions options{.batch_size = 1,
                            .input_shape = sample,
                            .execution = {.dtype_policy = DTypePolicy::float32},
                            .passes = {.disabled = {"fuse_add", "fuse_activation"}}};
  const ExecutionScope scope(options.execution);
  std::vector<PassInfo> log;
  return lower_model(model, options, log);
}

}  // namespace

Json ValueRanges::to_json() const {
  Json list = Json::object();
  for (const auto& [name, range] : ranges) list[name] = {range.low, range.high};
  return {{"ranges", std::move(list)}, {"float32_layers", float32_layers}};
}

ValueRanges ValueRanges::from_json(const Json& json) {
  if (!json.is_object() || !json.contains("ranges") || !json["ranges"].is_object())
    fail_format("expected {ranges: {name: [low, high]}}");
  ValueRanges result;
  for (const auto& [name, range] : json["ranges"].items()) result.ranges[name] = range_from_json(name, range);
  if (!json.contains("float32_layers")) return result;
  const Json& layers = json["float32_layers"];
  if (!layers.is_array()) fail_format("float32_layers: expected a list of names");
  for (const Json& layer : layers) {
    if (!layer.is_string()) fail_format("float32_layers: expected a list of names");
    result.float32_layers.insert(layer.get<std::string>());
  }
  return result;
}

struct RangeRecorder::State {
  explicit State(Program program) : executor(std::move(program)) {}

  void see(ops::ValueId value, const Tensor& elements) {
    const std::string& name = executor.program().graph.value(value).name;
    if (!name.empty()) found[name].add(elements.data());
  }

  Executor executor;
  std::map<std::string, RangeFinder> found;
};

RangeRecorder::RangeRecorder(const Model& model, const Shape& sample)
    : state_(std::make_unique<State>(lower_in_float32(model, sample))) {
  state_->executor.watch([state = state_.get()](const ops::Op& op) {
    for (const ops::ValueId output : op.outputs) {
      if (output != ops::kAbsent) state->see(output, state->executor.memory().view(output));
    }
  });
}

RangeRecorder::~RangeRecorder() = default;
RangeRecorder::RangeRecorder(RangeRecorder&&) noexcept = default;
RangeRecorder& RangeRecorder::operator=(RangeRecorder&&) noexcept = default;

void RangeRecorder::record(const Tensor& photos) {
  const Program& program = state_->executor.program();
  const Shape& expected = program.graph.shape(program.inputs.front());
  if (program.inputs.size() != 1 || photos.shape().without_batch() != expected.without_batch()) {
    fail(ErrorKind::shape_mismatch, "photos: expected ", expected.with_batch(-1), " for a model of one input",
         ", received ", photos.shape());
  }
  for (std::int64_t i = 0; i < photos.shape()[0]; ++i) {
    const Tensor photo = photos.slice(i, i + 1);
    state_->see(program.inputs.front(), photo);
    state_->executor.set_input(0, photo.data().data());
    state_->executor.forward({});
  }
}

ValueRanges RangeRecorder::ranges() const {
  ValueRanges result;
  for (const auto& [name, finder] : state_->found) {
    if (!finder.is_finite()) {
      fail(ErrorKind::numeric, "the value ", name,
           " is not finite on these photos: a model that breaks down in float32 cannot be turned to int8");
    }
    result.ranges[name] = finder.range();
  }
  return result;
}

}  // namespace graft::plan
