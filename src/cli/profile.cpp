// SPDX-License-Identifier: Apache-2.0
// graft profile MODEL|ARCHITECTURE
#include <algorithm>
#include <charconv>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/kernels/product_speed.hpp"
#include "graft/plan/plan.hpp"
#include "graft/plan/value_ranges.hpp"
#include "graft/saving.hpp"

#include "cli/common_options.hpp"
#include "cli/dump_plan.hpp"
#include "cli/exit_code.hpp"
#include "cli/kept_speed.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/profile_table.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

struct ProfileArguments {
  ModelArgument model;
  std::optional<Shape> input_shape;
  std::string from;
  std::int64_t batch = 1;
  int runs = 20;
  int cache_kb = 0;
  Execution execution{.dtype_policy = DTypePolicy::float32};
  std::string dump_plan;
  bool no_top = false;
  bool training = false;
  bool all = false;
  bool json = false;
};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Model model_of(const ProfileArguments& given) {
  const Network network = find_network(given.model);
  check_architecture_option(network, "--no-top", given.no_top);
  if (network.is_file()) return saving::load_model(network.file).model;
  applications::ApplicationOptions options{
      .include_top = !given.no_top, .weights = "none", .alpha = given.model.alpha};
  if (given.no_top) options.pooling = "avg";
  // Without its classifier a network takes any size: then the size of its published weights is measured.
  const std::int64_t size = network.application->default_size;
  if (given.no_top) options.input_shape = Shape{size, size, 3};
  if (given.input_shape) options.input_shape = *given.input_shape;
  return network.application->build(options);
}

/// Index of the first layer that trains: --from is its name, or its index as in base.layers[:100].
std::size_t first_trained(const Model& model, const std::string& from) {
  const auto layers = model.layers();
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), number);
  if (error == std::errc() && end == from.data() + from.size() && number < layers.size()) return number;
  const std::string name = model.get_layer(from).name();
  return static_cast<std::size_t>(std::ranges::find(layers, name, &Layer::name) - layers.begin());
}

void set_frozen(const Model& model, const ProfileArguments& given) {
  if (given.from.empty()) return;
  if (!given.training) fail(ErrorKind::invalid_argument, "--from: expected --training too");
  const std::size_t first = first_trained(model, given.from);
  auto layers = model.layers();
  for (std::size_t i = 0; i < first; ++i) Layer(layers[i]).set_trainable(false);
}

/// Runs a plan as training or prediction does.
class Runner {
 public:
  Runner(const Model& model, const ProfileArguments& given)
      : inputs_(inputs_of(model, given)),
        plan_(plan::Plan::lower(model, options_of(model, given))),
        training_(given.training) {
    if (training_ && plan_.gradients().empty())
      fail(ErrorKind::invalid_argument, "nothing to train: no weight of the model is trainable");
    run();  // packs weights and touches memory pages
    if (training_) gradient_ = Tensor::full(plan_.output().shape(), 0.01F);
    run();
  }

  void run() {
    // After a step of the optimizer the plan has to repack the trained weights.
    for (const plan::Gradient& gradient : plan_.gradients()) (void)gradient.variable->mutable_value();
    plan_.forward(inputs_);
    if (!gradient_.empty()) plan_.backward(gradient_);
  }
  [[nodiscard]] plan::Plan& plan() { return plan_; }

 private:
  static std::vector<Tensor> inputs_of(const Model& model, const ProfileArguments& given) {
    std::vector<Tensor> inputs;
    for (const SymbolicTensor& input : model.inputs()) {
      Shape shape = input.shape;
      if (given.input_shape) shape = given.input_shape->with_batch(-1);
      shape.set(0, given.batch);
      inputs.push_back(Tensor::full(shape, 0.5F));
    }
    return inputs;
  }
  plan::PlanOptions options_of(const Model& model, const ProfileArguments& given) const {
    plan::PlanOptions options{.mode = given.training ? plan::Mode::training : plan::Mode::inference,
                              .batch_size = given.batch,
                              .logits = given.training,
                              .execution = given.execution};
    if (!given.dump_plan.empty()) options.passes = {.verify = true, .print = true};
    if (given.input_shape) options.input_shape = *given.input_shape;
    if (options.execution.dtype_policy == DTypePolicy::int8) {
      // Any ranges will do: speed does not depend on them.
      plan::RangeRecorder recorder(model, inputs_.front().shape().without_batch());
      recorder.record(inputs_.front().slice(0, 1));
      options.ranges = std::make_shared<plan::ValueRanges>(recorder.ranges());
    }
    if (given.cache_kb > 0) options.cache_bytes = static_cast<std::size_t>(given.cache_kb) << 10U;
    return options;
  }

