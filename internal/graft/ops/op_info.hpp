// SPDX-License-Identifier: Apache-2.0
// What an op is: its arguments, and the traits that passes, the memory planner and kernels go by. The rows
// are in op_table.hpp, one per op; nothing else in graft lists ops by a property.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>

#include "graft/extend/graph.hpp"
#include "graft/extend/op.hpp"

namespace graft::ops {

/// Properties of one argument; combined with |.
enum class ArgumentTrait : unsigned {
  none = 0,
  optional = 1,         ///< may be absent
  in_place = 2,         ///< input: kernels may write outputs[0] over it where shapes and types are equal
  in_place_8bit = 4,    ///< the same, only where the output has 8 bits
  low_precision = 8,    ///< input of a product: a factor or summand that may be bfloat16 or 8 bits
  sum_over_batch = 16,  ///< output: a sum over the samples of the batch, so that rounds can be added up
};
[[nodiscard]] constexpr ArgumentTrait operator|(ArgumentTrait a, ArgumentTrait b) {
  return static_cast<ArgumentTrait>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

struct ArgumentInfo {
  std::size_t position = 0;
  std::string_view name;
  ArgumentTrait traits = ArgumentTrait::none;

  constexpr ArgumentInfo() = default;
  /// which: of the op's enumeration In or Out.
  template <typename Name>
  requires std::is_enum_v<Name>
  constexpr ArgumentInfo(Name which, std::string_view text, ArgumentTrait of = ArgumentTrait::none)
      : position(static_cast<std::size_t>(which)), name(text), traits(of) {}

  [[nodiscard]] constexpr bool has(ArgumentTrait trait) const {
    return (static_cast<unsigned>(traits) & static_cast<unsigned>(trait)) != 0;
  }
};

/// The inputs or the outputs of an op, in order.
class Arguments {
 public:
  constexpr Arguments(std::initializer_list<ArgumentInfo> all) : count_(all.size()) {
    std::size_t i = 0;
    for (const ArgumentInfo& argument : all) {
      all_.at(i++) = argument;
      if (!argument.has(ArgumentTrait::optional)) fewest_ = i;
    }
  }
  /// Any number of arguments of this kind, at least one.
  [[nodiscard]] static constexpr Arguments any_number(ArgumentInfo each) {
    Arguments arguments{each};
    arguments.any_number_ = true;
    return arguments;
  }
  /// All places are filled; optional arguments are absent but not left out.
  [[nodiscard]] static constexpr Arguments none_left_out(std::initializer_list<ArgumentInfo> all) {
    Arguments arguments(all);
    arguments.fewest_ = arguments.count_;
    return arguments;
  }

  /// Without any_number(): all of them; with it: the one that stands for each.
  [[nodiscard]] constexpr std::span<const ArgumentInfo> all() const { return {all_.data(), count_}; }
  /// Properties of argument number i.
  [[nodiscard]] constexpr const ArgumentInfo& at(std::size_t i) const { return all_.at(any_number_ ? 0 : i); }
  /// Optional arguments at the end may be left out.
  [[nodiscard]] constexpr std::size_t fewest() const { return fewest_; }
  [[nodiscard]] constexpr std::size_t most() const { return any_number_ ? kAnyNumber : count_; }

  static constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

 private:
  static constexpr std::size_t kMost = 7;
  std::array<ArgumentInfo, kMost> all_{};
  std::size_t count_ = 0;
  std::size_t fewest_ = 1;
  bool any_number_ = false;
};

/// How the samples of a batch depend on each other.
enum class Samples {
  together,  ///< an output element may depend on several samples
  alone,     ///< each sample's outputs (sums over the batch aside) depend on this sample only
  /// As alone, and split_batch may run the op for a few samples at a time: its kernels honour
  /// RunContext::first_sample, and reading its weights again for each chunk costs little.
  chunks,
};

/// What the outputs' elements are.
enum class Data {
  computed,  ///< new numbers
  selected,  ///< elements of the inputs, or zero
  moved,     ///< the same, and neighbours along the last axis stay neighbours: can be copied word by word
  viewed,    ///< the input's memory in another shape; there is no kernel
};

/// What mix_precision does with the op.
enum class Bfloat16 {
  exact,                 ///< computes in float32 only
  passed_on,             ///< accepts bfloat16 where it comes, and then returns bfloat16
  product,               ///< low_precision inputs become bfloat16
  product_in_inference,  ///< the same in inference; in training exact
};

/// What quantize does with the op.
enum class EightBits {
  exact,      ///< computes in float32 only
  passed_on,  ///< accepts 8-bit numbers where they come, and then returns 8-bit numbers
  product,    ///< low_precision inputs become 8-bit numbers where ranges are known
};

/// Which activations fuse_activation may make part of the op (its member `activation`).
enum class Carries {
  none,
  fusable,  ///< those that kernels::can_fuse() allows; with a backward pass those with
            ///< derivative_from_output()
  any,      ///< every one: the backward pass computes the activation's input again
};

/// Whether plan/gradients.cpp has a rule for the op.
enum class Gradient {
  none,  ///< must come before the first trainable weight
  rule,
};

/// A field that every row must give: it has no default.
template <typename T>
class Given {
 public:
  Given() = delete;
  constexpr Given(T value) : value_(value) {}  // NOLINT(google-explicit-constructor): rows have plain values
  constexpr operator T() const { return value_; }  // NOLINT(google-explicit-constructor): the same

 private:
  T value_;
};

/// Traits that few ops have.
struct RareTraits {
  Carries carries = Carries::none;
  bool random = false;            ///< results differ from run to run
  bool batch_statistics = false;  ///< reads or makes statistics of this batch
  bool writes_weights = false;    ///< its outputs are weights: never dead
  /// Its kernels round float32 results to bfloat16 where they write them, whatever the inputs are.
  bool rounds_result = false;
  /// May end a model after its scores: a function of the scores, which stay float32 in 8-bit plans.
  bool ends_model = false;
};

struct OpTraits {
  Given<Samples> samples;
  Given<Data> data;
  Given<Bfloat16> bfloat16;
  Given<EightBits> eight_bits;
  Given<Gradient> gradient;
  RareTraits rare{};
};

/// What a row computes from an op.
struct OpFunctions {
  /// Name for messages and profiles, of an op that is one of several; null: OpInfo::name.
  std::string_view (*name_of)(const Params&) = nullptr;
  /// Traits of an op with these parameters, where they depend on them; null: they do not.
  OpTraits (*traits_of)(const Params&, OpTraits) = nullptr;
  /// Multiplications and additions of one run, from the shapes; null: they are not what costs.
  double (*operations)(const Op&, const Graph&) = nullptr;
};

struct OpInfo {
  std::string_view name;  ///< the parameter struct's
  Arguments inputs, outputs;
  OpTraits traits;
  OpFunctions functions{};
};

/// The op's row.
[[nodiscard]] const OpInfo& info(const Params& params);
/// The op's traits, with what depends on its parameters.
[[nodiscard]] OpTraits traits(const Params& params);

/// The activation that the op carries and may exchange, or null for ops that carry none.
[[nodiscard]] Activation* carried_activation(Params& params);
/// Multiplications and additions of convolutions and matrix products; 0 for other ops.
[[nodiscard]] double operations(const Op& op, const Graph& graph);
/// Whether output number i is a sum over the samples of the batch.
[[nodiscard]] bool is_sum_over_batch(const Op& op, std::size_t output);
/// A Reshape: shares its input's memory.
[[nodiscard]] bool is_view(const Op& op);

}  // namespace graft::ops
