// SPDX-License-Identifier: Apache-2.0
// The twin of heif.cpp in a build without libheif.
#include "graft/base/fail.hpp"

#include "data/decode/picture.hpp"

namespace graft::data {

bool has_heif() { return false; }

Picture decode_heif(Bytes /*bytes*/, const DecodeOptions& /*options*/) {
  fail(ErrorKind::unsupported,
       "HEIC/AVIF cannot be read by this build: libheif was missing when it was made");
}

}  // namespace graft::data
