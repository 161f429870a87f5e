// SPDX-License-Identifier: Apache-2.0
#include "graft/tflite/run_source.hpp"

#include <cstring>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/run_program.hpp"

namespace graft {
inline namespace tflite {
namespace {

constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 30U;

/// Reads images from a file and writes answers to another.
std::string program(const std::filesystem::path& header, const std::string& name) {
  return cat("#include \"", header.filename().string(), "\"\n",
             "int main(int, char** arguments) {\n"
             "  const ",
             name,
             "::Model model(arguments[1]);\n"
             "  std::ifstream in(arguments[2], std::ios::binary);\n"
             "  std::ofstream out(arguments[3], std::ios::binary);\n"
             "  std::vector<float> image(",
             name, "::height * ", name, "::width * ", name,
             "::channels);\n"
             "  const auto bytes = static_cast<std::streamsize>(image.size() * sizeof(float));\n"
             "  while (in.read(reinterpret_cast<char*>(image.data()), bytes)) {\n"
             "    const std::vector<float> answer = model.predict(image);\n"
             "    out.write(reinterpret_cast<const char*>(answer.data()), "
             "static_cast<std::streamsize>(answer.size() * "
             "sizeof(float)));\n"
             "  }\n"
             "  return out ? 0 : 1;\n"
             "}\n");
}

}  // namespace

Tensor run_cpp_source(const std::filesystem::path& header, const std::string& name, const Tensor& batch,
                      const std::string& compiler, const std::filesystem::path& folder) {
  const auto file = [&](const char* one) { return (folder / one).string(); };
  write_file_atomically(folder / "main.cpp", program(header, name));
  write_file_atomically(folder / "images.bin",
                        std::string_view(static_cast<const char*>(batch.raw()), batch.size_bytes()));
  const int compiled = run_program(
      {compiler, "-std=c++17", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I",
       std::filesystem::absolute(header).parent_path().string(), file("main.cpp"), "-o", file("program")},
      folder / "compiler.log");
  if (compiled != 0)
    fail(ErrorKind::unsupported, compiler,
         " refuses the source: ", read_file(folder / "compiler.log", kMostBytes).substr(0, 500));
  const std::string weights = std::filesystem::path(header).replace_extension(".weights").string();
  if (run_program({file("program"), weights, file("images.bin"), file("answers.bin")},
                  folder / "program.log") != 0)
    fail(ErrorKind::unsupported,
         "the compiled source failed: ", read_file(folder / "program.log", kMostBytes).substr(0, 500));
  const std::string bytes = read_file(folder / "answers.bin", kMostBytes);
  const std::int64_t images = batch.shape()[0];
  const auto numbers = static_cast<std::int64_t>(bytes.size() / sizeof(float));
  if (images == 0 || numbers % images != 0)
    fail(ErrorKind::unsupported, "the compiled source gave ", numbers, " numbers");
  Tensor answers({images, numbers / images});
  std::memcpy(answers.raw(), bytes.data(), answers.size_bytes());
  return answers;
}

}  // namespace tflite
}  // namespace graft
