// SPDX-License-Identifier: Apache-2.0
#include "transfer/head/search_strengths.hpp"

#include "transfer/context/reporter.hpp"

namespace graft::transfer {
namespace {

constexpr int kMostRises = 2;

}  // namespace

std::size_t search_strengths(std::span<const double> strengths,
                             const std::function<double(double strength)>& try_one, Reporter& reporter,
                             const std::string& stage) {
  std::size_t best = 0;
  double least = 0;
  int rises = 0;
  for (std::size_t i = 0; i < strengths.size(); ++i) {
    const double loss = try_one(strengths[i]);
    if (i == 0 || loss < least) {
      best = i;
      least = loss;
      rises = 0;
    } else if (++rises == kMostRises) {
      break;
    }
    if (!reporter.update(stage, i + 1, strengths.size(), "strengths")) break;
  }
  return best;
}

}  // namespace graft::transfer
