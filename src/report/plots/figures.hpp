// SPDX-License-Identifier: Apache-2.0
// The figures of report.json: each draws one, or returns nothing where there is no data for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/tensor.hpp"

#include "report/plots/canvas.hpp"

namespace graft {
inline namespace report {

using DrawnFigure = std::unique_ptr<Canvas>;

/// fewest: epochs below which there is no figure.
[[nodiscard]] DrawnFigure draw_curves(const Json& report, std::size_t fewest = 2);
[[nodiscard]] DrawnFigure draw_learning_rate(const Json& report);
[[nodiscard]] DrawnFigure draw_confusion(const Json& report);
[[nodiscard]] DrawnFigure draw_classes(const Json& report);
[[nodiscard]] DrawnFigure draw_class_counts(const Json& report);
[[nodiscard]] DrawnFigure draw_reliability(const Json& report);
[[nodiscard]] DrawnFigure draw_coverage(const Json& report);
[[nodiscard]] DrawnFigure draw_map(const Json& report);
/// True against answered, of one of report["numbers"].
[[nodiscard]] DrawnFigure draw_number(const Json& number);

/// One picture of a grid.
struct GridPicture {
  std::function<Tensor()> pixels;  ///< uint8 (H, W, 3); an empty one leaves the place empty
  std::string title{};             ///< above it
  Ink ink = kBlack;                ///< of the title
};
/// Pictures in rows of `columns`.
[[nodiscard]] DrawnFigure draw_grid(const std::vector<GridPicture>& pictures, std::size_t columns,
                                    double side);

}  // namespace report
}  // namespace graft
