// SPDX-License-Identifier: Apache-2.0
// What differs between runs for several labels a photo and for numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graft/train.hpp"

#include "transfer/fine_tune/tail_goal.hpp"
#include "transfer/frozen/choose_strength.hpp"
#include "transfer/frozen/frozen_head.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/measure/score.hpp"
#include "transfer/recipes/repeat.hpp"
#include "transfer/result/trained.hpp"

namespace graft {
inline namespace transfer {

/// How a run of the kind is spoken of.
struct FrozenWords {
  const char* photos;      ///< with them networks are not compared: "numbers"
  const char* method;      ///< the note on what is trained
  const char* activation;  ///< of the head: "linear"
  const char* output;      ///< of the model, as in its metadata: "numbers"
};

/// A kind of truth, and the head that learns it. An object is of one run and keeps what it measured for the
/// functions further below, which are called in this order.
class FrozenKind {
 public:
  FrozenKind() = default;
  virtual ~FrozenKind() = default;
  FrozenKind(const FrozenKind&) = delete;
  FrozenKind& operator=(const FrozenKind&) = delete;
  FrozenKind(FrozenKind&&) = delete;
  FrozenKind& operator=(FrozenKind&&) = delete;

  [[nodiscard]] virtual FrozenWords words() const = 0;

  /// The model of an earlier round, from whose base training starts; null: there is none.
  [[nodiscard]] virtual const EarlierModel* start() const { return nullptr; }
  /// Throws Error{unsupported} for options that the kind has not, by name.
  virtual void check_options(const TrainOptions& options) const = 0;
  /// A new object of the kind for another run of it.
  [[nodiscard]] virtual std::unique_ptr<FrozenKind> another() const = 0;
  /// How the photos are divided for these runs. Pool and options outlive the functions, the object too.
  [[nodiscard]] virtual RepeatedParts repeated(const PhotoPool& pool, const TrainOptions& options) const = 0;

  /// Throws Error{invalid_argument} where a part would be empty.
  [[nodiscard]] virtual Photos split(const PhotoPool& pool, const TrainOptions& options) const = 0;
  /// The options of a run on these photos; what they change is noted. Throws where photos are too few for
  /// what is wanted.
  [[nodiscard]] virtual TrainOptions options_for(const Photos& /*photos*/, const TrainOptions& options,
                                                 Reporter& /*reporter*/) {
    return options;
  }
  /// "870 photos with a number: ..."
  [[nodiscard]] virtual std::string describe(const Photos& photos) const = 0;
  /// The truth of a part's photos: float32 (N, K).
  [[nodiscard]] virtual Tensor truth(const data::Dataset& part, std::size_t width) const = 0;
  /// The training photos in folds; none where they are very few or very many.
  [[nodiscard]] virtual PhotoFolds folds(const Photos& photos, std::uint64_t seed) const = 0;

  /// Ways to solve the head: those of the options are compared by their loss. From use_way() on method() is
  /// of one of them; at the end it is called with the best.
  [[nodiscard]] virtual std::size_t ways(const TrainOptions& /*options*/) const { return 1; }
  virtual void use_way(std::size_t /*way*/) {}
  /// What the way in use came to.
  virtual void remember_way(const StrengthChoice& /*choice*/) {}
  /// Both the data and this object outlive the method, until another way is used.
  [[nodiscard]] virtual HeadMethod method(const FrozenData& data, const TrainOptions& options) = 0;
  /// Measures what the chosen heads answered for photos that they had not seen. Returns notes on it.
  virtual std::vector<std::string> measure_unseen(const StrengthChoice& choice, const FrozenData& data,
                                                  const std::vector<std::string>& names) = 0;
  /// What fine-tuning teaches; null: there is none.
  [[nodiscard]] virtual const TailGoal* goal(const TrainOptions& /*options*/) const { return nullptr; }
  /// Measures what a fine-tuned network computed for the validation photos, in place of the heads. Returns
  /// notes on it.
  virtual std::vector<std::string> measure_tuned(const Tensor& /*validation*/, const FrozenData& /*data*/) {
    return {};
  }
  /// What the values are divided by, as was found by the last of both.
  [[nodiscard]] virtual double temperature() const { return 1; }

  /// A head of the chosen strength on all photos.
  virtual LinearHead solve_last(const FrozenData& data, const StrengthChoice& choice) = 0;
  /// The note on that head, and the figures of its row in the history.
  [[nodiscard]] virtual std::string note_on_last(const StrengthChoice& choice) const = 0;
  [[nodiscard]] virtual std::vector<std::pair<std::string, double>> validation_values() const = 0;
  /// Measures what the model answers for the test photos, and adds facts and metadata to what was trained.
  virtual TestScore measure_test(const Tensor& answers, const Photos& photos, Trained& trained) = 0;

  /// The model of start() and this run's on the test photos, by what both answered for them; nothing without
  /// start().
  [[nodiscard]] virtual std::vector<RoundScore> compare(const Tensor& /*before*/, const Tensor& /*now*/,
                                                        const Photos& /*photos*/) const {
    return {};
  }

  /// What the model answers where the head computes these values.
  [[nodiscard]] virtual Tensor answers_of(const Tensor& values) const { return values; }
  /// Adds the truth to answers; places: of each the part, and the photo's number in it.
  virtual void add_truth(PhotoAnswers& answers, const std::vector<std::pair<Part, std::size_t>>& places,
                         const Photos& photos) const = 0;
};

}  // namespace transfer
}  // namespace graft
