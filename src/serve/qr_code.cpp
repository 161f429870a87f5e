// SPDX-License-Identifier: Apache-2.0
#include "graft/serve/qr_code.hpp"

#include <exception>

#include <qrcodegen/qrcodegen.hpp>

#include "graft/base/fail.hpp"

namespace graft::serve {

std::vector<std::string> qr_modules(const std::string& text) {
  try {
    const qrcodegen::QrCode code =
        qrcodegen::QrCode::encodeText(text.c_str(), qrcodegen::QrCode::Ecc::MEDIUM);
    std::vector<std::string> rows(static_cast<std::size_t>(code.getSize()));
    for (int y = 0; y < code.getSize(); ++y)
      for (int x = 0; x < code.getSize(); ++x)
        rows[static_cast<std::size_t>(y)] += code.getModule(x, y) ? '1' : '0';
    return rows;
  } catch (const std::exception& error) {
    fail(ErrorKind::invalid_argument, "a QR code of ", text.size(), " characters: ", error.what());
  }
}

std::string qr_code(const std::string& text, bool colours) {
  constexpr int kMargin = 2;
  const std::vector<std::string> rows = qr_modules(text);
  const int size = static_cast<int>(rows.size());
  // Outside the code modules are light.
  const auto dark = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < size && y < size &&
           rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] == '1';
  };
  std::string lines;
  for (int y = -kMargin; y < size + kMargin; y += 2) {
    if (colours) lines += "\x1b[30;107m";
    for (int x = -kMargin; x < size + kMargin; ++x) {
      const bool above = dark(x, y), below = dark(x, y + 1);
      lines += above && below ? "█" : above ? "▀" : below ? "▄" : " ";
    }
    lines += colours ? "\x1b[0m\n" : "\n";
  }
  return lines;
}

}  // namespace graft::serve
