// SPDX-License-Identifier: Apache-2.0
// What a request about photos holds: a photo as the body, or a form with one or many.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "serve/api.hpp"

namespace graft::serve {

/// The photos of a body, and what they are called.
struct Upload {
  std::shared_ptr<std::string> body;  ///< that the photos are in
  std::vector<PhotoBytes> photos;
  std::vector<std::string> names;
  bool is_form = false;
};
/// Every part of a form that has a file's name, or is called "image" or "file". Takes the request's body.
/// Errors: Error{bad_file}, Error{invalid_argument} for none or too many.
[[nodiscard]] Upload upload_of(Request& request, const Limits& limits);
/// The model that a request names. Null: there is none, and the request was answered.
[[nodiscard]] ModelService* model_or_answer(Api& api, const RequestHead& request, const Reply& reply);

}  // namespace graft::serve
