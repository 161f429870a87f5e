// SPDX-License-Identifier: Apache-2.0
// graft profile MODEL|ARCHITECTURE
#include <algorithm>
#include <charconv>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>

#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/kernels/product_speed.hpp"
#include "graft/plan/plan.hpp"
#include "graft/plan/value_ranges.hpp"
#include "graft/saving/save_model.hpp"

#include "cli/common_options.hpp"
#include "cli/dump_plan.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/profile_table.hpp"

namespace graft::cli {
namespace {

struct ProfileCommand {
  std::string model;
  std::string input_shape;
  std::string from;
  std::int64_t batch = 1;
  int runs = 20;
  int cache_kb = 0;
  int threads = 0;
  std::string precision = "float32";
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

Model model_of(const ProfileCommand& command) {
  const Network network = find_network(command.model);
  if (network.application == nullptr) {
    if (command.no_top) {
      fail(ErrorKind::invalid_argument, "--no-top goes with the name of an architecture; ",
           network.file.string(), " is a model that has its own");
    }
    return saving::load_model(network.file).model;
  }
  applications::ApplicationOptions options{.include_top = !command.no_top};
  if (command.no_top) options.pooling = "avg";
  if (!command.input_shape.empty()) {
    options.input_shape =
        Shape(read_numbers(command.input_shape, {.option = "--input-shape", .fewest = 3, .most = 3}));
  }
  return network.application->build(options);
}

/// Index of the first layer that trains: --from gives its name, or its number as in base.layers[:100].
std::size_t first_trained(const Model& model, const std::string& from) {
  const auto layers = model.layers();
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), number);
  if (error == std::errc() && end == from.data() + from.size() && number < layers.size()) return number;
  const std::string name = model.get_layer(from).name();
  return static_cast<std::size_t>(std::ranges::find(layers, name, &Layer::name) - layers.begin());
}

void set_frozen(const Model& model, const ProfileCommand& command) {
  if (command.from.empty()) return;
  if (!command.training) fail(ErrorKind::invalid_argument, "--from goes with --training");
  const std::size_t first = first_trained(model, command.from);
  auto layers = model.layers();
  for (std::size_t i = 0; i < first; ++i) Layer(layers[i]).set_trainable(false);
}

/// One run of a plan as training or prediction makes it.
class Runner {
 public:
  Runner(const Model& model, const ProfileCommand& command)
      : inputs_(inputs_of(model, command)),
        plan_(plan::Plan::lower(model, options_of(model, command))),
        training_(command.training) {
    run();  // weights are packed, pages are touched
    if (training_) gradient_ = Tensor::full(plan_.output().shape(), 0.01F);
    run();
  }

  void run() {
    // What an optimizer does to the plan: after each step the trained weights are new.
    for (const plan::Gradient& gradient : plan_.gradients()) (void)gradient.variable->mutable_value();
    plan_.forward(inputs_);
    if (!gradient_.empty()) plan_.backward(gradient_);
  }
  [[nodiscard]] plan::Plan& plan() { return plan_; }

 private:
  static std::vector<Tensor> inputs_of(const Model& model, const ProfileCommand& command) {
    std::vector<Tensor> inputs;
    for (const SymbolicTensor& input : model.inputs()) {
      Shape shape = input.shape;
      if (!command.input_shape.empty()) {
        shape = Shape(read_numbers(command.input_shape, {.option = "--input-shape", .fewest = 3, .most = 3}))
                    .with_batch(-1);
      }
      shape.set(0, command.batch);
      inputs.push_back(Tensor::full(shape, 0.5F));
    }
    return inputs;
  }
  plan::PlanOptions options_of(const Model& model, const ProfileCommand& command) const {
    plan::PlanOptions options{.mode = command.training ? plan::Mode::training : plan::Mode::inference,
                              .batch_size = command.batch,
                              .logits = command.training,
                              .execution = {.dtype_policy = dtype_policy_from_name(command.precision)}};
    if (!command.dump_plan.empty()) options.passes = {.verify = true, .print = true};
    if (!command.input_shape.empty()) {
      options.input_shape =
          Shape(read_numbers(command.input_shape, {.option = "--input-shape", .fewest = 3, .most = 3}));
    }
    if (options.execution.dtype_policy == DTypePolicy::int8) {
      // Any ranges will do: they do not change speed.
      plan::RangeRecorder recorder(model, inputs_.front().shape().without_batch());
      recorder.record(inputs_.front().slice(0, 1));
      options.ranges = std::make_shared<plan::ValueRanges>(recorder.ranges());
    }
    if (command.cache_kb > 0) options.cache_bytes = static_cast<std::size_t>(command.cache_kb) << 10U;
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

int profile(const ProfileCommand& command) {
  if (command.threads > 0) set_num_threads(command.threads);
  const Model model = model_of(command);
  set_frozen(model, command);
  Runner runner(model, command);
  if (!command.dump_plan.empty()) {
    std::cout << dump_plan(runner.plan(), command.dump_plan);
    return kOk;
  }
  const Profile measured = measure(runner, command.runs);
  if (command.json) {
    print_json(profile_json(measured));
  } else {
    std::cout << profile_table(measured, command.all ? 0 : 30);
  }
  return kOk;
}

}  // namespace

void add_profile(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("profile", "Show what each op of a network costs on this machine");
  auto given = std::make_shared<ProfileCommand>();
  command->add_option("MODEL", given->model, "a model file, the folder with model.keras, or an architecture")
      ->required();
  command->add_option("--batch", given->batch, "photos at a time")->check(CLI::Range(1, 65536));
  command->add_option("--input-shape", given->input_shape, "of an architecture or an open input")
      ->type_name("H,W,C");
  command->add_flag("--no-top", given->no_top, "of an architecture: without the classifier");
  command->add_flag("--training", given->training, "one training step (forward and backward, no optimizer)");
  command->add_option("--from", given->from, "the first layer that trains, by name or number")
      ->type_name("LAYER");
  command->add_option("--precision", given->precision, "float32, mixed_bfloat16 or int8")
      ->check(CLI::IsMember({"float32", "mixed_bfloat16", "int8"}));
  command
      ->add_option("--cache", given->cache_kb, "bytes that an op may pass on through the processor's cache")
      ->type_name("KB")
      ->check(CLI::Range(1, 1 << 24));
  command->add_option("--runs", given->runs, "how many are timed")->check(CLI::Range(1, 100000));
  command->add_option("--threads", given->threads, "threads to compute with; default: one a core")
      ->check(CLI::Range(1, 1024));
  command->add_flag(cat("--dump-plan{", kAllPasses, "}"), given->dump_plan,
                    "print what each pass of the lowering did and the final program; --dump-plan=PASS: the "
                    "program after that pass");
  command->add_flag("--all", given->all, "list every op");
  command->add_flag("--json", given->json, "print JSON on standard output");
  command->footer(
      "The ceiling is a large matrix product, measured at the start. Weights are random: they do not change "
      "speed.\n"
      "Examples:\n"
      "  graft profile mobilenet_v2 --input-shape 160,160,3 --batch 32\n"
      "  graft profile mobilenet_v2 --no-top --input-shape 160,160,3 --batch 32 --training --from 100");
  command->callback([given, &run] { run = [given] { return profile(*given); }; });
}

}  // namespace graft::cli
