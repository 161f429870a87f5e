// SPDX-License-Identifier: Apache-2.0
#include "help_lists.hpp"

#include <regex>

#include "run.hpp"

namespace graft::test {

Words commands_in(const std::string& help) {
  Words names;
  static const std::regex kLine("\n  ([a-z][a-z-]+)  +[A-Z]");
  for (std::sregex_iterator at(help.begin(), help.end(), kLine), end; at != end; ++at)
    names.push_back((*at)[1]);
  return names;
}

std::set<std::string> options_in(const std::string& help) {
  std::set<std::string> names;
  static const std::regex kLine("\n  (-[^ ]+)");
  static const std::regex kName("-[-a-zA-Z0-9]+");
  for (std::sregex_iterator at(help.begin(), help.end(), kLine), end; at != end; ++at) {
    const std::string list = (*at)[1];
    for (std::sregex_iterator name(list.begin(), list.end(), kName); name != end; ++name)
      names.insert(name->str());
  }
  return names;
}

std::vector<Words> commands() {
  std::vector<Words> all{{}};
  for (const std::string& name : commands_in(run_graft({"--help"}).out)) {
    all.push_back({name});
    for (const std::string& below : commands_in(run_graft({name, "--help"}).out))
      all.push_back({name, below});
  }
  return all;
}

std::string help_of(Words words) {
  words.emplace_back("--help");
  return run_graft(words).out;
}

}  // namespace graft::test
