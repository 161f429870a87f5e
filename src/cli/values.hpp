// SPDX-License-Identifier: Apache-2.0
// Options with values that are more than a number or a text.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/error.hpp"
#include "graft/tensor.hpp"

#include "cli/command.hpp"

namespace graft::cli {

// Each reads the text of one option. Errors: Error{invalid_argument} with what is expected.

/// "90" and "90s", "2m", "1.5h" -> seconds, above 0.
[[nodiscard]] double read_seconds(const std::string& text);
/// "224" and "224,160" (or "224x160") -> height and width, above 0.
[[nodiscard]] Size2D read_size(const std::string& text);
/// "224,224,3" -> (H, W, C), above 0.
[[nodiscard]] Shape read_shape(const std::string& text);

/// Adds an option whose text `read` converts. When `read` throws, its message is that of the option.
/// Value: what `read` returns, or a std::optional of it.
template <typename Value, typename Read>
CLI::Option* add_parsed_option(CLI::App& command, const std::string& flag, Value& value, const Read& read,
                               const std::string& help) {
  return command
      .add_option_function<std::string>(
          flag, [&value, read](const std::string& text) { value = read(text); }, help)
      ->check([read](const std::string& text) {
        try {
          static_cast<void>(read(text));
        } catch (const std::exception& error) {
          return std::string(error.what());
        }
        return std::string();
      });
}

/// The same for an option that may be given several times: `values` gets one a time.
template <typename Value, typename Read>
CLI::Option* add_parsed_list(CLI::App& command, const std::string& flag, std::vector<Value>& values,
                             const Read& read, const std::string& help) {
  return command
      .add_option_function<std::vector<std::string>>(
          flag,
          [&values, read](const std::vector<std::string>& texts) {
            values.clear();
            for (const std::string& text : texts) values.push_back(read(text));
          },
          help)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check([read](const std::string& text) {
        try {
          static_cast<void>(read(text));
        } catch (const std::exception& error) {
          return std::string(error.what());
        }
        return std::string();
      });
}

/// The names that an option accepts, and their values.
template <typename Value>
using Choices = std::vector<std::pair<std::string, Value>>;

/// Adds an option that accepts one of these names. Value may be a std::optional of the choices' type.
template <typename Value, typename Choice>
CLI::Option* add_choice(CLI::App& command, const std::string& flag, Value& value,
                        const Choices<Choice>& choices, const std::string& help) {
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) names.push_back(name);
  return command
      .add_option_function<std::string>(
          flag,
          [&value, choices](const std::string& given) {
            for (const auto& [name, choice] : choices) {
              if (name == given) value = choice;
            }
          },
          help)
      ->check(CLI::IsMember(names))
      ->type_name(CLI::detail::join(names, "|"));
}

/// The same for a text.
CLI::Option* add_choice(CLI::App& command, const std::string& flag, std::string& value,
                        const std::vector<std::string>& names, const std::string& help);

}  // namespace graft::cli
