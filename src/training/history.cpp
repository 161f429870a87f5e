// SPDX-License-Identifier: Apache-2.0
#include "graft/extend/history.hpp"

#include "graft/base/fail.hpp"

namespace graft {

const double* EpochLog::find(const std::string& name) const {
  for (const auto& [key, value] : values) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::vector<double> History::operator[](const std::string& name) const {
  std::vector<double> figures;
  for (const EpochLog& log : epochs_) {
    if (const double* value = log.find(name)) figures.push_back(*value);
  }
  if (figures.empty() && !epochs_.empty()) {
    std::string names;
    for (const auto& [key, value] : epochs_.front().values) names += cat(names.empty() ? "" : ", ", key);
    fail(ErrorKind::not_found, "history: there is no figure '", name, "'; recorded were ", names);
  }
  return figures;
}

History& History::operator+=(const History& later) {
  epochs_.insert(epochs_.end(), later.epochs_.begin(), later.epochs_.end());
  return *this;
}

}  // namespace graft
