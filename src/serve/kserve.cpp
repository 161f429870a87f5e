// SPDX-License-Identifier: Apache-2.0
// KServe's Open Inference Protocol, version 2: pixels in, probabilities out. With its binary extension for
// inputs.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/text.hpp"
#include "graft/version.hpp"

#include "serve/api.hpp"

namespace graft::serve {
namespace {

constexpr int kDeepest = 12;  // nesting of a request's JSON

Json input_json(const Classifier& classifier) {
  const Size2D size = classifier.image_size();
  const std::int64_t channels = data::channels_of(classifier.load_options().decode.color_mode);
  return {{"name", "image"}, {"datatype", "FP32"}, {"shape", {-1, size.height, size.width, channels}}};
}

/// Errors: Error{invalid_argument}.
Json parsed(std::string_view text) {
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest) fail(ErrorKind::invalid_argument, "the request's JSON is nested too deeply");
    return true;
  };
  Json json = Json::parse(text, shallow, false);
  if (!json.is_object()) fail(ErrorKind::invalid_argument, "expected a JSON object");
  return json;
}

/// A member that must be there. Errors: Error{invalid_argument}.
const Json& member(const Json& json, const char* name, Json::value_t kind) {
  const auto found = json.find(name);
  if (found == json.end() || found->type() != kind)
    fail(ErrorKind::invalid_argument, "expected the member '", name, "'");
  return *found;
}

/// The shape (N, H, W, C) of an input. Errors: Error{shape_mismatch}.
Shape shape_in(const Json& input, const Classifier& classifier, std::size_t most) {
  const Json& given = member(input, "shape", Json::value_t::array);
  const Json expected = input_json(classifier)["shape"];
  bool fits = given.size() == 4;
  for (std::size_t i = 0; fits && i < 4; ++i)
    fits = given[i].is_number_integer() && (i == 0 || given[i] == expected[i]);
  const std::int64_t count = fits ? given[0].get<std::int64_t>() : 0;
  if (!fits || count < 1 || count > static_cast<std::int64_t>(most)) {
    fail(ErrorKind::shape_mismatch, "shape: expected ", expected.dump(), " with 1 to ", most,
         " photos, received ", printable(given.dump()));
  }
  return {count, expected[1].get<std::int64_t>(), expected[2].get<std::int64_t>(),
          expected[3].get<std::int64_t>()};
}

/// Appends all numbers of an array, also of nested ones.
void flatten(const Json& data, std::span<float> to, std::size_t& next) {
  for (const Json& one : data) {
    if (one.is_array()) {
      flatten(one, to, next);
      continue;
    }
    if (!one.is_number() || next == to.size())
      fail(ErrorKind::shape_mismatch, "data: expected ", to.size(), " numbers");
    to[next++] = one.get<float>();
  }
}

void fill_from_json(const Json& input, std::span<float> to) {
  std::size_t next = 0;
  flatten(member(input, "data", Json::value_t::array), to, next);
  if (next != to.size())
    fail(ErrorKind::shape_mismatch, "data: expected ", to.size(), " numbers, received ", next);
}

void fill_from_binary(std::string_view bytes, const std::string& datatype, std::span<float> to) {
  const std::size_t size = datatype == "FP32" ? 4 : 1;
  if (bytes.size() != to.size() * size)
    fail(ErrorKind::shape_mismatch, "binary data: expected ", to.size() * size, " bytes, received ",
         bytes.size());
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (size == 1) {
      to[i] = static_cast<unsigned char>(bytes[i]);
    } else {
      static_assert(std::endian::native == std::endian::little);
      std::memcpy(&to[i], bytes.data() + 4 * i, 4);
    }
  }
}

/// The batch of a request's one input. body: the whole body; json_bytes: of it the JSON.
Tensor batch_in(const Json& request, std::string_view binary, const Classifier& classifier,
                std::size_t most) {
  const Json& inputs = member(request, "inputs", Json::value_t::array);
  if (inputs.size() != 1 || !inputs[0].is_object()) fail(ErrorKind::invalid_argument, "inputs: expected one");
  const Json& input = inputs[0];
  const std::string datatype = member(input, "datatype", Json::value_t::string).get<std::string>();
  if (datatype != "FP32" && datatype != "UINT8")
    fail(ErrorKind::invalid_argument, "datatype: expected FP32 or UINT8, received '", printable(datatype),
         "'");
  Tensor batch(shape_in(input, classifier, most));
  const std::span<float> values = batch.data<float>();
  const auto parameters = input.find("parameters");
  const bool is_binary =
      parameters != input.end() && parameters->is_object() && parameters->contains("binary_data_size");
  if (is_binary) {
    fill_from_binary(binary, datatype, values);
  } else {
    fill_from_json(input, values);
  }
  for (const float value : values) {
    if (!std::isfinite(value)) fail(ErrorKind::invalid_argument, "data: expected finite numbers");
  }
  return batch;
}

/// How many bytes of the body are its JSON.
std::size_t json_bytes_of(const Request& request) {
  if (request.inference_header_length.empty()) return request.body.size();
  char* end = nullptr;
  const unsigned long long length = std::strtoull(request.inference_header_length.c_str(), &end, 10);
  if (*end != '\0' || length > request.body.size())
    fail(ErrorKind::invalid_argument, "Inference-Header-Content-Length: expected at most the body's length");
  return static_cast<std::size_t>(length);
}

