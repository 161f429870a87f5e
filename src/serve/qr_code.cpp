// SPDX-License-Identifier: Apache-2.0
#include "graft/serve/qr_code.hpp"

#include <exception>

#include <qrcodegen/qrcodegen.hpp>

#include "graft/base/fail.hpp"

namespace graft::serve {

std::string qr_code(const std::string& text, bool colours) {
  constexpr int kMargin = 2;
  try {
    const qrcodegen::QrCode code =
        qrcodegen::QrCode::encodeText(text.c_str(), qrcodegen::QrCode::Ecc::MEDIUM);
    const int size = code.getSize();
    // Outside the code modules are light.
    std::string lines;
    for (int y = -kMargin; y < size + kMargin; y += 2) {
      if (colours) lines += "\x1b[30;107m";
      for (int x = -kMargin; x < size + kMargin; ++x) {
        const bool above = code.getModule(x, y), below = code.getModule(x, y + 1);
        lines += above && below ? "█" : above ? "▀" : below ? "▄" : " ";
      }
      lines += colours ? "\x1b[0m\n" : "\n";
    }
    return lines;
  } catch (const std::exception& error) {
    fail(ErrorKind::invalid_argument, "a QR code of ", text.size(), " characters: ", error.what());
  }
}

}  // namespace graft::serve
