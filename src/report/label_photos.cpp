// SPDX-License-Identifier: Apache-2.0
#include "report/label_photos.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"

namespace graft::report {
namespace {

constexpr std::size_t kWorstOfLabels = 24;   // photos in the list of a set
constexpr std::size_t kMistakesOfLabel = 6;  // photos in each list of a label
constexpr double kLeastOfLabel = 1e-7;       // Keras's bound on probabilities in cross-entropy

using RowList = std::vector<std::size_t>;

/// Those rows for which `chosen` holds, the largest loss first, at most `most`.
template <typename Chosen, typename Loss>
RowList largest(RowList rows, const Chosen& chosen, const Loss& loss, std::size_t most) {
  std::erase_if(rows, [&](std::size_t row) { return !chosen(row); });
  std::ranges::stable_sort(rows, std::ranges::greater{}, loss);
  if (rows.size() > most) rows.resize(most);
  return rows;
}

/// The rows of each label of each set, as LabelPhotos has them.
struct LabelRowLists {
  std::vector<RowList> worst;
  std::vector<std::vector<RowList>> missed, mistaken;
};

LabelRowLists lists_of(const LabelAnswers& answers, const std::vector<AnswerSet>& sets) {
  LabelRowLists lists;
  for (const AnswerSet& set : sets) {
    lists.worst.push_back(largest(
        set.rows, [&](std::size_t row) { return answers.any_wrong(row); },
        [&](std::size_t row) { return answers.loss(row); }, kWorstOfLabels));
    std::vector<RowList>&missed = lists.missed.emplace_back(), &mistaken = lists.mistaken.emplace_back();
    for (std::size_t k = 0; k < answers.labels(); ++k) {
      const auto loss = [&](std::size_t row) { return answers.loss(row, k); };
      const auto of = [&](bool has) {
        return largest(
            set.rows, [&](std::size_t row) { return answers.wrong(row, k) && answers.has(row, k) == has; },
            loss, kMistakesOfLabel);
      };
      missed.push_back(of(true));
      mistaken.push_back(of(false));
    }
  }
  return lists;
}

/// Photos of a page, each once.
class LabelChoice {
 public:
  LabelChoice(const RunFiles& run, const std::vector<AnswerSet>& sets, std::size_t limit)
      : run_(run), limit_(limit), set_of_(run.answers.files.size(), 0) {
    for (std::size_t s = 0; s < sets.size(); ++s) {
      for (const std::size_t row : sets[s].rows) set_of_[row] = s;
    }
  }
  void add(std::size_t row) {
    if (photos_.size() < limit_ && places_.emplace(row, photos_.size()).second)
      photos_.push_back({.file = run_.answers.files[row], .row = row, .set = set_of_[row]});
  }
  void add_rank(const RowList& rows, std::size_t rank) {
    if (rank < rows.size()) add(rows[rank]);
  }
  [[nodiscard]] RowList places(const RowList& rows) const {
    RowList found;
    for (const std::size_t row : rows) {
      if (const auto place = places_.find(row); place != places_.end()) found.push_back(place->second);
    }
    return found;
  }
  std::vector<ShownPhoto> take() { return std::move(photos_); }

 private:
  const RunFiles& run_;
  std::size_t limit_;
  std::vector<std::size_t> set_of_;
  std::vector<ShownPhoto> photos_;
  std::map<std::size_t, std::size_t> places_;
};

}  // namespace

LabelAnswers::LabelAnswers(const RunFiles& run)
    : run_(run),
      thresholds_(run.result.at("several_labels").at("thresholds").get<std::vector<double>>()),
      truth_(run.answers.files.size() * run.classes.size(), false) {
  if (thresholds_.size() != run.classes.size())
    fail(ErrorKind::bad_file, (run.folder / "result.json").string(), ": expected ", run.classes.size(),
         " thresholds, one a label of predictions.csv, found ", thresholds_.size());
  for (std::size_t row = 0; row < run.answers.truth_sets.size(); ++row) {
    for (const int label : run.answers.truth_sets[row])
      truth_[row * labels() + static_cast<std::size_t>(label)] = true;
  }
}

bool LabelAnswers::any_wrong(std::size_t row) const {
  for (std::size_t k = 0; k < labels(); ++k) {
    if (wrong(row, k)) return true;
  }
  return false;
}

double LabelAnswers::loss(std::size_t row, std::size_t k) const {
  const double p = static_cast<double>(probability(row, k));
  return -std::log(std::max(has(row, k) ? p : 1 - p, kLeastOfLabel));
}

double LabelAnswers::loss(std::size_t row) const {
  double sum = 0;
  for (std::size_t k = 0; k < labels(); ++k) sum += loss(row, k);
  return sum;
}

LabelAnswers::Tables LabelAnswers::tables(const std::vector<std::size_t>& rows) const {
  const Shape shape{static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(labels())};
  Tables of{.probabilities = Tensor(shape), .truth = Tensor(shape)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t k = 0; k < labels(); ++k) {
      of.probabilities.data<float>()[i * labels() + k] = probability(rows[i], k);
      of.truth.data<float>()[i * labels() + k] = has(rows[i], k) ? 1.0F : 0.0F;
    }
  }
  return of;
}

SeveralLabelsFigures LabelAnswers::figures(const std::vector<std::size_t>& rows) const {
  const Tables of = tables(rows);
  return several_labels_figures(of.probabilities, of.truth, thresholds_);
}

std::vector<SeveralLevelFigures> LabelAnswers::levels(const std::vector<std::size_t>& rows) const {
  const Tables of = tables(rows);
  return several_level_figures(run_.classes, of.probabilities, of.truth, thresholds_);
}

LabelPhotos choose_label_photos(const RunFiles& run, const LabelAnswers& answers,
                                const std::vector<AnswerSet>& sets, std::size_t limit) {
  const LabelRowLists lists = lists_of(answers, sets);
  LabelChoice choice(run, sets, limit);
  for (std::size_t rank = 0; rank < kWorstOfLabels; ++rank) {
    for (const RowList& rows : lists.worst) choice.add_rank(rows, rank);
  }
  // The first of each label, then the second: no label takes all places.
  for (std::size_t rank = 0; rank < kMistakesOfLabel; ++rank) {
    for (std::size_t s = 0; s < sets.size(); ++s) {
      for (std::size_t k = 0; k < answers.labels(); ++k) {
        choice.add_rank(lists.missed[s][k], rank);
        choice.add_rank(lists.mistaken[s][k], rank);
      }
    }
  }
  RowList others(run.answers.files.size());
  std::iota(others.begin(), others.end(), std::size_t{0});
  std::ranges::sort(others, {}, [&](std::size_t row) {
    return std::pair(fnv1a(run.answers.files[row].filename().string()), row);
  });
  for (const std::size_t row : others) choice.add(row);
  LabelPhotos photos;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    photos.shown.worst.push_back(choice.places(lists.worst[s]));
    std::vector<RowList>&missed = photos.missed.emplace_back(), &mistaken = photos.mistaken.emplace_back();
    for (std::size_t k = 0; k < answers.labels(); ++k) {
      missed.push_back(choice.places(lists.missed[s][k]));
      mistaken.push_back(choice.places(lists.mistaken[s][k]));
    }
  }
  photos.shown.photos = choice.take();
  return photos;
}

}  // namespace graft::report
