// SPDX-License-Identifier: Apache-2.0
// A small network, trained from scratch on grey pictures in six rounds, each from the weights of the round
// before and with more pictures and busier backgrounds; then changed to 128 x 128, to colour and to one more
// layer, and trained further.
//   rounds TRAIN TEST CLASS,CLASS,CLASS [PHOTOS [EPOCHS]]
// TRAIN and TEST hold one sub-folder per class (for example CIFAR-10). PHOTOS: photos of each class that a
// round adds; EPOCHS: of a round. In a busier picture the object is smaller, at a random place, in front of
// photos of other classes.
#include <algorithm>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>

#include <graft/base/fail.hpp>
#include <graft/base/random.hpp>
#include <graft/graft.hpp>

using namespace graft;

namespace {

constexpr int kRounds = 6;
constexpr std::int64_t kSize = 128;  // of composed pictures; the first rounds use half of it, and grey

/// uint8 (N, 128, 128, 3), and their labels.
struct Photos {
  Tensor pixels;
  std::vector<int> labels;
};

Photos load(const std::string& folder, const std::vector<std::string>& classes) {
  const data::PhotoSet set = data::load_photos(data::list_photos(folder, {.class_names = classes}),
                                               {.image_size = kSize, .pixel_type = data::PixelType::uint8});
  std::vector<std::size_t> all(set.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return {set.all().gather(all).images, set.labels()};
}

std::vector<std::string> other_classes(const std::string& folder, const std::vector<std::string>& classes) {
  std::vector<std::string> others;
  for (const std::string& name : data::list_photos(folder).class_names) {
    if (std::find(classes.begin(), classes.end(), name) == classes.end()) others.push_back(name);
  }
  return others;
}

/// Draws one photo into another, scaled down by skipping pixels.
struct Place {
  std::int64_t top = 0, left = 0, size = kSize;
};
void draw(std::span<const float> photo, std::span<float> picture, const Place& place) {
  for (std::int64_t y = 0; y < place.size; ++y) {
    for (std::int64_t x = 0; x < place.size; ++x) {
      const std::int64_t from = (y * kSize / place.size * kSize + x * kSize / place.size) * 3;
      const std::int64_t to = ((place.top + y) * kSize + place.left + x) * 3;
      for (std::int64_t c = 0; c < 3; ++c)
        picture[static_cast<std::size_t>(to + c)] = photo[static_cast<std::size_t>(from + c)];
    }
  }
}

/// The photos, and how the pictures of a round are composed from them.
class Scenes {
 public:
  Scenes(const std::string& folder, const std::vector<std::string>& classes, std::uint64_t seed)
      : objects_(load(folder, classes)),
        backgrounds_(load(folder, other_classes(folder, classes))),
        rng_(seed) {}

  /// The first `per_class` photos of each class; level 0: unchanged, 5: the busiest.
  Photos compose(int level, std::size_t per_class) {
    std::vector<std::size_t> chosen;
    std::map<int, std::size_t> taken;
    for (std::size_t i = 0; i < objects_.labels.size(); ++i) {
      if (taken[objects_.labels[i]]++ < per_class) chosen.push_back(i);
    }
    Photos result{Tensor({static_cast<std::int64_t>(chosen.size()), kSize, kSize, 3}), {}};
    const auto size = static_cast<std::size_t>(kSize * kSize * 3);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const std::span<float> picture = result.pixels.data().subspan(i * size, size);
      // After it four photos of other classes, each a quarter.
      for (int quarter = 0; quarter < 4 && level > 0; ++quarter) {
        const std::size_t other = rng_.below(backgrounds_.labels.size());
        draw(backgrounds_.pixels.data().subspan(other * size, size), picture,
             {.top = quarter / 2 * kSize / 2, .left = quarter % 2 * kSize / 2, .size = kSize / 2});
      }
      const std::int64_t side = kSize - std::int64_t{10} * level;
      const auto room = static_cast<std::uint64_t>(kSize - side + 1);
      const auto top = static_cast<std::int64_t>(rng_.below(room));
      const auto left = static_cast<std::int64_t>(rng_.below(room));
      draw(objects_.pixels.data().subspan(chosen[i] * size, size), picture,
           {.top = top, .left = left, .size = side});
      result.labels.push_back(objects_.labels[chosen[i]]);
    }
    return result;
  }

 private:
  Photos objects_, backgrounds_;
  Rng rng_;
};

/// The input of a network.
struct View {
  std::int64_t size = 64;
  bool colour = false;
};

data::Dataset as_input(const Photos& photos, const View& view, bool shuffle) {
  const std::int64_t n = photos.pixels.shape()[0];
  const std::int64_t channels = view.colour ? 3 : 1;
  const std::int64_t step = kSize / view.size;
  Tensor pixels({n, view.size, view.size, channels});
  const std::span<const float> in = photos.pixels.data();
  std::size_t at = 0;
  const auto pixel = [&](std::int64_t photo, std::int64_t y, std::int64_t x, std::int64_t c) {
    double sum = 0;  // the mean of the pixels that become one
    for (std::int64_t i = 0; i < step * step; ++i) {
      const std::int64_t from = ((photo * kSize + y * step + i / step) * kSize + x * step + i % step) * 3 + c;
      sum += in[static_cast<std::size_t>(from)];
    }
    return sum / static_cast<double>(step * step);
  };
  for (std::int64_t photo = 0; photo < n; ++photo) {
    for (std::int64_t y = 0; y < view.size; ++y) {
      for (std::int64_t x = 0; x < view.size; ++x) {
        const double rgb[]{pixel(photo, y, x, 0), pixel(photo, y, x, 1), pixel(photo, y, x, 2)};
        const double grey = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];  // ITU-R BT.601
        for (std::int64_t c = 0; c < channels; ++c)
          pixels.data()[at++] = static_cast<float>(view.colour ? rgb[c] : grey);
      }
    }
  }
  Tensor labels({n}, DType::int32);
  std::copy(photos.labels.begin(), photos.labels.end(), labels.data<std::int32_t>().begin());
  return data::Dataset::from_tensors(pixels, labels, {.batch_size = 32, .shuffle = shuffle, .seed = 1});
}

