// SPDX-License-Identifier: Apache-2.0
// Layers that return their input in inference.
#include "graft/error.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/registry.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

/// It passes its input on in inference, keeps its config, and says in training that it is not supported.
void expect_identity(const std::string& class_name) {
  const Json config{{"name", "x"}, {"trainable", true}, {"dtype", "float32"}, {"factor", 0.25}};
  const Layer layer = from_config(class_name, config);
  EXPECT_EQ(layer.config().dump(), config.dump());
  ops::Graph graph;
  const ops::ValueId input = graph.add_input({1, 8, 8, 3});
  LowerContext inference{.graph = graph, .inference = true};
  EXPECT_EQ(layer.base()->lower(inference, {input}), input);
  LowerContext training{.graph = graph, .training = true};
  if (class_name == "Identity") {
    EXPECT_EQ(layer.base()->lower(training, {input}), input);
  } else {
    EXPECT_THROW((void)layer.base()->lower(training, {input}), Error);
  }
}

TEST(ActivityRegularization, DoesNothingInInference) { expect_identity("ActivityRegularization"); }
TEST(AlphaDropout, DoesNothingInInference) { expect_identity("AlphaDropout"); }
TEST(AugMix, DoesNothingInInference) { expect_identity("AugMix"); }
TEST(CutMix, DoesNothingInInference) { expect_identity("CutMix"); }
TEST(GaussianDropout, DoesNothingInInference) { expect_identity("GaussianDropout"); }
TEST(Identity, DoesNothingInInference) { expect_identity("Identity"); }
TEST(MixUp, DoesNothingInInference) { expect_identity("MixUp"); }
TEST(RandAugment, DoesNothingInInference) { expect_identity("RandAugment"); }
TEST(RandomColorDegeneration, DoesNothingInInference) { expect_identity("RandomColorDegeneration"); }
TEST(RandomColorJitter, DoesNothingInInference) { expect_identity("RandomColorJitter"); }
TEST(RandomElasticTransform, DoesNothingInInference) { expect_identity("RandomElasticTransform"); }
TEST(RandomErasing, DoesNothingInInference) { expect_identity("RandomErasing"); }
TEST(RandomGaussianBlur, DoesNothingInInference) { expect_identity("RandomGaussianBlur"); }
TEST(RandomGrayscale, DoesNothingInInference) { expect_identity("RandomGrayscale"); }
TEST(RandomHeight, DoesNothingInInference) { expect_identity("RandomHeight"); }
TEST(RandomHue, DoesNothingInInference) { expect_identity("RandomHue"); }
TEST(RandomInvert, DoesNothingInInference) { expect_identity("RandomInvert"); }
TEST(RandomPerspective, DoesNothingInInference) { expect_identity("RandomPerspective"); }
TEST(RandomPosterization, DoesNothingInInference) { expect_identity("RandomPosterization"); }
TEST(RandomSaturation, DoesNothingInInference) { expect_identity("RandomSaturation"); }
TEST(RandomSharpness, DoesNothingInInference) { expect_identity("RandomSharpness"); }
TEST(RandomShear, DoesNothingInInference) { expect_identity("RandomShear"); }
TEST(RandomWidth, DoesNothingInInference) { expect_identity("RandomWidth"); }
TEST(Solarization, DoesNothingInInference) { expect_identity("Solarization"); }

TEST(RandomHeight, LeavesTheHeightOpen) {
  const SymbolicTensor x = Input({8, 8, 3});
  EXPECT_EQ(from_config("RandomHeight", {{"name", "h"}})(x).shape, (Shape{-1, -1, 8, 3}));
  EXPECT_EQ(from_config("RandomWidth", {{"name", "w"}})(x).shape, (Shape{-1, 8, -1, 3}));
}

}  // namespace
}  // namespace graft::layers
