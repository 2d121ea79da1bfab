#include "mpc/net/tls_link.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/openssl_handles.h"
#include "mpc/net/origin.h"

namespace care::mpc {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kHeaderBytes = 5;
constexpr std::size_t kMaxFrame = std::size_t{16} << 20;
constexpr std::size_t kSendBudget = std::size_t{16} << 20;
constexpr std::size_t kInboxBudget = std::size_t{256} << 20;
constexpr std::size_t kMaxMessage = std::size_t{256} << 20;  // more is a peer that has gone wrong
constexpr std::size_t kMessageCost = 64;  // what a queued message takes besides its bytes: empty ones count, too
constexpr std::size_t kBlock = std::size_t{256} << 10;     // one write
constexpr std::size_t kReadBuffer = std::size_t{64} << 10;
constexpr std::size_t kMaxAbortText = 8192;
constexpr std::chrono::seconds kFlush{5};
constexpr std::chrono::seconds kLinger{2};

SSL_CTX* Share(SSL_CTX* context) {
  SSL_CTX_up_ref(context);
  return context;
}

std::string CommonNameOf(X509* certificate) {
  if (certificate == nullptr) return {};
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (position < 0) return {};
  const ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position));
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
}

std::string TimeText(const ASN1_TIME* time) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || ASN1_TIME_print(bio.get(), time) != 1) return "an unknown day";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

TlsLink::TlsLink(asio::io_context& io, std::shared_ptr<const TlsIdentity> identity, TlsTimeouts timeouts)
    : io_(io),
      identity_(std::move(identity)),
      timeouts_(timeouts),
      ssl_context_(Share(identity_->native())),
      stream_(io, ssl_context_),
      timer_(io) {}

void TlsLink::Handshake(const TlsPeer& peer, HandshakeDone done) {
  boost::system::error_code error;
  socket().set_option(asio::ip::tcp::no_delay(true), error);
  const auto remote = socket().remote_endpoint(error);
  if (!error) remote_address_ = absl::StrCat(remote.address().to_string(), ":", remote.port());
  remedy_ = peer.remedy;
  auto self = shared_from_this();
  timer_.expires_after(timeouts_.connect);
  timer_.async_wait([self](const boost::system::error_code& cancelled) {
    if (!cancelled) self->CloseSocket();
  });
  stream_.set_verify_callback([this](bool verified, asio::ssl::verify_context& context) {
    if (!verified) {
      X509* certificate = X509_STORE_CTX_get_current_cert(context.native_handle());
      refusal_ = {X509_STORE_CTX_get_error(context.native_handle()), CommonNameOf(certificate),
                  certificate == nullptr ? "" : TimeText(X509_get0_notAfter(certificate))};
    }
    return verified;
  });
  stream_.async_handshake(
      peer.name.empty() ? asio::ssl::stream_base::server : asio::ssl::stream_base::client,
      [self, peer, done = std::move(done)](const boost::system::error_code& error) {
        self->FinishHandshake(error, peer, done);
      });
}

void TlsLink::FinishHandshake(const boost::system::error_code& error, const TlsPeer& peer,
                              const HandshakeDone& done) {
  timer_.cancel();
  const std::string label = peer.name.empty()
                                ? absl::StrCat("a connection from ", remote_address_)
                                : absl::StrCat("the node at ", peer.address, " (", peer.name, ")");
  absl::Status status;
  if (error) {
    if (refusal_.code != 0) {
      status = RefusedPeer(refusal_, label);
    } else if (socket_closed_) {
      status = absl::UnavailableError(absl::StrCat(label, " did not answer within ", timeouts_.connect.count(),
                                                   " ms; ", peer.remedy));
    } else if (error.category() == asio::error::get_ssl_category()) {
      status = HandshakeFailed(static_cast<unsigned long>(error.value()), error.message(), label, identity_->name());
    } else {
      status = absl::UnavailableError(absl::StrCat(label, ": the TLS handshake failed (", error.message(), "); ",
                                                   peer.remedy));
    }
  } else {
    status = IdentifyPeer(peer);
  }
  if (!status.ok()) CloseSocket();
  done(std::move(status));
}

absl::Status TlsLink::IdentifyPeer(const TlsPeer& peer) {
  CertificatePtr certificate(SSL_get1_peer_certificate(stream_.native_handle()));
  if (certificate == nullptr) return absl::UnauthenticatedError("the peer showed no certificate");
  peer_name_ = CommonNameOf(certificate.get());
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
  if (size <= 0) return absl::UnauthenticatedError("the peer's certificate has no key");
  peer_public_key_.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  if (!peer.name.empty() && peer_name_ != peer.name) {
    return absl::UnauthenticatedError(
        absl::StrCat("the node at ", peer.address, " has the certificate of \"", peer_name_, "\", not of \"", peer.name,
                     "\": correct the addresses in the federation file, or that node's certificate"));
  }
  return absl::OkStatus();
}