Model three_convolutions() {
  const SymbolicTensor input = Input({64, 64, 1}, "image");  // 0..255
  SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}, .name = "rescaling"})(input);
  for (int i = 1; i <= 3; ++i) {
    x = layers::Conv2D({.filters = 8 << i,
                        .kernel_size = 3,
                        .padding = Padding::same,
                        .activation = "relu",
                        .name = cat("conv", i)})(x);
    x = layers::MaxPooling2D({.pool_size = 2, .name = cat("pool", i)})(x);
  }
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  x = layers::Dense({.units = 64, .activation = "relu", .name = "hidden"})(x);
  return {input, layers::Dense({.units = 3, .activation = "softmax", .name = "classes"})(x), "small"};
}

/// A convolution that begins as one that changes nothing: what comes in is not negative.
Model one_layer_deeper(const Model& model) {
  const Layer layer = layers::Conv2D(
      {.filters = 64, .kernel_size = 3, .padding = Padding::same, .activation = "relu", .name = "conv4"});
  Model deeper = insert_after(model, "pool3", {layer}).model;
  Tensor kernel({3, 3, 64, 64});
  for (std::size_t c = 0; c < 64; ++c)
    kernel.data()[(std::size_t{4} * 64 + c) * 64 + c] = 1;  // the middle of nine
  deeper.get_layer("conv4").weights()[0]->assign(kernel);
  return deeper;
}

void compile(Model& model) {
  model.compile({.optimizer = Adam(), .loss = SparseCategoricalCrossentropy(), .metrics = {"accuracy"}});
}

/// Continues the training; returns the accuracy on the test pictures.
double train(Model& model, const data::Dataset& photos, const data::Dataset& test, std::int64_t epochs) {
  compile(model);
  model.fit(photos, {.epochs = epochs});
  return model.evaluate(test).accuracy;
}

