// SPDX-License-Identifier: Apache-2.0
// Reading the arguments of an operation's call.
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "layers/lowering.hpp"
#include "layers/operations/rule.hpp"

namespace graft::layers {
namespace {

/// Nested lists deeper than any image's axes are refused.
constexpr std::size_t kMostAxes = 8;

/// Appends the numbers of nested lists of equal lengths; false where they are none.
bool flatten(const Json& value, std::size_t depth, std::vector<std::int64_t>& sizes,
             std::vector<float>& numbers) {
  if (value.is_number()) {
    if (depth != sizes.size()) return false;
    numbers.push_back(value.get<float>());
    return true;
  }
  if (!value.is_array() || value.empty() || depth >= kMostAxes) return false;
  const auto size = static_cast<std::int64_t>(value.size());
  if (depth == sizes.size()) {
    if (!numbers.empty()) return false;
    sizes.push_back(size);
  }
  if (sizes[depth] != size) return false;
  for (const Json& item : value) {
    if (!flatten(item, depth + 1, sizes, numbers)) return false;
  }
  return true;
}

bool is_stored_array(const Json& value) {
  if (!value.is_object() || !value.contains("class_name") || !value.contains("config")) return false;
  const Json& class_name = value["class_name"];
  return (class_name == "__tensor__" || class_name == "__numpy__") && value["config"].is_object() &&
         value["config"].contains("value");
}

}  // namespace

const Json* OperationReader::argument(std::size_t position, const char* keyword) const {
  const Json* found = nullptr;
  const Json& arguments = call.arguments;
  const Json& keywords = call.keywords;
  if (position < arguments.size()) {
    found = &arguments[position];
  } else if (const auto named = keywords.find(keyword); named != keywords.end()) {
    found = &*named;
  }
  return found == nullptr || found->is_null() ? nullptr : found;
}

const Json* OperationReader::setting(const char* key) const {
  for (const JsonValue* holder : {&call.settings, &call.keywords}) {
    const auto found = (*holder)->find(key);
    if (found != (*holder)->end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

double OperationReader::number(const char* key, double fallback) const {
  const Json* found = setting(key);
  if (found == nullptr) return fallback;
  const std::optional<Tensor> constant = constant_of(*found);
  if (!constant || constant->count() != 1)
    refuse(cat("has ", key, " ", found->dump(), ", expected a number"));
  return found->is_number() ? found->get<double>() : static_cast<double>(constant->data()[0]);
}

bool OperationReader::boolean(const char* key, bool fallback) const {
  const Json* found = setting(key);
  if (found == nullptr) return fallback;
  if (!found->is_boolean()) refuse(cat("has ", key, " ", found->dump(), ", expected true or false"));
  return found->get<bool>();
}

std::vector<std::int64_t> OperationReader::integers(const char* key) const {
  const Json* found = setting(key);
  std::vector<std::int64_t> result;
  if (found == nullptr) return result;
  const Json* items = list_items(*found);
  const Json single = Json::array({*found});
  for (const Json& item : items == nullptr ? single : *items) {
    if (!item.is_number_integer()) refuse(cat("has ", key, " ", found->dump(), ", expected whole numbers"));
    result.push_back(item.get<std::int64_t>());
  }
  return result;
}

void OperationReader::refuse(const std::string& why) const {
  fail(ErrorKind::unsupported, "operation '", name, "' (", class_name, ") ", why);
}

std::optional<Tensor> constant_of(const Json& value) {
  std::vector<std::int64_t> sizes;
  std::vector<float> numbers;
  const Json& content = is_stored_array(value) ? value["config"]["value"] : value;
  if (!flatten(content, 0, sizes, numbers)) return std::nullopt;
  return Tensor::from(Shape(std::move(sizes)), numbers);
}

const Json* list_items(const Json& value) {
  if (value.is_array()) return &value;
  if (!value.is_object() || value.value("class_name", Json()) != "__tuple__") return nullptr;
  for (const char* key : {"items", "config"}) {
    const auto found = value.find(key);
    if (found == value.end()) continue;
    return found->is_array() ? &*found : list_items(*found);
  }
  return nullptr;
}

void bad_shape(const std::string& operation, const std::string& expected, const Shape& received) {
  fail(ErrorKind::shape_mismatch, "operation '", operation, "': expected ", expected, ", received ",
       received);
}

int resolved_axis(const std::string& operation, std::int64_t axis, const Shape& shape) {
  return axis_from_first(cat("operation '", operation, "'"), axis, shape);
}

}  // namespace graft::layers
