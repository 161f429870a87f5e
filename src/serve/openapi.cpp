// SPDX-License-Identifier: Apache-2.0
#include "serve/openapi.hpp"

#include <string>

#include "graft/version.hpp"

namespace graft::serve {
namespace {

Json text(const char* kind) { return {{"type", kind}}; }
Json list_of(const Json& items) { return {{"type", "array"}, {"items", items}}; }
Json reference(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

/// An object with these members, all of them required but those in `optional`.
Json object(const Json& properties, const std::vector<std::string>& optional = {}) {
  Json required = Json::array();
  for (const auto& [name, schema] : properties.items()) {
    if (std::find(optional.begin(), optional.end(), name) == optional.end()) required.push_back(name);
  }
  return {{"type", "object"}, {"properties", properties}, {"required", required}};
}

/// Of KServe's protocol.
Json kserve_schemas() {
  const Json tensor =
      object({{"name", text("string")},
              {"datatype", {{"type", "string"}, {"enum", {"FP32", "UINT8"}}}},
              {"shape", {{"type", "array"}, {"items", text("integer")}, {"minItems", 2}, {"maxItems", 4}}},
              {"data", {{"type", "array"}}}},
             {"data"});
  return {{"Tensor", tensor},
          {"InferRequest",
           object({{"id", text("string")},
                   {"inputs",
                    {{"type", "array"}, {"items", reference("Tensor")}, {"minItems", 1}, {"maxItems", 1}}}},
                  {"id"})},
          {"InferAnswer", object({{"model_name", text("string")},
                                  {"model_version", text("string")},
                                  {"id", text("string")},
                                  {"outputs", list_of(reference("Tensor"))}},
                                 {"id"})}};
}

Json schemas() {
  const Json probability{{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
  const Json prediction =
      object({{"class", text("string")}, {"name", text("string")}, {"probability", probability}});
  const Json number = object({{"name", text("string")},
                              {"value", text("number")},
                              {"interval", list_of(text("number"))},
                              {"level", probability}},
                             {"interval", "level"});
  // Of one class: answer and predictions; of several labels: labels and predictions; or numbers. All have
  // unknown.
  const Json photo = object({{"file", text("string")},
                             {"labels", list_of(text("string"))},
                             {"numbers", list_of(number)},
                             {"answer", text("string")},
                             {"unknown", text("boolean")},
                             {"answer_reason", text("string")},
                             {"answer_also", list_of(text("string"))},
                             {"predictions", list_of(reference("Prediction"))},
                             {"note", text("string")},
                             {"distance", text("number")},
                             {"unlike_training_photos", text("boolean")}},
                            {"note", "distance", "unlike_training_photos", "answer_reason", "answer_also",
                             "answer", "predictions", "labels", "numbers"});
  const Json skipped = object({{"file", text("string")}, {"reason", text("string")}});
  const Json model = object({{"name", text("string")},
                             {"version", text("string")},
                             {"kind", {{"type", "string"}, {"enum", {"class", "labels", "numbers"}}}},
                             {"classes", list_of(text("string"))},
                             {"image_size", list_of(text("integer"))},
                             {"ready", text("boolean")}});
  return {{"Error", object({{"error", text("string")}})},
          {"Prediction", prediction},
          {"Photo", photo},
          {"Skipped", skipped},
          {"Answers", object({{"model", text("string")},
                              {"version", text("string")},
                              {"photos", list_of(reference("Photo"))},
                              {"skipped_images", list_of(reference("Skipped"))}})},
          {"Features", object({{"model", text("string")},
                               {"version", text("string")},
                               {"photos", list_of(object({{"file", text("string")},
                                                          {"features", list_of(text("number"))}}))}})},
          {"Explanation", object({{"model", text("string")},
                                  {"version", text("string")},
                                  {"file", text("string")},
                                  {"class", text("string")},
                                  {"name", text("string")},
                                  {"probability", probability},
                                  {"method", text("string")},
                                  {"layer", text("string")},
                                  {"image", text("string")}})},
          {"Model", model},
          {"Models", object({{"models", list_of(reference("Model"))},
                             {"collects", text("boolean")},
                             {"graft_version", text("string")}})}};
}

Json content(const std::string& type, const Json& schema) { return {{type, {{"schema", schema}}}}; }

Json answer(const char* description, const Json& schema) {
  return {{"description", description}, {"content", content("application/json", schema)}};
}

/// 200 and the errors that a route can have.
Json answers(const Json& good, const std::vector<std::string>& errors) {
  Json all{{"200", good}};
  for (const std::string& status : errors) all[status] = answer("an error", reference("Error"));
  return all;
}

Json parameter(const char* name, const char* place, const Json& schema, const char* description) {
  return {{"name", name},
          {"in", place},
          {"schema", schema},
          {"description", description},
          {"required", std::string(place) == "path"}};
}

/// most: files of a form.
Json photo_body(std::size_t most) {
  const Json file{{"type", "string"}, {"format", "binary"}};
  const Json files{{"type", "array"}, {"minItems", 1}, {"maxItems", most}, {"items", file}};
  Json types = content("multipart/form-data", object({{"image", files}}));
  types.update(content("application/octet-stream", file));
  return {{"required", true}, {"content", types}};
}

/// A route that takes photos.
struct PhotoRoute {
  const char* summary;
  Json good;
  Json parameters = Json::array();
  std::size_t most = 1;  ///< photos in a request
};

Json photo_route(const PhotoRoute& route) {
  Json parameters = Json::array();
  parameters.push_back(
      parameter("model", "query", text("string"), "its name; the first model where it is missing"));
  for (const Json& one : route.parameters) parameters.push_back(one);
  return {{"post",
           {{"summary", route.summary},
            {"parameters", parameters},
            {"requestBody", photo_body(route.most)},
            {"responses", answers(route.good, {"400", "401", "403", "404", "413", "415", "500", "503"})}}}};
}

Json get_route(const char* summary, const Json& good, const Json& parameters = Json::array(),
               std::vector<std::string> errors = {}) {
  errors.insert(errors.end(), {"401", "403"});
  return {{"get", {{"summary", summary}, {"parameters", parameters}, {"responses", answers(good, errors)}}}};
}

/// KServe's paths: each of a model with its version and without.
Json kserve_paths() {
  const Json any{{"type", "object"}};
  Json all{
      {"/v2", get_route("The server (KServe v2)", answer("the server", any))},
      {"/v2/health/live", get_route("Whether it runs", answer("it does", any))},
      {"/v2/health/ready", get_route("Whether it is ready", answer("it is", any), Json::array(), {"503"})}};
  Json parameters = Json::array({parameter("name", "path", text("string"), "of the model")});
  for (const std::string& path :
       {std::string("/v2/models/{name}"), std::string("/v2/models/{name}/versions/{version}")}) {
    if (path.ends_with("{version}"))
      parameters.push_back(parameter("version", "path", text("string"), "that the model has"));
    all[path] = get_route("A model's inputs and outputs", answer("the model", any), parameters, {"404"});
    all[path + "/ready"] =
        get_route("Whether a model is ready", answer("it is", any), parameters, {"404", "503"});
    all[path + "/infer"] = {
        {"post",
         {{"summary", "Probabilities of a batch of pixels (KServe v2)"},
          {"parameters", parameters},
          {"requestBody",
           {{"required", true}, {"content", content("application/json", reference("InferRequest"))}}},
          {"responses", answers(answer("the probabilities", reference("InferAnswer")),
                                {"400", "401", "403", "404", "413", "415", "500", "503"})}}}};
  }
  return all;
}

Json photo_paths(std::size_t most) {
  const Json number{{"type", "integer"}, {"minimum", 1}, {"maximum", 100000}};
  const Json of_class = text("string");
  Json collected =
      photo_route({.summary = "Keep a photo for the next training",
                   .good = answer("unused", text("object")),
                   .parameters = Json::array(
                       {parameter("class", "query", of_class, "the right one, of a model of one class"),
                        parameter("instead", "query", of_class, "the class for which it was kept before"),
                        parameter("labels", "query", of_class,
                                  "of a model of several labels: the right ones with | between; empty: none"),
                        parameter("numbers", "query", of_class,
                                  "of a model of numbers: the right ones with | between, in its order")})});
  collected["post"]["responses"]["201"] = answer("kept", object({{"kept", text("string")}}));
  collected["post"]["responses"].erase("200");
  Json explained =
      photo_route({.summary = "Where an answer comes from",
                   .good = answer("the photo with its heat map", reference("Explanation")),
                   .parameters = Json::array(
                       {parameter("class", "query", of_class, "to explain; the most probable one"),
                        parameter("format", "query", {{"type", "string"}, {"enum", {"json", "webp"}}},
                                  "json; webp sends the picture alone")})});
  explained["post"]["responses"]["200"]["content"].update(
      content("image/webp", {{"type", "string"}, {"format", "binary"}}));
  return {{"/v1/predict",
           photo_route(
               {.summary = "Classify photos",
                .good = answer("the answers", reference("Answers")),
                .parameters = Json::array(
                    {parameter("top", "query", number, "number of classes for each photo; 5"),
                     parameter("reject", "query", {{"type", "string"}, {"enum", {"true", "false", "auto"}}},
                               "whether answers may be unknown; auto: where the model can tell; false")}),
                .most = most})},
          {"/v1/features", photo_route({.summary = "Features of photos",
                                        .good = answer("the features", reference("Features")),
                                        .most = most})},
          {"/v1/explain", explained},
          {"/v1/collect", collected}};
}

Json paths(std::size_t most) {
  const Json any{{"type", "object"}};
  const Json plain{{"description", "text"}, {"content", content("text/plain", text("string"))}};
  Json all{
      {"/healthz", get_route("Whether predictions succeed", answer("they do", any), Json::array(), {"503"})},
      {"/readyz",
       get_route("Whether requests are accepted", answer("they are", any), Json::array(), {"503"})},
      {"/metrics", get_route("Counters for Prometheus", plain)},
      {"/v1/models", get_route("The models", answer("the models", reference("Models")))}};
  // For programs that watch the server, which need no token.
  for (const char* path : {"/healthz", "/readyz"}) all[path]["get"]["security"] = Json::array();
  all.update(photo_paths(most));
  all.update(kserve_paths());
  return all;
}

}  // namespace

Json openapi(bool with_token, std::size_t photos) {
  Json all{{"openapi", "3.1.0"},
           {"info",
            {{"title", "graft serve"},
             {"version", version()},
             {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
           {"paths", paths(photos)},
           {"components", {{"schemas", schemas()}}}};
  all["components"]["schemas"].update(kserve_schemas());
  if (with_token) {
    all["components"]["securitySchemes"] = {{"token", {{"type", "http"}, {"scheme", "bearer"}}}};
    all["security"] = Json::array({{{"token", Json::array()}}});
  }
  return all;
}

}  // namespace graft::serve
