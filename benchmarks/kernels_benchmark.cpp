// SPDX-License-Identifier: Apache-2.0
// Times of single kernels on the shapes of well-known networks. The label names the implementation; the
// counter is floating-point operations (elements for image ops) per second.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "graft/kernels/kernel.hpp"
#include "graft/tensor.hpp"

namespace graft::kernels {
namespace {

/// A kernel with its arguments, all elements 1/2: its speed does not depend on them.
class Bench {
 public:
  /// backend: whose kernel; null: the one that plans use.
  explicit Bench(const Spec& spec, const Backend* backend = nullptr)
      : kernel_(backend != nullptr ? backend->make(spec) : make_kernel(spec)) {
    for (const Argument& argument : spec.inputs) inputs_.push_back(elements_of(argument));
    for (const Argument& argument : spec.outputs) outputs_.push_back(elements_of(argument));
    std::vector<View> weights(inputs_.size());
    if (inputs_.size() > 1) weights[1] = inputs_[1];
    if (spec.params.index() < 2) kernel_->pack(weights);
  }
  void run(benchmark::State& state, double work) {
    RunContext context;
    for (auto iteration : state) {
      (void)iteration;
      ++context.step;
      kernel_->run(context, inputs_, outputs_);
    }
    state.SetLabel(std::string(kernel_->implementation()));
    state.counters["work/s"] = benchmark::Counter(work, benchmark::Counter::kIsIterationInvariantRate);
  }

 private:
  MutableView elements_of(const Argument& argument) {
    if (!argument.present) return {};
    tensors_.push_back(Tensor::full(argument.shape, 0.5F).to(argument.dtype));
    return view_of(tensors_.back());
  }

  std::unique_ptr<Kernel> kernel_;
  std::vector<Tensor> tensors_;
  std::vector<View> inputs_;
  std::vector<MutableView> outputs_;
};

struct Layer {
  std::string name;
  std::int64_t batch, size, in, out, kernel, stride;
  bool depthwise = false;
  bool residual = false;
  std::string activation = "linear";

