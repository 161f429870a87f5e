// SPDX-License-Identifier: Apache-2.0
// graft predict MODEL|ARCHITECTURE IMAGE...
#include <iostream>
#include <memory>

#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/transfer/test_time.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/photos.hpp"
#include "cli/precision_option.hpp"
#include "cli/tuning_options.hpp"

namespace graft::cli {
namespace {

struct PredictCommand {
  std::string model;
  std::string weights;
  std::vector<std::string> images;
  int top = 5;
  int views = 1;
  CommonOptions common;
};

Json to_json(const std::string& file, const std::vector<Prediction>& predictions) {
  Json list = Json::array();
  for (const Prediction& one : predictions)
    list.push_back({{"class", one.class_id}, {"name", one.name}, {"probability", one.probability}});
  return {{"file", file}, {"predictions", std::move(list)}};
}

void print(const std::string& file, const std::vector<Prediction>& predictions) {
  std::cout << file << '\n';
  for (const Prediction& one : predictions) {
    std::string share = percent(one.probability);
    share.insert(0, share.size() < 9 ? 9 - share.size() : 0, ' ');
    std::cout << share << "  " << one.name << (one.class_id == one.name ? "" : "  " + one.class_id) << '\n';
  }
}

int predict(const PredictCommand& command) {
  apply(command.common);
  const data::PhotoList list = list_images(command.images);
  const Classifier classifier = open_classifier(command.model, command.weights);
  data::LoadPhotosOptions load = classifier.load_options();
  load.decode.exif = exif_of(command.common, load.decode.exif);
  const std::optional<data::PhotoSet> photos = load_images(list, load);
  Json result = Json::array();
  if (photos) {
    const Tensor probabilities = transfer::averaged_probabilities(classifier, photos->all(), command.views);
    const std::size_t width = classifier.class_names().size();
    for (std::size_t i = 0; i < photos->size(); ++i) {
      const std::string file = photos->file_paths()[i].string();
      const auto best = classifier.best(probabilities.data().subspan(i * width, width), {.top = command.top});
      if (command.common.json) {
        result.push_back(to_json(file, best));
      } else {
        print(file, best);
      }
    }
  }
  if (command.common.json) print_json(result);
  return photos && photos->left_out().empty() ? kOk : kSomeFailed;
}

}  // namespace

void add_predict(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("predict", "Say what is on photos");
  auto given = std::make_shared<PredictCommand>();
  command->add_option("MODEL", given->model, "a model file, the folder with model.keras, or an architecture")
      ->required();
  command->add_option("IMAGE", given->images, "photos, or folders of them")->required();
  command->add_option("--weights", given->weights, "of an architecture: a file, or imagenet")
      ->type_name("FILE");
  command->add_option("--top", given->top, "how many classes to give")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  add_views_option(*command, given->views);
  add_precision_option(*command);
  add_common_options(*command, given->common);
  command->footer(
      "A photo that cannot be read is told on standard error; the others are predicted all the same.\n\n"
      "Examples:\n"
      "  graft predict photos-graft new.jpg\n"
      "  graft predict photos-graft holiday/ --top 1 --json\n"
      "  graft predict mobilenet_v2 --weights weights.h5 dog.jpg");
  command->callback([given, &run] { run = [given] { return predict(*given); }; });
}

}  // namespace graft::cli
