// SPDX-License-Identifier: Apache-2.0
// graft explain MODEL|ARCHITECTURE PHOTO... -o OUT
#include "graft/explain.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/similar_names.hpp"
#include "graft/base/text.hpp"
#include "graft/data/write_png.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/number_text.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"
#include "cli/stop.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

struct ExplainArguments {
  ModelArgument model;
  std::vector<std::string> photos;
  std::string output;
  bool force = false;
  std::string class_name;
  ExplainOptions options;
  data::ListOptions listing;
  CommonOptions common;
};

/// The class by its name, its id, or its index.
std::optional<std::int64_t> class_of(const Classifier& classifier, const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (const auto* names : {&classifier.class_names(), &classifier.class_ids()}) {
    const auto found = std::ranges::find(*names, name);
    if (found != names->end()) return found - names->begin();
  }
  const bool number = std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (number && name.size() < 10 && std::stoul(name) < classifier.class_names().size())
    return static_cast<std::int64_t>(std::stoul(name));
  fail(ErrorKind::not_found, "--class: the model has no class '", name, "'",
       similar_text(name, classifier.class_names(),
                    cat("; it has ", classifier.class_names().size(), " classes, the first is ",
                        classifier.class_names().front())));
}

/// One picture to write.
struct Job {
  fs::path photo;
  fs::path picture;
};

/// Where the pictures go: a file for one photo, else a folder in which they are named like the photos.
class PictureNames {
 public:
  PictureNames(const ExplainArguments& given, std::size_t photos) : out_(given.output) {
    std::error_code ignored;
    const bool one =
        photos == 1 && given.photos.size() == 1 && !fs::is_directory(given.photos.front(), ignored);
    folder_ = fs::is_directory(out_, ignored) || !out_.has_extension();
    if (!one && !folder_) {
      fail(ErrorKind::invalid_argument, "-o ", out_.string(), ": names a file for ", photos,
           " photos; name a folder");
    }
    if (folder_) {
      check_writable(out_);
    } else {
      if (out_.extension() != ".png")
        fail(ErrorKind::invalid_argument, "-o ", out_.string(),
             ": expected a name that ends in .png, or a folder");
      check_output_file(out_);
    }
    for (const std::string& name : given.photos) {
      if (fs::is_directory(name, ignored)) roots_.emplace_back(name);
    }
  }

  [[nodiscard]] fs::path of(const fs::path& photo) {
    if (!folder_) return out_;
    fs::path name = photo.filename();
    for (const fs::path& root : roots_) {
      const fs::path below = photo.lexically_relative(root);
      if (!below.empty() && *below.begin() != "..") name = below;
    }
    const std::string stem = (name.parent_path() / name.stem()).string();
    std::string unique = stem;
    for (int number = 2; !taken_.insert(unique).second; ++number) unique = cat(stem, "-", number);
    return out_ / (unique + ".png");
  }

 private:
  fs::path out_;
  bool folder_ = false;
  std::vector<fs::path> roots_;
  std::set<std::string> taken_;
};

std::vector<Job> plan_jobs(const ExplainArguments& given, const data::PhotoList& list) {
  PictureNames names(given, list.paths.size());
  std::vector<Job> jobs;
  for (const fs::path& photo : list.paths) {
    jobs.push_back({photo, names.of(photo)});
    std::error_code ignored;
    if (!fs::exists(jobs.back().picture, ignored)) continue;
    const bool itself = fs::equivalent(photo, jobs.back().picture, ignored);
    if (itself || !given.force) {
      fail(ErrorKind::invalid_argument, "-o ", jobs.back().picture.string(),
           itself ? " is the photo itself; name another file"
                  : " exists already; name another file, or overwrite it with --force");
    }
  }
  return jobs;
}

Json heat_json(const Tensor& values) {
  Json rows = Json::array();
  const auto width = static_cast<std::size_t>(values.shape()[1]);
  for (std::int64_t y = 0; y < values.shape()[0]; ++y) {
    const auto row = values.data().subspan(static_cast<std::size_t>(y) * width, width);
    rows.push_back(std::vector<float>(row.begin(), row.end()));
  }
  return rows;
}

Json class_json(const Prediction& one, const std::optional<NumberAnswer>& number) {
  if (number) return {{"class", one.class_id}, {"name", one.name}, {"value", number->value}};
  return {{"class", one.class_id}, {"name", one.name}, {"probability", one.probability}};
}

Json explanation_json(const Job& job, const Explanation& found) {
  Json json = file_json(job.photo);
  json["picture"] = job.picture.string();
  json["method"] = std::string(to_string(found.method));
  if (!found.why.empty()) json["why"] = found.why;
  if (!found.layer.empty()) {
    json["layer"] = found.layer;
    json["values"] = heat_json(found.values);
  }
  json["explained"] = class_json(found.explained, found.number);
  json["predicted"] = class_json(found.predicted, found.number);
  json["heat_map"] = heat_json(found.heat_map);
  json["region"] = {{"top", found.region.top},
                    {"left", found.region.left},
                    {"height", found.region.height},
                    {"width", found.region.width}};
  return json;
}

void print_explanation(const Job& job, const Explanation& found) {
  std::cout << shown(job.picture.string()) << ": " << to_string(found.method)
            << (found.layer.empty() ? "" : " at " + shown(found.layer)) << " for "
            << shown(found.explained.name)
            << (found.number ? " " + answer_text(*found.number)
                             : ", " + percent(found.explained.probability));
  if (found.explained.index != found.predicted.index)
    std::cout << " (predicted: " << shown(found.predicted.name) << ", "
              << percent(found.predicted.probability) << ")";
  std::cout << std::endl;
}

