// SPDX-License-Identifier: Apache-2.0
// FFmpeg's libraries, loaded when the first video is read: with what they need themselves they are 83, which
// would more than double the time that every command takes to start (docs/decisions/0075-video-frames.md).
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libswscale/swscale.h>
}

namespace graft {
inline namespace video {

/// FFmpeg's functions under their own names.
// NOLINTBEGIN(readability-identifier-naming): they are FFmpeg's
struct Ffmpeg {
  decltype(&::avformat_alloc_context) avformat_alloc_context;
  decltype(&::avformat_open_input) avformat_open_input;
  decltype(&::avformat_find_stream_info) avformat_find_stream_info;
  decltype(&::avformat_close_input) avformat_close_input;
  decltype(&::av_find_best_stream) av_find_best_stream;
  decltype(&::av_read_frame) av_read_frame;
  decltype(&::avcodec_alloc_context3) avcodec_alloc_context3;
  decltype(&::avcodec_parameters_to_context) avcodec_parameters_to_context;
  decltype(&::avcodec_open2) avcodec_open2;
  decltype(&::avcodec_send_packet) avcodec_send_packet;
  decltype(&::avcodec_receive_frame) avcodec_receive_frame;
  decltype(&::avcodec_free_context) avcodec_free_context;
  decltype(&::av_packet_alloc) av_packet_alloc;
  decltype(&::av_packet_free) av_packet_free;
  decltype(&::av_packet_unref) av_packet_unref;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
  decltype(&::av_packet_side_data_get) av_packet_side_data_get;
#else
  decltype(&::av_stream_get_side_data) av_stream_get_side_data;
#endif
  decltype(&::av_log_set_level) av_log_set_level;
  decltype(&::av_strerror) av_strerror;
  decltype(&::av_dict_set) av_dict_set;
  decltype(&::av_dict_free) av_dict_free;
  decltype(&::av_frame_alloc) av_frame_alloc;
  decltype(&::av_frame_free) av_frame_free;
  decltype(&::av_frame_unref) av_frame_unref;
  decltype(&::av_display_rotation_get) av_display_rotation_get;
  decltype(&::sws_getCachedContext) sws_getCachedContext;
  decltype(&::sws_freeContext) sws_freeContext;
  decltype(&::sws_getCoefficients) sws_getCoefficients;
  decltype(&::sws_setColorspaceDetails) sws_setColorspaceDetails;
  decltype(&::sws_scale) sws_scale;
};
// NOLINTEND(readability-identifier-naming)

/// Loads the libraries of the version that graft was built with at the first call. Thread-safe.
/// Error{unsupported} where one of them is not installed, which names it.
const Ffmpeg& ffmpeg();

}  // namespace video
}  // namespace graft
