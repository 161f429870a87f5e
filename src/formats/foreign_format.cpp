// SPDX-License-Identifier: Apache-2.0
#include "formats/foreign_format.hpp"

#include <array>
#include <system_error>

#include "graft/formats/foreign_folder.hpp"

namespace graft::formats {
namespace {

constexpr std::string_view kFromKeras =
    "load the model in Keras and save it with model.save(\"model.keras\")";
constexpr std::string_view kFromTorch =
    "save the weights of the PyTorch network that it was made from with torch.save(network.state_dict(), "
    "\"weights.pth\"), and give them to an architecture with --weights";
constexpr std::string_view kFromFlax =
    "save the weights of the same network from PyTorch or Keras, and give them to an architecture with "
    "--weights";
constexpr std::string_view kFromTool = "use the model that it was converted from";

struct NamedFormat {
  std::string_view ending;  ///< of the file's name
  ForeignFormat format;
};
constexpr std::array kByName{
    NamedFormat{".mlmodel", {"a Core ML model (.mlmodel)", kFromTool}},
    NamedFormat{"saved_model.pb", {"the graph of a TensorFlow SavedModel (saved_model.pb)", kFromKeras}},
    NamedFormat{".pb", {"a TensorFlow graph (.pb)", kFromKeras}},
    NamedFormat{".msgpack", {"a file of Flax's weights (.msgpack)", kFromFlax}},
    NamedFormat{".index", {"the index of a TensorFlow checkpoint (.index)", kFromKeras}},
    NamedFormat{".meta", {"the graph of a TensorFlow checkpoint (.meta)", kFromKeras}},
    NamedFormat{".caffemodel", {"a Caffe model (.caffemodel)", kFromTool}},
    NamedFormat{".prototxt", {"a Caffe network (.prototxt)", kFromTool}},
    NamedFormat{".engine", {"a TensorRT engine (.engine)", kFromTool}},
    NamedFormat{".trt", {"a TensorRT engine (.trt)", kFromTool}},
    NamedFormat{".pdparams", {"a file of PaddlePaddle's weights (.pdparams)", kFromTool}},
    NamedFormat{".pt2", {"a program of torch.export (.pt2)", kFromTorch}},
};

}  // namespace

std::optional<ForeignFormat> foreign_format(std::string_view head, std::string_view name) {
  const auto is_at = [&](std::size_t at, std::string_view text) {
    return head.size() > at && head.substr(at).starts_with(text);
  };
  if (is_at(0, "GGUF")) return ForeignFormat{"a GGUF model", kFromTool};
  if (is_at(0, "ftrt")) return ForeignFormat{"a TensorRT engine", kFromTool};
  if (is_at(0, "model_checkpoint_path"))
    return ForeignFormat{"the list of TensorFlow's checkpoints (checkpoint)", kFromKeras};
  const bool openvino = is_at(0, "<?xml") && head.find("<net ") != std::string_view::npos;
  if (openvino) return ForeignFormat{"an OpenVINO model (.xml)", kFromTool};
  if (name.find(".data-0") != std::string_view::npos)
    return ForeignFormat{"the numbers of a TensorFlow checkpoint (.data)", kFromKeras};
  for (const NamedFormat& one : kByName) {
    if (name.ends_with(one.ending)) return one.format;
  }
  // A protocol buffer: the version of the format, and then the first graph.
  if (is_at(0, "\x08\x01\x12")) return kByName[1].format;
  return std::nullopt;
}

std::string foreign_folder(const std::filesystem::path& folder) {
  struct Mark {
    const char* file;
    std::string_view text;
  };
  constexpr std::array kMarks{
      Mark{"saved_model.pb",
           "a TensorFlow SavedModel, which graft does not read; load it in Keras and save it "
           "with model.save(\"model.keras\")"},
      Mark{"_CHECKPOINT_METADATA", "a checkpoint of Orbax (JAX, Flax), which graft does not read"},
      Mark{"manifest.ocdbt", "a checkpoint of Orbax (JAX, Flax), which graft does not read"},
      Mark{"Data/com.apple.CoreML", "a Core ML package (.mlpackage), which graft does not read"},
      Mark{"checkpoint",
           "a folder of TensorFlow's checkpoints, which graft does not read; load them into the "
           "model in Keras and save it with model.save(\"model.keras\")"},
      Mark{"model.safetensors",
           "a folder with weights of PyTorch (model.safetensors), not a model; name the "
           "architecture as the model and give the file with --weights"},
      Mark{"pytorch_model.bin",
           "a folder with weights of PyTorch (pytorch_model.bin), not a model; name the "
           "architecture as the model and give the file with --weights"},
      Mark{"flax_model.msgpack",
           "a folder with Flax's weights (flax_model.msgpack), which graft does not read"},
      Mark{"model.json", "a folder with a model.json; give that file as the model"},
  };
  std::error_code ignored;
  for (const Mark& mark : kMarks) {
    if (std::filesystem::exists(folder / mark.file, ignored)) return std::string(mark.text);
  }
  return {};
}

}  // namespace graft::formats
