// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace graft::cli {

/// Breaks lines that are wider than `width` columns at spaces; continued lines begin with `indent` spaces.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

/// "--image-size N": an option as it is typed, and what it expects.
[[nodiscard]] std::string head_of(const CLI::Option& option);
/// What the option expects: "N", "auto|head|tutorial"; empty for a flag.
[[nodiscard]] std::string value_text(const CLI::Option& option);
/// What an option means, and its default.
[[nodiscard]] std::string description_of(const CLI::Option& option);
/// "graft train PHOTOS [OPTIONS]": name is that of the command with its parents.
[[nodiscard]] std::string usage_of(const CLI::App& app, const std::string& name);

/// Prints help as wide as the terminal (at least 40 columns, at most 100): arguments, then options by group
/// in the order in which they were added, each with what it expects, its description and its default.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace graft::cli
