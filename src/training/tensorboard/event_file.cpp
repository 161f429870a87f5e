// SPDX-License-Identifier: Apache-2.0
// Event files: TFRecords of tensorflow.Event messages (tensorflow/core/util/event.proto, summary.proto,
// graph.proto).
#include "graft/training/event_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>

#include <unistd.h>

#include "graft/base/error.hpp"
#include "graft/models/functional_model.hpp"

#include "training/tensorboard/png.hpp"
#include "training/tensorboard/protobuf.hpp"

namespace graft {
namespace {

using training::Message;

/// CRC-32C, masked as TFRecords want it.
std::uint32_t masked_crc(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
  }
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}

void append_little_endian(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Message event(std::int64_t step) {
  Message message;
  message.real(1, now()).number(2, static_cast<std::uint64_t>(step));
  return message;
}

/// Summary.Value of one tag within an event.
std::string summary_event(std::int64_t step, const Message& value) {
  Message summary;
  summary.message(1, value);
  return event(step).message(5, summary).str();
}

Tensor as_bytes(const Tensor& pixels) {
  if (pixels.dtype() == DType::uint8) return pixels;
  Tensor result(pixels.shape(), DType::uint8);
  const auto in = pixels.data<float>();
  std::ranges::transform(in, result.data<std::uint8_t>().begin(), [](float x) {
    return static_cast<std::uint8_t>(std::isnan(x) ? 0.0F : std::clamp(std::round(x), 0.0F, 255.0F));
  });
  return result;
}

void add_nodes(Message& graph, const Model& model, const std::string& prefix) {
  for (const models::Call& call : model.functional()->calls()) {
    Message node;
    node.bytes(1, prefix + call.layer->name()).bytes(2, call.layer->class_name());
    for (const SymbolicTensor& input : call.layer->nodes().at(static_cast<std::size_t>(call.node)).inputs)
      node.bytes(3, prefix + input.layer->name());
    graph.message(1, node);
    if (const auto nested = std::dynamic_pointer_cast<models::FunctionalModel>(call.layer))
      add_nodes(graph, Model(nested), prefix + call.layer->name() + "/");
  }
}

}  // namespace

EventFile::EventFile(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(ErrorKind::io, "cannot make the folder ", folder.string(), ": ", error.message());
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host = {'h', 'o', 's', 't'};
  const std::string stem =
      cat("events.out.tfevents.", static_cast<std::int64_t>(now()), ".", host.data(), ".", getpid(), ".");
  int number = 0;
  do {
    path_ = folder / cat(stem, number++, ".v2");
  } while (std::filesystem::exists(path_, error));
  out_.open(path_, std::ios::binary);
  write(Message().real(1, now()).bytes(3, "brain.Event:2").str());
}

void EventFile::write(const std::string& event) {
  std::string record;
  append_little_endian(record, event.size(), 8);
  append_little_endian(record, masked_crc(record), 4);
  record += event;
  append_little_endian(record, masked_crc(event), 4);
  out_.write(record.data(), static_cast<std::streamsize>(record.size()));
  out_.flush();
  if (!out_) fail(ErrorKind::io, "cannot write ", path_.string(), ": ", std::strerror(errno));
}

void EventFile::scalar(const std::string& tag, double value, std::int64_t step) {
  write(summary_event(step, Message().bytes(1, tag).real(2, static_cast<float>(value))));
}

void EventFile::image(const std::string& tag, const Tensor& pixels, std::int64_t step) {
  const Tensor bytes = as_bytes(pixels);
  const std::string png = training::encode_png(bytes);
  Message image;
  image.number(1, static_cast<std::uint64_t>(bytes.shape()[0]))
      .number(2, static_cast<std::uint64_t>(bytes.shape()[1]))
      .number(3, static_cast<std::uint64_t>(bytes.shape()[2]))
      .bytes(4, png);
  write(summary_event(step, Message().bytes(1, tag).message(4, image)));
}

void EventFile::graph(const Model& model) {
  Message graph;
  add_nodes(graph, model, "");
  graph.message(4, Message().number(1, 22));  // the version of graphs that TensorFlow 1 and 2 write
  write(event(0).bytes(4, graph.str()).str());
}

}  // namespace graft
