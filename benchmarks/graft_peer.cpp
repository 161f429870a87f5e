// SPDX-License-Identifier: Apache-2.0
// graft's side of benchmarks/compare: prepares one case, then runs it whenever the driver says so; the
// protocol is that of peers/serve.py.
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/layers.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training.hpp"

namespace graft {
namespace {

using Work = std::function<void()>;

Tensor random_tensor(const Shape& shape) {
  Tensor tensor(shape);
  std::uint32_t state = 1;
  for (float& x : tensor.data<float>()) {
    state = state * 1664525U + 1013904223U;
    x = static_cast<float>(state >> 8U) / 16777216.0F;
  }
  return tensor;
}

Shape image_shape(const Json& wanted) {
  const auto size = wanted.at("size").get<std::int64_t>();
  return {size, size, 3};
}

std::int64_t batch_of(const Json& wanted) { return wanted.at("batch").get<std::int64_t>(); }

const applications::Application& application_of(const Json& wanted) {
  return applications::find_application(wanted.at("network").get<std::string>());
}

Work predict(const Json& wanted) {
  const Model model = application_of(wanted).build({.input_shape = image_shape(wanted), .weights = "none"});
  auto plan = std::make_shared<plan::Plan>(plan::Plan::lower(model, {.batch_size = batch_of(wanted)}));
  const Tensor x = random_tensor(image_shape(wanted).with_batch(batch_of(wanted)));
  return [plan, x] { plan->forward(x); };
}

/// Layers before the first that trains stay frozen.
void freeze(const Model& base, const Json& train) {
  auto layers = base.layers();
  std::size_t first = 0;
  if (train.is_number()) {
    first = train.get<std::size_t>();
  } else if (train == "none") {
    first = layers.size();
  } else if (train != "all") {
    const auto found = std::ranges::find_if(
        layers, [&](const Layer& layer) { return layer.name().starts_with(train.get<std::string>()); });
    first = static_cast<std::size_t>(found - layers.begin());
  }
  for (Layer& layer : layers.first(first)) layer.set_trainable(false);
}

SymbolicTensor add_head(SymbolicTensor x, const Json& wanted) {
  if (wanted.contains("hidden")) {
    x = layers::Flatten()(x);
    x = layers::Dense({.units = wanted.at("hidden").get<std::int64_t>(), .activation = "relu"})(x);
    x = layers::Dropout({.rate = 0.3})(x);
  } else {
    if (x.shape.rank() == 4) x = layers::GlobalAveragePooling2D()(x);
    x = layers::Dropout({.rate = 0.2})(x);
  }
  return layers::Dense({.units = 10})(x);
}

struct Labelled {
  Tensor images, labels;
};
Labelled random_batch(const Shape& shape) {
  Labelled batch{random_tensor(shape), Tensor({shape[0]}, DType::int32)};
  std::int32_t next = 0;
  for (std::int32_t& label : batch.labels.data<std::int32_t>()) label = next++ % 10;
  return batch;
}

void compile(Model& model) {
  model.compile({.optimizer = Adam({.learning_rate = 1e-5}),
                 .loss = SparseCategoricalCrossentropy({.from_logits = true})});
}

/// One optimizer step, everything computed again.
Work step(const Json& wanted) {
  Model base = application_of(wanted).build(
      {.input_shape = image_shape(wanted), .include_top = false, .weights = "none"});
  freeze(base, wanted.at("train"));
  const SymbolicTensor input = Input(image_shape(wanted));
  const SymbolicTensor x = base(input, {.training = wanted.value("bn_training", false)});
  auto model = std::make_shared<Model>(input, add_head(x, wanted));
  compile(*model);
  const Labelled batch = random_batch(image_shape(wanted).with_batch(batch_of(wanted)));
  return [model, batch] { model->train_on_batch(batch.images, batch.labels); };
}

/// VGG16's last block and a head on the cached features of the frozen ones.
Work step_cached(const Json& wanted) {
  const std::int64_t side = wanted.at("size").get<std::int64_t>() / 16;
  const SymbolicTensor input = Input({side, side, 512});
  SymbolicTensor x = input;
  for (int i = 0; i < 3; ++i) {
    x = layers::Conv2D({.filters = 512, .kernel_size = 3, .padding = Padding::same, .activation = "relu"})(x);
  }
  x = layers::MaxPooling2D({.pool_size = 2})(x);
  auto model = std::make_shared<Model>(input, add_head(x, wanted));
  compile(*model);
  const Labelled batch = random_batch({batch_of(wanted), side, side, 512});
  return [model, batch] { model->train_on_batch(batch.images, batch.labels); };
}

/// One epoch of a head over cached features.
Work head_epoch(const Json& wanted) {
  const SymbolicTensor input = Input({1280});
  auto model = std::make_shared<Model>(input, add_head(input, wanted));
  compile(*model);
  const auto photos = wanted.at("photos").get<std::int64_t>();
  const Labelled all = random_batch({photos, 1280});
  return [model, all, photos, size = batch_of(wanted)] {
    for (std::int64_t begin = 0; begin < photos; begin += size) {
      const std::int64_t end = std::min(begin + size, photos);
      model->train_on_batch(all.images.slice(begin, end), all.labels.slice(begin, end));
    }
  };
}

Work make(const Json& wanted) {
  const auto kind = wanted.at("kind").get<std::string>();
  if (kind == "predict") return predict(wanted);
  if (kind == "head_epoch") return head_epoch(wanted);
  if (kind == "step") return wanted.value("cached", false) ? step_cached(wanted) : step(wanted);
  fail(ErrorKind::invalid_argument, "graft_peer: unknown kind of case '", kind, "'");
}

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void serve(const Work& run) {
  run();
  std::cout << "ready" << std::endl;
  double wanted = 0;
  while (std::cin >> wanted) {
    Json times = Json::array();
    run();  // not timed: see peers/serve.py
    const Clock::time_point begin = Clock::now();
    do {
      const Clock::time_point one = Clock::now();
      run();
      times.push_back(seconds_since(one));
    } while (seconds_since(begin) < wanted && times.size() < 1000);
    std::cout << times << std::endl;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::cout << usage.ru_maxrss << std::endl;
}

}  // namespace
}  // namespace graft

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: graft_peer CASE, as benchmarks/peers/compare.py gives it\n";
    return 2;
  }
  graft::set_num_threads(2);
  const graft::Json wanted = graft::Json::parse(argv[1]);
  graft::set_dtype_policy(graft::dtype_policy_from_name(wanted.at("precision").get<std::string>()));
  graft::serve(graft::make(wanted));
  return 0;
} catch (const std::exception& error) {
  std::cerr << "graft_peer: " << error.what() << '\n';
  return 1;
}
