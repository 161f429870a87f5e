// SPDX-License-Identifier: Apache-2.0
#include "store/digest.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/weights_store.hpp"

namespace graft::store {

struct Digest::State {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  using Context = std::unique_ptr<EVP_MD_CTX, Free>;
  Context sha256{EVP_MD_CTX_new()};
  Context md5;  ///< null: not wanted
  std::uint64_t bytes = 0;
};

namespace {

void need(bool done) {
  if (!done) fail(ErrorKind::internal, "libcrypto could not compute a hash");
}

std::string hexadecimal(EVP_MD_CTX* context) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  need(EVP_DigestFinal_ex(context, bytes.data(), &size) == 1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4U];
    text += kDigits[bytes[i] & 15U];
  }
  return text;
}

}  // namespace

Digest::Digest(Hashes hashes) : state_(std::make_unique<State>()) {
  need(state_->sha256 != nullptr);
  need(EVP_DigestInit_ex(state_->sha256.get(), EVP_sha256(), nullptr) == 1);
  if (hashes == Hashes::sha256) return;
  // MD5 is not for security here: it is what Keras publishes.
  state_->md5.reset(EVP_MD_CTX_new());
  need(state_->md5 != nullptr);
  need(EVP_DigestInit_ex(state_->md5.get(), EVP_md5(), nullptr) == 1);
}

Digest::~Digest() = default;

void Digest::add(std::span<const char> bytes) {
  need(EVP_DigestUpdate(state_->sha256.get(), bytes.data(), bytes.size()) == 1);
  if (state_->md5) need(EVP_DigestUpdate(state_->md5.get(), bytes.data(), bytes.size()) == 1);
  state_->bytes += bytes.size();
}

Digest::Result Digest::result() {
  return {.sha256 = hexadecimal(state_->sha256.get()),
          .md5 = state_->md5 ? hexadecimal(state_->md5.get()) : std::string(),
          .bytes = state_->bytes};
}

Digest::Result digest_of(const std::filesystem::path& path, Hashes hashes, const DigestProgress& progress) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io, "cannot open ", path.string(), ": ",
         std::strerror(errno));
  }
  struct Close {
    explicit Close(int opened) : file(opened) {}
    Close(const Close&) = delete;
    Close& operator=(const Close&) = delete;
    ~Close() { ::close(file); }
    int file;
  };
  const Close close(descriptor);
  constexpr std::size_t kBlock = std::size_t{1} << 20U;
  std::vector<char> block(kBlock);
  Digest digest(hashes);
  std::uint64_t done = 0;
  for (;;) {
    const ssize_t n = ::read(descriptor, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(ErrorKind::io, "cannot read ", path.string(), ": ", std::strerror(errno));
    if (n == 0) return digest.result();
    digest.add({block.data(), static_cast<std::size_t>(n)});
    done += static_cast<std::uint64_t>(n);
    if (progress && !progress(done)) fail(ErrorKind::interrupted, "interrupted");
  }
}

std::string sha256_of_file(const std::filesystem::path& path) {
  return digest_of(path, Hashes::sha256).sha256;
}

Hashes hashes_of(const PublishedFile& file) {
  return file.md5.empty() ? Hashes::sha256 : Hashes::sha256_and_md5;
}

bool has_hash(const PublishedFile& file) { return !file.md5.empty() || !file.sha256.empty(); }

std::string difference(const PublishedFile& file, const Digest::Result& content) {
  if (!file.sha256.empty() && !content.sha256.starts_with(file.sha256))
    return cat("its SHA-256 is ", content.sha256, ", published is ", file.sha256,
               file.sha256.size() < content.sha256.size() ? "..." : "");
  if (!file.md5.empty() && content.md5 != file.md5)
    return cat("its MD5 is ", content.md5, ", published is ", file.md5);
  return {};
}

}  // namespace graft::store
