// SPDX-License-Identifier: Apache-2.0
// What result folders record, as text: files of earlier versions stay comparable.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"

#include "transfer/result/history.hpp"
#include "transfer/result/settings.hpp"
#include "transfer/run/check_options.hpp"

namespace graft::transfer {
namespace {

Json settings_of(const Recipe& recipe) { return settings_json({.recipe = recipe}, "/photos", {64, 96}); }

TEST(Settings, OnlyWhatTheRecipeUsesIsRecorded) {
  EXPECT_EQ(
      settings_of(AutomaticRecipe{}).dump(),
      R"({"photos":"/photos","model":"mobilenet_v2","weights":"imagenet","image_size":[64,96],"recipe":"auto",)"
      R"("head":{"class_weight":"none"},)"
      R"("honest":{"duplicates":"report","group_by":"","folds":0,"seeds":1},"test":"","validation":"","seed":42,)"
      R"("precision":"auto","batch_size":32,"views":2,"epochs":10,)"
      R"("tuning":{"calibrate":true},"exif":"apply","jpeg_scale":"exact","rounds":{"from":""}})");
  const Json head = settings_of(HeadRecipe{});
  for (const char* name : {"epochs", "batch_size", "fine_tune_from", "fine_tune_epochs"})
    EXPECT_FALSE(head.contains(name)) << name;
  EXPECT_TRUE(head.contains("views"));
  const Json tutorial = settings_of(TutorialRecipe{});
  EXPECT_FALSE(tutorial.contains("views"));
  EXPECT_EQ(tutorial["rounds"]["learning_rate"], 1e-4);  // the default, which was used
  EXPECT_EQ(tutorial["tuning"]["fine_tune_learning_rate"], 1e-5);
  EXPECT_EQ(tutorial["tuning"]["augment"], "default");
  const Json network = settings_of(NetworkRecipe{});
  EXPECT_FALSE(network.contains("fine_tune_from") || network.contains("views"));
  EXPECT_FALSE(network["tuning"].contains("augment"));
}

TEST(Settings, EachRecipeRecordsItsOwnOptions) {
  const Json automatic = settings_of(AutomaticRecipe{.epochs = 3, .views = 4, .budget = 60});
  EXPECT_EQ(automatic["epochs"], 3);
  EXPECT_EQ(automatic["views"], 4);
  EXPECT_EQ(automatic["budget"], 60);
  EXPECT_EQ(settings_of(HeadRecipe{.views = 1})["views"], 1);
  EXPECT_EQ(settings_of(HeadRecipe{})["recipe"], "head");
  const Json classical = settings_of(ClassicalHeadRecipe{.kinds = {HeadKind::knn}, .neighbours = 3});
  EXPECT_EQ(classical["head"].dump(), R"({"kinds":["knn"],"folds":5,"neighbours":3,"class_weight":"none"})");
  const Json tutorial =
      settings_of(TutorialRecipe{.learning_rate = 0.5, .l2_sp = 0.1, .class_weight = ClassWeight::balanced});
  EXPECT_EQ(tutorial["recipe"], "tutorial");
  EXPECT_EQ(tutorial["rounds"]["learning_rate"], 0.5);
  EXPECT_EQ(tutorial["tuning"]["l2_sp"], 0.1);
  EXPECT_EQ(tutorial["head"]["class_weight"], "balanced");
  const Json network = settings_of(NetworkRecipe{.epochs = 7, .learning_rate = 0.1, .freeze = "a*"});
  EXPECT_EQ(network["recipe"], "network");
  EXPECT_EQ(network["epochs"], 7);
  EXPECT_EQ(network["tuning"]["freeze"], "a*");
  EXPECT_EQ(network["rounds"]["learning_rate"], 0.1);
  const Json round =
      settings_of(RoundRecipe{.from = "/r1", .recipe = RecipeName::tutorial, .rehearse_per_class = 5});
  EXPECT_EQ(round["recipe"], "tutorial");
  EXPECT_EQ(round["rounds"]["from"], "/r1");
  EXPECT_EQ(round["rounds"]["rehearse_per_class"], 5);
}

TEST(Settings, SixteenBitsOfTheExchangeAreRecorded) {
  EXPECT_FALSE(settings_of(AutomaticRecipe{}).contains("exchange"));
  EXPECT_EQ(settings_json({.bfloat16_exchange = true}, "/photos", {64, 96})["exchange"], "bfloat16");
}

TEST(Facts, AreAsInEarlierResultFiles) {
  EXPECT_EQ(to_json(TrainFacts{}).dump(), "{}");
  const TriedStrength tried{.l2 = 1, .loss = 0.5, .errors = 2, .photos = 10};
  const TrainFacts automatic{
      .moved_by_bfloat16 = MovedFeatures{.mean = 0.25, .largest = 0.5},
      .precision = "float32",
      .features = FeatureCounts{.computed = 3, .cached = 4},
      .advice = PhotosPlace{.photos_per_class = 12, .many = false, .similar = true},
      .head = SolvedHead{.l2 = 1, .cross_validated = true, .views = 2, .mirrored = true, .tried = {tried}},
      .fine_tuning = FineTuned{.from_layer = "a", .layer_index = 3, .epochs = 2, .kept = true},
      .seconds = {{"photos", 1.5}},
      .seeds = RepeatedRuns{.accuracies = {1, 0.5}, .spread = {.mean = 0.75}}};
  EXPECT_EQ(
      to_json(automatic).dump(),
      R"({"moved_by_bfloat16":{"mean":0.25,"largest":0.5},"precision":"float32",)"
      R"("features":{"computed":3,"cached":4},)"
      R"("advice":{"photos_per_class":12.0,"size":"few","similarity":"similar","decided_by":"work"},)"
      R"("head":{"l2":1.0,"cross_validated":true,"several_depths":false,"views":2,"mirrored":true,)"
      R"("loss_with_mirrored":0.0,"loss_without_mirrored":0.0,"tried":[{"l2":1.0,"loss":0.5,"errors":2.0,)"
      R"("photos":10,"validation_loss":0.0,"validation_accuracy":0.0}]},)"
      R"("fine_tuning":{"strategy":"freeze part","from_layer":"a","layer_index":3,"learning_rate":0.0,)"
      R"("epochs":2,"operations":0.0,"seconds":0.0,"share":0.0,"validation_loss":0.0,"validation_accuracy":0.0,)"
      R"("kept":true},"seconds":{"photos":1.5},)"
      R"("seeds":{"count":2,"accuracies":[1.0,0.5],"mean":0.75,"deviation":0.0,"lowest":0.0,"highest":0.0}})");
  const TrainFacts round{.rounds = {{.round = 1,
                                     .photos = "/p",
                                     .test_photos = 5,
                                     .missing = 2,
                                     .accuracy_then = 0.5,
                                     .accuracy_before = 0.25,
                                     .accuracy = 1.0},
                                    {.round = 2, .photos = "/q", .test_photos = 6, .accuracy = 0.5}}};
  EXPECT_EQ(to_json(round).dump(),
            R"({"rounds":[{"round":1,"photos":"/p","test_photos":5,"missing":2,"accuracy_then":0.5,)"
            R"("accuracy_before":0.25,"accuracy":1.0},{"round":2,"photos":"/q","test_photos":6,)"
            R"("accuracy":0.5}]})");
}

TEST(History, SurvivesASavedState) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<EpochRow> rows{{.epoch = 0, .phase = "head", .values = {{"val_loss", 0.1}}},
                                   {.epoch = 1, .phase = "fine-tuning", .values = {{"loss", nan}}}};
  const std::vector<EpochRow> back = history_from_json(Json::parse(history_json(rows).dump()));
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].values, rows[0].values);
  EXPECT_TRUE(std::isnan(back[1].values[0].second));
  EXPECT_EQ(history_csv(back), "epoch,phase,val_loss,loss\n0,head,0.1,\n1,fine-tuning,,null\n");
}

