// SPDX-License-Identifier: Apache-2.0
#include "cli/common_options.hpp"

#include "graft/base/fail.hpp"

#include "cli/values.hpp"

namespace graft::cli {

void add_exif_option(CLI::App& command, CommonOptions& options) {
  add_choice(
      command, "--exif", options.exif,
      Choices<data::Exif>{{"apply", data::Exif::apply}, {"ignore", data::Exif::ignore}},
      "apply: rotate photos by the camera's orientation note; ignore: do not, as Keras; default: as the "
      "model was trained, else apply");
}

void add_threads_option(CLI::App& command, Execution& execution) {
  command.add_option("--threads", execution.threads, "number of threads; default: one per core")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
}

void add_interpolation_option(CLI::App& command, CommonOptions& options) {
  using data::ResizeMethod;
  Choices<ResizeMethod> choices;
  for (const ResizeMethod method : {ResizeMethod::bilinear, ResizeMethod::nearest, ResizeMethod::bicubic,
                                    ResizeMethod::area, ResizeMethod::lanczos3})
    choices.emplace_back(std::string(data::to_string(method)), method);
  add_choice(command, "--interpolation", options.interpolation, choices,
             "how photos are resized; nearest as Keras's load_img; default: as the model was trained, else "
             "bilinear");
}

void add_listing_options(CLI::App& command, data::ListOptions& listing, bool classes) {
  if (classes) {
    command
        .add_option("--classes", listing.class_names,
                    "the sub-folders to use as classes, in this order; default: all")
        ->delimiter(',')
        ->type_name("NAMES");
  }
  command
      .add_option("--exclude", listing.exclude,
                  "files and folders to leave out: names or paths below the folder, with * and ?")
      ->delimiter(',')
      ->type_name("NAMES");
  command.add_flag("--follow-links", listing.follow_links,
                   "also use photos in folders that symbolic links lead to");
}

void add_nested_option(CLI::App& command, data::ListOptions& listing) {
  command.add_flag("--nested", listing.nested,
                   "each folder with photos in it is a class, at any depth, such as animal/dog; default: a "
                   "sub-folder of PHOTOS is a class with all that is below it");
}

void add_label_options(CLI::App& command, data::ListOptions& listing) {
  command
      .add_option_function<std::string>(
          "--labels", [&listing](const std::string& name) { listing.labels.file = name; },
          "a list with a photo a row, .csv, .tsv or .jsonl, in place of class folders: path, label, and "
          "split, "
          "group and weight where it has them; paths are relative to PHOTOS, which may be left out")
      ->type_name("FILE");
  command
      .add_option_function<std::string>(
          "--columns",
          [&listing](const std::string& text) { listing.labels.columns = data::parse_label_columns(text); },
          "names of the list's columns, such as path=file,label=kind; also split, group and weight; - for "
          "none; default: guessed, and reported")
      ->type_name("NAMES");
  command
      .add_option(
          "--target-column", listing.labels.targets,
          "columns of the list with a number for each photo, in place of a class: a model learns to estimate "
          "them; default: a column of labels with numbers that are not all whole")
      ->delimiter(',')
      ->type_name("NAMES");
  command.add_flag(
      "--multi-label", listing.labels.several,
      "a photo may have several labels: in one field, on several rows, or as copies in several class "
      "folders");
  command
      .add_option(
          "--label-separator", listing.labels.separator,
          "what is between several labels of a field; default: the first of | ; , and space that is there")
      ->type_name("TEXT");
  command
      .add_option("--label-from-name", listing.labels.from_name,
                  "the label is in the path below PHOTOS: the first group of a regular expression, such as "
                  "'([a-z]+)_[0-9]+[.]jpg'")
      ->type_name("REGEX");
}

void complete_photos(std::string& photos, const data::ListOptions& listing) {
  if (!photos.empty()) return;
  if (listing.labels.file.empty()) {
    fail(ErrorKind::invalid_argument,
         "PHOTOS: expected a folder with one sub-folder of photos per class, or --labels FILE");
  }
  photos = listing.labels.file.parent_path().string();
  if (photos.empty()) photos = ".";
}

void add_output_options(CLI::App& command, CommonOptions& options) {
  command.add_flag("--json", options.json, "print JSON, and nothing else, on standard output");
  command.add_flag("--quiet", options.quiet, "no progress; print only the result and errors");
}

void add_common_options(CLI::App& command, CommonOptions& options) {
  add_exif_option(command, options);
  add_threads_option(command, options.execution);
  add_output_options(command, options);
}

void add_precision_option(CLI::App& command, Execution& execution) {
  add_choice(command, "--precision", execution.dtype_policy,
             Choices<DTypePolicy>{{"float32", DTypePolicy::float32},
                                  {"mixed_bfloat16", DTypePolicy::mixed_bfloat16},
                                  {"int8", DTypePolicy::int8}},
             "number format of the computation; mixed_bfloat16 is faster on processors with bfloat16 "
             "instructions; int8 needs a model file written by graft quantize")
      ->default_str("float32");
}

void use_threads(const Execution& execution) {
  if (execution.threads > 0) set_num_threads(execution.threads);
}

}  // namespace graft::cli