class ExplainRun {
 public:
  explicit ExplainRun(const ExplainArguments& given)
      : given_(given), progress_(given.common.quiet, !given.common.json) {}

  int run() {
    use_threads(given_.common.execution);
    data::ListOptions listing = given_.listing;
    listing.progress = progress_.files();
    data::PhotoList list = list_images(given_.photos, listing);
    left_out_ = list.left_out;
    const std::vector<Job> jobs = plan_jobs(given_, list);
    const Classifier classifier = open_classifier(given_.model, given_.common.execution);
    ExplainOptions options = given_.options;
    options.class_index = class_of(classifier, given_.class_name);
    options.exif = given_.common.exif;
    const Explainer explainer(classifier, options);
    data::DecodeOptions decode = classifier.load_options().decode;
    decode.exif = given_.common.exif.value_or(decode.exif);
    decode.color_mode = data::ColorMode::rgb;
    const auto update = progress_.photos();
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      explain_one(explainer, jobs[i], decode);
      if (!update(i + 1, jobs.size())) break;
    }
    progress_.clear();
    report_left_out(left_out_);
    if (given_.common.json) print_json({{"photos", json_}, {"skipped_images", left_out_json(left_out_)}});
    return interrupted() ? exit_code(ErrorKind::interrupted) : exit_code_for(left_out_);
  }

 private:
  void explain_one(const Explainer& explainer, const Job& job, const data::DecodeOptions& decode) {
    Explanation found;
    Tensor photo;
    try {
      found = explainer.explain(job.photo);
      photo = data::read_image(job.photo, decode);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::bad_file && error.kind() != ErrorKind::not_found &&
          error.kind() != ErrorKind::resource_limit && error.kind() != ErrorKind::io)
        throw;
      std::string reason = error.what();
      const std::string begin = job.photo.string() + ": ";
      if (reason.starts_with(begin)) reason.erase(0, begin.size());
      left_out_.push_back({.path = job.photo, .reason = reason, .unreadable = true});
      return;
    }
    std::error_code ignored;
    if (job.picture.has_parent_path()) fs::create_directories(job.picture.parent_path(), ignored);
    data::write_png(job.picture, overlay(photo, found));
    progress_.clear();
    if (!found.why.empty() && !std::exchange(told_why_, true) && !given_.common.quiet)
      std::cerr << "note: occlusion in place of grad-cam: " << found.why << '\n';
    if (given_.common.json) {
      json_.push_back(explanation_json(job, found));
    } else if (!given_.common.quiet) {
      print_explanation(job, found);
    }
  }

  const ExplainArguments& given_;
  PhotoProgress progress_;
  Json json_ = Json::array();
  std::vector<data::LeftOut> left_out_;
  bool told_why_ = false;
};

}  // namespace

void add_explain(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("explain", "Draw which parts of a photo the answer rests on (Grad-CAM, occlusion)");
  auto given = std::make_shared<ExplainArguments>();
  add_model_argument(*command, given->model);
  command->add_option("PHOTO", given->photos, "photos, or folders with photos")->required();
  command
      ->add_option("-o,--output", given->output,
                   "the picture to write (.png); for several photos a folder for one picture each")
      ->required()
      ->type_name("OUT");
  command->add_flag("--force", given->force, "overwrite pictures that exist");
  command
      ->add_option("--class", given->class_name,
                   "explain the score of this class (name or index); default: the most probable one. Of a "
                   "model of numbers: what raises this number; default: the first")
      ->type_name("NAME");
  add_choice<ExplainMethod, ExplainMethod>(*command, "--method", given->options.method,
                                           {{"auto", ExplainMethod::automatic},
                                            {"grad-cam", ExplainMethod::grad_cam},
                                            {"grad-cam++", ExplainMethod::grad_cam_plus_plus},
                                            {"occlusion", ExplainMethod::occlusion}},
                                           "auto: grad-cam, or occlusion where the score has no gradient")
      ->default_str("auto");
  command
      ->add_option("--layer", given->options.layer,
                   "layer whose feature map is used; default: the last one before the pooling")
      ->type_name("NAME");
  command
      ->add_option("--patch", given->options.patch,
                   "occlusion: side of the covered square in pixels of the model's input; default: an eighth")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  add_weights_option(*command, given->model);
  add_pixels_option(*command, given->model.pixels,
                    "how the program around a model file scaled its pixels, where the model does not");
  add_listing_options(*command, given->listing, false);
  add_common_options(*command, given->common);
  command->footer(
      "The picture is the photo with colours over it: yellow where most of the class's score comes from, "
      "none where nothing does. A photo that cannot be read is left out (exit code 1). --json prints the "
      "heat maps as numbers.\n\n"
      "Examples:\n"
      "  graft explain photos-graft dog.jpg -o cam.png\n"
      "  graft explain photos-graft dog.jpg -o cat.png --class cat --method grad-cam++\n"
      "  graft explain photos-graft wrong/ -o explained/\n"
      "  graft explain mobilenet_v2 dog.jpg -o fine.png --layer block_13_expand_relu");
  command->callback([given, &run] { run = [given] { return ExplainRun(*given).run(); }; });
}

}  // namespace graft::cli