double accuracy(Model& model, const data::Dataset& test) {
  compile(model);
  return model.evaluate(test).accuracy;
}

/// The same architecture with new weights.
Model with_new_weights(const Model& model) { return clone_model(model); }

struct Row {
  std::string what;
  std::size_t photos = 0;
  double before = 0, after = 0, from_scratch = 0, first = 0;
};

void print(const Row& row) {
  std::cout << std::left << std::setw(16) << row.what << std::right << std::fixed << std::setprecision(1)
            << std::setw(8) << row.photos;
  for (const double figure : {row.before, row.after, row.from_scratch, row.first})
    std::cout << std::setw(12) << 100 * figure;
  std::cout << std::endl;
}

struct Settings {
  std::vector<std::string> classes;
  std::size_t photos = 60;
  std::int64_t epochs = 8;
};

void run(const std::string& train_folder, const std::string& test_folder, const Settings& settings) {
  set_random_seed(1);
  Scenes scenes(train_folder, settings.classes, 1);
  Scenes test_scenes(test_folder, settings.classes, 2);
  constexpr std::size_t kAll = 1'000'000;
  Model model = three_convolutions();
  std::cout << count_params(model.weights()) << " parameters; accuracy in per cent\n"
            << "step              photos      before       after     scratch     round 1\n";
  const Photos first = test_scenes.compose(0, kAll);
  Photos photos, test;
  for (int round = 1; round <= kRounds; ++round) {
    photos = scenes.compose(round - 1, static_cast<std::size_t>(round) * settings.photos);
    test = test_scenes.compose(round - 1, kAll);
    const data::Dataset seen = as_input(photos, {}, true);
    const data::Dataset seen_test = as_input(test, {}, false);
    Row row{.what = cat("round ", round), .photos = photos.labels.size()};
    row.before = accuracy(model, seen_test);
    row.after = train(model, seen, seen_test, settings.epochs);
    Model fresh = with_new_weights(model);
    row.from_scratch = train(fresh, seen, seen_test, settings.epochs);
    row.first = model.evaluate(as_input(first, {}, false)).accuracy;
    print(row);
  }
  struct Change {
    std::string what;
    View view;
    std::function<Model(const Model&)> edit;
  };
  const std::vector<Change> changes{
      {"128 x 128", {.size = 128}, [](const Model& m) { return change_input_size(m, 128).model; }},
      {"colour",
       {.size = 128, .colour = true},
       [](const Model& m) { return change_channels(m, {.channels = 3}).model; }},
      {"one deeper", {.size = 128, .colour = true}, one_layer_deeper}};
  for (const Change& change : changes) {
    model = change.edit(model);
    const data::Dataset seen = as_input(photos, change.view, true);
    const data::Dataset seen_test = as_input(test, change.view, false);
    Row row{.what = change.what, .photos = photos.labels.size()};
    row.before = accuracy(model, seen_test);
    row.after = train(model, seen, seen_test, settings.epochs);
    Model fresh = with_new_weights(model);
    row.from_scratch = train(fresh, seen, seen_test, settings.epochs);
    row.first = model.evaluate(as_input(first, change.view, false)).accuracy;
    print(row);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::cerr << "usage: rounds TRAIN TEST CLASS,CLASS,CLASS [PHOTOS [EPOCHS]]\n";
    return 2;
  }
  Settings settings;
  std::istringstream names(argv[3]);
  for (std::string name; std::getline(names, name, ',');) settings.classes.push_back(name);
  if (settings.classes.size() != 3) {
    std::cerr << "rounds: expected three classes as in airplane,automobile,horse, received " << argv[3]
              << '\n';
    return 2;
  }
  if (argc > 4) settings.photos = std::stoul(argv[4]);
  if (argc > 5) settings.epochs = std::stoll(argv[5]);
  run(argv[1], argv[2], settings);
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
