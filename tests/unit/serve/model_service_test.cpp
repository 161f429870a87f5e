// SPDX-License-Identifier: Apache-2.0
// The queue in front of a model and the threads that empty it.
#include "serve/model_service.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/saving.hpp"

#include "small_model.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using namespace std::chrono_literals;
using serve::LoadedModel;
using serve::ModelService;
using serve::OtherJob;
using serve::PredictJob;
using serve::WorkPlace;
using Answers = std::vector<PhotoPrediction>;
using Clock = std::chrono::steady_clock;

PhotoBytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text.data(), text.size())); }

/// What a job got: answers, or a status.
struct Result {
  Answers answers{};
  unsigned status = 200;
};

/// Holds a thread of the service until it is opened.
struct Gate {
  std::promise<void> open{};
  std::shared_future<void> opened{open.get_future().share()};
  std::atomic<int> waiting{0};

  void wait_for(int count) const {
    for (int i = 0; waiting < count && i < 1000; ++i) std::this_thread::sleep_for(10ms);
    ASSERT_EQ(waiting, count);
  }
};

class ServeQueue : public ::testing::Test {
 protected:
  ModelService& start(int threads, const std::function<void(serve::Limits&)>& change = {}) {
    const auto file = folder_.path() / "model.keras";
    if (!std::filesystem::exists(file)) write_model(file);
    options_.execution = {.threads = threads, .dtype_policy = DTypePolicy::float32};
    if (change) change(options_.limits);
    service_ = std::make_unique<ModelService>(serve::ServedModel{"model", file}, options_, metrics_);
    return *service_;
  }
  /// The result, when it is there; not valid: the job was refused.
  std::future<Result> ask(const std::vector<std::string>& photos, bool late = false) {
    PredictJob job{.until = late ? Clock::now() - 1s : Clock::now() + 30s};
    const auto kept = std::make_shared<const std::vector<std::string>>(photos);
    for (const std::string& photo : *kept) job.photos.push_back(bytes_of(photo));
    auto result = std::make_shared<std::promise<Result>>();
    std::future<Result> future = result->get_future();
    job.done = [result, kept](Answers answers, const LoadedModel&) {
      result->set_value({std::move(answers)});
    };
    job.failed = [result](unsigned status, const std::string&) { result->set_value({{}, status}); };
    return service_->submit(std::move(job)) ? std::move(future) : std::future<Result>();
  }
  /// Work that keeps a thread until the gate is open.
  void hold(Gate& gate) {
    OtherJob job{.until = Clock::now() + 30s, .failed = [](unsigned, const std::string&) {}};
    // The future by value: a test that fails ends before the work does.
    job.run = [&gate, opened = gate.opened](const WorkPlace&) {
      ++gate.waiting;
      opened.wait();
    };
    ASSERT_TRUE(service_->submit(std::move(job)));
  }

  TemporaryFolder folder_;
  serve::ServeOptions options_;
  serve::Metrics metrics_;
  std::unique_ptr<ModelService> service_;
};

TEST_F(ServeQueue, OneThreadThatIsBusyKeepsNobodyWaiting) {
  start(2);
  Gate gate;
  hold(gate);
  gate.wait_for(1);
  const std::string red = picture(200, 0, 0);
  std::future<Result> one = ask({red});
  ASSERT_EQ(one.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(one.get().answers.front().predictions.front().name, "red");
  gate.open.set_value();
}

TEST_F(ServeQueue, ThreadsShareTheCores) {
  for (const int busy : {1, 2, 4}) {
    start(4);
    Gate gate, last;
    std::vector<std::atomic<int>> shares(static_cast<std::size_t>(busy));
    for (std::atomic<int>& share : shares) {
      OtherJob job{.until = Clock::now() + 30s, .failed = [](unsigned, const std::string&) {}};
      job.run = [&, opened = gate.opened, ended = last.opened](const WorkPlace& place) {
        ++gate.waiting;
        opened.wait();
        share = place.threads();
        ++last.waiting;
        ended.wait();
      };
      ASSERT_TRUE(service_->submit(std::move(job)));
    }
    gate.wait_for(busy);
    gate.open.set_value();
    last.wait_for(busy);
    for (const std::atomic<int>& share : shares) EXPECT_EQ(share, 4 / busy);
    last.open.set_value();
    service_->stop();
  }
}

TEST_F(ServeQueue, PhotosOfARequestAreAnsweredInTheirOrder) {
  start(3);
  std::vector<std::string> photos;
  for (int i = 0; i < 40; ++i)
    photos.push_back(i % 3 == 2 ? "no photo" : i % 3 == 0 ? picture(200, 0, 0) : picture(0, 0, 200));
  const Answers answers = ask(photos).get().answers;
  ASSERT_EQ(answers.size(), 40U);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(answers[i].error.empty(), i % 3 != 2) << i;
    if (i % 3 == 2) continue;
    EXPECT_EQ(answers[i].predictions.front().name, i % 3 == 0 ? "red" : "blue") << i;
  }
}

