// SPDX-License-Identifier: Apache-2.0
#include "training/group_records.hpp"

#include <algorithm>
#include <cstring>

#include "graft/base/fail.hpp"

namespace graft::training {
namespace {

constexpr std::int64_t kLargestGroup = 8;

class Writer {
 public:
  template <typename Number>
  void number(Number value) {
    raw(&value, sizeof value);
  }
  void tensor(const Tensor& tensor) {
    number(static_cast<std::int64_t>(tensor.dtype()));
    number(static_cast<std::int64_t>(tensor.shape().rank()));
    for (const std::int64_t size : tensor.shape().sizes()) number(size);
    raw(tensor.raw(), tensor.size_bytes());
  }
  [[nodiscard]] const cluster::Bytes& bytes() const { return bytes_; }

 private:
  void raw(const void* data, std::size_t size) {
    const auto* begin = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), begin, begin + size);
  }
  cluster::Bytes bytes_;
};

class Reader {
 public:
  explicit Reader(const cluster::Bytes& bytes) : left_(bytes) {}

  [[nodiscard]] bool at_end() const { return left_.empty(); }
  template <typename Number>
  Number number() {
    Number value{};
    raw(&value, sizeof value);
    return value;
  }
  Tensor tensor() {
    const auto dtype = static_cast<DType>(number<std::int64_t>());
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(number<std::int64_t>()));
    for (std::int64_t& size : sizes) size = number<std::int64_t>();
    Tensor tensor(Shape(std::move(sizes)), dtype);
    raw(tensor.raw(), tensor.size_bytes());
    return tensor;
  }

 private:
  void raw(void* data, std::size_t size) {
    if (size > left_.size()) fail(ErrorKind::internal, "a record of another rank is too short");
    if (size > 0) std::memcpy(data, left_.data(), size);
    left_ = left_.subspan(size);
  }
  std::span<const std::byte> left_;
};

/// All rows of the groups; empty where the groups have none.
Tensor joined(const std::vector<GroupRecord>& groups, Tensor GroupRecord::*member) {
  std::int64_t rows = 0;
  for (const GroupRecord& group : groups) rows += (group.*member).empty() ? 0 : (group.*member).shape()[0];
  if (rows == 0) return {};
  const Tensor& first = groups.front().*member;
  Tensor all(first.shape().without_batch().with_batch(rows), first.dtype());
  std::int64_t begin = 0;
  for (const GroupRecord& group : groups) {
    const std::int64_t end = begin + (group.*member).shape()[0];
    all.slice(begin, end).copy_from(group.*member);
    begin = end;
  }
  return all;
}

}  // namespace

GroupRecord join_records(cluster::Communicator& ranks, const std::vector<GroupRecord>& own) {
  Writer writer;
  for (const GroupRecord& group : own) {
    writer.number(group.loss);
    writer.number(static_cast<std::int64_t>(group.activation));
    for (const Tensor* tensor : {&group.output, &group.labels, &group.weights}) writer.tensor(*tensor);
  }
  std::vector<GroupRecord> groups;
  for (const cluster::Bytes& bytes : ranks.gather(writer.bytes())) {
    Reader reader(bytes);
    while (!reader.at_end()) {
      GroupRecord& group = groups.emplace_back();
      group.loss = reader.number<double>();
      group.activation = static_cast<plan::FinalActivation>(reader.number<std::int64_t>());
      group.output = reader.tensor();
      group.labels = reader.tensor();
      group.weights = reader.tensor();
    }
  }
  if (groups.empty()) fail(ErrorKind::internal, "a batch without groups");
  GroupRecord all{.activation = groups.front().activation,
                  .output = joined(groups, &GroupRecord::output),
                  .labels = joined(groups, &GroupRecord::labels),
                  .weights = joined(groups, &GroupRecord::weights)};
  const auto samples = static_cast<double>(all.output.shape()[0]);
  for (const GroupRecord& group : groups)
    all.loss += group.loss * (static_cast<double>(group.output.shape()[0]) / samples);
  return all;
}

std::int64_t group_size(std::int64_t batch_size) {
  std::int64_t size = std::min(batch_size, kLargestGroup);
  while (batch_size % size != 0) --size;
  return size;
}

}  // namespace graft::training
