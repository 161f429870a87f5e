// SPDX-License-Identifier: Apache-2.0
// graft similar MODEL PHOTOS QUERY..., graft map MODEL PHOTOS -o FILE
#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <optional>

#include "graft/base/atomic_file.hpp"
#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/inspect.hpp"

#include "cli/common_options.hpp"
#include "cli/error_text.hpp"
#include "cli/exit_code.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"

namespace graft::cli {
namespace {

struct SimilarArguments {
  std::string model;
  std::string weights = "imagenet";
  std::string photos;
  std::vector<std::string> queries;
  std::size_t count = 10;
  std::string output;          ///< of graft map
  std::string method = "pca";  ///< of graft map
  bool force = false;
  data::ListOptions listing;
  CommonOptions common;
};

/// Features of photos below names; photos that cannot be read are reported. Throws where none can be read.
PhotoFeatures features_below(const SimilarArguments& given, const std::vector<std::string>& names,
                             PhotoProgress& progress) {
  data::ListOptions listing = given.listing;
  listing.progress = progress.files();
  data::PhotoList list = list_images(names, listing);
  if (names.size() == 1) label_by_folder(names.front(), list);
  PhotoFeatures found = compute_features(given.model, list,
                                         {.weights = given.weights,
                                          .exif = given.common.exif.value_or(data::Exif::apply),
                                          .execution = given.common.execution,
                                          .progress = progress.photos()});
  progress.clear();
  report_left_out(found.left_out);
  if (found.files.empty()) fail(ErrorKind::bad_file, "no photo of ", names.front(), " can be read");
  return found;
}

void report_model_notes(const PhotoFeatures& features) {
  for (const std::string& note : features.notes) std::cerr << "note: " << note_text(note) << '\n';
}

int similar(const SimilarArguments& given) {
  use_threads(given.common.execution);
  PhotoProgress progress(given.common.quiet);
  const PhotoFeatures queries = features_below(given, given.queries, progress);
  const PhotoFeatures photos = features_below(given, {given.photos}, progress);
  report_model_notes(photos);
  const auto nearest = most_similar(photos, queries.rows, given.count);
  Json json = Json::array();
  for (std::size_t query = 0; query < nearest.size(); ++query) {
    Json one = file_json(queries.files[query]);
    one["similar"] = Json::array();
    if (!given.common.json) std::cout << shown(queries.files[query].string()) << '\n';
    for (const SimilarPhoto& near : nearest[query]) {
      const std::filesystem::path& file = photos.files[near.photo];
      Json row = file_json(file);
      const double distance = std::max(near.distance, 0.0);  // rounding can bring it below
      row["distance"] = distance;
      if (!photos.labels.empty())
        row["class"] = photos.class_names[static_cast<std::size_t>(photos.labels[near.photo])];
      one["similar"].push_back(std::move(row));
      if (!given.common.json) std::cout << "  " << cat(distance) << "  " << shown(file.string()) << '\n';
    }
    json.push_back(std::move(one));
  }
  std::vector<data::LeftOut> left_out = queries.left_out;
  left_out.insert(left_out.end(), photos.left_out.begin(), photos.left_out.end());
  if (given.common.json) print_json({{"photos", json}, {"skipped_images", left_out_json(left_out)}});
  return exit_code_for(left_out);
}

/// Photos in a plane.
struct PhotoMap {
  std::vector<std::array<double, 2>> points;
  std::optional<std::array<double, 2>> explained;  ///< by the axes of a principal plane
};

PhotoMap map_of(const Tensor& rows, const std::string& method, PhotoProgress& progress) {
  if (method == "pca") {
    FeaturePlane plane = principal_plane(rows);
    return {std::move(plane.points), plane.explained};
  }
  const auto advance = progress.stages();
  PhotoMap map{
      neighbour_map(rows, {.progress = [&](std::size_t done,
                                           std::size_t total) { return advance("map", done, total); }}),
      std::nullopt};
  progress.clear();
  return map;
}

Json map_json(const PhotoFeatures& photos, const PhotoMap& map, const std::string& method) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < photos.files.size(); ++i) {
    Json row = file_json(photos.files[i]);
    row["x"] = map.points[i][0];
    row["y"] = map.points[i][1];
    if (!photos.labels.empty()) row["class"] = photos.class_names[static_cast<std::size_t>(photos.labels[i])];
    rows.push_back(std::move(row));
  }
  Json json{{"method", method}};
  if (map.explained) json["explained_variance"] = {(*map.explained)[0], (*map.explained)[1]};
  json["points"] = std::move(rows);
  return json;
}