void TlsLink::StartReading() {
  last_heard_ = last_sent_ = Clock::now();
  read_buffer_.resize(kReadBuffer);
  WatchIdle();
  ReadMore();
}

void TlsLink::CloseSocket() {
  socket_closed_ = true;
  timer_.cancel();
  boost::system::error_code ignored;
  socket().close(ignored);
}

// --- Reading.

void TlsLink::ReadMore() {
  auto self = shared_from_this();
  stream_.async_read_some(asio::buffer(read_buffer_), [self](const boost::system::error_code& error, std::size_t size) {
    if (error) {
      self->ReadFailed(error);
      return;
    }
    self->last_heard_ = Clock::now();
    absl::Status taken = self->TakeBytes(std::span(self->read_buffer_).first(size));
    if (!taken.ok()) {
      self->Abort(taken);
      return self->ReadMore();
    }
    {
      std::lock_guard lock(self->mutex_);
      if (self->inbox_bytes_ > kInboxBudget && self->failure_.ok()) {
        self->reading_paused_ = true;
        return;
      }
    }
    self->ReadMore();
  });
}

absl::Status TlsLink::TakeBytes(std::span<const std::uint8_t> bytes) {
  if (lingering_) return absl::OkStatus();
  while (!bytes.empty()) {
    if (frame_header_.size() < kHeaderBytes) {
      const std::size_t take = std::min(kHeaderBytes - frame_header_.size(), bytes.size());
      frame_header_.insert(frame_header_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(take));
      bytes = bytes.subspan(take);
      if (frame_header_.size() < kHeaderBytes) break;
    }
    std::uint32_t length = 0;
    for (int i = 0; i < 4; ++i) length |= std::uint32_t{frame_header_[static_cast<std::size_t>(i)]} << (8 * i);
    if (length > kMaxFrame) return absl::DataLossError(absl::StrCat("a frame of ", length, " bytes"));
    if (frame_payload_.empty() && length > bytes.size()) frame_payload_.reserve(length);
    const std::size_t take = std::min<std::size_t>(length - frame_payload_.size(), bytes.size());
    frame_payload_.insert(frame_payload_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(take));
    bytes = bytes.subspan(take);
    if (frame_payload_.size() == length) {
      CARE_RETURN_IF_ERROR(TakeFrame());
      frame_header_.clear();
      frame_payload_.clear();
    }
  }
  return absl::OkStatus();
}

absl::Status TlsLink::TakeFrame() {
  switch (static_cast<FrameKind>(frame_header_[4])) {
    case FrameKind::kHeartbeat:
      return absl::OkStatus();
    case FrameKind::kMore:
      if (message_.size() + frame_payload_.size() > kMaxMessage) return absl::DataLossError("a message without end");
      message_.insert(message_.end(), frame_payload_.begin(), frame_payload_.end());
      return absl::OkStatus();
    case FrameKind::kData: {
      Bytes message = std::move(frame_payload_);
      frame_payload_ = {};
      if (!message_.empty()) {
        message_.insert(message_.end(), message.begin(), message.end());
        message = std::move(message_);
        message_ = {};
      }
      std::lock_guard lock(mutex_);
      if (!failure_.ok()) return absl::OkStatus();
      inbox_bytes_ += message.size() + kMessageCost;
      inbox_.push_back(std::move(message));
      changed_.notify_all();
      return absl::OkStatus();
    }
    case FrameKind::kAbort: {
      const Bytes& bytes = frame_payload_;
      if (bytes.size() < 4) return absl::DataLossError("an abort that is cut short");
      const int code = bytes[0] | bytes[1] << 8;
      const std::size_t name_bytes = static_cast<std::size_t>(bytes[2] | bytes[3] << 8);
      if (bytes.size() < 4 + name_bytes || bytes.size() > 4 + name_bytes + kMaxAbortText) {
        return absl::DataLossError("an abort of the wrong length");
      }
      const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      const bool known = code > 0 && code <= static_cast<int>(absl::StatusCode::kUnauthenticated);
      absl::Status why(known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown,
                       text.substr(4 + name_bytes));
      why = WithOrigin(why, text.substr(4, name_bytes));
      {
        std::lock_guard lock(mutex_);
        drop_inbox_ = true;
      }
      Fail(std::move(why));
      return absl::OkStatus();
    }
    case FrameKind::kGoodbye:
      Fail(absl::UnavailableError(absl::StrCat(PeerLabel(), " closed the connection")), Notify::kNo);
      return absl::OkStatus();
  }
  return absl::DataLossError("a frame of unknown kind");
}

