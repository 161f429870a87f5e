// SPDX-License-Identifier: Apache-2.0
#include "graft/base/similar_names.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

namespace graft {
namespace {

constexpr std::size_t kMostSimilar = 5;
// Of a longer name only the beginning is compared: the time grows with the square of the length.
constexpr std::size_t kComparedLetters = 100;

std::string comparable(std::string_view name) {
  std::string text(name.substr(0, kComparedLetters));
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// How many letters must be changed, added or removed to make one of the other (Levenshtein 1966).
std::size_t letters_apart(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::size_t> similar_names(std::string_view name, const std::vector<std::string>& known) {
  const std::string wanted = comparable(name);
  if (wanted.empty()) return {};
  std::vector<std::pair<std::size_t, std::size_t>> ranked;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const std::string one = comparable(known[i]);
    const bool within =
        one.find(wanted) != std::string::npos || (!one.empty() && wanted.find(one) != std::string::npos);
    const std::size_t apart = within ? 0 : letters_apart(one, wanted);
    if (apart <= std::max<std::size_t>(2, wanted.size() / 3) && (within || apart < wanted.size()))
      ranked.emplace_back(apart, i);
  }
  std::ranges::stable_sort(ranked, {}, &std::pair<std::size_t, std::size_t>::first);
  std::vector<std::size_t> best;
  for (std::size_t i = 0; i < std::min(ranked.size(), kMostSimilar); ++i) best.push_back(ranked[i].second);
  return best;
}

std::string similar_text(std::string_view name, const std::vector<std::string>& known,
                         std::string_view otherwise) {
  std::string text;
  for (const std::size_t i : similar_names(name, known))
    text += (text.empty() ? "; similar are " : ", ") + known[i];
  return text.empty() ? std::string(otherwise) : text;
}

}  // namespace graft
