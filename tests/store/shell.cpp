// SPDX-License-Identifier: Apache-2.0
#include "shell.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include <sys/wait.h>

#include "graft/weights_store.hpp"

namespace graft::test {

const std::string kGraft = GRAFT_PROGRAM;

Shell shell(const std::string& command) {
  Shell result;
  const auto begin = std::chrono::steady_clock::now();
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> block{};
  while (const std::size_t n = std::fread(block.data(), 1, block.size(), pipe))
    result.out.append(block.data(), n);
  const int status = pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

std::string catalogue(const Server& server, const std::string& behaviour) {
  return "name\tfile\turl\thash\tlicence\n"
         "test/x\tx.safetensors\t" +
         server.address(behaviour) + "\tsha256:" + sha256_of_file(server.content()) + "\tMIT\n";
}

}  // namespace graft::test
