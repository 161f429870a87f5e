// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/round_record.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/random.hpp"
#include "graft/base/read_file.hpp"
#include "graft/data/photo_bytes.hpp"

namespace graft::classify {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEndBytes = std::size_t{64} << 10;  // of each end of a file
constexpr std::size_t kPrintGrain = 64;                   // minimum number of files per thread
constexpr std::uintmax_t kLargestFile = std::uintmax_t{1} << 30;

constexpr std::array kParts{std::pair{"train", Part::train}, std::pair{"validation", Part::validation},
                            std::pair{"test", Part::test}};

RoundRecord read_round(const Json& json) {
  RoundRecord round{.photos = json.at("photos").get<std::string>(),
                    .classes = json.at("classes").get<std::vector<std::string>>(),
                    .test_accuracy = json.at("test_accuracy").get<double>(),
                    .known = {}};
  for (const auto& [name, part] : kParts) {
    for (const Json& photo : json.at(name)) {
      round.known.push_back({.file = photo.at("file").get<std::string>(),
                             .class_name = photo.at("class").get<std::string>(),
                             .print = photo.at("print").get<std::string>(),
                             .part = part});
    }
  }
  return round;
}

}  // namespace

namespace {

/// The text for a photo whose first and last bytes are these.
std::string print_of(const std::string& ends, std::uintmax_t size) {
  std::array<char, 40> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%016llx-%llx",
                                  static_cast<unsigned long long>(fnv1a(ends)),
                                  static_cast<unsigned long long>(size)));
  return text.data();
}

std::string print_in_archive(const fs::path& file) {
  try {
    const std::vector<std::byte> all = data::read_bytes(file);
    const std::string_view bytes(reinterpret_cast<const char*>(all.data()), all.size());
    std::string ends(bytes.substr(0, kEndBytes));
    if (bytes.size() > kEndBytes) ends += bytes.substr(std::max(bytes.size() - kEndBytes, kEndBytes));
    return print_of(ends, bytes.size());
  } catch (const Error&) {
    return {};  // as of a file that cannot be read
  }
}

}  // namespace

std::string photo_print(const fs::path& file) {
  if (data::is_in_archive(file)) return print_in_archive(file);
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (!in || error) return {};
  std::string bytes(std::min<std::uintmax_t>(size, kEndBytes), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (size > kEndBytes) {
    const std::size_t rest = std::min<std::uintmax_t>(size - kEndBytes, kEndBytes);
    in.seekg(-static_cast<std::streamoff>(rest), std::ios::end);
    bytes.resize(kEndBytes + rest);
    in.read(bytes.data() + kEndBytes, static_cast<std::streamsize>(rest));
  }
  if (!in) return {};
  return print_of(bytes, size);
}

std::vector<std::string> photo_prints(const std::vector<fs::path>& files) {
  std::vector<std::string> prints(files.size());
  parallel_for(files.size(), kPrintGrain, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) prints[i] = photo_print(files[i]);
  });
  return prints;
}

fs::path rounds_folder(const fs::path& from) {
  std::error_code ignored;
  return fs::is_directory(from, ignored) ? from : fs::absolute(from).parent_path();
}

std::vector<RoundRecord> read_rounds(const fs::path& folder) {
  const fs::path file = folder / kRoundsFile;
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  const std::string text = read_file(file, kLargestFile);
  std::vector<RoundRecord> rounds;
  try {
    const Json all = Json::parse(text);
    for (const Json& round : all.at("rounds")) rounds.push_back(read_round(round));
  } catch (const Json::exception& problem) {
    fail(ErrorKind::bad_file, file.string(), " is no list of rounds as graft train writes it (",
         problem.what(),
         "); without the file training continues, but nothing is known of the earlier photos");
  }
  return rounds;
}

Json rounds_json(const std::vector<RoundRecord>& rounds) {
  Json all = Json::array();
  for (const RoundRecord& round : rounds) {
    Json entry{{"photos", round.photos}, {"classes", round.classes}, {"test_accuracy", round.test_accuracy}};
    for (const auto& [name, part] : kParts) {
      Json photos = Json::array();
      for (const KnownPhoto& photo : round.known) {
        if (photo.part == part)
          photos.push_back(
              {{"file", photo.file.string()}, {"class", photo.class_name}, {"print", photo.print}});
      }
      entry[name] = std::move(photos);
    }
    all.push_back(std::move(entry));
  }
  return {{"rounds", std::move(all)}};
}

std::map<std::string, Part> parts_by_print(const std::vector<RoundRecord>& rounds) {
  std::map<std::string, Part> parts;
  for (const RoundRecord& round : rounds) {
    for (const KnownPhoto& photo : round.known) {
      if (photo.print.empty()) continue;
      const auto [known, added] = parts.emplace(photo.print, photo.part);
      if (!added) known->second = std::min(known->second, photo.part);
    }
  }
  return parts;
}

}  // namespace graft::classify
