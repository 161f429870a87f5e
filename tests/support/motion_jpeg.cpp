// SPDX-License-Identifier: Apache-2.0
#include "motion_jpeg.hpp"

#include <fstream>
#include <iterator>

#include "graft/data/write_jpeg.hpp"
#include "graft/tensor.hpp"

#include "support.hpp"

namespace graft::test {
namespace {

std::string number(std::size_t value, int bytes = 4) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

/// A chunk of RIFF: its name, its size, its bytes.
std::string chunk(const std::string& name, std::string bytes) {
  const std::string head = name + number(bytes.size());
  if (bytes.size() % 2 == 1) bytes += '\0';
  return head + bytes;
}

std::string list(const std::string& name, const std::string& chunks) { return chunk("LIST", name + chunks); }

}  // namespace

std::string motion_jpeg(const std::vector<std::string>& jpegs, const VideoFacts& facts) {
  const auto width = static_cast<std::size_t>(facts.width), height = static_cast<std::size_t>(facts.height);
  const auto rate = static_cast<std::size_t>(facts.frames_per_second);
  const std::string zeros(64, '\0');
  const std::string main = number(1000000 / rate) + zeros.substr(0, 8) + number(0x10) + number(jpegs.size()) +
                           number(0) + number(1) + number(0) + number(width) + number(height) +
                           zeros.substr(0, 16);
  const std::string stream = "vidsMJPG" + zeros.substr(0, 12) + number(1) + number(rate) + number(0) +
                             number(jpegs.size()) + number(0) + number(0) + number(0) + number(0, 2) +
                             number(0, 2) + number(width, 2) + number(height, 2);
  const std::string format = number(40) + number(width) + number(height) + number(1, 2) + number(24, 2) +
                             "MJPG" + number(3 * width * height) + zeros.substr(0, 16);
  std::string frames;
  for (const std::string& jpeg : jpegs) frames += chunk("00dc", jpeg);
  return chunk("RIFF", "AVI " +
                           list("hdrl", chunk("avih", main) +
                                            list("strl", chunk("strh", stream) + chunk("strf", format))) +
                           list("movi", frames));
}

void write_video(const std::filesystem::path& file, int red, int blue, std::size_t frames,
                 const VideoFacts& facts) {
  const TemporaryFolder folder;
  std::vector<std::string> jpegs;
  for (std::size_t i = 0; i < frames; ++i) {
    Tensor picture({facts.height, facts.width, 3}, DType::uint8);
    for (std::size_t at = 0; at < picture.data<std::uint8_t>().size(); at += 3) {
      picture.data<std::uint8_t>()[at] = static_cast<std::uint8_t>(red);
      picture.data<std::uint8_t>()[at + 1] = static_cast<std::uint8_t>(10 * i);
      picture.data<std::uint8_t>()[at + 2] = static_cast<std::uint8_t>(blue);
    }
    const std::filesystem::path one = folder.path() / "one.jpg";
    data::write_jpeg(one, picture, 95);
    std::ifstream in(one, std::ios::binary);
    jpegs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << motion_jpeg(jpegs, facts);
}

}  // namespace graft::test
