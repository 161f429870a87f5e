// SPDX-License-Identifier: Apache-2.0
#include "graft/tflite/runtime.hpp"

namespace graft {
inline namespace tflite {
namespace {

/// Older packages have the same interpreter under other names.
constexpr const char* kScript = R"(
import sys, numpy
try:
    from ai_edge_litert.interpreter import Interpreter
    import ai_edge_litert as package
except ImportError:
    try:
        from tflite_runtime.interpreter import Interpreter
        import tflite_runtime as package
    except ImportError:
        import tensorflow as package
        Interpreter = package.lite.Interpreter
batch = numpy.load(sys.argv[2])
runner = Interpreter(model_path=sys.argv[1], num_threads=1)
image, answer = runner.get_input_details()[0]['index'], runner.get_output_details()[0]['index']
parts = []
for i in range(0, len(batch), 4):
    part = batch[i:i + 4]
    runner.resize_tensor_input(image, part.shape)
    runner.allocate_tensors()
    runner.set_tensor(image, part)
    runner.invoke()
    parts.append(runner.get_tensor(answer).copy())
numpy.save(sys.argv[3], numpy.concatenate(parts).astype('float32'))
open(sys.argv[4], 'w').write(getattr(package, '__version__', '?'))
)";

}  // namespace

const formats::OutsideEngine& lite_rt() {
  static constexpr formats::OutsideEngine kEngine{
      .name = "LiteRT", .package = "ai-edge-litert", .module = "ai_edge_litert", .script = kScript};
  return kEngine;
}

}  // namespace tflite
}  // namespace graft
