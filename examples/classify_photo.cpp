// SPDX-License-Identifier: Apache-2.0
// Names what is on photos, with a model that you trained or with a network that knows ImageNet's 1000
// classes:
//   classify_photo MODEL PHOTO...               MODEL: a model.keras, or the folder that `graft train` wrote
//   classify_photo NETWORK WEIGHTS PHOTO...     e.g. mobilenet_v2 mobilenet_v2_weights.h5 cat.jpg
// Prints the three most probable classes of each photo.
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include <graft/graft.hpp>

namespace {

struct Arguments {
  std::string model;
  std::string weights;  ///< empty: model is a file
  std::vector<std::filesystem::path> photos;
};

/// The first argument is a file that exists, or the name of a network, which needs weights.
Arguments parse(const std::vector<std::string>& arguments) {
  const bool is_file = !arguments.empty() && std::filesystem::exists(arguments[0]);
  const std::size_t first_photo = is_file ? 1 : 2;
  if (arguments.size() <= first_photo) return {};
  return {.model = arguments[0],
          .weights = is_file ? "" : arguments[1],
          .photos = {arguments.begin() + static_cast<std::ptrdiff_t>(first_photo), arguments.end()}};
}

/// A Classifier is a model together with its class names and its preprocessing. It is a handle: copying it
/// copies no weights, and several threads may use one.
graft::Classifier load(const Arguments& arguments) {
  if (arguments.weights.empty()) return graft::Classifier::open(arguments.model);
  return graft::Classifier::imagenet(arguments.model, arguments.weights);
}

/// One line per class: probability and name.
void print(const graft::PhotoPrediction& photo) {
  std::cout << photo.path.string() << '\n';
  for (const graft::Prediction& prediction : photo.predictions) {
    std::cout << std::fixed << std::setprecision(1) << std::setw(7) << 100 * prediction.probability << " %  "
              << prediction.name << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments = parse({argv + 1, argv + argc});
  if (arguments.photos.empty()) {
    std::cerr << "usage: classify_photo MODEL PHOTO...\n"
                 "       classify_photo NETWORK WEIGHTS PHOTO...\n";
    return 2;
  }
  // Load once, predict often: reading the weights takes longer than a prediction.
  const graft::Classifier classifier = load(arguments);

  // Decodes each file by its content (not its name), turns it upright, resizes it as in training, and runs
  // the network. A file that cannot be read does not stop the others: its entry has the reason.
  int failures = 0;
  for (const graft::PhotoPrediction& photo : classifier.predict_all(arguments.photos, {.top = 3})) {
    if (photo.error.empty()) {
      print(photo);
    } else {
      std::cerr << photo.path.string() << ": " << photo.error << '\n';
      ++failures;
    }
  }
  return failures == 0 ? 0 : 1;
} catch (const graft::Error& error) {
  // graft throws one type. error.kind() says what went wrong: not_found, bad_file, invalid_argument, ...
  std::cerr << error.what() << '\n';
  return 1;
}
