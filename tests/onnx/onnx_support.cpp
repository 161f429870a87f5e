// SPDX-License-Identifier: Apache-2.0
#include "onnx_support.hpp"

#include <algorithm>
#include <cmath>

#include "graft/base/random.hpp"
#include "graft/base/run_program.hpp"
#include "graft/onnx/runtime.hpp"

#include "support.hpp"

namespace graft::test {

void randomize(Model& model) {
  Rng random(7);
  for (const VariablePtr& weight : model.weights()) {
    const std::string& name = weight->name();
    const bool kernel = name.find("kernel") != std::string::npos;
    for (float& value : weight->mutable_value().data()) {
      if (kernel) continue;
      const bool positive = name.find("variance") != std::string::npos || name == "gamma";
      value = static_cast<float>(positive ? random.uniform(0.6, 1.4) : random.uniform(-0.3, 0.3));
    }
  }
}

Tensor random_pixels(std::int64_t count, const Shape& input) {
  Tensor batch(input.without_batch().with_batch(count));
  Rng random(3);
  for (float& pixel : batch.data()) pixel = static_cast<float>(random.below(256));
  return batch;
}

Tensor channels_first(const Tensor& batch) {
  const Shape& s = batch.shape();
  Tensor turned({s[0], s[3], s[1], s[2]});
  for (std::int64_t n = 0; n < s[0]; ++n) {
    for (std::int64_t c = 0; c < s[3]; ++c) {
      for (std::int64_t h = 0; h < s[1]; ++h) {
        for (std::int64_t w = 0; w < s[2]; ++w) turned.at(n, c, h, w) = batch.at(n, h, w, c);
      }
    }
  }
  return turned;
}

double part_of_largest(const Tensor& one, const Tensor& other) {
  double most = 1;
  for (const float value : other.data()) most = std::max(most, std::abs(static_cast<double>(value)));
  return max_difference(one.data(), other.data()) / most;
}

Tensor runtime_answer(const Model& model, const OnnxOptions& options, const Tensor& batch) {
  const TemporaryFolder folder;
  const std::string python = std::getenv("GRAFT_ONNX_PYTHON");
  const auto file = folder.path() / "m.onnx";
  save_onnx(model, file, options);
  const std::string script =
      "import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)";
  EXPECT_EQ(run_program({python, "-c", script, file.string()}, folder.path() / "log"), 0)
      << read_file(folder.path() / "log");
  return formats::run_engine(onnx_runtime(), file, batch, python, folder.path()).output;
}

}  // namespace graft::test