  std::vector<Tensor> inputs_;
  plan::Plan plan_;
  bool training_;
  Tensor gradient_;
};

Profile measure(Runner& runner, int runs) {
  Profile profile{.runs = runs,
                  .ceiling = kernels::product_speed(DType::float32, kProductSize),
                  .arena_bytes = runner.plan().arena_bytes()};
  std::vector<double> seconds;
  for (int i = 0; i < runs; ++i) {
    const Clock::time_point begin = Clock::now();
    runner.run();
    seconds.push_back(seconds_since(begin));
  }
  std::ranges::sort(seconds);
  profile.seconds = seconds[seconds.size() / 2];
  runner.plan().start_timing();
  for (int i = 0; i < runs; ++i) runner.run();
  profile.steps = runner.plan().steps();
  return profile;
}

/// What graft weights list shows: one photo, predicted with the defaults, of square size.
bool is_usual(const ProfileArguments& given) {
  return given.batch == 1 && !given.training && given.cache_kb == 0 && given.execution.threads == 0 &&
         given.execution.dtype_policy == DTypePolicy::float32;
}

/// For graft weights list.
void keep_for_list(const ProfileArguments& given, const Model& model, const Profile& measured) {
  const Network network = find_network(given.model);
  if (network.is_file() || !is_usual(given)) return;
  constexpr double kMilliseconds = 1000;
  const Shape shape = given.input_shape.value_or(model.inputs().front().shape.without_batch());
  if (shape.rank() != 3 || shape[0] != shape[1]) return;
  try {
    keep_speed({.application = std::string(network.application->name),
                .top = !given.no_top,
                .image_size = shape[0],
                .milliseconds = measured.seconds * kMilliseconds});
  } catch (const Error& error) {
    std::cerr << "note: the time is not kept for graft weights list: " << error.what() << '\n';
  }
}

int profile(const ProfileArguments& given) {
  use_threads(given.execution);
  const Model model = model_of(given);
  set_frozen(model, given);
  Runner runner(model, given);
  if (!given.dump_plan.empty()) {
    std::cout << dump_plan(runner.plan(), given.dump_plan);
    return kOk;
  }
  const Profile measured = measure(runner, given.runs);
  keep_for_list(given, model, measured);
  if (given.json) {
    print_json(profile_json(measured));
  } else {
    std::cout << profile_table(measured, given.all ? 0 : 30);
  }
  return kOk;
}

}  // namespace

void add_profile(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("profile", "Measure the time of each op of a network on this machine");
  auto given = std::make_shared<ProfileArguments>();
  add_model_argument(*command, given->model);
  add_alpha_option(*command, given->model);
  command->add_option("--batch", given->batch, "batch size")
      ->capture_default_str()
      ->check(CLI::Range(1, 65536))
      ->type_name("N");
  add_parsed_option(*command, "--input-shape", given->input_shape, read_shape,
                    "input shape of an architecture, or of a model whose size is not fixed")
      ->type_name("H,W,C");
  command->add_flag("--no-top", given->no_top, "an architecture without its classifier");
  command->add_flag("--training", given->training,
                    "profile a training step (forward and backward, without the optimizer)");
  command->add_option("--from", given->from, "with --training: name or index of the first layer that trains")
      ->type_name("LAYER");
  add_precision_option(*command, given->execution);
  command
      ->add_option("--cache", given->cache_kb,
                   "KiB that ops may pass to the next op through the processor's cache; default: 4096")
      ->check(CLI::Range(1, 1 << 24))
      ->type_name("KIB");
  command->add_option("--runs", given->runs, "number of timed runs")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  add_threads_option(*command, given->execution);
  command->add_flag(cat("--dump-plan{", kAllPasses, "}"), given->dump_plan,
                    "print each pass of the lowering with its time, and the final program; --dump-plan=PASS: "
                    "the program after that pass");
  command->add_flag("--all", given->all, "list every op, not only the 30 slowest");
  command->add_flag("--json", given->json, "print JSON on standard output");
  command->footer(
      "The ceiling is the speed of a large matrix product, measured at the start. Weights are random: speed "
      "does not depend on them. The time of one photo with the defaults is kept in the cache folder, and "
      "graft "
      "weights list shows it.\n\n"
      "Examples:\n"
      "  graft profile mobilenet_v2 --input-shape 160,160,3 --batch 32\n"
      "  graft profile mobilenet_v2 --no-top --batch 32 --training --from 100");
  command->callback([given, &run] { run = [given] { return profile(*given); }; });
}

}  // namespace graft::cli
