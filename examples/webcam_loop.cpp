// SPDX-License-Identifier: Apache-2.0
// Classifies a stream of frames as a program with a camera does:
//   webcam_loop FRAMES MODEL                a model.keras, or the folder that `graft train` wrote
//   webcam_loop FRAMES NETWORK WEIGHTS      e.g. mobilenet_v2 mobilenet_v2_weights.h5
// The frames are the image files below the folder FRAMES in order of their names, so that the example runs
// without a camera. Replace class Frames by your camera's library to use one.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <graft/graft.hpp>

namespace {

namespace fs = std::filesystem;

/// Stands for a camera: next() returns the next frame, uint8 (H, W, 3) in R, G, B, rows from the top.
class Frames {
 public:
  explicit Frames(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) files_.push_back(entry.path());
    }
    std::sort(files_.begin(), files_.end());
  }

  /// Empty at the end. A file that is no image is reported and skipped, like a frame that was lost.
  std::optional<graft::Tensor> next() {
    while (position_ < files_.size()) {
      try {
        return graft::data::read_image(files_[position_++]);
      } catch (const graft::Error& error) {
        std::cerr << "frame skipped: " << error.what() << '\n';
      }
    }
    return std::nullopt;
  }

 private:
  std::vector<fs::path> files_;
  std::size_t position_ = 0;
};

/// Averages the probabilities of the last frames, so that the shown class does not flicker.
class Smoother {
 public:
  /// weight: of the newest frame, 0 to 1. 1 does not smooth.
  explicit Smoother(float weight) : weight_(weight) {}

  const std::vector<float>& add(std::span<const float> probabilities) {
    if (average_.empty()) average_.assign(probabilities.begin(), probabilities.end());
    for (std::size_t i = 0; i < average_.size(); ++i)
      average_[i] += weight_ * (probabilities[i] - average_[i]);
    return average_;
  }

 private:
  float weight_;
  std::vector<float> average_;
};

graft::Classifier load(const std::vector<std::string>& arguments) {
  // Settings are values: this classifier computes with two threads, whatever the rest of the program does.
  // More threads shorten a frame; fewer leave cores to the camera and the screen.
  const graft::Execution execution{.threads = 2};
  if (arguments.size() == 2) return graft::Classifier::open(arguments[1], execution);
  return graft::Classifier::imagenet(arguments[1], arguments[2], execution);
}

/// A frame's pixels without a copy. A camera's buffer is described in the same way; stride_bytes is for rows
/// that are padded.
graft::PixelView pixels_of(const graft::Tensor& frame) {
  return {.data = frame.data<std::uint8_t>().data(), .width = frame.shape()[1], .height = frame.shape()[0]};
}

/// Probabilities by class index, from predictions that are ordered by probability.
std::vector<float> by_index(const std::vector<graft::Prediction>& predictions) {
  std::vector<float> result(predictions.size());
  for (const graft::Prediction& prediction : predictions)
    result[static_cast<std::size_t>(prediction.index)] = static_cast<float>(prediction.probability);
  return result;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2 || arguments.size() > 3) {
    std::cerr << "usage: webcam_loop FRAMES MODEL\n"
                 "       webcam_loop FRAMES NETWORK WEIGHTS\n";
    return 2;
  }
  const graft::Classifier classifier = load(arguments);
  const int classes = static_cast<int>(classifier.class_names().size());
  Frames frames(arguments[0]);
  Smoother smoother(0.6F);

  int shown = 0;
  while (const std::optional<graft::Tensor> frame = frames.next()) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    // The first call compiles a plan for the network (some 10 ms to a second). The classifier keeps it: all
    // later calls only run it. Frames of any size are resized as the photos were in training.
    const std::vector<float> probabilities =
        by_index(classifier.predict(pixels_of(*frame), {.top = classes}));
    const std::vector<graft::Prediction> best = classifier.best(smoother.add(probabilities), {.top = 1});
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();

    std::cout << "frame " << std::setw(3) << ++shown << "  " << std::fixed << std::setprecision(1)
              << std::setw(6) << ms << " ms  " << std::setw(5) << 100 * best[0].probability << " %  "
              << best[0].name << '\n';
  }
  std::cout << shown << " frames\n";
  return shown > 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
