// SPDX-License-Identifier: Apache-2.0
#include "graft/report/watch_page.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "report/page.hpp"
#include "report/plots/figures.hpp"
#include "report/sections_json.hpp"

namespace graft::report {
namespace {

constexpr std::size_t kMostLines = 40;  // of what was said, the last ones

constexpr std::string_view kMadeBy = "<meta name=\"generator\" content=\"graft train --watch\">";
constexpr std::string_view kStyle =
    ":root{color-scheme:light dark}body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 "
    "system-ui,sans-serif}"
    "h1{font-size:1.4rem;margin:0}progress{width:100%;height:.7rem}.curves{max-width:36rem;background:#fff;"
    "border-radius:.5rem}"
    ".curves "
    "svg{display:block;width:100%;height:auto}ul{padding:0;list-style:none}.photos{display:grid;gap:.6rem;"
    "grid-template-columns:repeat(auto-fill,minmax(7rem,1fr))}.photos "
    "img{width:100%;aspect-ratio:1;object-fit:contain}"
    ".photos "
    "li{font-size:.85rem;overflow-wrap:anywhere}.said{font-size:.9rem;opacity:.85;overflow-wrap:anywhere}";

Json history_of(const WatchedRun& run) {
  Json history = Json::array();
  for (const WatchedEpoch& epoch : run.epochs) {
    Json row{{"phase", epoch.phase}};
    for (const auto& [name, value] : epoch.values) row[name] = value;
    history.push_back(std::move(row));
  }
  return history;
}

/// The drawing without the line that says that it is XML.
std::string inline_svg(const Canvas& canvas) {
  const std::string svg = canvas.svg();
  const std::size_t begin = svg.find("<svg");
  return begin == std::string::npos ? std::string() : svg.substr(begin);
}

std::string progress_of(const WatchedRun& run) {
  if (!run.ended.empty()) return cat("<p role=\"status\">", html_text(run.ended), "</p>");
  if (run.stage.empty()) return "<p role=\"status\">starting</p>";
  std::string text = cat("<p role=\"status\">", html_text(run.stage));
  if (run.total == 0) return text + "</p>";
  return text + cat(": ", run.done, " of ", run.total, "</p><progress aria-label=\"", html_text(run.stage),
                    "\" max=\"", run.total, "\" value=\"", std::min(run.done, run.total), "\"></progress>");
}

}  // namespace

std::string watched_picture(const WatchedPhoto& photo) {
  return cat("<li><img alt=\"\" src=\"", picture_url(photo.picture), "\">", html_text(photo.class_name),
             "</li>");
}

bool is_watch_page(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string begin(512, ' ');
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin.find(kMadeBy) != std::string::npos;
}

void write_watch_page(const std::filesystem::path& file, const WatchedRun& run) {
  std::string page = cat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">", kMadeBy,
      "<meta name=\"viewport\" "
      "content=\"width=device-width\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'\">",
      run.ended.empty() ? "<meta http-equiv=\"refresh\" content=\"2\">" : "", "<title>", html_text(run.name),
      run.ended.empty() ? ": training" : "", "</title><style>", kStyle, "</style></head><body><main><h1>",
      html_text(run.name), "</h1>", progress_of(run));
  const Json report{{"history", history_of(run)}};
  if (const DrawnFigure curves = draw_curves(report, 1)) {
    page += cat("<h2>Loss and accuracy</h2><div class=\"curves\" role=\"img\" aria-label=\"curves of ",
                run.epochs.size(), " epochs\">", inline_svg(*curves), "</div>");
  }
  if (!run.pictures.empty()) {
    page += "<h2>Some of the photos</h2><ul class=\"photos\">";
    for (const std::string& picture : run.pictures) page += picture;
    page += "</ul>";
  }
  page += "<h2>So far</h2><ul class=\"said\">";
  const std::size_t left_out = run.lines.size() - std::min(run.lines.size(), kMostLines);
  for (std::size_t i = left_out; i < run.lines.size(); ++i)
    page += cat("<li>", html_text(run.lines[i]), "</li>");
  page += "</ul></main></body></html>\n";
  write_file_atomically(file, page);
}

}  // namespace graft::report
