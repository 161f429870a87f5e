// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "graft/base/random.hpp"
#include "graft/error.hpp"
#include "graft/recipes.hpp"
#include "graft/saving.hpp"

#include "support.hpp"

namespace graft::transfer {
namespace {

struct Rows {
  Tensor features;
  std::vector<int> labels;
};

/// Classes around the corners of a simplex, `each` rows per class.
Rows make_rows(std::size_t classes, std::size_t each, double spread, std::uint64_t seed = 1) {
  const std::size_t width = classes + 2;
  Rows rows{Tensor(Shape{static_cast<std::int64_t>(classes * each), static_cast<std::int64_t>(width)}), {}};
  Rng random(seed);
  for (std::size_t i = 0; i < classes * each; ++i) {
    const std::size_t k = i % classes;
    for (std::size_t d = 0; d < width; ++d) {
      rows.features.data<float>()[i * width + d] =
          static_cast<float>((d == k ? 1.0 : 0.0) + spread * random.normal());
    }
    rows.labels.push_back(static_cast<int>(k));
  }
  return rows;
}

double accuracy(const Head& head, const Rows& rows) {
  const std::vector<int> said = head.predict(rows.features);
  double right = 0;
  for (std::size_t i = 0; i < said.size(); ++i) right += said[i] == rows.labels[i] ? 1 : 0;
  return right / static_cast<double>(said.size());
}

ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::internal;
}

constexpr std::array kAll = {HeadKind::logistic, HeadKind::linear_svm, HeadKind::centroid, HeadKind::rbf_svm,
                             HeadKind::knn};

TEST(Heads, NamesGoBothWays) {
  for (const HeadKind kind : kAll) EXPECT_EQ(parse_head_kind(to_string(kind)), kind);
  EXPECT_EQ(kind_of([] { static_cast<void>(parse_head_kind("svm")); }), ErrorKind::invalid_argument);
}

TEST(Heads, EachTellsClassesApartAndNewRowsToo) {
  for (const std::size_t classes : {2U, 4U}) {
    const Rows train = make_rows(classes, 30, 0.15);
    const Rows test = make_rows(classes, 30, 0.15, 2);
    for (const HeadKind kind : kAll) {
      const Head head = fit_head(train.features, train.labels, {.kind = kind});
      EXPECT_GT(accuracy(head, test), 0.97) << to_string(kind);
      EXPECT_EQ(head.classes(), static_cast<std::int64_t>(classes));
    }
  }
}

TEST(Heads, FittedTwiceAreBitEqual) {
  const Rows rows = make_rows(3, 20, 0.6);
  for (const HeadKind kind : kAll) {
    const Tensor a = fit_head(rows.features, rows.labels, {.kind = kind}).scores(rows.features);
    const Tensor b = fit_head(rows.features, rows.labels, {.kind = kind}).scores(rows.features);
    EXPECT_EQ(test::max_difference(a.data(), b.data()), 0) << to_string(kind);
  }
}

TEST(Heads, SavedModelScoresTheSame) {
  const test::TemporaryFolder folder;
  const Rows rows = make_rows(3, 20, 0.6);
  for (const HeadKind kind : kAll) {
    const Head head = fit_head(rows.features, rows.labels, {.kind = kind});
    const std::filesystem::path file = folder.path() / (std::string(to_string(kind)) + ".keras");
    head.model().save(file);
    Model loaded = saving::load_model(file).model;
    const Tensor scores = head.scores(rows.features);
    EXPECT_EQ(test::max_difference(loaded.predict_on_batch(rows.features).data(), scores.data()), 0)
        << to_string(kind);
  }
}

TEST(Heads, NeighboursAtOneDistanceAllCount) {
  // Two rows of class 1 are at the same distance although one neighbour was requested; that of class 0 is
  // further away.
  Tensor features(Shape{3, 1});
  features.data<float>()[0] = 0;
  features.data<float>()[1] = 5;
  features.data<float>()[2] = 5;
  const Head head = fit_head(features, std::vector{0, 1, 1}, {.kind = HeadKind::knn, .neighbours = 2});
  Tensor row(Shape{1, 1});
  row.data<float>()[0] = 4;
  const Tensor scores = head.scores(row);
  EXPECT_EQ(scores.data<float>()[0], 0);
  EXPECT_EQ(scores.data<float>()[1], 1);
}

TEST(Heads, NeighboursOfTinyFeaturesAreToldApartByTheLayersToo) {
  Tensor features({6, 2});
  const std::vector<float> values{1, 0, 1, 0.1F, 0.9F, 0, -1, 0, -1, 0.1F, -0.9F, 0};
  for (std::size_t i = 0; i < values.size(); ++i) features.data()[i] = 1e-12F * values[i];
  const Head head =
      fit_head(features, std::vector{0, 0, 0, 1, 1, 1}, {.kind = HeadKind::knn, .neighbours = 3});
  EXPECT_EQ(head.predict(features), (std::vector{0, 0, 0, 1, 1, 1}));
  const Tensor scores = head.model().predict(features);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(scores.data()[2 * i], i < 3 ? 1 : 0) << i;
    EXPECT_EQ(scores.data()[2 * i + 1], i < 3 ? 0 : 1) << i;
  }
}

