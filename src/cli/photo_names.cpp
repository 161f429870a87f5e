// SPDX-License-Identifier: Apache-2.0
#include "cli/photo_names.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>

#include "graft/base/fail.hpp"

#include "cli/photos.hpp"

namespace graft::cli {

namespace fs = std::filesystem;

std::vector<fs::path> NamedPhotos::paths(std::size_t begin, std::size_t end) const {
  std::vector<fs::path> result;
  for (std::size_t i = begin; i < std::min(end, names.size()); ++i) result.emplace_back(names[i]);
  return result;
}

Hash128 NamedPhotos::hash() const {
  Hasher hasher;
  for (std::size_t i = 0; i < names.size(); ++i) hasher.add(names[i]);
  for (const data::LeftOut& file : left_out) {
    if (file.unreadable) hasher.add(file.path.string()).add(file.reason);
  }
  return hasher.digest();
}

namespace {

void add_list(const std::string& list, data::PhotoNames& names) {
  if (list == "-") return names.add_list(std::cin);
  std::error_code error;
  std::ifstream in(list, std::ios::binary);
  if (!fs::exists(list, error)) fail(ErrorKind::not_found, "--list: there is no file '", list, "'");
  if (!in || fs::is_directory(list, error)) fail(ErrorKind::io, "--list ", list, ": the file cannot be read");
  names.add_list(in);
}

}  // namespace

NamedPhotos find_photos(const std::vector<std::string>& images, const std::string& list,
                        const data::ListOptions& listing) {
  NamedPhotos result;
  if (!images.empty()) check_any_exists(images);
  data::ListOptions options = listing;
  options.infer_labels = false;
  options.on_photo = [&](const fs::path& photo) { result.names.add(photo.native()); };
  for (const std::string& name : images) {
    std::error_code ignored;
    if (name == "-") {
      result.names.add_list(std::cin);
    } else if (fs::is_directory(name, ignored) || data::is_archive(name)) {
      data::PhotoList found = data::list_photos(name, options);
      std::ranges::move(found.left_out, std::back_inserter(result.left_out));
      std::ranges::move(found.notes, std::back_inserter(result.notes));
    } else {
      result.names.add(name);
    }
  }
  if (!list.empty()) add_list(list, result.names);
  return result;
}

Shard read_shard(const std::string& text) {
  Shard shard{.number = 0, .count = 0};
  const char* const end = text.data() + text.size();
  const auto [slash, first] = std::from_chars(text.data(), end, shard.number);
  if (first == std::errc() && slash != end && *slash == '/') {
    const auto [rest, second] = std::from_chars(slash + 1, end, shard.count);
    if (second == std::errc() && rest == end && shard.number >= 1 && shard.number <= shard.count)
      return shard;
  }
  fail(ErrorKind::invalid_argument,
       "expected the number of this job and how many there are, from 1/n to n/n, ", "such as 2/8; received '",
       text, "'");
}

PhotoRange part_of(std::size_t photos, std::size_t block, const Shard& shard) {
  const std::size_t blocks = (photos + block - 1) / block;
  // The first jobs have one block more where they cannot be shared evenly.
  const auto begin_of = [&](std::size_t job) {
    const std::size_t before = blocks / shard.count * job + std::min(blocks % shard.count, job);
    return std::min(before * block, photos);
  };
  return {.begin = begin_of(shard.number - 1), .end = begin_of(shard.number), .block = block};
}

}  // namespace graft::cli
