// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <sys/wait.h>

#include "graft/base/json.hpp"
#include "graft/layers.hpp"
#include "graft/saving.hpp"

#include "support.hpp"

namespace graft::test {
namespace {

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

Outcome run_graft(const std::vector<std::string>& arguments, const std::filesystem::path& current_folder) {
  const TemporaryFolder folder;
  const auto out = folder.path() / "out";
  const auto err = folder.path() / "err";
  std::string command = current_folder.empty() ? "" : "cd " + quoted(current_folder.string()) + " && ";
  command += quoted(GRAFT_PROGRAM);
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  command += " >" + quoted(out.string()) + " 2>" + quoted(err.string()) + " </dev/null";
  const int status = std::system(command.c_str());
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1, .out = content(out), .err = content(err)};
}

void write_picture(const std::filesystem::path& path, int red, int green, int blue) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << "P6\n40 30\n255\n";
  for (int i = 0; i < 40 * 30; ++i)
    file << static_cast<char>(red) << static_cast<char>(green) << static_cast<char>(blue);
}

void write_red_or_blue(const std::filesystem::path& folder) {
  const SymbolicTensor input = Input({8, 8, 3});
  const SymbolicTensor mean = layers::GlobalAveragePooling2D({.name = "mean"})(input);
  const Layer head = layers::Dense({.units = 2, .name = "head"});
  const SymbolicTensor output = head(mean);
  const std::vector<float> kernel{0, 0.1F, 0, 0, 0.1F, 0};  // blue from channel 2, red from channel 0
  head.weights()[0]->assign(Tensor::from({3, 2}, kernel));
  std::filesystem::create_directories(folder);
  const Json metadata{{"class_names", {"blue", "red"}}, {"image_size", {8, 8}}, {"output", "logits"}};
  saving::save_model(Model(input, output), folder / "model.keras",
                     {.extra = {{"graft.json", metadata.dump()}}});
}

}  // namespace graft::test
