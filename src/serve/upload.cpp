// SPDX-License-Identifier: Apache-2.0
#include "serve/upload.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "serve/multipart.hpp"

namespace graft::serve {
namespace {

PhotoBytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

}  // namespace

Upload upload_of(Request& request, const Limits& limits) {
  Upload upload{.body = std::make_shared<std::string>(std::move(request.body)), .photos = {}, .names = {}};
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

ModelService* model_or_answer(Api& api, const RequestHead& request, const Reply& reply) {
  ModelService* service = api.find(request.value("model"));
  if (service == nullptr)
    reply(error_response(404,
                         cat("there is no model '", printable(request.value("model")), "'; see /v1/models")));
  return service;
}

}  // namespace graft::serve
