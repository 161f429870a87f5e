// SPDX-License-Identifier: Apache-2.0
// POST /v1/predict, /v1/features, /v1/explain.
#include <charconv>

#include "graft/base/base64.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/answer_json.hpp"

#include "serve/api.hpp"
#include "serve/model_extras.hpp"
#include "serve/upload.hpp"

namespace graft::serve {
namespace {

constexpr int kUsualTop = 5;

/// A number of the query. Errors: Error{invalid_argument}.
int number_in(const RequestHead& request, const std::string& name, int usual, int most) {
  if (!request.query.contains(name)) return usual;
  const std::string text = request.value(name);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > most)
    fail(ErrorKind::invalid_argument, name, ": expected a whole number from 1 to ", most, ", received '",
         printable(text), "'");
  return number;
}

/// Each photo as `graft predict --json` has it.
Response predicted(const std::vector<PhotoPrediction>& answers, const Upload& upload,
                   const std::string& model, const LoadedModel& loaded, std::size_t top) {
  Json photos = Json::array(), skipped = Json::array();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].error.empty()) {
      Json photo{{"file", upload.names[i]}};
      photo.update(classify::answer_json(answers[i], loaded.classifier.has_several_labels(), top));
      photos.push_back(std::move(photo));
    } else {
      skipped.push_back({{"file", upload.names[i]}, {"reason", answers[i].error}});
    }
  }
  if (photos.empty() && !upload.is_form) return error_response(400, answers.front().error);
  Json answer{{"model", model}, {"version", loaded.version}, {"photos", photos}, {"skipped_images", skipped}};
  if (photos.empty()) answer["error"] = "none of the files is a photo that can be read";
  return json_response(answer, photos.empty() ? 400 : 200);
}

/// The extras of a model, made at the first use and kept as long as this file is served. The caller holds
/// their mutex.
ModelExtras& extras_of(const LoadedModel& loaded) {
  if (!loaded.extras) loaded.extras = std::make_shared<ModelExtras>(loaded.classifier);
  return *loaded.extras;
}

}  // namespace

void answer_predict(Api& api, Request& request, const std::string&, const Reply& reply) {
  ModelService* service = model_or_answer(api, request, reply);
  if (service == nullptr) return;
  const int top = number_in(request, "top", kUsualTop, 100000);
  const Upload upload = upload_of(request, api.options.limits);
  const std::string name = service->name(), reject = request.value("reject");
  if (request.query.contains("reject") && reject != "true" && reject != "false" && reject != "auto")
    return reply(error_response(400, "reject: expected true, false or auto"));
  PredictJob job{.photos = upload.photos,
                 .top = top,
                 .reject = reject == "true"   ? Reject::always
                           : reject == "auto" ? Reject::where_possible
                                              : Reject::never,
                 .done = [reply, upload, name, top](const std::vector<PhotoPrediction>& answers,
                                                    const LoadedModel& loaded) {
                   reply(predicted(answers, upload, name, loaded, static_cast<std::size_t>(top)));
                 }};
  submit(api, *service, std::move(job), reply);
}

void answer_features(Api& api, Request& request, const std::string&, const Reply& reply) {
  ModelService* service = model_or_answer(api, request, reply);
  if (service == nullptr) return;
  const Upload upload = upload_of(request, api.options.limits);
  const std::int64_t pixels = api.options.limits.pixels;
  OtherJob job{.run = [reply, upload, pixels, name = service->name()](const WorkPlace& place) {
    const LoadedModel& loaded = place.loaded;
    const std::lock_guard lock(loaded.extras_mutex);
    const ThreadLimit limit(place.threads());
    Json photos = Json::array();
    const auto rows = extras_of(loaded).features(upload.photos, pixels);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto values = rows[i].rows.data<float>();
      photos.push_back(
          {{"file", upload.names[i]}, {"features", std::vector<float>(values.begin(), values.end())}});
    }
    reply(json_response({{"model", name}, {"version", loaded.version}, {"photos", photos}}));
  }};
  submit(api, *service, std::move(job), reply);
}

void answer_explain(Api& api, Request& request, const std::string&, const Reply& reply) {
  ModelService* service = model_or_answer(api, request, reply);
  if (service == nullptr) return;
  const std::string class_name = request.value("class"), format = request.value("format");
  if (request.query.contains("format") && format != "webp" && format != "json")
    return reply(error_response(400, "format: expected json or webp"));
  if (service->loaded()->classifier.gives_numbers())
    return reply(error_response(400, "the model estimates numbers, and heat maps are of classes"));
  const Upload upload = upload_of(request, api.options.limits);
  if (upload.photos.size() != 1) return reply(error_response(400, "expected one photo"));
  const std::int64_t pixels = api.options.limits.pixels;
  OtherJob job{
      .run = [reply, upload, class_name, format, pixels, name = service->name()](const WorkPlace& place) {
        const LoadedModel& loaded = place.loaded;
        const std::lock_guard lock(loaded.extras_mutex);
        const ThreadLimit limit(place.threads());
        const ExplainedPhoto found = extras_of(loaded).explain(upload.photos.front(), class_name, pixels);
        if (format == "webp") return reply({.content_type = "image/webp", .body = found.webp});
        const Explanation& why = found.explanation;
        reply(json_response({{"model", name},
                             {"version", loaded.version},
                             {"file", upload.names.front()},
                             {"class", why.explained.class_id},
                             {"name", why.explained.name},
                             {"probability", why.explained.probability},
                             {"method", to_string(why.method)},
                             {"layer", why.layer},
                             {"image", "data:image/webp;base64," + base64(found.webp)}}));
      }};
  submit(api, *service, std::move(job), reply);
}

}  // namespace graft::serve
