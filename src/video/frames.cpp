// SPDX-License-Identifier: Apache-2.0
#include "graft/video/frames.hpp"

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/execution.hpp"
#include "graft/image.hpp"

#include "video/ffmpeg.hpp"

namespace graft::video {
namespace {

// Formats that are one file. Playlists and the like, which name other files and addresses, are not among
// them.
constexpr const char* kFormats = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,ogg,flv,asf";
constexpr double kQuarterTurn = 90;

struct FreeFormat {
  void operator()(AVFormatContext* one) const { ffmpeg().avformat_close_input(&one); }
};
struct FreeCodec {
  void operator()(AVCodecContext* one) const { ffmpeg().avcodec_free_context(&one); }
};
struct FreePacket {
  void operator()(AVPacket* one) const { ffmpeg().av_packet_free(&one); }
};
struct FreeFrame {
  void operator()(AVFrame* one) const { ffmpeg().av_frame_free(&one); }
};
struct FreeScaler {
  void operator()(SwsContext* one) const { ffmpeg().sws_freeContext(one); }
};

std::string reason_of(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  ffmpeg().av_strerror(code, text.data(), text.size());
  return text.data();
}

/// How the camera noted that frames are to be turned; null: not at all.
const std::int32_t* display_matrix(const AVStream& stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
  const AVPacketSideData* data = ffmpeg().av_packet_side_data_get(
      stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  return data == nullptr ? nullptr : reinterpret_cast<const std::int32_t*>(data->data);
#else
  return reinterpret_cast<const std::int32_t*>(
      ffmpeg().av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr));
#endif
}

/// Quarter turns to the right that make a frame upright.
int turns_of(const AVStream& stream) {
  const std::int32_t* matrix = display_matrix(stream);
  if (matrix == nullptr) return 0;
  const double degrees = ffmpeg().av_display_rotation_get(matrix);  // to the left
  if (std::isnan(degrees)) return 0;
  return static_cast<int>(std::lround(-degrees / kQuarterTurn)) & 3;
}

/// Turned to the right by quarters.
Tensor turned(const Tensor& picture, int turns) {
  if (turns == 0) return picture;
  const std::int64_t height = picture.shape()[0], width = picture.shape()[1];
  const bool flat = turns % 2 == 1;
  Tensor result({flat ? width : height, flat ? height : width, 3}, DType::uint8);
  const auto in = picture.data<std::uint8_t>();
  const auto out = result.data<std::uint8_t>();
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const std::int64_t to_y = turns == 1 ? x : turns == 2 ? height - 1 - y : width - 1 - x;
      const std::int64_t to_x = turns == 1 ? height - 1 - y : turns == 2 ? width - 1 - x : y;
      const auto from = static_cast<std::size_t>(3 * (y * width + x));
      const auto to = static_cast<std::size_t>(3 * (to_y * result.shape()[1] + to_x));
      for (std::size_t c = 0; c < 3; ++c) out[to + c] = in[from + c];
    }
  }
  return result;
}

class VideoReader {
 public:
  VideoReader(const std::filesystem::path& file, const FrameOptions& options)
      : file_(file), options_(options) {
    ffmpeg().av_log_set_level(AV_LOG_QUIET);
    open();
  }

  std::size_t run(const std::function<bool(const Frame&)>& take) {
    int code = 0;
    while (goes_on_ && (code = ffmpeg().av_read_frame(format_.get(), packet_.get())) >= 0) {
      // A packet that is broken loses its frames only.
      if (packet_->stream_index == stream_ && ffmpeg().avcodec_send_packet(codec_.get(), packet_.get()) >= 0)
        receive(take);
      ffmpeg().av_packet_unref(packet_.get());
    }
    if (goes_on_ && ffmpeg().avcodec_send_packet(codec_.get(), nullptr) >= 0) receive(take);
    if (taken_ == 0)
      fail(ErrorKind::bad_file, file_.string(), ": a video without a frame that can be decoded");
    return taken_;
  }

 private:
  void open() {
    AVFormatContext* format = ffmpeg().avformat_alloc_context();
    if (format == nullptr) throw std::bad_alloc();
    AVDictionary* limits = nullptr;
    ffmpeg().av_dict_set(&limits, "format_whitelist", kFormats, 0);
    ffmpeg().av_dict_set(&limits, "protocol_whitelist", "file", 0);
    // The prefix: a name such as "concat:a|b" is a file's name here.
    int code = ffmpeg().avformat_open_input(&format, ("file:" + file_.string()).c_str(), nullptr, &limits);
    ffmpeg().av_dict_free(&limits);
    if (code < 0)
      fail(ErrorKind::bad_file, file_.string(), ": cannot be opened as a video: ", reason_of(code));
    format_.reset(format);
    code = ffmpeg().avformat_find_stream_info(format, nullptr);
    if (code < 0) fail(ErrorKind::bad_file, file_.string(), ": broken video: ", reason_of(code));
    const AVCodec* decoder = nullptr;
    stream_ = ffmpeg().av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (stream_ < 0 || decoder == nullptr)
      fail(ErrorKind::bad_file, file_.string(), ": no video in it that can be decoded: ", reason_of(stream_));
    const AVStream& stream = *format->streams[stream_];
    turns_ = turns_of(stream);
    codec_.reset(ffmpeg().avcodec_alloc_context3(decoder));
    if (codec_ == nullptr) throw std::bad_alloc();
    code = ffmpeg().avcodec_parameters_to_context(codec_.get(), stream.codecpar);
    codec_->thread_count = num_threads();
    codec_->max_pixels = data::kMaxPixels;
    if (code >= 0) code = ffmpeg().avcodec_open2(codec_.get(), decoder, nullptr);
    if (code < 0) fail(ErrorKind::bad_file, file_.string(), ": cannot be decoded: ", reason_of(code));
  }