std::string map_csv(const PhotoFeatures& photos, const PhotoMap& map) {
  std::string text = "x,y,file,class\n";
  for (std::size_t i = 0; i < photos.files.size(); ++i) {
    append_number(text, static_cast<float>(map.points[i][0]));
    text += ',';
    append_number(text, static_cast<float>(map.points[i][1]));
    const std::string name = photos.labels.empty()
                                 ? std::string()
                                 : photos.class_names[static_cast<std::size_t>(photos.labels[i])];
    text += "," + csv_field(photos.files[i].string()) + "," + csv_field(name) + "\n";
  }
  return text;
}

int map_photos(const SimilarArguments& given) {
  const std::string ending = std::filesystem::path(given.output).extension().string();
  if (ending != ".csv" && ending != ".json")
    fail(ErrorKind::invalid_argument, "-o ", given.output, ": expected a name that ends in .csv or .json");
  check_output_file(given.output);
  if (!given.force && std::filesystem::exists(given.output))
    fail(ErrorKind::invalid_argument, "-o ", given.output,
         " exists already; name another file, or overwrite it with --force");
  use_threads(given.common.execution);
  PhotoProgress progress(given.common.quiet);
  const PhotoFeatures photos = features_below(given, {given.photos}, progress);
  report_model_notes(photos);
  const PhotoMap map = map_of(photos.rows, given.method, progress);
  const Json json = map_json(photos, map, given.method);
  write_file_atomically(given.output, ending == ".json" ? dumped(json) + "\n" : map_csv(photos, map));
  if (given.common.json) {
    Json summary{{"output", given.output}, {"method", given.method}, {"photos", photos.files.size()}};
    if (map.explained) summary["explained_variance"] = json["explained_variance"];
    summary["skipped_images"] = left_out_json(photos.left_out);
    print_json(summary);
  } else if (!given.common.quiet) {
    std::cout << shown(given.output) << ": " << counted(photos.files.size(), "photo", "photos");
    if (map.explained)
      std::cout << "; the two axes show " << percent((*map.explained)[0] + (*map.explained)[1])
                << " of the variance of the features";
    std::cout << '\n';
  }
  return exit_code_for(photos.left_out);
}

void add_shared(CLI::App& command, SimilarArguments& given) {
  command
      .add_option("MODEL", given.model,
                  "a model file, a folder with model.keras, or an architecture (see graft models)")
      ->required();
  command.add_option("PHOTOS", given.photos, "a folder with photos")->required();
  command
      .add_option("--weights", given.weights,
                  "weights of an architecture: a file, or imagenet; of a .json: a file")
      ->capture_default_str()
      ->type_name("FILE");
}

}  // namespace

void add_similar(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("similar", "Find the photos most similar to a photo");
  auto given = std::make_shared<SimilarArguments>();
  add_shared(*command, *given);
  command->add_option("QUERY", given->queries, "the photos to find similar ones for")->required();
  command->add_option("--count", given->count, "number of photos to print for each query")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  add_listing_options(*command, given->listing, false);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  command->footer(
      "Prints the cosine distance of the features before the classifier (0: alike) and the file, nearest "
      "first.\n\n"
      "Examples:\n"
      "  graft similar photos-graft photos/ new.jpg\n"
      "  graft similar mobilenet_v2 archive/ wanted.jpg --count 3 --json");
  command->callback([given, &run] { run = [given] { return similar(*given); }; });
}

void add_map(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("map", "Write a map of the photos by their features");
  auto given = std::make_shared<SimilarArguments>();
  add_shared(*command, *given);
  command->add_option("-o,--output", given->output, "the file to write: .csv or .json")
      ->required()
      ->type_name("FILE");
  command
      ->add_option(
          "--method", given->method,
          "pca: the principal plane, whose axes mean something; tsne: photos that are alike stay near")
      ->capture_default_str()
      ->check(CLI::IsMember({"pca", "tsne"}))
      ->type_name("NAME");
  command->add_flag("--force", given->force, "overwrite FILE when it exists");
  add_listing_options(*command, given->listing, false);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  command->footer(
      "One row a photo: x, y, file, and the class where the folder has classes, from the features before the "
      "classifier. pca: the axes are their two principal components. tsne: t-SNE, whose axes and far "
      "distances "
      "mean nothing; it takes some seconds for a thousand photos.\n\n"
      "Examples:\n"
      "  graft map photos-graft photos/ -o map.csv\n"
      "  graft map mobilenet_v2 photos/ -o map.json --method tsne");
  command->callback([given, &run] { run = [given] { return map_photos(*given); }; });
}

}  // namespace graft::cli
