// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/names.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

constexpr std::size_t kLongestClass = 100, kLongestFile = 120;

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

/// The first `most` bytes, whole characters of UTF-8.
std::string cut_text(std::string_view text, std::size_t most) {
  std::size_t end = std::min(most, text.size());
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end));
}

/// One folder's name. first: below the project itself, where some names mean parts.
std::string folder_name_of(std::string_view given, bool first) {
  constexpr std::array kParts{"train", "training", "val",      "valid",  "validation",
                              "test",  "testing",  "__macosx", "@eadir", "eadir"};
  const std::size_t begin = given.find_first_not_of(' '), end = given.find_last_not_of(' ');
  std::string name(begin == std::string_view::npos ? std::string_view()
                                                   : given.substr(begin, end - begin + 1));
  if (name.empty()) throw Refusal(400, "a class needs a name");
  if (name.size() > kLongestClass)
    throw Refusal(400, cat("a class's name has at most ", kLongestClass, " bytes"));
  if (name.find('/') != std::string::npos)
    throw Refusal(400,
                  "a class's name is that of a folder, without /; for classes such as animal/dog choose that "
                  "folders within folders are classes");
  const bool odd = name.find('\\') != std::string::npos || name.starts_with('.') || !is_utf8(name) ||
                   std::ranges::any_of(name, is_control);
  if (odd) throw Refusal(400, "a class's name is that of a folder: without \\, and not hidden");
  if (first && std::ranges::find(kParts, lower_case(name)) != kParts.end())
    throw Refusal(400, cat("a folder called ", name, " means a part of the photos: choose another name"));
  return name;
}

}  // namespace

std::string class_name_of(std::string_view given, bool nested) {
  if (!nested) return folder_name_of(given, true);
  constexpr std::size_t kMostParts = 8;
  const std::vector<std::string> parts = split(given, '/');
  if (parts.size() > kMostParts) throw Refusal(400, cat("a class lies in at most ", kMostParts, " folders"));
  std::string name;
  for (const std::string& part : parts)
    name += (name.empty() ? "" : "/") + folder_name_of(part, name.empty());
  return name;
}

bool has_picture_name(std::string_view name) {
  constexpr std::array kEndings{"jpg",  "jpeg", "png",  "gif", "bmp", "webp", "tif", "tiff",
                                "heic", "heif", "avif", "ppm", "pgm", "pnm",  "pbm"};
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  return std::ranges::find(kEndings, lower_case(name.substr(dot + 1))) != kEndings.end();
}

bool has_list_name(std::string_view name) {
  const std::string lower = lower_case(name);
  return lower.ends_with(".csv") || lower.ends_with(".tsv") || lower.ends_with(".jsonl");
}

std::string file_name_of(std::string_view given, std::string_view extension) {
  const std::size_t slash = given.find_last_of("/\\");
  if (slash != std::string_view::npos) given.remove_prefix(slash + 1);
  std::string name;
  for (const char c : given)
    if (!is_control(static_cast<unsigned char>(c))) name += c;
  name.erase(0,
             name.find_first_not_of(". ") == std::string::npos ? name.size() : name.find_first_not_of(". "));
  if (!is_utf8(name)) name.clear();
  if (has_picture_name(name)) {
    const std::size_t dot = name.rfind('.');
    const std::string ending = name.substr(dot);
    return cut_text(name.substr(0, dot), kLongestFile - ending.size()) + ending;
  }
  if (name.empty()) name = "photo";
  return cut_text(name, kLongestFile - extension.size() - 1) + "." + std::string(extension);
}

std::string numbered(const std::string& name, int number) {
  const std::size_t dot = name.rfind('.');
  const std::size_t end = dot == std::string::npos || dot == 0 ? name.size() : dot;
  return cat(name.substr(0, end), "-", number, name.substr(end));
}

}  // namespace graft::serve::studio
