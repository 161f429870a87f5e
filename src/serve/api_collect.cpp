// SPDX-License-Identifier: Apache-2.0
// POST /v1/collect: photos that a person corrects, kept for the next training.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <utility>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"
#include "graft/hash.hpp"
#include "graft/image.hpp"

#include "serve/api.hpp"
#include "serve/photo_table.hpp"
#include "serve/upload.hpp"

namespace graft::serve {
namespace {

namespace fs = std::filesystem;

/// What a person says of a photo, in the words of one kind of model.
struct Correction {
  std::string_view kind;
  std::string class_name{}, instead{};  ///< instead: the class for which the photo was kept before
  Labels labels{};
  std::vector<std::string> numbers{};  ///< as they were written, in the model's order
};

/// Whether a class's name is a folder below another one, also one of nested classes such as animal/dog.
bool is_folder_below(const std::string& class_name) {
  return std::ranges::none_of(split(class_name, '/'), [](const std::string& part) {
    return part.empty() || part.starts_with('.') ||
           part.find_first_of(std::string_view("\\\0", 2)) != std::string::npos;
  });
}

/// Only names of the model: nothing that a request contains becomes part of a path.
void expect_class(const std::string& name, const std::vector<std::string>& names) {
  if (std::ranges::find(names, name) == names.end() || !is_folder_below(name))
    fail(ErrorKind::not_found, "class: expected one of the model's classes; see /v1/models");
}

Correction right_class(const RequestHead& request, const std::vector<std::string>& names) {
  Correction right{
      .kind = kOneClass, .class_name = request.value("class"), .instead = request.value("instead")};
  expect_class(right.class_name, names);
  if (!right.instead.empty()) expect_class(right.instead, names);
  return right;
}

Correction right_labels(const RequestHead& request, const std::vector<std::string>& names) {
  if (!request.query.contains("labels"))
    fail(ErrorKind::invalid_argument,
         "labels: expected the photo's labels with | between them; empty: it has none of them");
  Correction right{.kind = kSeveralLabels, .labels = labels_in_field(request.value("labels"), '|')};
  for (const std::string& label : right.labels) {
    if (std::ranges::find(names, label) == names.end())
      fail(ErrorKind::not_found, "labels: the model has no label '", printable(label), "'; see /v1/models");
  }
  return right;
}

bool is_number(const std::string& text) {
  constexpr double kLargest = 1e18;  // that graft train reads
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::abs(value) <= kLargest;
}

Correction right_numbers(const RequestHead& request, const std::vector<std::string>& names) {
  Correction right{.kind = kNumbers, .numbers = split(request.value("numbers"), '|')};
  if (right.numbers.size() != names.size() || !std::ranges::all_of(right.numbers, is_number))
    fail(ErrorKind::invalid_argument, "numbers: expected ", names.size(),
         " such as 12.5, with | between them (", comma_list(names), "), received '",
         printable(request.value("numbers")), "'");
  return right;
}

Correction correction_in(const RequestHead& request, const Classifier& classifier) {
  const std::vector<std::string>& names = classifier.class_names();
  const std::string_view kind = kind_of(classifier);
  if (kind == kOneClass) return right_class(request, names);
  return kind == kSeveralLabels ? right_labels(request, names) : right_numbers(request, names);
}

/// The hash of the bytes and the format's usual ending: a photo is kept once, and only who has it can correct
/// it. Errors: as data::decode_image, for what is no photo.
std::string name_of_photo(PhotoBytes photo, std::int64_t most_pixels) {
  static_cast<void>(data::decode_image(photo, {.max_pixels = most_pixels}));
  std::string extension(
      data::to_string(data::image_format_of(photo.first(std::min(photo.size(), data::kImageHeadBytes)))));
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return to_hex(Hasher().add(photo).digest()) + "." + extension;
}

void write_photo(const fs::path& folder, const std::string& name, PhotoBytes photo) {
  fs::create_directories(folder);
  write_file_atomically(folder / name,
                        std::string_view(reinterpret_cast<const char*>(photo.data()), photo.size()));
}

/// The list of a folder; without a file one of these columns.
PhotoTable table_in(const fs::path& folder, std::vector<std::string> columns) {
  constexpr std::uintmax_t kMost = std::uintmax_t{256} << 20;
  std::error_code ignored;
  if (!fs::exists(folder / kLabelFile, ignored)) return {.header = std::move(columns)};
  std::optional<PhotoTable> table = read_photo_table(read_file(folder / kLabelFile, kMost));
  if (!table)
    fail(ErrorKind::invalid_argument, kLabelFile,
         " in the folder of --collect is not understood: expected UTF-8 and a first line with a column path");
  return std::move(*table);
}

[[noreturn]] void fail_without_column(const std::string& name) {
  fail(ErrorKind::invalid_argument, kLabelFile, " in the folder of --collect has no column ", printable(name),
       ": start graft serve with another --collect folder");
}

/// Labels that the model does not know stay: another round may have brought them.
void keep_labels(const fs::path& folder, const std::string& photo, const Labels& labels,
                 const std::vector<std::string>& known) {
  PhotoTable table = table_in(folder, {"path", "labels"});
  const std::optional<std::size_t> column = table.label_column();
  if (!column) fail_without_column("labels");
  std::vector<std::string> fields;
  for (const std::vector<std::string>& row : table.rows)
    if (row.size() > *column) fields.push_back(row[*column]);
  const char separator = separator_in(fields);
  Labels kept = labels;
  for (std::vector<std::string>& row : table.rows) {
    if (row.size() <= *column) continue;
    const Labels before = labels_in_field(row[*column], separator);
    row[*column] = joined(before);
    if (listed_path(row[table.path_column]) != photo) continue;
    for (const std::string& label : before)
      if (std::ranges::find(known, label) == known.end()) kept.push_back(label);
  }
  table.row_of(photo)[*column] = joined(sorted_once(std::move(kept)));
  write_file_atomically(folder / kLabelFile, table.text());
}

void keep_numbers(const fs::path& folder, const std::string& photo, const std::vector<std::string>& names,
                  const std::vector<std::string>& numbers) {
  std::vector<std::string> columns{"path"};
  columns.insert(columns.end(), names.begin(), names.end());
  PhotoTable table = table_in(folder, std::move(columns));
  std::vector<std::string>& row = table.row_of(photo);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::array<std::string_view, 1> name{names[i]};
    const std::optional<std::size_t> column = table.column(name);
    if (!column) fail_without_column(names[i]);
    row[*column] = numbers[i];
  }
  write_file_atomically(folder / kLabelFile, table.text());
}

/// Returns the photo's path below the folder.
std::string keep_photo(const fs::path& folder, const Correction& right, const std::string& name,
                       PhotoBytes photo, const std::vector<std::string>& names) {
  if (right.kind == kOneClass) {
    write_photo(folder / right.class_name, name, photo);
    std::error_code ignored;  // it may have been moved meanwhile
    if (!right.instead.empty() && right.instead != right.class_name)
      fs::remove(folder / right.instead / name, ignored);
    return right.class_name + "/" + name;
  }
  write_photo(folder / kListedPhotos, name, photo);
  std::string path = cat(kListedPhotos, "/", name);
  const FolderLock lock(folder);
  if (right.kind == kSeveralLabels) {
    keep_labels(folder, path, right.labels, names);
  } else {
    keep_numbers(folder, path, names, right.numbers);
  }
  return path;
}

}  // namespace

