#include "mpc/net/tls_pump.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

constexpr std::size_t kSlab = std::size_t{64} << 10;       // one write
constexpr std::size_t kReadAhead = std::size_t{64} << 10;  // one read
constexpr std::size_t kMostInOneCall = std::size_t{1} << 30;  // OpenSSL counts in int

}  // namespace

const BIO_METHOD* TlsPump::Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "care link");
    CARE_CHECK(made != nullptr);
    BIO_meth_set_write(made, BioWrite);
    BIO_meth_set_read(made, BioRead);
    BIO_meth_set_ctrl(made, BioControl);
    return made;
  }();
  return method;
}

TlsPump::TlsPump(SSL_CTX* context) : ssl_(SSL_new(context)) {
  CARE_CHECK(ssl_ != nullptr);
  BIO* bio = BIO_new(Method());
  CARE_CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_read_ahead(ssl_.get(), 1);
}

void TlsPump::ExpectMuch() {
  if (expects_much_) return;
  expects_much_ = true;
  SSL_set_default_read_buffer_len(ssl_.get(), kReadAhead);
}

// --- What OpenSSL calls.

int TlsPump::BioWrite(BIO* bio, const char* bytes, int count) {
  TlsPump& pump = *static_cast<TlsPump*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes);
  pump.gathered_.insert(pump.gathered_.end(), first, first + count);
  if (pump.gathered_.size() >= kSlab - SSL3_RT_MAX_ENCRYPTED_LENGTH) pump.Flush();
  return count;
}

int TlsPump::BioRead(BIO* bio, char* room, int count) {
  TlsPump& pump = *static_cast<TlsPump*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  ssize_t taken;
  do {
    taken = recv(pump.socket_, room, static_cast<std::size_t>(count), 0);
  } while (taken < 0 && errno == EINTR);
  if (taken > 0) return static_cast<int>(taken);
  if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    BIO_set_retry_read(bio);
    return -1;
  }
  pump.transport_error_ = taken == 0 ? -1 : errno;
  return taken == 0 ? 0 : -1;
}

long TlsPump::BioControl(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    case BIO_CTRL_EOF:
      return static_cast<TlsPump*>(BIO_get_data(bio))->transport_error_ == -1 ? 1 : 0;
    default:
      return 0;
  }
}

// --- Reading.

TlsPump::Progress TlsPump::ProgressOf(int result) {
  if (result > 0) return Progress::kDone;
  const int kind = SSL_get_error(ssl_.get(), result);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return Progress::kWait;
  if (transport_error_ != 0) {
    reason_ = transport_error_ == -1 ? "the connection was closed" : std::strerror(transport_error_);
  } else if (kind == SSL_ERROR_ZERO_RETURN) {
    reason_ = "the peer ended the connection";
  } else {
    error_ = ERR_peek_error();
    const char* text = ERR_reason_error_string(error_);
    reason_ = text == nullptr ? "TLS failed" : text;
  }
  ERR_clear_error();
  return Progress::kLost;
}

TlsPump::Progress TlsPump::Handshake(bool as_client) {
  ERR_clear_error();
  const Progress progress = ProgressOf(as_client ? SSL_connect(ssl_.get()) : SSL_accept(ssl_.get()));
  Flush();  // an alert, too
  return progress;
}

TlsPump::Taken TlsPump::Read(std::span<std::uint8_t> room) {
  ERR_clear_error();
  const int count = static_cast<int>(std::min(room.size(), kMostInOneCall));
  const int taken = SSL_read(ssl_.get(), room.data(), count);
  return {ProgressOf(taken), static_cast<std::size_t>(std::max(taken, 0))};
}

// --- Writing.

void TlsPump::Write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty() && !broken_) {
    const std::size_t count = std::min(bytes.size(), kMostInOneCall);
    ERR_clear_error();
    // It fails only after a fatal alert, which the reader reports.
    if (SSL_write(ssl_.get(), bytes.data(), static_cast<int>(count)) <= 0) {
      ERR_clear_error();
      broken_ = true;
      return;
    }
    bytes = bytes.subspan(count);
  }
}

std::size_t TlsPump::SendSome(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return 0;
  ssize_t taken;
  do {
    taken = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) broken_ = true;
    return 0;
  }
  sent_ += static_cast<std::uint64_t>(taken);
  return static_cast<std::size_t>(taken);
}

void TlsPump::KeepUnsent(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  unsent_bytes_ += bytes.size();
  // Small ones share a block.
  if (!unsent_.empty() && unsent_.back().size() + bytes.size() <= kSlab) {
    unsent_.back().insert(unsent_.back().end(), bytes.begin(), bytes.end());
  } else {
    unsent_.emplace_back(bytes.begin(), bytes.end());
  }
}

void TlsPump::Flush() {
  while (!unsent_.empty() && !broken_) {
    const std::span<const std::uint8_t> block = std::span(unsent_.front()).subspan(first_unsent_);
    const std::size_t taken = SendSome(block);
    unsent_bytes_ -= taken;
    first_unsent_ += taken;
    if (taken < block.size()) break;
    unsent_.pop_front();
    first_unsent_ = 0;
  }
  const std::size_t taken = unsent_.empty() && !broken_ ? SendSome(gathered_) : 0;
  if (broken_) {
    unsent_.clear();
    first_unsent_ = unsent_bytes_ = 0;
  } else {
    KeepUnsent(std::span(gathered_).subspan(taken));
  }
  gathered_.clear();
}

}  // namespace care::mpc