TEST(Heads, MoreNeighboursThanRowsAreAllRows) {
  const Rows rows = make_rows(2, 3, 0.1);
  const Head head = fit_head(rows.features, rows.labels, {.kind = HeadKind::knn, .neighbours = 50});
  const Tensor scores = head.scores(rows.features);
  for (const float score : scores.data()) EXPECT_FLOAT_EQ(score, 0.5F);
}

TEST(Heads, BalancedWeightsMakeTheRareClassCount) {
  // 90 rows and 6 that overlap with them.
  const Rows rows = make_rows(2, 90, 0.9);
  std::vector<std::size_t> keep;
  std::vector<int> labels;
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    if (rows.labels[i] == 1 && i >= 12) continue;
    keep.push_back(i);
    labels.push_back(rows.labels[i]);
  }
  Tensor features(Shape{static_cast<std::int64_t>(keep.size()), rows.features.shape()[1]});
  for (std::size_t i = 0; i < keep.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    features.slice(row, row + 1)
        .copy_from(
            rows.features.slice(static_cast<std::int64_t>(keep[i]), static_cast<std::int64_t>(keep[i]) + 1));
  }
  for (const HeadKind kind : {HeadKind::logistic, HeadKind::linear_svm, HeadKind::rbf_svm}) {
    const auto said_rare = [&](ClassWeight weight) {
      const Head head = fit_head(features, labels, {.kind = kind, .c = 0.1, .class_weight = weight});
      return std::ranges::count(head.predict(features), 1);
    };
    EXPECT_GT(said_rare(ClassWeight::balanced), said_rare(ClassWeight::none) + 3) << to_string(kind);
  }
}

TEST(Heads, RefusesWhatCannotBeFitted) {
  const Rows rows = make_rows(2, 5, 0.1);
  const auto fit = [&](const Tensor& features, const std::vector<int>& labels, const HeadOptions& options) {
    return kind_of([&] { static_cast<void>(fit_head(features, labels, options)); });
  };
  EXPECT_EQ(fit(rows.features, {0, 1}, {}), ErrorKind::shape_mismatch);
  EXPECT_EQ(fit(rows.features, std::vector<int>(10, 0), {}), ErrorKind::invalid_argument);
  EXPECT_EQ(fit(rows.features, {0, 2, 0, 2, 0, 2, 0, 2, 0, 2}, {}), ErrorKind::invalid_argument);
  EXPECT_EQ(fit(rows.features, {0, -1, 0, 1, 0, 1, 0, 1, 0, 1}, {}), ErrorKind::invalid_argument);
  EXPECT_EQ(fit(rows.features, rows.labels, {.c = 0}), ErrorKind::invalid_argument);
  EXPECT_EQ(fit(rows.features, rows.labels, {.gamma = -1.0}), ErrorKind::invalid_argument);
  EXPECT_EQ(fit(rows.features, rows.labels, {.neighbours = 0}), ErrorKind::invalid_argument);
  Tensor broken = rows.features.clone();
  broken.data<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(fit(broken, rows.labels, {}), ErrorKind::numeric);
}

