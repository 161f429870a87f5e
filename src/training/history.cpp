// SPDX-License-Identifier: Apache-2.0
#include "graft/extend/history.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

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
    fail(ErrorKind::not_found, "history: there is no figure '", name, "'; recorded were ",
         comma_list(epochs_.front().values, &std::pair<std::string, double>::first));
  }
  return figures;
}

History& History::operator+=(const History& later) {
  epochs_.insert(epochs_.end(), later.epochs_.begin(), later.epochs_.end());
  return *this;
}

}  // namespace graft
