// SPDX-License-Identifier: Apache-2.0
// Later rounds by several ranks, here threads: what they compare before they compute together.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "graft/cluster/communicator.hpp"
#include "graft/error.hpp"
#include "graft/layers.hpp"
#include "graft/train.hpp"

#include "support.hpp"
#include "wave_photo.hpp"

namespace graft::transfer {
namespace {

class RankRounds : public testing::Test {
 protected:
  static constexpr int kPhotos = 20;  ///< of each of two classes

  /// The same photos for the same seed.
  [[nodiscard]] std::filesystem::path photos(const std::string& name, std::uint64_t seed = 0) const {
    for (int i = 0; i < kPhotos; ++i) {
      for (const int k : {0, 1}) {
        const std::string file = (k == 0 ? "a/" : "b/") + std::to_string(i) + ".ppm";
        test::write_wave_photo(folder_.path() / name / file, seed + static_cast<std::uint64_t>(100 * k + i));
      }
    }
    return folder_.path() / name;
  }
  [[nodiscard]] std::filesystem::path earlier(const std::string& name, float weight) const {
    const SymbolicTensor input = Input({24, 24, 3}, "image");
    SymbolicTensor x = layers::Rescaling({.scale = {1.0F / 255}})(input);
    x = layers::Conv2D({.filters = 4, .kernel_size = 3, .strides = 2, .activation = "relu", .name = "conv"})(
        x);
    x = layers::GlobalAveragePooling2D()(x);
    const Model model(input, layers::Dense({.units = 2, .activation = "softmax"})(x));
    const VariablePtr kernel = model.get_layer("conv").weights()[0];
    const auto values = kernel->mutable_value().data();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = weight * static_cast<float>(i % 7);
    // Where it is alone: what is beside it is not the earlier round's.
    std::filesystem::create_directories(folder_.path() / name);
    model.save(folder_.path() / name / "model.keras", {"a", "b"});
    return folder_.path() / name / "model.keras";
  }

  /// One rank's photos and the model that it continues.
  struct Start {
    std::filesystem::path photos, from;
  };
  static TrainResult train_from(const Start& start, cluster::Communicator& ranks) {
    TrainOptions options;
    options.recipe = RoundRecipe{.from = start.from};
    options.precision = "float32";
    options.threads = 1;
    options.ranks = std::shared_ptr<cluster::Communicator>(&ranks, [](cluster::Communicator*) {});
    return train(start.photos, options);
  }
  /// Of two ranks; empty where both are done.
  static std::string message_of(const Start& first, const Start& second) {
    try {
      cluster::run_ranks(2, [&](cluster::Communicator& ranks) {
        (void)train_from(ranks.rank() == 0 ? first : second, ranks);
      });
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(RankRounds, FoldersMayBeElsewhere) {
  const Start first{photos("here"), earlier("model", 0.01F)};
  const Start second{photos("elsewhere"), first.from.parent_path().parent_path() / "copy" / "model.keras"};
  std::filesystem::create_directories(second.from.parent_path());
  std::filesystem::copy_file(first.from, second.from);
  std::vector<std::vector<float>> weights(2);
  cluster::run_ranks(2, [&](cluster::Communicator& ranks) {
    const TrainResult result = train_from(ranks.rank() == 0 ? first : second, ranks);
    auto& all = weights[static_cast<std::size_t>(ranks.rank())];
    for (const VariablePtr& weight : result.model.weights()) {
      const auto values = std::as_const(*weight).value().data();
      all.insert(all.end(), values.begin(), values.end());
    }
  });
  EXPECT_FALSE(weights[0].empty());
  EXPECT_EQ(weights[0], weights[1]);
}

TEST_F(RankRounds, OtherPhotosAreNamed) {
  const std::filesystem::path from = earlier("model", 0.01F);
  const Start first{photos("here"), from};
  const Start second{photos("there"), from};
  std::filesystem::rename(second.photos / "a" / "3.ppm", second.photos / "a" / "300.ppm");
  const std::string message = message_of(first, second);
  EXPECT_NE(message.find("rank 1 of 2 on thread 1 differs from rank 0"), std::string::npos) << message;
  EXPECT_NE(message.find("in the list of photos"), std::string::npos) << message;
}

TEST_F(RankRounds, OtherContentOfThePhotosIsNamed) {
  const std::filesystem::path from = earlier("model", 0.01F);
  const std::string message = message_of({photos("here"), from}, {photos("there", 1000), from});
  EXPECT_NE(message.find("in the content of the photos"), std::string::npos) << message;
}

TEST_F(RankRounds, AnotherModelToStartFromIsNamed) {
  const std::filesystem::path same = photos("here");
  const std::string message = message_of({same, earlier("model", 0.01F)}, {same, earlier("other", 0.02F)});
  EXPECT_NE(message.find("in the model to start from"), std::string::npos) << message;
}

TEST(RankOptions, SixteenBitsNeedSeveralProcesses) {
  TrainOptions options;
  options.bfloat16_exchange = true;
  try {
    (void)train("nowhere", options);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("exchange: has no effect in one process"), std::string::npos);
  }
}

}  // namespace
}  // namespace graft::transfer
