// SPDX-License-Identifier: Apache-2.0
#include "cli/dump_plan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::cli {
namespace {

std::string row_of(const plan::PassInfo& pass) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%-26s %9.3f %11zu %10zu\n", pass.name.c_str(), pass.seconds * 1e3,
                pass.ops_before, pass.ops_after);
  return text.data();
}

}  // namespace

std::string dump_plan(const plan::Plan& plan, const std::string& pass) {
  const auto& passes = plan.passes();
  if (pass == kAllPasses) {
    std::string text = "pass                              ms  ops before  ops after\n";
    for (const plan::PassInfo& one : passes) text += row_of(one);
    return text + "\n" + passes.back().program;
  }
  const auto found = std::ranges::find(passes, pass, &plan::PassInfo::name);
  if (found != passes.end()) return found->program;
  fail(ErrorKind::invalid_argument, "--dump-plan: no pass '", pass,
       "' ran; these did: ", comma_list(passes, &plan::PassInfo::name));
}

}  // namespace graft::cli
