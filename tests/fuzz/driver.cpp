// SPDX-License-Identifier: Apache-2.0
// Stands in for libFuzzer where the compiler has none: FILE... [--seconds S] [--seed N]. Changes the files at
// random for a stated time and hands the results to the target. An input that takes longer than a second, or
// makes the process grow by more than kMostGrowth, is a finding, as a crash is; the file that
// graft::fuzz::as_file wrote last holds it, as does the path that is printed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

#include "graft/base/random.hpp"

#include "fuzz.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr long kMostGrowth = 1L << 20;  // KiB; sanitizers keep freed memory for a while
constexpr std::size_t kMostBytes = 3U << 20U;

/// Values that lengths, offsets and counts break on.
constexpr std::uint64_t kEdges[] = {0,          1,          0x7F,       0x80,       0xFF,
                                    0x7FFF,     0xFFFF,     0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
                                    1ULL << 40, 1ULL << 62, ~0ULL >> 1, ~0ULL};

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

  std::string next() {
    std::string bytes = corpus_[random_.below(corpus_.size())];
    for (std::uint64_t i = 0, count = 1 + random_.below(6); i < count && !bytes.empty(); ++i) change(bytes);
    return bytes;
  }

 private:
  /// Mostly near the ends, where headers and directories are.
  std::size_t place(const std::string& bytes) {
    const std::size_t near = std::min<std::size_t>(bytes.size(), 4096);
    switch (random_.below(3)) {
      case 0:
        return random_.below(near);
      case 1:
        return bytes.size() - 1 - random_.below(near);
      default:
        return random_.below(bytes.size());
    }
  }

  void change(std::string& bytes) {
    const std::size_t at = place(bytes);
    switch (random_.below(7)) {
      case 0:
        bytes[at] = static_cast<char>(random_.below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U << random_.below(8)));
        break;
      case 2: {
        const std::uint64_t value = kEdges[random_.below(std::size(kEdges))];
        const std::size_t width = std::size_t{1} << random_.below(4);
        for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
          bytes[at + i] = static_cast<char>(value >> (8 * i));
        break;
      }
      case 3:
        bytes.resize(at);
        break;
      case 4:
        bytes.erase(at, 1 + random_.below(16));
        break;
      case 5:
        if (bytes.size() < kMostBytes) bytes.insert(at, bytes.substr(place(bytes), 1 + random_.below(64)));
        break;
      default: {
        // A piece of another file, so that formats mix.
        const std::string& other = corpus_[random_.below(corpus_.size())];
        const std::size_t from = random_.below(other.size());
        const std::size_t count = std::min<std::size_t>(1 + random_.below(256), bytes.size() - at);
        bytes.replace(at, count, other.substr(from, count));
        break;
      }
    }
  }

  const std::vector<std::string>& corpus_;
  graft::Rng random_;
};

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

int report(const std::string& bytes, const char* what, double value) {
  const auto path = graft::fuzz::as_file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::fprintf(stderr, "finding: %s (%.1f) with %s\n", what, value, path.c_str());
  return 1;
}

/// Hands one input over; 1 when that took too long or too much.
int run_one(const std::string& bytes) {
  const long before = peak_kib();
  const Clock::time_point begin = Clock::now();
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  // Sanitizers slow things down about fivefold, and other work may share the machine.
  if (seconds > 5) return report(bytes, "seconds", seconds);
  if (peak_kib() - before > kMostGrowth)
    return report(bytes, "KiB", static_cast<double>(peak_kib() - before));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const char* from_environment = std::getenv("GRAFT_FUZZ_SECONDS");
  double seconds = from_environment == nullptr ? 2 : std::atof(from_environment);
  std::uint64_t seed = 1;
  std::vector<std::string> corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--seconds" && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else if (word == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      std::ifstream in(argv[i], std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
      if (corpus.back().empty()) return std::fprintf(stderr, "cannot read %s\n", argv[i]), 2;
    }
  }
  if (corpus.empty()) return std::fprintf(stderr, "name files to begin with\n"), 2;
  for (const std::string& whole : corpus) {
    if (run_one(whole) != 0) return 1;
  }
  Mutator mutator(corpus, seed);
  const Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  std::uint64_t count = corpus.size();
  for (; Clock::now() < end; ++count) {
    if (run_one(mutator.next()) != 0) return 1;
  }
  std::error_code ignored;
  std::filesystem::remove(graft::fuzz::as_file(nullptr, 0), ignored);
  std::printf("%llu inputs in %.0f s, seed %llu, peak %ld MiB\n", static_cast<unsigned long long>(count),
              seconds, static_cast<unsigned long long>(seed), peak_kib() / 1024);
  return 0;
}
