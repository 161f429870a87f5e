// SPDX-License-Identifier: Apache-2.0
#include "graft/extend/history.hpp"

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
  return figures;
}

History& History::operator+=(const History& later) {
  epochs_.insert(epochs_.end(), later.epochs_.begin(), later.epochs_.end());
  return *this;
}

}  // namespace graft