/// Whether the path names the version that is served; one that is not there was answered.
bool has_version(const LoadedModel& loaded, const std::string& version, const Reply& reply) {
  if (version.empty() || version == loaded.version) return true;
  reply(error_response(
      404, cat("there is no version '", printable(version), "'; the model has ", loaded.version)));
  return false;
}

ModelService* find_or_answer(Api& api, const Request& request, const std::string& name, const Reply& reply) {
  ModelService* service = api.find(name);
  if (service == nullptr) {
    reply(error_response(404, cat("there is no model '", printable(name), "'")));
    return nullptr;
  }
  return has_version(*service->loaded(), request.version, reply) ? service : nullptr;
}

/// What the model's output is called.
std::string_view output_name(const Classifier& classifier) {
  return classifier.gives_numbers() ? kNumbers : "probabilities";
}

/// Errors: Error{invalid_argument} for an output that the model does not have.
void check_outputs(const Json& request, std::string_view expected) {
  const auto outputs = request.find("outputs");
  if (outputs == request.end()) return;
  const bool good = outputs->is_array() && std::ranges::all_of(*outputs, [&](const Json& one) {
                      const auto name = one.is_object() ? one.find("name") : one.end();
                      return one.is_object() && name != one.end() && *name == expected;
                    });
  if (!good)
    fail(ErrorKind::invalid_argument, "outputs: expected none, or one with the name '", expected, "'");
}

/// One by one, so that no row's answer depends on the others.
Tensor probabilities_of(const Tensor& batch, const WorkPlace& place) {
  const std::int64_t count = batch.shape()[0];
  Tensor rows({count, static_cast<std::int64_t>(place.classifier.class_names().size())});
  for (std::int64_t i = 0; i < count; ++i) {
    const ThreadLimit limit(place.threads());
    rows.slice(i, i + 1).copy_from(place.classifier.probabilities(batch.slice(i, i + 1)));
  }
  return rows;
}

/// The answer to a request, by a thread of the model: parsing takes time too, in which the server's thread
/// answers others. Errors: Error{invalid_argument}, Error{shape_mismatch}.
Json inferred(const WorkPlace& place, const Request& request, const std::string& name, std::size_t most) {
  const std::string_view body = request.body;
  const std::size_t json_bytes = json_bytes_of(request);
  const Json json = parsed(body.substr(0, json_bytes));
  const std::string_view output = output_name(place.classifier);
  check_outputs(json, output);
  const Tensor rows =
      probabilities_of(batch_in(json, body.substr(json_bytes), place.classifier, most), place);
  const auto values = rows.data<float>();
  Json answer{{"model_name", name},
              {"model_version", place.loaded.version},
              {"outputs", Json::array({{{"name", output},
                                        {"datatype", "FP32"},
                                        {"shape", {rows.shape()[0], rows.shape()[1]}},
                                        {"data", std::vector<float>(values.begin(), values.end())}}})}};
  if (json.contains("id") && json["id"].is_string()) answer["id"] = json["id"];
  return answer;
}

}  // namespace

void answer_v2_server(Api&, Request&, const std::string&, const Reply& reply) {
  reply(json_response({{"name", "graft"}, {"version", version()}, {"extensions", {"binary_tensor_data"}}}));
}

void answer_v2_live(Api&, Request&, const std::string&, const Reply& reply) {
  reply(json_response({{"live", true}}));
}

void answer_v2_ready(Api& api, Request& request, const std::string& name, const Reply& reply) {
  answer_ready(api, request, name, reply);
}

void answer_v2_model(Api& api, Request& request, const std::string& name, const Reply& reply) {
  ModelService* service = find_or_answer(api, request, name, reply);
  if (service == nullptr) return;
  const auto loaded = service->loaded();
  const Classifier& classifier = loaded->classifier;
  reply(json_response({{"name", service->name()},
                       {"versions", {loaded->version}},
                       {"platform", "graft"},
                       {"inputs", Json::array({input_json(classifier)})},
                       {"outputs", Json::array({{{"name", output_name(classifier)},
                                                 {"datatype", "FP32"},
                                                 {"shape", {-1, classifier.class_names().size()}}}})}}));
}

void answer_v2_model_ready(Api& api, Request& request, const std::string& name, const Reply& reply) {
  ModelService* service = find_or_answer(api, request, name, reply);
  if (service == nullptr) return;
  if (!service->trouble().empty()) return reply(error_response(503, "predictions do not succeed"));
  reply(json_response({{"name", name}, {"ready", true}}));
}

void answer_v2_infer(Api& api, Request& request, const std::string& name, const Reply& reply) {
  ModelService* service = find_or_answer(api, request, name, reply);
  if (service == nullptr) return;
  const auto whole = std::make_shared<const Request>(std::move(request));
  OtherJob job{.run = [reply, whole, name, most = api.options.limits.photos](const WorkPlace& place) {
    // The file may have changed since the request came.
    if (!has_version(place.loaded, whole->version, reply)) return;
    reply(json_response(inferred(place, *whole, name, most)));
  }};
  submit(api, *service, std::move(job), reply);
}

}  // namespace graft::serve