TEST_F(ServeQueue, AnswersHaveTheBitsOfPredictWhateverElseIsAsked) {
  const Model model =
      applications::find_application("mobilenet_v2").build({.input_shape = {64, 64, 3}, .weights = "none"});
  saving::save_model(model, folder_.path() / "model.keras", {});
  std::vector<std::string> photos;
  for (int i = 0; i < 24; ++i) photos.push_back(picture(10 * i, 255 - 7 * i, 3 * i, 40 + i));
  for (const int threads : {2, 3}) {
    start(threads);
    const Classifier classifier = Classifier::open(folder_.path() / "model.keras", options_.execution);
    std::vector<Answers> expected;
    for (const std::string& photo : photos) {
      const PhotoBytes bytes = bytes_of(photo);
      expected.push_back(classifier.predict_all(std::span(&bytes, 1), {}));
    }
    const auto compare = [&](const PhotoPrediction& answer, std::size_t i) {
      const std::vector<Prediction>& right = expected[i].front().predictions;
      ASSERT_EQ(answer.predictions.size(), right.size()) << answer.error;
      for (std::size_t k = 0; k < right.size(); ++k) {
        EXPECT_EQ(answer.predictions[k].name, right[k].name) << threads << ' ' << i;
        EXPECT_EQ(answer.predictions[k].probability, right[k].probability) << threads << ' ' << i;
      }
    };
    for (std::size_t i = 0; i < photos.size(); i += 8) compare(ask({photos[i]}).get().answers.at(0), i);
    const Answers together = ask(photos).get().answers;
    for (std::size_t i = 0; i < photos.size(); ++i) compare(together.at(i), i);
    std::vector<std::future<Result>> single;
    for (const std::string& photo : photos) single.push_back(ask({photo}));
    for (std::size_t i = 0; i < photos.size(); ++i) compare(single[i].get().answers.at(0), i);
  }
}

TEST_F(ServeQueue, AFullQueueRefusesAndAnswersWhatItTook) {
  start(2, [](serve::Limits& limits) { limits.queue = 3; });
  Gate gate;
  hold(gate);
  hold(gate);
  gate.wait_for(2);
  const std::string red = picture(200, 0, 0);
  std::vector<std::future<Result>> taken;
  taken.push_back(ask({red, red}));
  EXPECT_FALSE(ask({red, red}).valid());
  taken.push_back(ask({red}));
  EXPECT_EQ(service_->queued(), 3U);
  EXPECT_FALSE(ask({red}).valid());
  gate.open.set_value();
  service_->stop();
  for (std::future<Result>& one : taken) EXPECT_EQ(one.get().answers.front().predictions.front().name, "red");
  EXPECT_FALSE(ask({red}).valid());
}

TEST_F(ServeQueue, ARequestThatWaitedTooLongIsNotComputed) {
  start(1);
  const std::string red = picture(200, 0, 0);
  const Result result = ask({red, red}, true).get();
  EXPECT_EQ(result.status, 503U);
  EXPECT_TRUE(result.answers.empty());
  EXPECT_EQ(ask({red}).get().status, 200U);
}

TEST_F(ServeQueue, APhotoWaitsForOthersAsLongAsStated) {
  start(2, [](serve::Limits& limits) { limits.delay = 400ms; });
  const std::string red = picture(200, 0, 0);
  const Clock::time_point begin = Clock::now();
  EXPECT_EQ(ask({red}).get().status, 200U);
  EXPECT_GE(Clock::now() - begin, 400ms);
  // One for each thread: nothing is waited for.
  service_->stop();
  start(2, [](serve::Limits& limits) { limits.delay = 60s; });
  std::future<Result> first = ask({red}), second = ask({red});
  EXPECT_EQ(first.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(second.wait_for(20s), std::future_status::ready);
}

}  // namespace
}  // namespace graft::test
