// SPDX-License-Identifier: Apache-2.0
// Class names in a file beside the model.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/classify/classifier_metadata.hpp"

#include "classify/small_file.hpp"

namespace graft::classify {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 22U;

/// The lines that are not empty, without spaces at their ends.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
    line.erase(std::find_if_not(line.rbegin(), line.rend(), is_space).base(), line.end());
    line.erase(line.begin(), std::find_if_not(line.begin(), line.end(), is_space));
    if (!line.empty()) lines.push_back(std::move(line));
    begin = end + 1;
  }
  return lines;
}

/// Teachable Machine numbers its lines: "0 cat". The numbers go where every line has its own.
std::vector<std::string> without_numbers(std::vector<std::string> lines) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string number = std::to_string(i) + " ";
    if (!lines[i].starts_with(number) || lines[i].size() == number.size()) return lines;
    names.push_back(lines[i].substr(number.size()));
  }
  return names;
}

std::vector<std::string> names_in(const fs::path& file) {
  const std::string text = small_file(file, kMostBytes);
  if (file.extension() == ".txt") return without_numbers(lines_of(text));
  std::vector<std::string> names;
  const Json facts = Json::parse(text, nullptr, false);
  if (!facts.is_object() || !facts.contains("labels") || !facts["labels"].is_array()) return names;
  for (const Json& label : facts["labels"]) {
    if (!label.is_string()) return {};
    names.push_back(label.get<std::string>());
  }
  return names;
}

}  // namespace

std::string small_file(const fs::path& file, std::uintmax_t most) {
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) > most || error) return {};
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void add_names_beside(Json& metadata, const Model& model, const fs::path& file,
                      std::vector<std::string>& notes) {
  if (metadata.contains("class_names") || model.outputs().size() != 1 || model.output_shape().rank() != 2)
    return;
  for (const char* name : {"labels.txt", "metadata.json"}) {
    const std::vector<std::string> names = names_in(file.parent_path() / name);
    if (names.empty()) continue;
    const std::size_t classes = class_names(model, metadata).size();
    const bool distinct = std::set<std::string>(names.begin(), names.end()).size() == names.size();
    if (names.size() != classes || !distinct) {
      notes.push_back(cat(name, " beside the model is not used: ",
                          distinct ? cat("it has ", names.size(), " names, the model ", classes, " classes")
                                   : std::string("it has a name twice")));
      continue;
    }
    if (metadata.is_null()) metadata = Json::object();
    metadata["class_names"] = names;
    notes.push_back(cat("class names are those of ", name, " beside the model"));
    return;
  }
}

}  // namespace graft::classify
