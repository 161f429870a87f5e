// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>

#include "graft/base/fail.hpp"

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

struct WebpFree {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

[[noreturn]] void refuse(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      fail_truncated("WebP");
    case VP8_STATUS_OUT_OF_MEMORY:
      fail(ErrorKind::resource_limit, "WebP: not enough memory");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      fail(ErrorKind::unsupported, "this kind of WebP is not supported");
    default:
      fail(ErrorKind::bad_file, "broken WebP: its picture data is damaged");
  }
}

Tensor decode_still(const WebPData& data, const WebPBitstreamFeatures& features) {
  const int channels = features.has_alpha != 0 ? 4 : 3;
  Tensor pixels(Shape{features.height, features.width, channels}, DType::uint8);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) fail(ErrorKind::internal, "WebP: another libwebp than built with");
  config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels.data<std::uint8_t>().data();
  config.output.u.RGBA.stride = features.width * channels;
  config.output.u.RGBA.size = pixels.size_bytes();
  const VP8StatusCode status = WebPDecode(data.bytes, data.size, &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) refuse(status);
  return pixels;
}

Tensor decode_first_frame(const WebPData& data, std::int64_t max_pixels) {
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0)
    fail(ErrorKind::internal, "WebP: another libwebp than built with");
  options.color_mode = MODE_RGBA;
  const std::unique_ptr<WebPAnimDecoder, WebpFree> decoder(WebPAnimDecoderNew(&data, &options));
  WebPAnimInfo info;
  if (!decoder || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0) fail_truncated("WebP");
  check_size("WebP", info.canvas_width, info.canvas_height, max_pixels);
  std::uint8_t* canvas = nullptr;
  int timestamp = 0;
  if (WebPAnimDecoderGetNext(decoder.get(), &canvas, &timestamp) == 0) refuse(VP8_STATUS_BITSTREAM_ERROR);
  Tensor pixels(Shape{info.canvas_height, info.canvas_width, 4}, DType::uint8);
  std::memcpy(pixels.raw(), canvas, pixels.size_bytes());
  return pixels;
}

int orientation_of(const WebPData& data) {
  WebPDemuxState state{};
  const std::unique_ptr<WebPDemuxer, WebpFree> demuxer(WebPDemuxPartial(&data, &state));
  if (!demuxer) return 1;
  WebPChunkIterator chunk{};
  int orientation = 1;
  if (WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &chunk) != 0) {
    orientation = exif_orientation({reinterpret_cast<const std::byte*>(chunk.chunk.bytes), chunk.chunk.size});
  } else if (WebPDemuxGetChunk(demuxer.get(), "XMP ", 1, &chunk) != 0) {
    orientation = xmp_orientation({reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size});
  }
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

}  // namespace

Picture decode_webp(Bytes bytes, const DecodeOptions& options) {
  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(data.bytes, data.size, &features);
  if (status != VP8_STATUS_OK) refuse(status);
  check_size("WebP", features.width, features.height, options.max_pixels);
  const Tensor pixels = features.has_animation != 0 ? decode_first_frame(data, options.max_pixels)
                                                    : decode_still(data, features);
  return {.pixels = pixels, .orientation = orientation_of(data)};
}

}  // namespace graft::data
