// SPDX-License-Identifier: Apache-2.0
// graft predict MODEL|ARCHITECTURE IMAGE...
#include <iostream>
#include <memory>

#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/training_options.hpp"

namespace graft::cli {
namespace {

struct PredictArguments {
  ModelArgument model;
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

int predict(const PredictArguments& given) {
  use_threads(given.common.execution);
  const data::PhotoList list = list_images(given.images);
  const Classifier classifier = open_classifier(given.model, given.common.execution);
  data::LoadPhotosOptions load = classifier.load_options();
  load.decode.exif = given.common.exif.value_or(load.decode.exif);
  const std::optional<data::PhotoSet> photos = load_images(list, load);
  Json result = Json::array();
  if (photos) {
    const Tensor probabilities = classify::averaged_probabilities(classifier, photos->all(), given.views);
    const std::size_t width = classifier.class_names().size();
    for (std::size_t i = 0; i < photos->size(); ++i) {
      const std::string file = photos->file_paths()[i].string();
      const auto best = classifier.best(probabilities.data().subspan(i * width, width), {.top = given.top});
      if (given.common.json) {
        result.push_back(to_json(file, best));
      } else {
        print(file, best);
      }
    }
  }
  if (given.common.json) print_json(result);
  return photos && photos->left_out().empty() ? kOk : kSomeFailed;
}

}  // namespace

void add_predict(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("predict", "Classify photos");
  auto given = std::make_shared<PredictArguments>();
  add_model_argument(*command, given->model);
  command->add_option("IMAGE", given->images, "photos, or folders with photos")->required();
  add_weights_option(*command, given->model);
  add_pixels_option(*command, given->model.pixels,
                    "how the program around a model file scaled its pixels, where the model does not");
  command->add_option("--top", given->top, "number of classes to print per photo, most probable first")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  add_views_option(*command, given->views);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  command->footer(
      "A photo that cannot be read is reported on standard error; the others are classified all the same "
      "(exit code 1).\n\n"
      "Examples:\n"
      "  graft predict photos-graft new.jpg\n"
      "  graft predict photos-graft holiday/ --top 1 --json\n"
      "  graft predict mobilenet_v2 --weights weights.h5 dog.jpg");
  command->callback([given, &run] { run = [given] { return predict(*given); }; });
}

}  // namespace graft::cli
