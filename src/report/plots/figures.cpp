// SPDX-License-Identifier: Apache-2.0
#include "report/plots/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "report/plots/axes.hpp"

namespace graft::report {
namespace {

constexpr double kPanelWidth = 560, kPanelHeight = 300;
constexpr std::size_t kMostRowsDrawn = 60;    // classes of a figure
constexpr std::size_t kMostCellNumbers = 16;  // classes of a confusion matrix with numbers in it

/// The first set of answers: test photos where there are some; null without answers.
const Json* first_set(const Json& report) {
  const Json& sets = report.at("sets");
  return sets.empty() ? nullptr : &sets.front();
}

/// A column of the history by row number, from 1.
std::vector<Place> column_of(const Json& history, const char* name) {
  std::vector<Place> values;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const Json value = history[i].value(name, Json());
    if (value.is_number()) values.push_back({static_cast<double>(i + 1), value.get<double>()});
  }
  return values;
}

double largest_y(const std::vector<std::vector<Place>>& curves, double least) {
  double most = least;
  for (const auto& curve : curves)
    for (const Place& value : curve) most = std::max(most, value.y);
  return most;
}

double smallest_y(const std::vector<std::vector<Place>>& curves) {
  double least = 1;
  for (const auto& curve : curves)
    for (const Place& value : curve) least = std::min(least, value.y);
  return least;
}

/// Where another phase begins: between the last epoch of one and the first of the next.
void mark_phases(PlotArea& area, const Json& history) {
  for (std::size_t i = 1; i < history.size(); ++i) {
    const std::string phase = history[i].value("phase", "");
    if (phase == history[i - 1].value("phase", "")) continue;
    area.mark(static_cast<double>(i) + 0.5,
              phase == "fine-tuning" ? "Start of fine-tuning" : "start of " + phase);
  }
}

Axis epoch_axis(const Json& history) {
  return {.low = 1,
          .high = std::max<double>(2, static_cast<double>(history.size())),
          .title = "epoch",
          .whole = true};
}

std::vector<std::string> class_names_of(const Json& report) {
  return report.at("classes").get<std::vector<std::string>>();
}

/// One horizontal bar a class, of parts side by side, with words after it.
struct BarRow {
  std::string name;
  std::vector<std::pair<double, Ink>> parts;
  std::string words;
};

DrawnFigure draw_bars(const std::vector<BarRow>& rows, const std::string& title,
                      const std::vector<std::pair<std::string, Ink>>& names) {
  constexpr double kRow = 22, kLeft = 150, kTop = 52, kWidth = 620, kWords = 210;
  const std::size_t count = std::min(rows.size(), kMostRowsDrawn);
  auto canvas = std::make_unique<Canvas>(kWidth, kTop + kRow * static_cast<double>(count) + 24);
  canvas->text(title, {16, 20}, {.size = 13, .bold = true});
  double left = kLeft;
  for (const auto& [name, ink] : names) {
    canvas->fill({left, 30, 10, 10}, ink);
    canvas->text(name, {left + 15, 39}, {.size = 11});
    left += 32 + canvas->text_width(name, {.size = 11});
  }
  double most = 1e-12;
  for (const BarRow& row : rows) {
    double sum = 0;
    for (const auto& [value, ink] : row.parts) sum += value;
    most = std::max(most, sum);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double top = kTop + kRow * static_cast<double>(i);
    canvas->text(rows[i].name, {kLeft - 8, top + 13}, {.size = 11, .align = Align::right}, kLeft - 16);
    double at = kLeft;
    for (const auto& [value, ink] : rows[i].parts) {
      const double width = value / most * (kWidth - kLeft - kWords);
      canvas->fill({at, top, width, 16}, ink);
      at += width;
    }
    canvas->text(rows[i].words, {at + 6, top + 13}, {.size = 11, .ink = kGrey});
  }
  if (rows.size() > count)
    canvas->text(cat(rows.size() - count, " more classes are in report.json"),
                 {kLeft, kTop + kRow * static_cast<double>(count) + 14}, {.size = 11, .ink = kGrey});
  return canvas;
}

}  // namespace

