// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fields.hpp"

#include <algorithm>

namespace graft {

void Codec<bool>::read(const ConfigReader& reader, const char* key, bool& value) {
  value = reader.boolean(key, value);
}
Json Codec<bool>::write(bool value) { return value; }

void Codec<int>::read(const ConfigReader& reader, const char* key, int& value) {
  value = static_cast<int>(reader.integer(key, value));
}
Json Codec<int>::write(int value) { return value; }

void Codec<std::int64_t>::read(const ConfigReader& reader, const char* key, std::int64_t& value) {
  value = reader.integer(key, value);
}
Json Codec<std::int64_t>::write(std::int64_t value) { return value; }

void Codec<double>::read(const ConfigReader& reader, const char* key, double& value) {
  value = reader.number(key, value);
}
Json Codec<double>::write(double value) { return value; }

void Codec<std::string>::read(const ConfigReader& reader, const char* key, std::string& value) {
  value = reader.text(key, value);
}
Json Codec<std::string>::write(const std::string& value) { return value; }

void Codec<std::vector<double>>::read(const ConfigReader& reader, const char* key,
                                      std::vector<double>& value) {
  std::vector<double> read = reader.numbers(key);
  if (!read.empty()) value = std::move(read);
}
Json Codec<std::vector<double>>::write(const std::vector<double>& value) { return value; }

void Codec<std::vector<std::int64_t>>::read(const ConfigReader& reader, const char* key,
                                            std::vector<std::int64_t>& value) {
  std::vector<std::int64_t> read = reader.integers(key);
  if (!read.empty()) value = std::move(read);
}
Json Codec<std::vector<std::int64_t>>::write(const std::vector<std::int64_t>& value) { return value; }

Json NumberOrList::write(const std::vector<double>& value) {
  return value.size() == 1 ? Json(value.front()) : Json(value);
}

void SeedCodec::read(const ConfigReader& reader, const char* key, std::optional<std::uint64_t>& value) {
  const Json* seed = reader.find(key);
  if (seed != nullptr && seed->is_number_integer())
    value = static_cast<std::uint64_t>(seed->get<std::int64_t>());
}
Json SeedCodec::write(const std::optional<std::uint64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::size_t read_name(const ConfigReader& reader, const char* key, std::span<const char* const> names) {
  const std::string name = reader.text(key, "");
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (name == names[i]) return i;
    known += std::string(i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  reader.wrong(key, known);
}

void read_fields(std::span<const Field> list, const ConfigReader& reader, void* options) {
  for (const Field& field : list) {
    if (!field.is_read) continue;
    if (reader.has(field.key)) {
      field.read(reader, field.key, options);
    } else if (field.old_key != nullptr && reader.has(field.old_key)) {
      field.read(reader, field.old_key, options);
    }
  }
}

Json write_fields(std::span<const Field> list, const void* options) {
  Json config = Json::object();
  for (const Field& field : list) {
    if (field.listed_only || !field.written) continue;
    Json value = field.write(options);
    if (field.only_when_set && value.is_null()) continue;
    config[field.key] = std::move(value);
  }
  return config;
}

std::string reference_table(std::span<const Field> list, const void* defaults) {
  std::string table = "| option | type | default |\n|---|---|---|\n";
  for (const Field& field : list) {
    table += std::string("| `") + field.key + "` | " + field.type + " | `" + field.write(defaults).dump() +
             "` |\n";
  }
  return table;
}

}  // namespace graft
