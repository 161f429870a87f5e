// SPDX-License-Identifier: Apache-2.0
// Where a Dataset's samples come from: photos (photo_store) or a tensor (tensor_source).
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/photos.hpp"
#include "graft/tensor.hpp"

namespace graft::data {

/// Threads: const members may be called from several threads.
class SampleSource {
 public:
  struct Facts {
    std::size_t count = 0;
    Shape sample_shape;                        ///< (H, W, C)
    std::vector<std::filesystem::path> paths;  ///< empty for tensors
    std::vector<Hash128> keys;                 ///< see Dataset::sample_keys()
    std::vector<LeftOut> left_out;             ///< see Dataset::left_out()
    std::vector<std::string> notes{};          ///< see PhotoSet::notes()
    std::vector<int> labels;                   ///< empty without integer labels
    std::vector<std::string> class_names;
    std::vector<std::vector<int>> label_sets{};  ///< see PhotoList::label_sets
    std::vector<std::size_t> groups{};           ///< see PhotoList::groups
    std::vector<float> weights{};                ///< see PhotoList::weights
    Tensor given_labels;                         ///< float32 (N, ...) handed out as they are; else empty
    bool has_targets = false;                    ///< given_labels are PhotoList::targets
  };

  explicit SampleSource(Facts facts) : facts_(std::move(facts)) {}
  virtual ~SampleSource() = default;
  SampleSource(const SampleSource&) = delete;
  SampleSource& operator=(const SampleSource&) = delete;

  [[nodiscard]] const Facts& facts() const { return facts_; }
  /// True when read() only copies, from memory or disk.
  [[nodiscard]] virtual bool is_decoded(std::size_t row) const = 0;
  /// Writes a sample's elements as float32.
  virtual void read(std::size_t row, std::span<float> out) const = 0;

 private:
  Facts facts_;
};

/// Copies uint8 or float32 elements as float32.
void copy_as_float(const Tensor& from, std::span<float> to);

/// What a Dataset makes a batch of: rows[i] is the source's row of the Dataset's sample i.
struct BatchPlan {
  const SampleSource& source;
  std::span<const std::size_t> rows;
  LabelMode label_mode;
  /// Samples are read on all kernel threads; only on a thread that runs kernels otherwise.
  bool parallel = false;
  /// Memory for the images that may be reused, or an empty tensor: the system would have to map the pages of
  /// a step's photos again each time.
  Tensor spare;
};

/// A batch of samples `indices`. Ends early with an incomplete batch, to be thrown away, when `stop` becomes
/// true.
[[nodiscard]] Batch assemble(const BatchPlan& plan, std::span<const std::size_t> indices,
                             const std::atomic<bool>& stop);

}  // namespace graft::data
