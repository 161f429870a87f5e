// SPDX-License-Identifier: Apache-2.0
// A network that graft has no builder for, rebuilt from the shapes in a PyTorch checkpoint: the ResNet for
// CIFAR-10 (He et al. 2015, section 4.2), of 20, 32, 44, 56 or 110 layers. cifar_resnet CHECKPOINT.th PHOTOS
// prints its accuracy on a folder of photos, one sub-folder per class in the order of CIFAR-10's classes.
#include <iostream>
#include <map>

#include <graft/applications/torch_names.hpp>
#include <graft/base/fail.hpp>
#include <graft/formats/pth.hpp>
#include <graft/graft.hpp>

using namespace graft;

namespace {

using StateDict = std::map<std::string, Tensor>;

StateDict read(const std::string& file) {
  StateDict weights;
  for (const formats::NamedTensor& entry : formats::read_pth(file)) weights[entry.path] = entry.tensor;
  return weights;
}

// Layers have the names of the checkpoint's modules with '_' for '.'; torch_names() maps them back.
SymbolicTensor convolution(const SymbolicTensor& x, std::int64_t filters, std::int64_t strides,
                           const std::string& block, const std::string& number) {
  // PyTorch pads all sides equally; Keras's "same" with strides of 2 does not.
  const SymbolicTensor padded = layers::ZeroPadding2D(1)(x);
  const SymbolicTensor y = layers::Conv2D({.filters = filters,
                                           .kernel_size = 3,
                                           .strides = strides,
                                           .use_bias = false,
                                           .name = block + "conv" + number})(padded);
  return layers::BatchNormalization({.momentum = 0.9, .epsilon = 1e-5, .name = block + "bn" + number})(y);
}

// "Option A": where a block halves the image and doubles the channels, its shortcut keeps every second pixel
// and pads the channels with zeros. Written as a 1 x 1 convolution, this is a fixed kernel of ones and zeros.
SymbolicTensor shortcut(const SymbolicTensor& x, std::int64_t filters, const std::string& block) {
  const std::int64_t channels = x.shape[3];
  const Layer layer = layers::Conv2D({.filters = filters,
                                      .kernel_size = 1,
                                      .strides = 2,
                                      .use_bias = false,
                                      .kernel_initializer = "zeros",
                                      .name = block + "shortcut"});
  SymbolicTensor y = layer(x);
  Tensor kernel({1, 1, channels, filters});
  for (std::int64_t c = 0; c < channels; ++c)
    kernel.data()[static_cast<std::size_t>(c * filters + (filters - channels) / 2 + c)] = 1;
  layer.weights()[0]->assign(kernel);
  Layer(layer).set_trainable(false);
  return y;
}

Model rebuild(const StateDict& weights) {
  const auto filters = [&](const std::string& name) { return weights.at(name).shape()[0]; };
  const SymbolicTensor input = Input({32, 32, 3});  // raw RGB 0..255
  SymbolicTensor x = applications::add_preprocessing(input, applications::Preprocessing::torch);
  x = layers::ReLU()(convolution(x, filters("conv1.weight"), 1, "", "1"));
  for (int stage = 1; weights.contains(cat("layer", stage, ".0.conv1.weight")); ++stage) {
    for (int i = 0; weights.contains(cat("layer", stage, ".", i, ".conv1.weight")); ++i) {
      const std::string block = cat("layer", stage, "_", i, "_");
      const std::int64_t width = filters(cat("layer", stage, ".", i, ".conv1.weight"));
      const bool halves = stage > 1 && i == 0;
      SymbolicTensor y = layers::ReLU()(convolution(x, width, halves ? 2 : 1, block, "1"));
      y = convolution(y, width, 1, block, "2");
      x = layers::ReLU()(layers::Add()({y, halves ? shortcut(x, width, block) : x}));
    }
  }
  x = layers::GlobalAveragePooling2D()(x);
  x = layers::Dense({.units = filters("linear.weight"), .activation = "softmax", .name = "linear"})(x);
  return Model(input, x);
}

// Returns how many of the checkpoint's tensors were used.
std::size_t load(const Model& model, const StateDict& weights) {
  std::size_t used = 0;
  for (const applications::TorchWeight& weight : applications::torch_names(model)) {
    const auto found = weights.find(weight.torch_name);
    if (found == weights.end()) continue;  // the shortcuts, which are not in the checkpoint
    weight.variable->assign(applications::from_torch(found->second, weight));
    ++used;
  }
  return used;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: cifar_resnet CHECKPOINT.th PHOTOS\n";
    return 2;
  }
  const StateDict weights = read(argv[1]);
  Model model = rebuild(weights);
  const std::size_t used = load(model, weights);
  std::cout << count_params(model.trainable_weights()) << " parameters; " << used << " of " << weights.size()
            << " tensors used\n";
  model.compile({.optimizer = Adam(), .loss = SparseCategoricalCrossentropy(), .metrics = {"accuracy"}});
  const auto photos = data::image_dataset_from_directory(
      argv[2], {.image_size = 32, .shuffle = false, .jpeg_dct = data::JpegDct::accurate});
  std::cout << "accuracy " << model.evaluate(photos).accuracy << " on " << photos.size() << " photos\n";
  return used == weights.size() ? 0 : 1;
} catch (const Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
