// SPDX-License-Identifier: Apache-2.0
#include "video/ffmpeg.hpp"

#include <string>

#include "graft/base/shared_library.hpp"

namespace graft::video {
namespace {

base::SharedLibrary library_of(const std::string& name, int version) {
  return {name + ".so." + std::to_string(version), "video files are read by FFmpeg's libraries", "FFmpeg"};
}

void load_format(Ffmpeg& av) {
  const base::SharedLibrary library = library_of("libavformat", LIBAVFORMAT_VERSION_MAJOR);
  library.load("avformat_alloc_context", av.avformat_alloc_context);
  library.load("avformat_open_input", av.avformat_open_input);
  library.load("avformat_find_stream_info", av.avformat_find_stream_info);
  library.load("avformat_close_input", av.avformat_close_input);
  library.load("av_find_best_stream", av.av_find_best_stream);
  library.load("av_read_frame", av.av_read_frame);
#if LIBAVCODEC_VERSION_INT < AV_VERSION_INT(60, 30, 100)
  library.load("av_stream_get_side_data", av.av_stream_get_side_data);
#endif
}

void load_codec(Ffmpeg& av) {
  const base::SharedLibrary library = library_of("libavcodec", LIBAVCODEC_VERSION_MAJOR);
  library.load("avcodec_alloc_context3", av.avcodec_alloc_context3);
  library.load("avcodec_parameters_to_context", av.avcodec_parameters_to_context);
  library.load("avcodec_open2", av.avcodec_open2);
  library.load("avcodec_send_packet", av.avcodec_send_packet);
  library.load("avcodec_receive_frame", av.avcodec_receive_frame);
  library.load("avcodec_free_context", av.avcodec_free_context);
  library.load("av_packet_alloc", av.av_packet_alloc);
  library.load("av_packet_free", av.av_packet_free);
  library.load("av_packet_unref", av.av_packet_unref);
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
  library.load("av_packet_side_data_get", av.av_packet_side_data_get);
#endif
}

void load_util(Ffmpeg& av) {
  const base::SharedLibrary library = library_of("libavutil", LIBAVUTIL_VERSION_MAJOR);
  library.load("av_log_set_level", av.av_log_set_level);
  library.load("av_strerror", av.av_strerror);
  library.load("av_dict_set", av.av_dict_set);
  library.load("av_dict_free", av.av_dict_free);
  library.load("av_frame_alloc", av.av_frame_alloc);
  library.load("av_frame_free", av.av_frame_free);
  library.load("av_frame_unref", av.av_frame_unref);
  library.load("av_display_rotation_get", av.av_display_rotation_get);
}

void load_scale(Ffmpeg& av) {
  const base::SharedLibrary library = library_of("libswscale", LIBSWSCALE_VERSION_MAJOR);
  library.load("sws_getCachedContext", av.sws_getCachedContext);
  library.load("sws_freeContext", av.sws_freeContext);
  library.load("sws_getCoefficients", av.sws_getCoefficients);
  library.load("sws_setColorspaceDetails", av.sws_setColorspaceDetails);
  library.load("sws_scale", av.sws_scale);
}

Ffmpeg load_all() {
  Ffmpeg av{};
  load_format(av);
  load_codec(av);
  load_util(av);
  load_scale(av);
  return av;
}

}  // namespace

const Ffmpeg& ffmpeg() {
  static const Ffmpeg loaded = load_all();
  return loaded;
}

}  // namespace graft::video