void TlsLink::ReadFailed(const boost::system::error_code& error) {
  if (error.category() == asio::error::get_ssl_category() &&
      IsCertificateAlert(static_cast<unsigned long>(error.value()))) {
    Fail(HandshakeFailed(static_cast<unsigned long>(error.value()), error.message(), PeerLabel(), identity_->name()));
  } else {
    Fail(absl::UnavailableError(absl::StrCat("the connection with ", PeerLabel(), " was lost",
                                             remedy_.empty() ? "" : "; ", remedy_)));
  }
  CloseSocket();
}

// --- Writing.

void TlsLink::AppendFrame(FrameKind kind, std::span<const std::uint8_t> payload) {
  std::uint8_t header[kHeaderBytes];
  const auto length = static_cast<std::uint32_t>(payload.size());
  for (int i = 0; i < 4; ++i) header[i] = static_cast<std::uint8_t>(length >> (8 * i));
  header[4] = static_cast<std::uint8_t>(kind);
  outgoing_bytes_ += kHeaderBytes + payload.size();
  const auto append = [this](std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
      if (outgoing_.empty() || outgoing_.back().size() >= kBlock) {
        outgoing_.emplace_back();
        if (bytes.size() > kBlock / 4) outgoing_.back().reserve(kBlock);
      }
      Bytes& block = outgoing_.back();
      const std::size_t take = std::min(kBlock - block.size(), bytes.size());
      block.insert(block.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(take));
      bytes = bytes.subspan(take);
    }
  };
  append(header);
  append(payload);
}

void TlsLink::WakeWriter() {
  if (writing_) return;
  writing_ = true;
  asio::post(io_, [self = shared_from_this()] { self->WriteNext(); });
}

void TlsLink::WriteNext() {
  {
    std::lock_guard lock(mutex_);
    if (outgoing_.empty() || socket_closed_) {
      writing_ = false;
      if (closing_ && !lingering_) FinishClose();
      return;
    }
    write_buffer_ = std::move(outgoing_.front());
    outgoing_.pop_front();
  }
  auto self = shared_from_this();
  asio::async_write(stream_, asio::buffer(write_buffer_),
                    [self](const boost::system::error_code& error, std::size_t) {
                      self->last_sent_ = Clock::now();
                      {
                        std::lock_guard lock(self->mutex_);
                        self->outgoing_bytes_ -= self->write_buffer_.size();
                        self->changed_.notify_all();
                        if (error) {
                          // The reader says why: the peer's last words may still be on their way.
                          self->outgoing_.clear();
                          self->outgoing_bytes_ = 0;
                        }
                      }
                      self->WriteNext();
                    });
}

void TlsLink::LimitFlush() {
  if (lingering_ || socket_closed_) return;
  timer_.expires_after(kFlush);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (!cancelled && !self->lingering_) self->CloseSocket();
  });
}

// The peer must get our last words, so the socket stays open for reading: closing it over unread bytes would
// reset the connection and could destroy them on the way.
void TlsLink::FinishClose() {
  lingering_ = true;
  boost::system::error_code ignored;
  socket().shutdown(Socket::shutdown_send, ignored);
  if (socket_closed_) return;
  timer_.expires_after(kLinger);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (!cancelled) self->CloseSocket();
  });
  if (reading_paused_) {
    reading_paused_ = false;
    asio::post(io_, [self = shared_from_this()] { self->ReadMore(); });
  }
}

void TlsLink::WatchIdle() {
  {
    std::lock_guard lock(mutex_);
    if (closing_) return;
  }
  const auto third = timeouts_.idle / 3;
  timer_.expires_after(third);
  timer_.async_wait([self = shared_from_this(), third](const boost::system::error_code& cancelled) {
    if (cancelled || self->lingering_ || self->socket_closed_) return;
    const Clock::time_point now = Clock::now();
    bool paused;
    {
      std::lock_guard lock(self->mutex_);
      paused = self->reading_paused_;
      if (!self->closing_ && !self->writing_ && now - self->last_sent_ >= third / 2) {
        self->AppendFrame(FrameKind::kHeartbeat, {});
        self->WakeWriter();
      }
    }
    if (paused) self->last_heard_ = now;
    if (now - self->last_heard_ > self->timeouts_.idle) {
      self->Fail(absl::UnavailableError(absl::StrCat("no sign of life from ", self->PeerLabel(), " for ",
                                                     self->timeouts_.idle.count() / 1000, " s",
                                                     self->remedy_.empty() ? "" : "; ", self->remedy_)));
      self->CloseSocket();
      return;
    }
    self->WatchIdle();
  });
}

// --- The session's side.

void TlsLink::Fail(absl::Status why, Notify notify) {
  {
    std::lock_guard lock(mutex_);
    // The end of the stream after a goodbye is no second failure.
    if (!SetFailure(why)) return;
  }
  if (notify == Notify::kYes) ReportFailure(why);
}

