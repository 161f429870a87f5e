// SPDX-License-Identifier: Apache-2.0
#include "graft/data/write_jpeg.hpp"

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <jpeglib.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"

namespace graft::data {
namespace {

/// libjpeg's state. Plain data: longjmp runs no destructors.
struct JpegWriter {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  std::jmp_buf escape;
  std::array<char, JMSG_LENGTH_MAX> message;
  unsigned char* bytes;  // of malloc, as libjpeg makes them
  unsigned long size;
};

[[noreturn]] void give_up(j_common_ptr info) {
  JpegWriter& writer = *static_cast<JpegWriter*>(info->client_data);
  writer.errors.format_message(info, writer.message.data());
  std::longjmp(writer.escape, 1);
}

void say_nothing(j_common_ptr, int) {}

struct JpegWriterOwner {
  JpegWriter writer{};
  JpegWriterOwner() {
    writer.info.err = jpeg_std_error(&writer.errors);
    writer.errors.error_exit = give_up;
    writer.errors.emit_message = say_nothing;
    writer.info.client_data = &writer;
  }
  ~JpegWriterOwner() {
    jpeg_destroy_compress(&writer.info);
    std::free(writer.bytes);
  }
  JpegWriterOwner(const JpegWriterOwner&) = delete;
  JpegWriterOwner& operator=(const JpegWriterOwner&) = delete;
};

bool compress(JpegWriter& writer, const unsigned char* pixels) {
  if (setjmp(writer.escape) != 0) return false;
  jpeg_start_compress(&writer.info, TRUE);
  while (writer.info.next_scanline < writer.info.image_height) {
    // libjpeg reads the row only.
    auto* row = const_cast<unsigned char*>(pixels) +
                std::size_t{writer.info.next_scanline} * writer.info.image_width *
                    static_cast<std::size_t>(writer.info.input_components);
    jpeg_write_scanlines(&writer.info, &row, 1);
  }
  jpeg_finish_compress(&writer.info);
  return true;
}

bool prepare(JpegWriter& writer, const Shape& shape, int quality, JpegChroma chroma) {
  if (setjmp(writer.escape) != 0) return false;
  jpeg_create_compress(&writer.info);
  writer.info.client_data = &writer;
  jpeg_mem_dest(&writer.info, &writer.bytes, &writer.size);
  writer.info.image_width = static_cast<JDIMENSION>(shape[1]);
  writer.info.image_height = static_cast<JDIMENSION>(shape[0]);
  writer.info.input_components = static_cast<int>(shape[2]);
  writer.info.in_color_space = shape[2] == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&writer.info);
  jpeg_set_quality(&writer.info, quality, TRUE);
  const int steps = shape[2] == 3 && chroma == JpegChroma::halved ? 2 : 1;
  writer.info.comp_info[0].h_samp_factor = steps;
  writer.info.comp_info[0].v_samp_factor = steps;
  return true;
}

}  // namespace

void write_jpeg(const std::filesystem::path& path, const Tensor& picture, int quality, JpegChroma chroma) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || (shape[2] != 1 && shape[2] != 3) || picture.empty() ||
      picture.dtype() != DType::uint8 || shape[0] > JPEG_MAX_DIMENSION || shape[1] > JPEG_MAX_DIMENSION) {
    fail(ErrorKind::shape_mismatch, "write_jpeg: expected a picture uint8 (H, W, 1 or 3) of at most ",
         JPEG_MAX_DIMENSION, " pixels a side, received ", to_string(picture.dtype()), " ", shape);
  }
  JpegWriterOwner owner;
  JpegWriter& writer = owner.writer;
  if (!prepare(writer, shape, quality, chroma) || !compress(writer, picture.data<std::uint8_t>().data())) {
    fail(ErrorKind::io, path.string(), ": the picture cannot be packed: ", writer.message.data());
  }
  write_file_atomically(path, std::string_view(reinterpret_cast<const char*>(writer.bytes), writer.size));
}

}  // namespace graft::data
