// SPDX-License-Identifier: Apache-2.0
// The operators of a TensorFlow Lite file, one after the other, as calls of C++ functions.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <sstream>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/cpp_source.hpp"
#include "graft/tflite/export.hpp"

#include "tflite/source/source_writer.hpp"
#include "written_kernels_text.hpp"

namespace graft {
inline namespace tflite {
namespace {

bool is_identifier(const std::string& name) {
  const auto letter = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::ranges::all_of(name, letter);
}

/// A text of the source: printable ASCII, everything else by its number.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  constexpr unsigned char kFirst = 0x20, kLast = 0x7e;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      result += cat("\\", letter);
    } else if (code < kFirst || code > kLast) {
      // Three digits of base 8, so that what follows is not part of the number.
      for (const int shift : {6, 3, 0})
        result += cat(shift == 6 ? "\\" : "", static_cast<int>((code >> shift) & 7U));
    } else {
      result += letter;
    }
  }
  return result + '"';
}

std::string_view kernels_text() {
  const std::string_view text = kWrittenKernels;
  return text.substr(text.find("namespace detail {"));
}

std::string names_of(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string list;
  for (const std::string& name : names) list += cat(list.empty() ? "" : ", ", quoted(name));
  return cat("/// In the order of the answers, UTF-8.\ninline const std::array<const char*, ", names.size(),
             "> class_names{", list, "};\n");
}

std::string source_of(const SourceWriter& writer, const formats::TfliteModel& graph,
                      const CppSourceOptions& options) {
  const Shape& input = graph.tensors[static_cast<std::size_t>(graph.inputs.front())].shape;
  const auto outputs = graph.tensors[static_cast<std::size_t>(graph.outputs.front())].shape[-1];
  std::ostringstream text;
  text << "// Written by graft. Computes a trained model on one image; needs C++17 and nothing else.\n"
          "#pragma once\n\n"
          "#include <algorithm>\n#include <array>\n#include <cmath>\n#include <cstdint>\n#include <cstring>\n"
          "#include <fstream>\n#include <limits>\n#include <stdexcept>\n#include <string>\n#include "
          "<vector>\n\n"
          "namespace "
       << options.name << " {\n\n"
       << kernels_text()
       << "\n/// Of the image. Its pixels are numbers from 0 to 255, row by row, red first.\n"
       << "constexpr int height = " << input[1] << ", width = " << input[2] << ", channels = " << input[3]
       << ";\n/// Number of answers.\nconstexpr int outputs = " << outputs << ";\n"
       << names_of(options.class_names)
       << "\n/// Threads: several may call predict() of one Model.\nclass Model {\n public:\n"
          "  /// Reads the weights. Throws std::runtime_error where they cannot be read or are another "
          "model's.\n"
          "  explicit Model(const std::string& file) : weights_("
       << writer.weights() << "U) {\n"
       << R"cpp(std::ifstream stream(file, std::ios::binary);
                std::array<char, 8> mark{};
                std::uint64_t count = 0;
                stream.read(mark.data(), 8);
                stream.read(reinterpret_cast<char*>(&count), 8);
                if (!stream || std::memcmp(mark.data(), "graftw01", 8) != 0 || count != weights_.size())
                  throw std::runtime_error(file + " does not have this model's weights");
                stream.read(reinterpret_cast<char*>(weights_.data()), static_cast<std::streamsize>(count * sizeof(float)));
                if (!stream) throw std::runtime_error(file + " ends too early");
                }

                /// image: height * width * channels numbers. Throws std::invalid_argument for another number.
                std::vector<float> predict(const std::vector<float>& image) const {
                  using namespace detail;
                  if (image.size() != static_cast<std::size_t>(height * width * channels))
                    throw std::invalid_argument("the image has another size than the model's");
                  const float* k = weights_.data();
      )cpp"
       << writer.body() << "  }\n\n private:\n  std::vector<float> weights_;\n};\n\n}  // namespace "
       << options.name << "\n";
  return text.str();
}

}  // namespace

void save_cpp_source(const Model& model, const std::filesystem::path& header,
                     const CppSourceOptions& options) {
  if (!is_identifier(options.name))
    fail(ErrorKind::invalid_argument, "name: '", options.name, "' is no name of a namespace in C++");
  const formats::TfliteModel graph = to_tflite(model, {.image_size = options.image_size});
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1 ||
      graph.tensors[static_cast<std::size_t>(graph.inputs.front())].shape.rank() != 4)
    fail(ErrorKind::unsupported, "C++ source can be written of models with one image and one answer");
  SourceWriter writer(graph);
  writer.write();
  const std::uint64_t count = writer.weights();
  const std::string_view mark = "graftw01";
  std::vector<std::string_view> pieces{mark, {reinterpret_cast<const char*>(&count), sizeof(count)}};
  for (const Tensor& one : writer.constants())
    pieces.emplace_back(static_cast<const char*>(one.raw()), one.size_bytes());
  write_file_atomically(std::filesystem::path(header).replace_extension(".weights"), pieces);
  write_file_atomically(header, source_of(writer, graph, options));
}

}  // namespace tflite
}  // namespace graft
