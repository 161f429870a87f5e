// SPDX-License-Identifier: Apache-2.0
#include "transfer/result/history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace graft::transfer {

Json history_json(const std::vector<EpochRow>& rows) {
  Json json = Json::array();
  for (const EpochRow& row : rows) {
    Json one{{"epoch", row.epoch}, {"phase", row.phase}};
    for (const auto& [name, value] : row.values) one[name] = std::isfinite(value) ? Json(value) : Json();
    json.push_back(std::move(one));
  }
  return json;
}

std::vector<EpochRow> history_from_json(const Json& json) {
  std::vector<EpochRow> rows;
  for (const Json& one : json) {
    EpochRow row{.epoch = one.at("epoch").get<std::int64_t>(),
                 .phase = one.at("phase").get<std::string>(),
                 .values = {}};
    for (const auto& [name, value] : one.items()) {
      if (name == "epoch" || name == "phase") continue;
      row.values.emplace_back(
          name, value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string history_csv(const std::vector<EpochRow>& rows) {
  const Json json = history_json(rows);
  std::vector<std::string> columns;
  for (const Json& row : json) {
    for (const auto& [key, value] : row.items()) {
      if (std::ranges::find(columns, key) == columns.end()) columns.push_back(key);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i > 0 ? "," : "") + columns[i];
  text += '\n';
  for (const Json& row : json) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text += ',';
      if (!row.contains(columns[i])) continue;
      const Json& value = row[columns[i]];
      text += value.is_string() ? value.get<std::string>() : value.dump();
    }
    text += '\n';
  }
  return text;
}

}  // namespace graft::transfer
