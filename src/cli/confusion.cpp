// SPDX-License-Identifier: Apache-2.0
#include "cli/confusion.hpp"

#include "graft/base/fail.hpp"

namespace graft::cli {

std::string most_confused(const Confusion& confusion, const std::vector<std::string>& names) {
  std::int64_t most = 0;
  std::string text;
  for (std::size_t truth = 0; truth < confusion.size(); ++truth) {
    for (std::size_t said = 0; said < confusion[truth].size(); ++said) {
      if (said == truth || confusion[truth][said] <= most) continue;
      most = confusion[truth][said];
      text = cat(names.at(said), " for ", names.at(truth), ", ",
                 most == 1   ? "once"
                 : most == 2 ? "twice"
                             : cat(most, " times"));
    }
  }
  return text;
}

}  // namespace graft::cli