TEST(Heads, RefusesFeaturesOfAnotherWidth) {
  const Rows rows = make_rows(2, 5, 0.1);
  const Head head = fit_head(rows.features, rows.labels);
  EXPECT_EQ(kind_of([&] { static_cast<void>(head.scores(Tensor(Shape{2, 3}))); }), ErrorKind::shape_mismatch);
  EXPECT_TRUE(head.predict(Tensor(Shape{0, head.dimensions()})).empty());
}

TEST(SearchHeads, TriesTheWholeGridAndFindsTheKindThatFits) {
  // One class lies around the other: no straight line tells them apart.
  Rows rows{Tensor(Shape{120, 2}), {}};
  Rng random(3);
  for (std::size_t i = 0; i < 120; ++i) {
    const double radius = i % 2 == 0 ? 1.0 : 3.0;
    const double angle = random.uniform(0, 6.283);
    rows.features.data<float>()[2 * i] = static_cast<float>(radius * std::cos(angle) + 0.1 * random.normal());
    rows.features.data<float>()[2 * i + 1] =
        static_cast<float>(radius * std::sin(angle) + 0.1 * random.normal());
    rows.labels.push_back(static_cast<int>(i % 2));
  }
  const HeadSearch search = search_heads(rows.features, rows.labels);
  EXPECT_EQ(search.tried.size(), 5U + 4U + 1U + 15U + 5U);
  EXPECT_EQ(search.folds, 5U);
  EXPECT_EQ(search.rows, 120U);
  EXPECT_EQ(search.best.kind, HeadKind::rbf_svm);
  for (const TriedHead& trial : search.tried) {
    if (trial.options.kind == HeadKind::logistic) {
      EXPECT_LT(trial.accuracy, 0.8);
    }
    if (trial.options.kind == HeadKind::knn && trial.options.neighbours == 1) {
      EXPECT_GT(trial.accuracy, 0.99);
    }
  }
}

TEST(SearchHeads, SearchAgreesWithHeadsFittedOnTheFolds) {
  const Rows rows = make_rows(3, 20, 0.7);
  const HeadSearch a = search_heads(rows.features, rows.labels, {.seed = 5});
  const HeadSearch b = search_heads(rows.features, rows.labels, {.seed = 5});
  ASSERT_EQ(a.tried.size(), b.tried.size());
  for (std::size_t i = 0; i < a.tried.size(); ++i) {
    EXPECT_EQ(a.tried[i].by_fold, b.tried[i].by_fold);
    EXPECT_GT(a.tried[i].accuracy, 0.34);
    EXPECT_LT(a.tried[i].accuracy, 1.0);
  }
}

TEST(SearchHeads, KeepsGroupsTogetherAndFixedSettingsFixed) {
  // Every row is there four times: only groups keep the nearest neighbour from being the row itself.
  const Rows once = make_rows(2, 12, 3.0);
  Rows rows{Tensor(Shape{96, once.features.shape()[1]}), {}};
  std::vector<std::size_t> groups;
  for (std::int64_t i = 0; i < 96; ++i) {
    rows.features.slice(i, i + 1).copy_from(once.features.slice(i / 4, i / 4 + 1));
    rows.labels.push_back(once.labels[static_cast<std::size_t>(i / 4)]);
    groups.push_back(static_cast<std::size_t>(i / 4));
  }
  HeadSearchOptions options{.kinds = {HeadKind::knn}, .neighbours = 1};
  const HeadSearch without = search_heads(rows.features, rows.labels, options);
  options.groups = groups;
  const HeadSearch with = search_heads(rows.features, rows.labels, options);
  ASSERT_EQ(with.tried.size(), 1U);
  EXPECT_EQ(with.best.neighbours, 1);
  EXPECT_GT(without.tried[0].accuracy, 0.95);
  EXPECT_LT(with.tried[0].accuracy, 0.85);
}

TEST(SearchHeads, SearchesAPartOfManyRowsAndStopsWhenAsked) {
  const Rows rows = make_rows(2, 100, 0.3);
  std::size_t calls = 0;
  const HeadSearch search = search_heads(rows.features, rows.labels,
                                         {.most_rows = 50, .progress = [&](std::size_t, std::size_t total) {
                                            EXPECT_EQ(total, 30U);
                                            return ++calls < 3;
                                          }});
  EXPECT_EQ(search.rows, 50U);
  EXPECT_EQ(search.tried.size(), 3U);
}

}  // namespace
}  // namespace graft::transfer