  [[nodiscard]] std::int64_t result() const { return (size + stride - 1) / stride; }
  [[nodiscard]] Shape x() const { return {batch, size, size, in}; }
  [[nodiscard]] Shape y() const { return {batch, result(), result(), out}; }
  [[nodiscard]] Shape weights() const { return {kernel, kernel, depthwise ? 1 : in, out}; }
  [[nodiscard]] std::int64_t groups() const { return depthwise ? in : 1; }
  [[nodiscard]] ops::Window window() const {
    const std::int64_t pads = (result() - 1) * stride + kernel - size;
    const std::int64_t before = pads > 0 ? pads / 2 : 0;
    const std::int64_t after = pads > 0 ? pads - before : 0;
    return {.height = kernel,
            .width = kernel,
            .stride_height = stride,
            .stride_width = stride,
            .pad_top = before,
            .pad_bottom = after,
            .pad_left = before,
            .pad_right = after};
  }
  [[nodiscard]] double work() const {
    return 2.0 * static_cast<double>(y().count()) * static_cast<double>(kernel * kernel * in / groups());
  }
};

std::vector<Layer> layers() {
  return {
      {"mobilenet_v2/stem", 32, 160, 3, 32, 3, 2, false, false, "relu6"},
      {"mobilenet_v2/expand_16", 32, 80, 16, 96, 1, 1, false, false, "relu6"},
      {"mobilenet_v2/depthwise_96_stride_2", 32, 80, 96, 96, 3, 2, true, false, "relu6"},
      {"mobilenet_v2/project_144_residual", 32, 40, 144, 24, 1, 1, false, true},
      {"mobilenet_v2/depthwise_192", 32, 20, 192, 192, 3, 1, true, false, "relu6"},
      {"mobilenet_v2/project_384_residual", 32, 10, 384, 64, 1, 1, false, true},
      {"mobilenet_v2/depthwise_960", 32, 5, 960, 960, 3, 1, true, false, "relu6"},
      {"mobilenet_v2/project_960_residual", 32, 5, 960, 160, 1, 1, false, true},
      {"mobilenet_v2/last", 32, 5, 320, 1280, 1, 1, false, false, "relu6"},
      {"resnet50/stem", 8, 224, 3, 64, 7, 2, false, false, "relu"},
      {"resnet50/conv4", 8, 14, 256, 256, 3, 1, false, false, "relu"},
      {"resnet50/conv4_residual", 8, 14, 256, 1024, 1, 1, false, true, "relu"},
      {"vgg16/block1_conv2", 8, 224, 64, 64, 3, 1, false, false, "relu"},
      {"vgg16/block5_conv3", 8, 14, 512, 512, 3, 1, false, false, "relu"},
  };
}

void forward(benchmark::State& state, const Layer& layer, DType dtype = DType::float32,
             const Backend* backend = nullptr) {
  const Argument weights{.shape = layer.weights(), .constant = true};
  Bench bench(
      {.params = ops::Convolution{.window = layer.window(),
                                  .groups = layer.groups(),
                                  .activation = ops::activation_from_name(layer.activation)},
       .inputs = {{layer.x(), true, dtype}, weights, {Shape{layer.out}}, {layer.y(), layer.residual, dtype}},
       .outputs = {{layer.y(), true, dtype}}},
      backend);
  bench.run(state, layer.work());
}

void backward_input(benchmark::State& state, const Layer& layer) {
  Bench bench({.params = ops::ConvolutionBackwardInput{.window = layer.window(), .groups = layer.groups()},
               .inputs = {{layer.y()}, {layer.weights()}},
               .outputs = {{layer.x()}}});
  bench.run(state, layer.work());
}

void backward_kernel(benchmark::State& state, const Layer& layer) {
  Bench bench({.params = ops::ConvolutionBackwardKernel{.window = layer.window(), .groups = layer.groups()},
               .inputs = {{layer.x()}, {layer.y()}},
               .outputs = {{layer.weights()}, {Shape{layer.out}}}});
  bench.run(state, layer.work());
}

void dense(benchmark::State& state, std::int64_t rows, std::int64_t in, std::int64_t out) {
  Bench bench({.params = ops::Dense{},
               .inputs = {{Shape{rows, in}}, {Shape{in, out}}, {Shape{out}}},
               .outputs = {{Shape{rows, out}}}});
  bench.run(state, 2.0 * static_cast<double>(rows * in * out));
}

void elementwise(benchmark::State& state, const ops::Params& params) {
  const Argument image{Shape{32, 80, 80, 96}};
  Bench bench({.params = params, .inputs = {image, image}, .outputs = {image}});
  bench.run(state, static_cast<double>(image.shape.count()));
}

void image_op(benchmark::State& state, const ops::Params& params) {
  const Argument image{Shape{32, 160, 160, 3}};
  Bench bench({.params = params, .inputs = {image}, .outputs = {image}});
  bench.run(state, static_cast<double>(image.shape.count()));
}

void max_pool(benchmark::State& state) {
  Bench bench(
      {.params = ops::Pool{.window = {.height = 2, .width = 2, .stride_height = 2, .stride_width = 2}},
       .inputs = {{Shape{8, 112, 112, 128}}},
       .outputs = {{Shape{8, 56, 56, 128}}}});
  bench.run(state, 8.0 * 112 * 112 * 128);
}

void register_all() {
  const auto add = [](const std::string& name, const auto& body) {
    benchmark::RegisterBenchmark(name.c_str(), body)->UseRealTime()->Unit(benchmark::kMillisecond);
  };
  for (const Layer& layer : layers()) {
    add(layer.name + "/forward", [layer](benchmark::State& state) { forward(state, layer); });
    add(layer.name + "/forward_bfloat16",
        [layer](benchmark::State& state) { forward(state, layer, DType::bfloat16); });
    add(layer.name + "/forward_onednn",
        [layer](benchmark::State& state) { forward(state, layer, DType::float32, &onednn()); });
    add(layer.name + "/forward_bfloat16_onednn",
        [layer](benchmark::State& state) { forward(state, layer, DType::bfloat16, &onednn()); });
    add(layer.name + "/backward_input", [layer](benchmark::State& state) { backward_input(state, layer); });
    add(layer.name + "/backward_kernel", [layer](benchmark::State& state) { backward_kernel(state, layer); });
  }
  for (const std::int64_t rows : {1, 32}) {
    add("dense/25088x4096/" + std::to_string(rows),
        [rows](benchmark::State& state) { dense(state, rows, 25088, 4096); });
    add("dense/1280x1000/" + std::to_string(rows),
        [rows](benchmark::State& state) { dense(state, rows, 1280, 1000); });
  }
  const ops::Activation relu6 = ops::activation_from_name("relu6");
  add("activation_backward/relu6",
      [relu6](benchmark::State& state) { elementwise(state, ops::ActivationBackward{.activation = relu6}); });
  add("add", [](benchmark::State& state) { elementwise(state, ops::Binary{ops::BinaryKind::add}); });
  add("max_pool", max_pool);
  add("random_transform/rotation_flip", [](benchmark::State& state) {
    image_op(state, ops::RandomTransform{.flip_horizontal = true, .angle = {-0.2F, 0.2F}});
  });
  add("random_contrast", [](benchmark::State& state) {
    image_op(state, ops::RandomContrast{.factor = {0.8F, 1.2F}});
  });
  add("dropout", [](benchmark::State& state) { image_op(state, ops::Dropout{}); });
}

}  // namespace
}  // namespace graft::kernels

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  graft::kernels::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