  void receive(const std::function<bool(const Frame&)>& take) {
    while (goes_on_ && ffmpeg().avcodec_receive_frame(codec_.get(), frame_.get()) >= 0) {
      const double seconds = time_of_frame();
      if (is_wanted(seconds)) {
        ++taken_;
        goes_on_ = take({.number = number_, .seconds = seconds, .picture = turned(pixels(), turns_)}) &&
                   taken_ < options_.most;
      }
      ++number_;
      ffmpeg().av_frame_unref(frame_.get());
    }
  }

  double time_of_frame() {
    const AVStream& stream = *format_->streams[stream_];
    const std::int64_t time = frame_->best_effort_timestamp;
    if (time == AV_NOPTS_VALUE) {
      const double rate = av_q2d(stream.avg_frame_rate);
      return rate > 0 ? static_cast<double>(number_) / rate : 0;
    }
    const double seconds = static_cast<double>(time) * av_q2d(stream.time_base);
    if (number_ == 0) begin_ = seconds;
    return seconds - begin_;
  }

  bool is_wanted(double seconds) {
    constexpr double kRounding = 1e-6;
    if (options_.every) return number_ % *options_.every == 0;
    if (seconds + kRounding < next_) return false;
    next_ = (std::floor((seconds + kRounding) * options_.per_second) + 1) / options_.per_second;
    return true;
  }

  /// The frame's pixels as RGB.
  Tensor pixels() {
    const AVFrame& frame = *frame_;
    if (std::int64_t{frame.width} * frame.height > data::kMaxPixels)
      fail(ErrorKind::resource_limit, file_.string(), ": frames of ", frame.width, " x ", frame.height,
           " pixels; allowed are ", data::kMaxPixels);
    scaler_.reset(ffmpeg().sws_getCachedContext(
        scaler_.release(), frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), frame.width,
        frame.height, AV_PIX_FMT_RGB24, SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND, nullptr, nullptr,
        nullptr));
    if (scaler_ == nullptr)
      fail(ErrorKind::unsupported, file_.string(), ": the colours of this video cannot be converted");
    const int wide = frame.colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_DEFAULT;
    const bool full = frame.color_range == AVCOL_RANGE_JPEG;
    ffmpeg().sws_setColorspaceDetails(scaler_.get(), ffmpeg().sws_getCoefficients(wide), full ? 1 : 0,
                                      ffmpeg().sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    Tensor picture({frame.height, frame.width, 3}, DType::uint8);
    const std::array<std::uint8_t*, 1> rows{picture.data<std::uint8_t>().data()};
    const std::array<int, 1> stride{3 * frame.width};
    ffmpeg().sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, rows.data(),
                       stride.data());
    return picture;
  }

  const std::filesystem::path& file_;
  const FrameOptions& options_;
  std::unique_ptr<AVFormatContext, FreeFormat> format_;
  std::unique_ptr<AVCodecContext, FreeCodec> codec_;
  std::unique_ptr<AVPacket, FreePacket> packet_{ffmpeg().av_packet_alloc()};
  std::unique_ptr<AVFrame, FreeFrame> frame_{ffmpeg().av_frame_alloc()};
  std::unique_ptr<SwsContext, FreeScaler> scaler_;
  int stream_ = -1;
  int turns_ = 0;
  std::int64_t number_ = 0;
  double begin_ = 0;
  double next_ = 0;
  std::size_t taken_ = 0;
  bool goes_on_ = true;
};

}  // namespace

std::size_t read_frames(const std::filesystem::path& file, const FrameOptions& options,
                        const std::function<bool(const Frame&)>& take) {
  if (options.every && *options.every < 1)
    fail(ErrorKind::invalid_argument, "every: expected at least 1, received ", *options.every);
  if (!(options.per_second > 0))
    fail(ErrorKind::invalid_argument, "per_second: expected more than 0, received ", options.per_second);
  if (!std::filesystem::exists(file)) fail(ErrorKind::not_found, file.string(), ": there is no such file");
  return VideoReader(file, options).run(take);
}

}  // namespace graft::video