TEST(CheckOptions, ARecipeThatDoesNotGoWithTheModelIsRefused) {
  const auto option_of = [](const TrainOptions& options) -> std::string {
    try {
      check_options(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
      return error.option();
    }
    return "none";
  };
  EXPECT_EQ(option_of({}), "none");
  EXPECT_EQ(option_of({.recipe = NetworkRecipe{}}), "recipe");
  EXPECT_EQ(option_of({.model = "own.keras", .recipe = NetworkRecipe{}}), "none");
  EXPECT_EQ(option_of({.model = "own.keras", .recipe = TutorialRecipe{}}), "recipe");
  EXPECT_EQ(option_of({.model = "own.keras", .recipe = ClassicalHeadRecipe{}}), "head");
  EXPECT_EQ(option_of({.model = "own.keras", .recipe = AutomaticRecipe{.budget = 9}}), "budget");
  EXPECT_EQ(option_of({.model = "own.keras", .calibrate = true}), "calibrate");
  EXPECT_EQ(option_of({.recipe = RoundRecipe{.from = "r"}, .calibrate = true}), "none");
  EXPECT_EQ(option_of({.recipe = RoundRecipe{.from = "r", .recipe = RecipeName::network}, .calibrate = true}),
            "calibrate");
  EXPECT_EQ(option_of({.recipe = HeadRecipe{.views = 0}}), "views");
  EXPECT_EQ(option_of({.recipe = RoundRecipe{}}), "from");
  EXPECT_EQ(option_of({.recipe = RoundRecipe{.from = "r", .freeze = "a*"}}), "freeze");
  EXPECT_EQ(option_of({.recipe = RoundRecipe{.from = "r", .recipe = RecipeName::network, .freeze = "a*"}}),
            "none");
}

}  // namespace
}  // namespace graft::transfer