bool TlsLink::SetFailure(const absl::Status& why) {
  if (!failure_.ok()) return false;
  failure_ = why;
  changed_.notify_all();
  return true;
}

void TlsLink::ReportFailure(const absl::Status& failure) {
  std::lock_guard lock(callback_mutex_);
  if (!on_failure_) return;
  const auto callback = std::move(on_failure_);
  on_failure_ = nullptr;
  callback(failure);
}

void TlsLink::OnFailure(std::function<void(const absl::Status&)> callback) {
  absl::Status failure;
  {
    std::lock_guard lock(mutex_);
    failure = failure_;
  }
  std::lock_guard lock(callback_mutex_);
  if (failure.ok() || callback == nullptr) {
    on_failure_ = std::move(callback);
    if (failure.ok() && on_failure_ != nullptr) {
      // It may have failed between the two locks.
      std::lock_guard again(mutex_);
      failure = failure_;
    }
    if (failure.ok() || on_failure_ == nullptr) return;
    callback = std::move(on_failure_);
    on_failure_ = nullptr;
  }
  callback(failure);
}

absl::Status TlsLink::Send(std::span<const std::uint8_t> message) {
  const auto deadline = Clock::now() + timeouts_.receive;
  std::unique_lock lock(mutex_);
  do {
    const std::size_t take = std::min(message.size(), kMaxFrame);
    const auto admitted = [&] {
      return !failure_.ok() || outgoing_bytes_ == 0 || outgoing_bytes_ + take <= kSendBudget;
    };
    if (!changed_.wait_until(lock, deadline, admitted)) {
      return absl::DeadlineExceededError(absl::StrCat(PeerLabel(), " does not take what it is sent"));
    }
    if (!failure_.ok()) return failure_;
    const bool last = take == message.size();
    AppendFrame(last ? FrameKind::kData : FrameKind::kMore, message.first(take));
    message = message.subspan(take);
    meter_.bytes_sent += take;
    if (last) ++meter_.messages_sent;
    WakeWriter();
  } while (!message.empty());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::uint8_t>> TlsLink::ReceiveWithin(std::chrono::milliseconds limit) {
  if (limit.count() == 0) limit = timeouts_.receive;
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return !inbox_.empty() || !failure_.ok(); };
  if (!changed_.wait_until(lock, Clock::now() + limit, ready)) {
    return absl::DeadlineExceededError(
        absl::StrCat(PeerLabel(), " sent no answer within ", limit.count() / 1000, " s"));
  }
  if (!failure_.ok() && (inbox_.empty() || drop_inbox_)) return failure_;
  Bytes message = std::move(inbox_.front());
  inbox_.pop_front();
  inbox_bytes_ -= message.size() + kMessageCost;
  meter_.bytes_received += message.size();
  ++meter_.messages_received;
  if (reading_paused_ && inbox_bytes_ < kInboxBudget / 2) {
    reading_paused_ = false;
    asio::post(io_, [self = shared_from_this()] { self->ReadMore(); });
  }
  return message;
}

void TlsLink::Abort(const absl::Status& why) {
  const std::string origin = OriginOf(why).empty() ? identity_->name() : OriginOf(why);
  const std::string text = MessageWithoutOrigin(why).substr(0, kMaxAbortText);
  Bytes payload{static_cast<std::uint8_t>(why.code()), 0, static_cast<std::uint8_t>(origin.size()),
                static_cast<std::uint8_t>(origin.size() >> 8)};
  payload.insert(payload.end(), origin.begin(), origin.end());
  payload.insert(payload.end(), text.begin(), text.end());
  bool first;
  {
    std::lock_guard lock(mutex_);
    if (closing_) return;
    closing_ = true;
    drop_inbox_ = true;
    // Under one lock with the frame: the peer may read it and hang up before this thread goes on.
    first = SetFailure(why);
    // What is queued would come too late to matter, but a frame that is half written must be finished: only
    // whole blocks at a frame's start could go. So all of it stays ahead of the abort.
    AppendFrame(FrameKind::kAbort, payload);
    WakeWriter();
  }
  asio::post(io_, [self = shared_from_this()] { self->LimitFlush(); });
  if (first) ReportFailure(why);
}

void TlsLink::Close() {
  OnFailure(nullptr);
  {
    std::lock_guard lock(mutex_);
    if (closing_) return;
    closing_ = true;
    if (SetFailure(absl::CancelledError("the channel is closed"))) AppendFrame(FrameKind::kGoodbye, {});
    WakeWriter();
  }
  asio::post(io_, [self = shared_from_this()] { self->LimitFlush(); });
}

ChannelMeter TlsLink::meter() const {
  std::lock_guard lock(mutex_);
  return meter_;
}

}  // namespace care::mpc
