// SPDX-License-Identifier: Apache-2.0
// resident_benchmark GRAFT MODEL PHOTO [PHOTOS]: what a photo costs through graft predict --stdin, as a path
// and as bytes, beside Classifier::predict in this program. The three take turns, so that other load affects
// all; prints medians and their ratios.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "graft/classifier.hpp"

namespace {

/// A graft predict --stdin.
class Resident {
 public:
  Resident(const char* graft, const char* model) {
    std::array<int, 2> in{}, out{};
    if (pipe(in.data()) != 0 || pipe(out.data()) != 0) std::abort();
    process_ = fork();
    if (process_ == 0) {
      dup2(in[0], 0);
      dup2(out[1], 1);
      for (const int one : {in[0], in[1], out[0], out[1]}) close(one);
      execlp(graft, graft, "predict", model, "--stdin", "--quiet", nullptr);
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    in_ = in[1];
    out_ = out[0];
  }
  ~Resident() {
    close(in_);
    close(out_);
    waitpid(process_, nullptr, 0);
  }
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;

  void ask(const std::string& bytes) const {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t sent = write(in_, bytes.data() + at, bytes.size() - at);
      if (sent <= 0) std::abort();
      at += static_cast<std::size_t>(sent);
    }
    std::array<char, 65536> part{};
    std::string line;
    while (line.find('\n') == std::string::npos) {
      const ssize_t count = read(out_, part.data(), part.size());
      if (count <= 0) std::abort();
      line.append(part.data(), static_cast<std::size_t>(count));
    }
    if (line.find("\"predictions\"") == std::string::npos) std::abort();
  }

 private:
  pid_t process_ = -1;
  int in_ = -1, out_ = -1;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: resident_benchmark GRAFT MODEL PHOTO [PHOTOS]\n";
    return 2;
  }
  const int count = argc > 4 ? std::atoi(argv[4]) : 100;
  const std::string path = argv[3];
  std::ostringstream read;
  read << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string bytes = read.str(), framed = "=" + std::to_string(bytes.size()) + "\n" + bytes;
  const Resident resident(argv[1], argv[2]);
  const graft::Classifier classifier = graft::Classifier::open(argv[2]);
  const std::array<std::pair<const char*, std::function<void()>>, 3> ways{{
      {"Classifier::predict", [&] { static_cast<void>(classifier.predict(std::filesystem::path(path))); }},
      {"--stdin, a path", [&] { resident.ask(path + "\n"); }},
      {"--stdin, bytes", [&] { resident.ask(framed); }},
  }};
  std::array<std::vector<double>, 3> times;
  for (int i = -3; i < count; ++i) {
    for (std::size_t way = 0; way < ways.size(); ++way) {
      // Each way begins with threads that sleep, as between two requests; the first of three is not counted.
      for (int turn = 0; turn < 3; ++turn) {
        const auto start = std::chrono::steady_clock::now();
        ways[way].second();
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        if (i >= 0 && turn > 0) times[way].push_back(took.count());
      }
    }
  }
  const double own = median(times[0]);
  for (std::size_t way = 0; way < ways.size(); ++way)
    std::printf("%-22s %8.2f ms   ratio %.2f\n", ways[way].first, median(times[way]),
                median(times[way]) / own);
  return 0;
}