void expect_one_kind(const std::vector<std::unique_ptr<ModelService>>& services) {
  std::string kinds;
  bool differ = false;
  for (const auto& service : services) {
    const std::string_view kind = kind_of(service->loaded()->classifier);
    differ = differ || kind != kind_of(services.front()->loaded()->classifier);
    kinds += cat(kinds.empty() ? "" : ", ", service->name(), ": ", kind);
  }
  if (differ)
    fail_option(ErrorKind::invalid_argument, "collect", "collect: the models answer in different ways (",
                kinds, "), whose photos cannot be kept in one folder; serve them apart, each with its own");
}

/// A photo of one class goes to the class's folder, others to one folder, with a row in the list beside it.
void answer_collect(Api& api, Request& request, const std::string&, const Reply& reply) {
  if (api.options.collect.empty())
    return reply(error_response(403, "the server keeps no photos: it was started without --collect"));
  ModelService* service = model_or_answer(api, request, reply);
  if (service == nullptr) return;
  expect_one_kind(api.services);  // a model file may have been replaced
  const auto loaded = service->loaded();
  const Correction right = correction_in(request, loaded->classifier);
  const Upload upload = upload_of(request, api.options.limits);
  if (upload.photos.size() != 1) return reply(error_response(400, "expected one photo"));
  OtherJob job{.run = [reply, upload, right, loaded, pixels = api.options.limits.pixels,
                       folder = api.options.collect](const WorkPlace&) {
    const PhotoBytes photo = upload.photos.front();
    const std::string name = name_of_photo(photo, pixels);
    const std::string kept = keep_photo(folder, right, name, photo, loaded->classifier.class_names());
    reply(json_response({{"kept", kept}}, 201));
  }};
  submit(api, *service, std::move(job), reply);
}

}  // namespace graft::serve