DrawnFigure draw_curves(const Json& report, std::size_t fewest) {
  const Json& history = report.at("history");
  if (history.size() < fewest) return nullptr;
  struct Panel {
    const char* title;
    const char* training;
    const char* validation;
    bool fraction;
  };
  const auto has = [&](const char* name) { return !column_of(history, name).empty(); };
  const Panel score = has("binary_accuracy") ? Panel{"Part of all labels that is right at 50 %",
                                                     "binary_accuracy", "val_binary_accuracy", true}
                      : has("mean_absolute_error")
                          ? Panel{"Mean absolute error in standard deviations", "mean_absolute_error",
                                  "val_mean_absolute_error", false}
                          : Panel{"Training and validation accuracy", "accuracy", "val_accuracy", true};
  const std::array<Panel, 2> panels{score, {"Training and validation loss", "loss", "val_loss", false}};
  auto canvas = std::make_unique<Canvas>(kPanelWidth, 2 * kPanelHeight);
  double top = 0;
  for (const Panel& panel : panels) {
    const std::vector<std::vector<Place>> curves{column_of(history, panel.training),
                                                 column_of(history, panel.validation)};
    const double low = panel.fraction ? std::max(0.0, std::floor(10 * smallest_y(curves) - 0.5) / 10) : 0;
    const double high = panel.fraction ? 1 : 1.05 * largest_y(curves, 1e-6);
    PlotArea area(*canvas, {0, top, kPanelWidth, kPanelHeight}, epoch_axis(history),
                  {.low = low, .high = high, .title = panel.training, .percent = panel.fraction},
                  panel.title);
    mark_phases(area, history);
    if (!curves[0].empty()) area.curve(curves[0], {.name = "training", .ink = kBlue});
    if (!curves[1].empty()) area.curve(curves[1], {.name = "validation", .ink = kOrange});
    area.legend();
    top += kPanelHeight;
  }
  return canvas;
}

DrawnFigure draw_learning_rate(const Json& report) {
  const Json& history = report.at("history");
  const std::vector<Place> rates = column_of(history, "learning_rate");
  if (rates.size() < 2) return nullptr;
  auto canvas = std::make_unique<Canvas>(kPanelWidth, kPanelHeight);
  PlotArea area(*canvas, {0, 0, kPanelWidth, kPanelHeight}, epoch_axis(history),
                {.low = 0, .high = 1.05 * largest_y({rates}, 1e-12), .title = "learning rate"},
                "Learning rate");
  mark_phases(area, history);
  area.curve(rates, {});
  return canvas;
}

DrawnFigure draw_confusion(const Json& report) {
  const Json* set = first_set(report);
  const std::vector<std::string> classes = class_names_of(report);
  const std::size_t count = std::min(classes.size(), kMostRowsDrawn);
  if (set == nullptr || count == 0) return nullptr;
  std::vector<double> photos(classes.size(), 0);
  for (const Json& cell : set->at("confusion"))
    photos.at(cell.at(0).get<std::size_t>()) += cell.at(2).get<double>();
  const double side = std::clamp(480.0 / static_cast<double>(count), 9.0, 60.0);
  const bool numbers = count <= kMostCellNumbers;
  const double letters = std::min(11.0, side * 0.8);
  double left = 40;
  for (std::size_t k = 0; k < count; ++k)
    left = std::max(left, std::min(Canvas(1, 1).text_width(classes[k], {.size = letters}) + 24, 160.0));
  const double top = std::min(left, 110.0) + 50;
  const double width = left + side * static_cast<double>(count) + 20;
  auto canvas =
      std::make_unique<Canvas>(std::max(width, 420.0), top + side * static_cast<double>(count) + 40);
  canvas->text("Confusion matrix: " + set->at("title").get<std::string>(), {16, 20},
               {.size = 13, .bold = true});
  canvas->text("rows: true class; columns: predicted class", {16, 38}, {.size = 11, .ink = kGrey});
  for (std::size_t k = 0; k < count; ++k) {
    const double at = side * (static_cast<double>(k) + 0.5);
    canvas->text(classes[k], {left - 6, top + at + letters / 3}, {.size = letters, .align = Align::right},
                 left - 12);
    std::string name = classes[k];
    if (name.size() > 14) name = shown(name).substr(0, 12) + "..";
    canvas->text_upwards(name,
                         {left + at + letters / 3, top - 6 - canvas->text_width(name, {.size = letters}) / 2},
                         {.size = letters});
  }
  canvas->fill({left, top, side * static_cast<double>(count), side * static_cast<double>(count)},
               {0.95, 0.96, 0.97});
  for (const Json& cell : set->at("confusion")) {
    const auto truth = cell.at(0).get<std::size_t>(), answer = cell.at(1).get<std::size_t>();
    if (truth >= count || answer >= count) continue;
    const double share = cell.at(2).get<double>() / std::max(photos[truth], 1.0);
    const Box box{left + side * static_cast<double>(answer), top + side * static_cast<double>(truth),
                  side - 1, side - 1};
    Ink ink = truth == answer ? kBlue : kRed;
    ink.opacity = 0.15 + 0.85 * share;
    canvas->fill(box, ink);
    if (numbers)
      canvas->text(cell.at(2).dump(), {box.x + side / 2, box.y + side / 2 + 4},
                   {.size = 11, .align = Align::middle, .ink = share > 0.5 ? Ink{1, 1, 1} : kBlack});
  }
  if (classes.size() > count)
    canvas->text(cat("the first ", count, " of ", classes.size(), " classes"), {16, 54},
                 {.size = 11, .ink = kGrey});
  return canvas;
}

