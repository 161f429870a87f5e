// SPDX-License-Identifier: Apache-2.0
#include "graft/models/functional_model.hpp"
#include "graft/version.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/measure/score.hpp"
#include "transfer/result/round_record.hpp"

namespace graft::transfer {
namespace {

/// This round's photos by part, for later rounds.
RoundRecord record_of(const TrainResult& result, const Photos& photos, const std::filesystem::path& folder) {
  RoundRecord round{.photos = std::filesystem::absolute(folder).lexically_normal().string(),
                    .classes = result.class_names,
                    .test_accuracy = result.test_accuracy,
                    .known = {}};
  for (const auto& [part, dataset] :
       {std::pair{Part::train, &photos.train}, std::pair{Part::validation, &photos.validation},
        std::pair{Part::test, &photos.test}}) {
    const std::vector<std::filesystem::path> files = dataset->file_paths();
    const std::vector<int> labels = dataset->labels();
    const std::vector<std::string> prints = photo_prints(files);
    for (std::size_t i = 0; i < files.size(); ++i) {
      round.known.push_back({.file = std::filesystem::absolute(files[i]).lexically_normal(),
                             .class_name = result.class_names.at(static_cast<std::size_t>(labels[i])),
                             .print = prints[i],
                             .part = part});
    }
  }
  return round;
}

}  // namespace

void finish_training(TrainResult& result, const Photos& photos, const std::filesystem::path& folder,
                     const TrainOptions& options, Reporter& reporter) {
  reporter.enter("test");
  result.model.functional()->attach(nullptr);  // training is over: its plans and their memory can go
  score_test(result, photos);
  result.stopped = reporter.stopped();
  result.broke_down = reporter.broke_down();
  result.metadata->update({{"graft_version", std::string(version())},
                           {"class_names", result.class_names},
                           {"image_size", {result.image_size.height, result.image_size.width}},
                           {"interpolation", "bilinear"},
                           {"exif", options.exif == data::Exif::apply ? "apply" : "ignore"},
                           {"jpeg_scale", std::string(data::to_string(options.jpeg_scale))},
                           {"preprocessing", "in model"}});
  std::vector<RoundRecord> rounds = options.rounds.from.empty()
                                        ? std::vector<RoundRecord>{}
                                        : read_rounds(rounds_folder(options.rounds.from));
  rounds.push_back(record_of(result, photos, folder));
  result.rounds = rounds_json(rounds);
}

}  // namespace graft::transfer
