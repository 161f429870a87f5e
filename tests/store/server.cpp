// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <array>
#include <cstdio>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace graft::test {

Environment::Environment(const Variables& values) {
  for (const auto& [name, value] : values) {
    const char* before = std::getenv(name.c_str());
    before_.emplace_back(name, before == nullptr ? std::nullopt : std::optional<std::string>(before));
    if (value) {
      setenv(name.c_str(), value->c_str(), 1);
    } else {
      unsetenv(name.c_str());
    }
  }
}

Environment::~Environment() {
  for (const auto& [name, value] : before_) {
    if (value) {
      setenv(name.c_str(), value->c_str(), 1);
    } else {
      unsetenv(name.c_str());
    }
  }
}

EmptyHome::EmptyHome()
    : environment_(Variables{{"HOME", path().string()},
                             {"GRAFT_HOME", (path() / "store").string()},
                             {"XDG_CACHE_HOME", std::nullopt},
                             {"XDG_DATA_HOME", std::nullopt},
                             {"GRAFT_WEIGHTS", std::nullopt},
                             {"GRAFT_WEIGHTS_PATH", std::nullopt},
                             {"GRAFT_WEIGHTS_MIRROR", std::nullopt},
                             {"GRAFT_CATALOGUE", std::nullopt},
                             {"GRAFT_DOWNLOAD", std::nullopt},
                             {"GRAFT_OFFLINE", std::nullopt},
                             {"HF_HUB_OFFLINE", std::nullopt},
                             {"HF_HOME", std::nullopt},
                             {"HF_HUB_CACHE", std::nullopt},
                             {"HF_ENDPOINT", std::nullopt},
                             {"KERAS_HOME", std::nullopt},
                             {"TORCH_HOME", std::nullopt},
                             {"http_proxy", std::nullopt},
                             {"https_proxy", std::nullopt},
                             {"HTTPS_PROXY", std::nullopt},
                             {"all_proxy", std::nullopt},
                             {"ALL_PROXY", std::nullopt}}) {}

void EmptyHome::add_catalogue(const std::string& name, const std::string& text) const {
  std::filesystem::create_directories(store() / "catalogues");
  std::ofstream(store() / "catalogues" / name) << text;
}

Server::Server() {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) return;
  process_ = fork();
  if (process_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execlp("python3", "python3", GRAFT_TEST_SERVER, folder_.path().c_str(), nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  FILE* answer = fdopen(out[0], "r");
  if (answer == nullptr) return;
  if (std::fscanf(answer, "%d", &port_) != 1) port_ = 0;
  std::fclose(answer);
}

Server::~Server() {
  if (input_ >= 0) close(input_);  // at which it ends
  if (process_ > 0) waitpid(process_, nullptr, 0);
}

std::string Server::address(const std::string& behaviour) const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/" + behaviour + "/x.safetensors";
}

std::vector<std::string> Server::requests() const {
  std::vector<std::string> lines;
  std::ifstream in(folder_.path() / "requests.txt");
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace graft::test