DrawnFigure draw_classes(const Json& report) {
  const Json* set = first_set(report);
  if (set == nullptr) return nullptr;
  std::vector<BarRow> rows;
  for (const Json& row : set->at("classes")) {
    if (row.at("photos") == 0) continue;
    const double recall = row.at("recall").is_number() ? row.at("recall").get<double>() : 0;
    const Json& precision = row.at("precision");
    rows.push_back(
        {.name = row.at("name").get<std::string>(),
         .parts = {{recall, kBlue}, {1 - recall, kPale}},
         .words = cat(percent(recall), " of ", row.at("photos").dump(), ", precision ",
                      precision.is_number() ? percent(precision.get<double>()) : std::string("-"))});
  }
  if (rows.empty()) return nullptr;
  return draw_bars(rows, "Recall and precision of each class", {{"found", kBlue}, {"missed", kPale}});
}

DrawnFigure draw_class_counts(const Json& report) {
  const std::vector<std::string> classes = class_names_of(report);
  const Json& counts = report.at("data").at("counts");
  std::vector<BarRow> rows;
  for (std::size_t k = 0; k < std::min(classes.size(), counts.size()); ++k) {
    const auto parts = counts[k].get<std::array<std::size_t, 3>>();
    BarRow row{.name = classes[k], .parts = {}, .words = std::to_string(parts[0] + parts[1] + parts[2])};
    constexpr std::array<Ink, 3> kParts{kBlue, kOrange, kGreen};
    for (std::size_t i = 0; i < kParts.size(); ++i)
      row.parts.emplace_back(static_cast<double>(parts.at(i)), kParts.at(i));
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return nullptr;
  return draw_bars(rows, "Photos of each class",
                   {{"training", kBlue}, {"validation", kOrange}, {"test", kGreen}});
}

DrawnFigure draw_reliability(const Json& report) {
  const Json* set = first_set(report);
  if (set == nullptr) return nullptr;
  constexpr double kSide = 400;
  auto canvas = std::make_unique<Canvas>(kSide + 40, kSide);
  PlotArea area(*canvas, {0, 0, kSide + 40, kSide}, {.title = "probability of the answer", .percent = true},
                {.title = "accuracy", .percent = true},
                cat("Reliability, calibration error ", percent(set->at("ece").get<double>())));
  canvas->line({area.at(0, 0), area.at(1, 1)}, kGrey, 1, true);
  double most = 1;
  for (const Json& bin : set->at("reliability")) most = std::max(most, bin.at("photos").get<double>());
  for (const Json& bin : set->at("reliability")) {
    if (bin.at("photos") == 0) continue;
    const double p = bin.at("probability").get<double>(), accuracy = bin.at("accuracy").get<double>();
    canvas->line({area.at(p, p), area.at(p, accuracy)}, kOrange, 1.5);
    canvas->dot(area.at(p, accuracy), 4 + 7 * std::sqrt(bin.at("photos").get<double>() / most), kBlue);
  }
  return canvas;
}

DrawnFigure draw_number(const Json& number) {
  const Json& points = number.at("points");
  if (points.empty()) return nullptr;
  double low = points[0].at(0).get<double>(), high = low;
  for (const Json& point : points) {
    for (const std::size_t i : {0U, 1U}) {
      low = std::min(low, point.at(i).get<double>());
      high = std::max(high, point.at(i).get<double>());
    }
  }
  const double room = high > low ? 0.04 * (high - low) : 1;
  constexpr double kSide = 440;
  auto canvas = std::make_unique<Canvas>(kSide + 40, kSide);
  const std::string name = number.at("name").get<std::string>();
  PlotArea area(*canvas, {0, 0, kSide + 40, kSide},
                {.low = low - room, .high = high + room, .title = "true " + name},
                {.low = low - room, .high = high + room, .title = "answer"},
                name + ": true against answered; blue: test photos");
  const auto along = [&](double shift) {
    const double from = std::max(low, low - shift), to = std::min(high, high - shift);
    if (from < to) canvas->line({area.at(from, from + shift), area.at(to, to + shift)}, kGrey, 1, shift != 0);
  };
  along(0);
  if (!number.at("half_width").is_null()) {
    along(number.at("half_width").get<double>());
    along(-number.at("half_width").get<double>());
  }
  for (const int test : {0, 1}) {
    for (const Json& point : points) {
      if (point.at(2) == test)
        canvas->dot(area.at(point.at(0).get<double>(), point.at(1).get<double>()), 2.5,
                    test == 1 ? kBlue : kOrange);
    }
  }
  return canvas;
}

DrawnFigure draw_coverage(const Json& report) {
  const Json* set = first_set(report);
  if (set == nullptr) return nullptr;
  const double photos = set->at("photos").get<double>();
  std::vector<Place> values;
  for (const Json& point : set->at("coverage")) {
    if (point.at(1) == 0) continue;
    values.push_back(
        {point.at(1).get<double>() / photos, point.at(2).get<double>() / point.at(1).get<double>()});
  }
  if (values.empty()) return nullptr;
  auto canvas = std::make_unique<Canvas>(kPanelWidth, kPanelHeight);
  PlotArea area(*canvas, {0, 0, kPanelWidth, kPanelHeight},
                {.title = "photos that are answered", .percent = true},
                {.low = std::max(0.0, std::floor(20 * smallest_y({values}) - 0.5) / 20),
                 .title = "accuracy of the answers",
                 .percent = true},
                "Accuracy when the less certain answers become \"unknown\"");
  area.curve(values, {.dots = false});
  const Json facts = report.at("facts").value("decisions", Json::object());
  const Json rule = facts.value("test", Json::object()).value("reject", Json());
  if (rule.is_object())
    area.mark(rule.at("coverage").get<double>(),
              "unknown below " + percent(rule.at("threshold").get<double>()));
  return canvas;
}

DrawnFigure draw_map(const Json& report) {
  const Json map = report.value("map", Json());
  if (!map.is_object() || map.at("points").size() < 2) return nullptr;
  constexpr std::array<Ink, 8> kInks{
      kBlue, kOrange, kGreen, kRed, kViolet, kGrey, Ink{0.1, 0.6, 0.65}, Ink{0.8, 0.5, 0.7}};
  const std::vector<std::string> classes = class_names_of(report);
  std::vector<double> xs, ys;
  for (const Json& point : map.at("points")) {
    xs.push_back(point.at("x").get<double>());
    ys.push_back(point.at("y").get<double>());
  }
  const auto [left, right] = std::ranges::minmax(xs);
  const auto [low, high] = std::ranges::minmax(ys);
  auto canvas = std::make_unique<Canvas>(560, 520);
  PlotArea area(*canvas, {0, 0, 560, 520}, {.low = left, .high = right}, {.low = low, .high = high},
                map.at("method").get<std::string>() + " of the features");
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const auto place = std::ranges::find(classes, map.at("points")[i].at("class").get<std::string>());
    Ink ink = kInks.at(static_cast<std::size_t>(place - classes.begin()) % kInks.size());
    ink.opacity = 0.7;
    canvas->dot(area.at(xs[i], ys[i]), 3, ink);
  }
  return canvas;
}

DrawnFigure draw_grid(const std::vector<GridPicture>& pictures, std::size_t columns, double side) {
  if (pictures.empty()) return nullptr;
  constexpr double kGap = 12, kTitle = 22;
  const std::size_t rows = (pictures.size() + columns - 1) / columns;
  columns = std::min(columns, pictures.size());
  auto canvas = std::make_unique<Canvas>(kGap + static_cast<double>(columns) * (side + kGap),
                                         kGap + static_cast<double>(rows) * (side + kTitle + kGap));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::size_t row = i / columns, column = i % columns;
    const double x = kGap + static_cast<double>(column) * (side + kGap);
    const double y = kGap + static_cast<double>(row) * (side + kTitle + kGap);
    if (!pictures[i].title.empty())
      canvas->text(pictures[i].title, {x + side / 2, y + 14},
                   {.size = 12, .align = Align::middle, .ink = pictures[i].ink}, side);
    const Tensor pixels = pictures[i].pixels();
    if (pixels.empty())
      canvas->text("cannot be read", {x + side / 2, y + side / 2},
                   {.size = 11, .align = Align::middle, .ink = kGrey});
    else
      canvas->picture(pixels, {x, y + kTitle, side, side});
  }
  return canvas;
}

}  // namespace graft::report
