// SPDX-License-Identifier: Apache-2.0
#include "cli/error_text.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string_view>

#include "graft/base/fail.hpp"

namespace graft::cli {
namespace {

/// "freeze" of "tuning.freeze" and of "freeze".
std::string last_part(const std::string& field) { return field.substr(field.rfind('.') + 1); }

/// "--fine-tune-from" of "fine_tune_from" and of "tuning.fine_tune_from".
std::string flag_of(const std::string& field) {
  static const std::map<std::string, std::string> others{{"dtype_policy", "--precision"},
                                                         {"kinds", "--head"},
                                                         {"c", "--head-c"},
                                                         {"gamma", "--head-gamma"},
                                                         {"neighbours", "--head-neighbours"},
                                                         {"unfreeze_groups", "--unfreeze-gradually"},
                                                         {"rehearse_folders", "--rehearse"},
                                                         {"rehearse_per_class", "--rehearse"}};
  const std::string last = last_part(field);
  const auto found = others.find(last);
  if (found != others.end()) return found->second;
  std::string flag = "--" + last;
  std::ranges::replace(flag, '_', '-');
  return flag;
}

bool is_part_of_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}

/// Where the name stands as a whole word; npos when it does not.
std::size_t find_word(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_part_of_a_name(text[at - 1])) &&
        (end == text.size() || !is_part_of_a_name(text[end])))
      return at;
  }
  return std::string::npos;
}

}  // namespace

std::string error_text(const Error& error, const CLI::App& command) {
  std::string text = error.what();
  const std::string& field = error.option();
  if (field.empty()) return text;
  const std::string flag = flag_of(field);
  if (command.get_option_no_throw(flag) == nullptr) return text;
  for (const std::string& name : {field, last_part(field)}) {
    const std::size_t at = find_word(text, name);
    if (at != std::string::npos) return text.replace(at, name.size(), flag);
  }
  return cat(flag, ": ", text);
}

std::string note_text(const std::string& note) {
  static constexpr std::string_view kOption = "the option ";
  std::string text = note;
  for (std::size_t at = text.find(kOption); at != std::string::npos; at = text.find(kOption, at + 1)) {
    const std::size_t name = at + kOption.size();
    const std::size_t end =
        std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", name), text.size());
    if (end > name) text.replace(at, end - at, flag_of(text.substr(name, end - name)));
  }
  return text;
}

}  // namespace graft::cli
