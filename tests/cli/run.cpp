// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

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

int stop_graft(const std::vector<std::string>& arguments, const std::filesystem::path& current_folder,
               const std::filesystem::path& file, int signal) {
  const pid_t child = fork();
  if (child == 0) {
    std::filesystem::current_path(current_folder);
    std::vector<char*> words{const_cast<char*>("graft")};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(127);
    execv(GRAFT_PROGRAM, words.data());
    _exit(127);
  }
  for (int i = 0; i < 6000 && !std::filesystem::exists(file); ++i) usleep(10'000);
  kill(child, signal);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Outcome run_graft_on(const Terminal& terminal, const std::vector<std::string>& arguments,
                     const std::filesystem::path& current_folder) {
  const TemporaryFolder folder;
  const auto out = folder.path() / "out";
  winsize size{};
  size.ws_row = 24;
  size.ws_col = static_cast<unsigned short>(terminal.columns);
  int master = -1;
  const pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) {
    setenv("TERM", terminal.term.c_str(), 1);
    setenv("LC_ALL", terminal.locale.c_str(), 1);
    unsetenv("COLUMNS");
    std::filesystem::current_path(current_folder);
    if (std::freopen(out.c_str(), "w", stdout) == nullptr) _exit(127);
    std::vector<std::string> words{GRAFT_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execv(pointers.front(), pointers.data());
    _exit(127);
  }
  Outcome outcome;
  std::array<char, 4096> bytes{};
  for (ssize_t count = 0; (count = read(master, bytes.data(), bytes.size())) > 0;)
    outcome.err.append(bytes.data(), static_cast<std::size_t>(count));
  int status = 0;
  waitpid(child, &status, 0);
  close(master);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.out = content(out);
  return outcome;
}

void write_picture(const std::filesystem::path& path, int red, int green, int blue) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << "P6\n40 30\n255\n";
  for (int i = 0; i < 40 * 30; ++i)
    file << static_cast<char>(red) << static_cast<char>(green) << static_cast<char>(blue);
}

void write_red_or_blue(const std::filesystem::path& folder, const std::string& pixel_type) {
  const SymbolicTensor input = Input({8, 8, 3});
  const SymbolicTensor mean = layers::GlobalAveragePooling2D({.name = "mean"})(input);
  const Layer head = layers::Dense({.units = 2, .name = "head"});
  const SymbolicTensor output = head(mean);
  const std::vector<float> kernel{0, 0.1F, 0, 0, 0.1F, 0};  // blue from channel 2, red from channel 0
  head.weights()[0]->assign(Tensor::from({3, 2}, kernel));
  std::filesystem::create_directories(folder);
  Json metadata{{"class_names", {"blue", "red"}}, {"image_size", {8, 8}}, {"output", "logits"}};
  if (!pixel_type.empty()) metadata["pixel_type"] = pixel_type;
  saving::save_model(Model(input, output), folder / "model.keras",
                     {.extra = {{"graft.json", metadata.dump()}}});
}

}  // namespace graft::test
