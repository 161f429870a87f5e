// SPDX-License-Identifier: Apache-2.0
// A layer of your own: y = x sigmoid(beta x) with one trainable beta for each channel (Swish with a learned
// slope). The program trains a small network with it, saves it to the file given, loads it again, and
// compares the predictions.
//   custom_layer OUT.keras
// It needs no photos: it draws its own pictures.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <utility>

#include <graft/base/json.hpp>  // outside graft: <nlohmann/json.hpp>
#include <graft/extend/layer.hpp>
#include <graft/graft.hpp>

using namespace graft;

namespace {

/// The options of the layer, with defaults, as users of the layer write them.
struct LearnedSwishOptions {
  double initial_beta = 1;  ///< 1: begins as Keras's "swish"
  std::string name{};       ///< empty: learned_swish, learned_swish_1, ...
};

/// A layer describes itself; it never computes. It answers four questions: which shape does it return, which
/// weights does it have, which ops does it consist of, and what is written about it to files.
class LearnedSwishLayer final : public layers::LayerBase {
 public:
  explicit LearnedSwishLayer(const LearnedSwishOptions& options)
      : LayerBase("LearnedSwish", options.name), options_(options) {}

  /// Elementwise: the output's shape is the input's. only_input() throws unless there is exactly one input.
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }

  /// Called once, at the first call of the layer, when the number of channels is known.
  void build(const std::vector<Shape>& inputs) override {
    const auto beta = static_cast<float>(options_.initial_beta);
    beta_ = add_weight("beta", {inputs[0][-1]},
                       [beta](Tensor& tensor) { std::ranges::fill(tensor.data<float>(), beta); });
  }

  /// Appends the ops to the graph, in their plainest form: the plan fuses them, derives the backward pass and
  /// chooses kernels. The gradients of these ops are known, so the layer needs no gradient code.
  [[nodiscard]] ops::ValueId lower(layers::LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const ops::ValueId x = inputs[0];
    const Shape shape = context.graph.shape(x);  // with a concrete batch size
    const ops::ValueId zero = context.graph.add_constant(Tensor({shape[-1]}));
    const ops::ValueId gate =
        context.graph.add(ops::ScaleShift{.activation = {.kind = ops::ActivationKind::sigmoid}},
                          {x, weight(context, beta_), zero}, shape);
    return context.graph.add(ops::Binary{.kind = ops::BinaryKind::multiply}, {x, gate}, shape);
  }

  /// What Keras's get_config() returns, without name, trainable and dtype, which every layer has.
  [[nodiscard]] Json own_config() const override { return {{"initial_beta", options_.initial_beta}}; }

 private:
  LearnedSwishOptions options_;
  VariablePtr beta_;
};

/// How users make the layer: LearnedSwish({.initial_beta = 2})(x).
Layer LearnedSwish(const LearnedSwishOptions& options = {}) {
  return Layer(std::make_shared<LearnedSwishLayer>(options));
}

/// Makes the layer from what own_config() wrote, when a file is loaded.
Layer learned_swish_from_config(const Json& config) {
  return LearnedSwish({.initial_beta = config.value("initial_beta", 1.0), .name = config.value("name", "")});
}

constexpr std::int64_t kPictures = 64;
constexpr std::int64_t kSize = 16;

/// Pictures of two classes: horizontal stripes (0) and vertical stripes (1), with noise.
data::Dataset striped_pictures() {
  Tensor images({kPictures, kSize, kSize, 1});
  Tensor labels({kPictures}, DType::int32);
  std::uint32_t random = 1;
  std::size_t at = 0;
  for (std::int64_t picture = 0; picture < kPictures; ++picture) {
    const bool vertical = picture % 2 == 1;
    labels.data<std::int32_t>()[static_cast<std::size_t>(picture)] = vertical ? 1 : 0;
    for (std::int64_t y = 0; y < kSize; ++y) {
      for (std::int64_t x = 0; x < kSize; ++x) {
        random = random * 1664525U + 1013904223U;
        const auto noise = static_cast<float>(random >> 24U) / 255.0F;
        const bool bright = ((vertical ? x : y) + picture) % 4 < 2;
        images.data()[at++] = (bright ? 1.0F : 0.0F) + noise;
      }
    }
  }
  return data::Dataset::from_tensors(images, labels, {.batch_size = 16, .shuffle = true});
}

/// The layer is used like every other one.
Model small_network() {
  const SymbolicTensor input = Input({kSize, kSize, 1});
  SymbolicTensor x = layers::Conv2D({.filters = 8, .kernel_size = 3})(input);
  x = LearnedSwish({.name = "swish"})(x);
  x = layers::GlobalAveragePooling2D()(x);
  return Model(input, layers::Dense({.units = 2, .activation = "softmax"})(x));
}

float largest_difference(const Tensor& a, const Tensor& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.data().size(); ++i)
    largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  return largest;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: custom_layer OUT.keras\n";
    return 2;
  }
  // Once, before a file with the layer is loaded. In the file its name is "examples>LearnedSwish".
  layers::register_layer("examples", "LearnedSwish", learned_swish_from_config);

  set_random_seed(1);
  const data::Dataset pictures = striped_pictures();
  Model model = small_network();
  model.compile({.optimizer = Adam({.learning_rate = 0.02}),
                 .loss = SparseCategoricalCrossentropy(),
                 .metrics = {"accuracy"}});
  // One thread: in a network this small, threads would only wait for each other.
  const History history = model.fit(pictures, {.epochs = 20, .execution = {.threads = 1}});
  const double first = history["loss"].front(), last = history["loss"].back();
  std::cout << "loss " << first << " -> " << last << ", accuracy " << model.evaluate(pictures).accuracy
            << '\n';

  // beta was 1 in all channels; training moved it.
  const VariablePtr beta = model.get_layer("swish").weights()[0];
  std::cout << "beta of the first channel " << beta->value().data()[0] << '\n';

  model.save(argv[1]);
  Model again = load_model(argv[1]).model;
  const float difference = largest_difference(model.predict(pictures), again.predict(pictures));
  std::cout << "largest difference after loading " << difference << '\n';
  return last < first && difference == 0 ? 0 : 1;
} catch (const Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
