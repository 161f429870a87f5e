// SPDX-License-Identifier: Apache-2.0
// The block of all EfficientNets (Tan and Le 2019): widen, filter each channel, weigh the channels, narrow.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "graft/applications.hpp"

namespace graft::applications {

/// As the authors initialise: normal by the number of outputs, and uniform for the classifier.
inline constexpr const char* kConvolutionInitializer = "variance_scaling(2,fan_out,truncated_normal)";
inline constexpr const char* kClassifierInitializer = "variance_scaling(0.3333333333333333,fan_out,uniform)";

/// Settings of one block; the first part of its layers' names is "block2a_".
struct MbConv {
  std::string prefix;
  std::int64_t kernel_size = 3, stride = 1, expansion = 1, filters = 0;
  double squeeze = 0;        ///< squeeze-and-excitation leaves this share of the input's channels; 0: without
  double drop_rate = 0;      ///< chance that a sample skips the block in training; 0: without that layer
  double momentum = 0.99;    ///< of batch normalisation
  double epsilon = 1e-3;     ///< likewise
  bool pads_itself = false;  ///< EfficientNet pads in a separate layer before a stride of 2
  bool relu6 = false;        ///< EfficientNet-Lite's activation in place of swish
  Definition definition = Definition::keras;  ///< of that padding; PyTorch's blocks all pad so
};

[[nodiscard]] SymbolicTensor mb_conv(const SymbolicTensor& input, const MbConv& block);

/// Like mb_conv(), with one dense convolution for the widening and the filtering (EfficientNetV2).
[[nodiscard]] SymbolicTensor fused_mb_conv(const SymbolicTensor& input, const MbConv& block);

/// A convolution without bias, batch normalisation and swish, called NAMEconv, NAMEbn and NAMEactivation.
struct ActivatedConvolution {
  std::string prefix;
  std::int64_t filters = 0, kernel_size = 1, stride = 1;
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool relu6 = false;  ///< in place of swish
  /// Pads in a layer NAMEconv_pad before a stride of 2, always in PyTorch's definition.
  bool pads_itself = false;
  Definition definition = Definition::keras;
};
[[nodiscard]] SymbolicTensor activated_convolution(const SymbolicTensor& input,
                                                   const ActivatedConvolution& options);

/// One row of table 1 of the paper (Tan and Le, "EfficientNet", 2019): blocks of EfficientNetB0 and Lite0.
struct EfficientNetStage {
  int blocks;
  std::int64_t kernel_size, stride, expansion, filters;
};
inline constexpr std::array<EfficientNetStage, 7> kEfficientNetStages{{{1, 3, 1, 1, 16},
                                                                       {2, 3, 2, 6, 24},
                                                                       {2, 5, 2, 6, 40},
                                                                       {3, 3, 2, 6, 80},
                                                                       {3, 5, 1, 6, 112},
                                                                       {4, 5, 2, 6, 192},
                                                                       {1, 3, 1, 6, 320}}};
// Wider variants widen both; Lite's variants keep them.
inline constexpr std::int64_t kEfficientNetStemFilters = 32;
inline constexpr std::int64_t kEfficientNetHeadFilters = 1280;

/// What follows the last convolution: pooling, dropout and classifier, or pooling by the options.
[[nodiscard]] SymbolicTensor efficientnet_end(const SymbolicTensor& features,
                                              const ApplicationOptions& options, double dropout_rate);

}  // namespace graft::applications
