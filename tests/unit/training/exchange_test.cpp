// SPDX-License-Identifier: Apache-2.0
// Gradients travel while the backward pass computes the others, and what that takes is measured.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/random.hpp"
#include "graft/cluster/communicator.hpp"
#include "graft/layers.hpp"
#include "graft/training.hpp"

namespace graft {
namespace {

/// Notes the calls of one rank: b begins an exchange of nodes, s one of sums, p asks whether one is done, w
/// waits for it, g gathers.
class NotingRanks final : public cluster::Communicator {
 public:
  explicit NotingRanks(cluster::Communicator& ranks) : ranks_(ranks) {}
  std::string calls;

  [[nodiscard]] int rank() const override { return ranks_.rank(); }
  [[nodiscard]] int size() const override { return ranks_.size(); }
  [[nodiscard]] std::string node() const override { return ranks_.node(); }
  void exchange(std::span<const std::span<const std::byte>> to,
                std::span<const std::span<std::byte>> from) override {
    ranks_.exchange(to, from);
  }
  [[nodiscard]] std::unique_ptr<cluster::Pending> begin_exchange(
      std::span<const std::span<const std::byte>> to, std::span<const std::span<std::byte>> from,
      cluster::Lane lane) override {
    calls += lane == cluster::Lane::first ? 'b' : 's';
    return std::make_unique<Noted>(ranks_.begin_exchange(to, from, lane), calls);
  }
  [[nodiscard]] std::vector<cluster::Bytes> gather(std::span<const std::byte> own) override {
    calls += 'g';
    return ranks_.gather(own);
  }
  void broadcast(std::span<std::byte> bytes) override { ranks_.broadcast(bytes); }
  void barrier() override { ranks_.barrier(); }
  void abort(const std::string& message) override { ranks_.abort(message); }

 private:
  class Noted final : public cluster::Pending {
   public:
    Noted(std::unique_ptr<cluster::Pending> pending, std::string& calls)
        : pending_(std::move(pending)), calls_(calls) {}
    [[nodiscard]] bool is_done() override {
      calls_ += 'p';
      return pending_->is_done();
    }
    void wait() override {
      calls_ += 'w';
      pending_->wait();
    }

   private:
    std::unique_ptr<cluster::Pending> pending_;
    std::string& calls_;
  };
  cluster::Communicator& ranks_;
};

/// Gradients of several buckets.
Model wide_network() {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x = layers::Flatten({.name = "flat"})(input);
  x = layers::Dense({.units = 1500, .activation = "relu", .name = "first"})(x);
  x = layers::Dense({.units = 400, .activation = "relu", .name = "second"})(x);
  return {input, layers::Dense({.units = 3, .name = "head"})(x)};
}

/// One step of 16 samples: two groups.
void train_one_step(std::shared_ptr<cluster::Communicator> ranks) {
  Rng rng(3);
  Tensor x({16, 8, 8, 3});
  Tensor y({16}, DType::int32);
  for (float& value : x.data()) value = static_cast<float>(rng.uniform(-1, 1));
  for (std::int32_t& label : y.data<std::int32_t>()) label = static_cast<std::int32_t>(rng.below(3));
  Model model = wide_network();
  model.compile({.optimizer = SGD(), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  (void)model.fit(data::Dataset::from_tensors(x, y, {.batch_size = 16}),
                  {.execution = {.threads = 1, .seed = 1}, .ranks = std::move(ranks)});
}

TEST(RanksExchange, GradientsTravelDuringTheBackwardPass) {
  std::vector<std::string> calls(2);
  std::vector<cluster::StepTimes> times(2);
  cluster::run_ranks(2, [&](cluster::Communicator& both) {
    const auto ranks = std::make_shared<NotingRanks>(both);
    train_one_step(ranks);
    calls[static_cast<std::size_t>(both.rank())] = ranks->calls;
    times[static_cast<std::size_t>(both.rank())] = ranks->step_times();
  });
  for (const std::string& noted : calls) {
    const std::size_t first = noted.find('b');
    const std::size_t records = noted.find('g', first);  // after the backward pass
    ASSERT_NE(records, std::string::npos) << noted;
    const std::string during = noted.substr(first, records - first);
    EXPECT_GT(during.find_last_of('b'), during.find('p'))
        << "the first bucket travels before the last one is computed: " << noted;
    EXPECT_EQ(during.find('w'), std::string::npos) << "nothing is waited for in the backward pass: " << noted;
  }
  for (const cluster::StepTimes& of : times) {
    EXPECT_EQ(of.steps, 1);
    EXPECT_GT(of.exchange, 0);
    EXPECT_GT(of.waiting, 0);
    EXPECT_GT(of.overlap, of.exchange);
    EXPECT_EQ(of.bytes, 4U * (192 * 1500 + 1500 + 1500 * 400 + 400 + 400 * 3 + 3));
    EXPECT_LT(of.input + of.exchange + of.waiting, of.all);
  }
}

TEST(RanksExchange, ARankWithoutGroupsTakesPart) {
  std::vector<std::string> calls(3);
  cluster::run_ranks(3, [&](cluster::Communicator& all) {
    const auto ranks = std::make_shared<NotingRanks>(all);
    train_one_step(ranks);
    calls[static_cast<std::size_t>(all.rank())] = ranks->calls;
  });
  const auto begun = [](const std::string& noted) { return std::ranges::count(noted, 'b'); };
  EXPECT_GT(begun(calls[0]), 2);
  for (const std::string& noted : calls) EXPECT_EQ(begun(noted), begun(calls[0])) << noted;
}

}  // namespace
}  // namespace graft
