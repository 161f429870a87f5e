// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <charconv>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/read_file.hpp"
#include "graft/image.hpp"

#include "serve/api.hpp"
#include "serve/studio/names.hpp"
#include "serve/studio/refusal.hpp"
#include "serve/studio/routes.hpp"

namespace graft::serve::studio {
namespace {

constexpr std::size_t kMostPhotos = 200;  // of a page
constexpr std::int64_t kSmall = 224, kLarge = 1200;

Json photo_json(const PhotoEntry& photo) { return {{"name", photo.name}, {"stamp", photo.stamp}}; }

void answer_photos(Desk& desk, Request& request, const Reply& reply) {
  const std::size_t offset = number_of(request, "offset", 0, SIZE_MAX / 2);
  const std::size_t count = number_of(request, "count", 60, kMostPhotos);
  const PhotoPage page = desk.project.page(request.value("class"), offset, count);
  Json photos = Json::array();
  for (const PhotoEntry& photo : page.photos) photos.push_back(photo_json(photo));
  reply(json_response({{"total", page.total}, {"offset", offset}, {"photos", std::move(photos)}}));
}

void answer_picture(Desk& desk, Request& request, const Reply& reply) {
  const std::filesystem::path file = desk.project.file_of(photo_in(request));
  const bool large = request.value("size") == "large";
  // The address has the file's stamp: what it shows never changes.
  reply({.content_type = "image/webp",
         .body = desk.pictures.get(file, large ? kLarge : kSmall),
         .headers = {{"Cache-Control", "private, max-age=3600"}}});
}

/// The file as it is. Its type is not stated: a browser must not run what a file from elsewhere holds.
void answer_original(Desk& desk, Request& request, const Reply& reply) {
  constexpr std::uintmax_t kMostFile = std::uintmax_t{1} << 30;
  reply({.content_type = "application/octet-stream",
         .body = read_file(desk.project.file_of(photo_in(request)), kMostFile)});
}

void answer_add_class(Desk& desk, Request& request, const Reply& reply) {
  desk.project.add_class(request.value("name"));
  reply(json_response({{"name", request.value("name")}}, 201));
}

void answer_rename_class(Desk& desk, Request& request, const Reply& reply) {
  desk.project.rename_class(request.value("name"), request.value("to"), request.value("revision"));
  reply(json_response({{"name", request.value("to")}}));
}

void answer_remove_class(Desk& desk, Request& request, const Reply& reply) {
  const std::string name = request.value("name");
  const std::string kept = desk.project.remove_class(name, request.value("revision"));
  reply(json_response({{"removed", name}, {"kept", kept}}));
}

void answer_restore_class(Desk& desk, Request& request, const Reply& reply) {
  desk.project.restore_class(request.value("name"), request.value("kept"));
  reply(json_response({{"name", request.value("name")}}));
}

void answer_move_loose(Desk& desk, Request& request, const Reply& reply) {
  const std::string to = request.value("to");
  reply(json_response({{"class", to}, {"moved", desk.project.move_loose(to)}}));
}

/// The usual ending of a picture's format. Errors: Refusal 400 for other files.
std::string extension_of(const std::string& bytes) {
  const auto head = std::as_bytes(std::span(bytes)).first(std::min(bytes.size(), data::kImageHeadBytes));
  const data::ImageFormat format = data::image_format_of(head);
  std::string extension(data::to_string(format));
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!has_picture_name("a." + extension))
    throw Refusal(
        400, "this is no picture that graft reads: JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC, AVIF and Netpbm");
  return extension;
}

/// A photo is first written beside the classes, and joins its class when it was decoded.
void answer_add_photo(Desk& desk, Request& request, const Reply& reply) {
  const std::string name = file_name_of(request.value("name"), extension_of(request.body));
  const std::filesystem::path scratch = desk.project.scratch_file();
  write_file_atomically(scratch, request.body);
  bool known = false;
  std::string kept;
  try {
    const auto bytes = std::as_bytes(std::span(request.body));
    static_cast<void>(
        data::decode_image(bytes, {.jpeg_scale = data::JpegScale::reduced, .max_pixels = desk.options.pixels},
                           Size2D{kSmall, kSmall}));
    kept = desk.project.add_photo(request.value("class"), name, scratch, known);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(scratch, ignored);
    throw;
  }
  reply(json_response({{"name", kept}, {"known", known}}, known ? 200 : 201));
}

void answer_move(Desk& desk, Request& request, const Reply& reply) {
  const std::string name = desk.project.move_photo(photo_in(request), request.value("to"));
  reply(json_response({{"class", request.value("to")}, {"name", name}}));
}

void answer_remove(Desk& desk, Request& request, const Reply& reply) {
  const PhotoKey photo = photo_in(request);
  Json answer{{"class", photo.class_name}, {"kept", desk.project.remove_photo(photo)}, {"labels", nullptr}};
  if (desk.project.grouping() == Grouping::labels) {
    if (const auto labels = desk.tags.forget(photo.name)) answer["labels"] = *labels;
  }
  reply(json_response(answer));
}

void answer_restore(Desk& desk, Request& request, const Reply& reply) {
  const std::string name = desk.project.restore(request.value("class"), request.value("kept"));
  reply(json_response({{"class", request.value("class")}, {"name", name}}));
}

}  // namespace

std::size_t number_of(const Request& request, const std::string& name, std::size_t usual, std::size_t most) {
  const std::string text = request.value(name);
  if (text.empty()) return usual;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most)
    throw Refusal(400, cat(name, ": expected a whole number up to ", most));
  return number;
}

PhotoKey photo_in(const Request& request) {
  return {
      .class_name = request.value("class"), .name = request.value("name"), .stamp = request.value("stamp")};
}

std::vector<StudioRoute> photo_routes() {
  return {
      {"GET", "/studio/photos", true, &answer_photos},
      {"GET", "/studio/picture", false, &answer_picture},
      {"GET", "/studio/original", false, &answer_original},
      {"POST", "/studio/classes", true, &answer_add_class},
      {"POST", "/studio/classes/rename", true, &answer_rename_class},
      {"POST", "/studio/classes/remove", true, &answer_remove_class},
      {"POST", "/studio/classes/restore", true, &answer_restore_class},
      {"POST", "/studio/loose", true, &answer_move_loose},
      {"POST", "/studio/photos", false, &answer_add_photo},
      {"POST", "/studio/move", true, &answer_move},
      {"POST", "/studio/remove", true, &answer_remove},
      {"POST", "/studio/restore", true, &answer_restore},
  };
}

}  // namespace graft::serve::studio
