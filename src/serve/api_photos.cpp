// SPDX-License-Identifier: Apache-2.0
// POST /v1/predict, /v1/features, /v1/explain, /v1/collect: a photo as the body, or a form with one or many.
#include <algorithm>
#include <charconv>
#include <filesystem>

#include "graft/base/atomic_file.hpp"
#include "graft/base/base64.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/answer_json.hpp"
#include "graft/hash.hpp"

#include "serve/api.hpp"
#include "serve/model_extras.hpp"
#include "serve/multipart.hpp"

namespace graft::serve {
namespace {

constexpr int kUsualTop = 5;

/// The photos of a body, and what they are called.
struct Upload {
  std::shared_ptr<std::string> body;  ///< that the photos are in
  std::vector<PhotoBytes> photos;
  std::vector<std::string> names;
  bool is_form = false;
};

PhotoBytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

/// Every part of a form that has a file's name, or is called "image" or "file". Errors: Error{bad_file},
/// Error{invalid_argument} for none or too many.
Upload upload_of(Request& request, const Limits& limits) {
  Upload upload{.body = std::make_shared<std::string>(std::move(request.body))};
  const std::string boundary = boundary_of(request.content_type);
  upload.is_form = !boundary.empty();
  if (upload.is_form) {
    for (const FormPart& part : form_parts(*upload.body, boundary, limits.photos)) {
      if (part.filename.empty() && part.name != "image" && part.name != "file") continue;
      upload.photos.push_back(bytes_of(part.content));
      upload.names.emplace_back(part.filename.empty() ? part.name : part.filename);
    }
  } else if (!upload.body->empty()) {
    upload.photos.push_back(bytes_of(*upload.body));
    upload.names.push_back(request.value("name"));
  }
  if (upload.photos.empty())
    fail(ErrorKind::invalid_argument,
         "expected a photo: as the body, or as files of a multipart/form-data form");
  return upload;
}

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

/// The model that a request names; none: it was answered.
ModelService* model_or_answer(Api& api, const RequestHead& request, const Reply& reply) {
  ModelService* service = api.find(request.value("model"));
  if (service == nullptr)
    reply(error_response(404,
                         cat("there is no model '", printable(request.value("model")), "'; see /v1/models")));
  return service;
}

/// The extras of a model, made at the first use and kept as long as this file is served. The caller holds
/// their mutex.
ModelExtras& extras_of(const LoadedModel& loaded) {
  if (!loaded.extras) loaded.extras = std::make_shared<ModelExtras>(loaded.classifier);
  return *loaded.extras;
}

/// Whether a class's name is a folder below another one, also one of nested classes such as animal/dog.
bool is_folder_below(const std::string& class_name) {
  return std::ranges::none_of(split(class_name, '/'), [](const std::string& part) {
    return part.empty() || part.starts_with('.') ||
           part.find_first_of(std::string_view("\\\0", 2)) != std::string::npos;
  });
}

}  // namespace

void answer_predict(Api& api, Request& request, const std::string&, const Reply& reply) {
  ModelService* service = model_or_answer(api, request, reply);
  if (service == nullptr) return;
  const int top = number_in(request, "top", kUsualTop, 100000);
  const Upload upload = upload_of(request, api.options.limits);
  const std::string name = service->name(), reject = request.value("reject");
  if (request.query.contains("reject") && reject != "true" && reject != "false")
    return reply(error_response(400, "reject: expected true or false"));
  PredictJob job{.photos = upload.photos,
                 .top = top,
                 .reject = reject == "true",
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

/// Keeps a photo for the next training, in the folder of the class that a person chose. A file's name is the
/// hash of its bytes, so that a photo is kept once, and only who has it can move it to another class.
void answer_collect(Api& api, Request& request, const std::string&, const Reply& reply) {
  if (api.options.collect.empty())
    return reply(error_response(403, "the server keeps no photos: it was started without --collect"));
  ModelService* service = model_or_answer(api, request, reply);
  if (service == nullptr) return;
  const std::string class_name = request.value("class"), before = request.value("instead");
  const auto loaded = service->loaded();
  if (kind_of(loaded->classifier) != kOneClass)
    return reply(error_response(
        400, "photos are kept in folders of classes, of which this model does not give a photo one"));
  const std::vector<std::string>& names = loaded->classifier.class_names();
  // Only names of the model: nothing that a request contains becomes part of a path.
  const auto is_class = [&names](const std::string& name) {
    return std::ranges::find(names, name) != names.end() && is_folder_below(name);
  };
  if (!is_class(class_name) || (!before.empty() && !is_class(before)))
    return reply(error_response(404, "class: expected one of the model's classes; see /v1/models"));
  const Upload upload = upload_of(request, api.options.limits);
  if (upload.photos.size() != 1) return reply(error_response(400, "expected one photo"));
  const std::int64_t pixels = api.options.limits.pixels;
  OtherJob job{.run = [reply, upload, pixels, class_name, before,
                       folder = api.options.collect](const WorkPlace&) {
    const PhotoBytes photo = upload.photos.front();
    static_cast<void>(data::decode_image(photo, {.max_pixels = pixels}));  // a photo, not any file
    std::string extension(
        data::to_string(data::image_format_of(photo.first(std::min(photo.size(), data::kImageHeadBytes)))));
    std::ranges::transform(extension, extension.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::filesystem::create_directories(folder / class_name);
    const std::string name = to_hex(Hasher().add(photo).digest()) + "." + extension;
    write_file_atomically(folder / class_name / name,
                          std::string_view(reinterpret_cast<const char*>(photo.data()), photo.size()));
    std::error_code ignored;  // it may have been moved meanwhile
    if (!before.empty() && before != class_name) std::filesystem::remove(folder / before / name, ignored);
    reply(json_response({{"kept", class_name + "/" + name}}, 201));
  }};
  submit(api, *service, std::move(job), reply);
}

}  // namespace graft::serve
