// SPDX-License-Identifier: Apache-2.0
// Class names in a file beside the model.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/classifier_metadata.hpp"

#include "classify/small_file.hpp"

namespace graft::classify {
namespace {

namespace fs = std::filesystem;

/// timm and transformers put it beside their weights.
constexpr std::string_view kConfig = "config.json";
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

/// A list of texts; empty for anything else.
std::vector<std::string> texts_in(const Json& facts, const char* key) {
  std::vector<std::string> names;
  if (!facts.is_object() || !facts.contains(key) || !facts[key].is_array()) return names;
  for (const Json& label : facts[key]) {
    if (!label.is_string()) return {};
    names.push_back(label.get<std::string>());
  }
  return names;
}

/// The names of transformers' {"0": "cat", "1": "dog"}. LABEL_0 and so on are no names: transformers writes
/// them where none were given.
std::vector<std::string> names_by_number(const Json& names) {
  std::vector<std::string> result;
  for (std::size_t i = 0; names.is_object() && i < names.size(); ++i) {
    const auto found = names.find(std::to_string(i));
    if (found == names.end() || !found->is_string() || *found == cat("LABEL_", i)) return {};
    result.push_back(found->get<std::string>());
  }
  return result;
}

/// The names in a config.json of timm (label_names) or transformers (id2label).
std::vector<std::string> names_in_config(const Json& config) {
  if (!config.is_object()) return {};
  std::vector<std::string> names = texts_in(config, "label_names");
  if (names.empty() && config.contains("pretrained_cfg"))
    names = texts_in(config["pretrained_cfg"], "label_names");
  if (names.empty() && config.contains("id2label")) names = names_by_number(config["id2label"]);
  return names;
}

std::vector<std::string> names_in(const fs::path& file) {
  const std::string text = small_file(file, kMostBytes);
  if (file.extension() == ".txt") return without_numbers(lines_of(text));
  const Json facts = Json::parse(text, nullptr, false);
  return file.filename() == kConfig ? names_in_config(facts) : texts_in(facts, "labels");
}

/// ["tench"], {"labels": ["tench"]}, {"0": "tench"} or {"0": ["n01440764", "tench"]}; empty for others.
ClassNames names_in_json(const Json& facts) {
  if (facts.is_array()) return {.names = texts_in(Json{{"names", facts}}, "names"), .ids = {}};
  if (!facts.is_object()) return {};
  if (facts.contains("labels")) return {.names = texts_in(facts, "labels"), .ids = {}};
  ClassNames result;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const auto found = facts.find(std::to_string(i));
    if (found == facts.end()) return {};
    const bool has_id = found->is_array() && found->size() == 2 && (*found)[0].is_string();
    const Json& name = has_id ? (*found)[1] : *found;
    if (!name.is_string()) return {};
    result.names.push_back(name.get<std::string>());
    result.ids.push_back(has_id ? (*found)[0].get<std::string>() : result.names.back());
  }
  return result;
}

}  // namespace

ClassNames read_class_names(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error))
    fail(ErrorKind::not_found, "class names: there is no file '", file.string(), "'");
  const std::string text = small_file(file, kMostBytes);
  ClassNames result;
  if (file.extension() == ".json") {
    result = names_in_json(Json::parse(text, nullptr, false));
  } else {
    result.names = without_numbers(lines_of(text));
  }
  if (result.names.empty()) {
    fail(ErrorKind::bad_file, "class names: ", file.string(),
         ": expected one name a line, or in a .json file a list of names or an object with a name for each "
         "index from 0");
  }
  if (result.ids.empty()) result.ids = result.names;
  return result;
}

std::string small_file(const fs::path& file, std::uintmax_t most) {
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) > most || error) return {};
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool names_other_than_imagenet(const fs::path& weights, std::size_t classes) {
  const std::vector<std::string> names = names_in(weights.parent_path() / kConfig);
  const applications::ImagenetClass& first = applications::imagenet_classes().front();
  return names.size() == classes && names.front() != first.wnid && !names.front().starts_with(first.name);
}

void add_names_beside(Json& metadata, const Model& model, const fs::path& file,
                      std::vector<std::string>& notes) {
  if (metadata.contains("class_names") || model.outputs().size() != 1 || model.output_shape().rank() != 2)
    return;
  for (const std::string_view name :
       {std::string_view("labels.txt"), std::string_view("metadata.json"), kConfig}) {
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
