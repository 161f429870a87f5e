// SPDX-License-Identifier: Apache-2.0
// graft preview PHOTOS
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/data/write_png.hpp"
#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "cli/augmented_photos.hpp"
#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"
#include "cli/training_options.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

constexpr std::int64_t kGap = 4;  // pixels between the photos of the sheet

struct PreviewArguments {
  std::string photos;
  std::string out = "preview.png";
  std::string augment = "default";
  Size2D image_size = 160;
  std::int64_t rows = 6;
  std::int64_t columns = 8;
  std::uint64_t seed = 42;
  data::ListOptions listing;
  CommonOptions common;
};

/// Indices of `count` photos, the classes in turn.
std::vector<std::size_t> choose_photos(const std::vector<int>& labels, std::size_t count) {
  std::vector<std::size_t> order;
  std::vector<std::size_t> next;
  const int classes = labels.empty() ? 0 : *std::ranges::max_element(labels) + 1;
  next.assign(static_cast<std::size_t>(classes), 0);
  while (order.size() < std::min(count, labels.size())) {
    for (int label = 0; label < classes && order.size() < std::min(count, labels.size()); ++label) {
      std::size_t& at = next[static_cast<std::size_t>(label)];
      while (at < labels.size() && labels[at] != label) ++at;
      if (at < labels.size()) order.push_back(at++);
    }
  }
  return order;
}

void paste(const Tensor& photos, std::int64_t column, Tensor& sheet) {
  const Shape& shape = photos.shape();
  const std::int64_t width = sheet.shape()[1];
  const auto from = photos.data<float>();
  const auto to = sheet.data<float>();
  for (std::int64_t photo = 0; photo < shape[0]; ++photo) {
    for (std::int64_t row = 0; row < shape[1]; ++row) {
      const std::int64_t y = kGap + photo * (shape[1] + kGap) + row;
      const std::int64_t x = kGap + column * (shape[2] + kGap);
      std::copy_n(&from[static_cast<std::size_t>((photo * shape[1] + row) * shape[2] * 3)], shape[2] * 3,
                  &to[static_cast<std::size_t>((y * width + x) * 3)]);
    }
  }
}

int preview(const PreviewArguments& given) {
  use_threads(given.common.execution);
  const transfer::Augment augment = transfer::augment_from_names(given.augment);
  data::LoadPhotosOptions load{.image_size = given.image_size};
  load.decode.exif = given.common.exif.value_or(data::Exif::apply);
  if (std::filesystem::path(given.out).extension() != ".png")
    fail(ErrorKind::invalid_argument, "-o ", given.out, ": expected a name that ends in .png");
  check_output_file(given.out);
  PhotoProgress progress(given.common.quiet);
  const data::Layout layout = data::find_layout(given.photos, given.listing);
  data::ListOptions listing = given.listing;
  listing.progress = progress.files();
  const data::PhotoList list = data::list_photos(layout.train.value_or(layout.root), listing);
  for (const std::filesystem::path& photo : list.paths) {
    std::error_code ignored;
    if (std::filesystem::equivalent(photo, given.out, ignored))
      fail(ErrorKind::invalid_argument, "-o ", given.out, " is one of the photos; name another file");
  }
  const data::PhotoSet photos = data::load_photos(list, load, progress.photos());
  progress.clear();
  report_left_out(photos.left_out());
  if (!given.common.quiet) report_notes(layout.notes);
  if (!given.common.quiet) report_notes(photos.notes());
  const auto rows = choose_photos(photos.labels(), static_cast<std::size_t>(given.rows));
  const data::Batch batch = photos.all({.label_mode = data::LabelMode::categorical}).gather(rows);
  const Shape& shape = batch.images.shape();
  Tensor sheet = Tensor::full(
      {kGap + shape[0] * (shape[1] + kGap), kGap + given.columns * (shape[2] + kGap), 3}, 255.0F);
  paste(batch.images, 0, sheet);
  for (std::int64_t column = 1; column < given.columns; ++column)
    paste(augmented_photos(batch, augment, given.seed, static_cast<std::uint64_t>(column)), column, sheet);
  data::write_png(given.out, sheet);
  if (given.common.json) {
    print_json({{"file", given.out},
                {"photos", shape[0]},
                {"columns", given.columns},
                {"width", sheet.shape()[1]},
                {"height", sheet.shape()[0]},
                {"skipped_images", left_out_json(photos.left_out())}});
  } else {
    std::cout << given.out << ": " << shape[0] << " photos: first the photo itself, then as "
              << given.columns - 1
              << (given.columns == 2 ? " training step sees it\n" : " training steps see it\n");
  }
  return exit_code_for(photos.left_out());
}

}  // namespace

void add_preview(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("preview", "Draw augmented photos as training sees them");
  auto given = std::make_shared<PreviewArguments>();
  add_photos_argument(*command, given->photos);
  command->add_option("-o,--out", given->out, "the PNG file to write")
      ->capture_default_str()
      ->type_name("FILE");
  add_augment_option(*command, given->augment);
  add_parsed_option(*command, "--image-size", given->image_size, read_size,
                    "size of each photo in pixels: one number, or H,W")
      ->default_str("160")
      ->type_name("N");
  command->add_option("--rows", given->rows, "number of photos")
      ->capture_default_str()
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  command->add_option("--columns", given->columns, "number of pictures of each photo")
      ->capture_default_str()
      ->check(CLI::Range(2, 64))
      ->type_name("N");
  command->add_option("--seed", given->seed, "seed of all random numbers")
      ->capture_default_str()
      ->type_name("N");
  add_nested_option(*command, given->listing);
  add_listing_options(*command, given->listing, true);
  add_common_options(*command, given->common);
  command->footer(
      "Examples:\n"
      "  graft preview flowers/ --augment strong\n"
      "  graft preview flowers/ --augment flip,mixup -o sheet.png");
  command->callback([given, &run] { run = [given] { return preview(*given); }; });
}

}  // namespace graft::cli
