#include "mpc/net/tls_link.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/openssl_handles.h"

namespace care::mpc {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kSendBudget = std::size_t{16} << 20;
constexpr std::size_t kMessageCost = 64;  // what a queued message takes besides its bytes: empty ones count, too
constexpr std::size_t kBlock = std::size_t{256} << 10;     // one write
constexpr std::size_t kReadBuffer = std::size_t{64} << 10;
// A peer that takes not even one block in this time does not get the rest: 256 kB in 10 s are 0.2 Mbit/s.
constexpr std::chrono::seconds kFlush{10};
constexpr std::chrono::seconds kLinger{2};
constexpr std::chrono::milliseconds kLingerStep{500};

SSL_CTX* Share(SSL_CTX* context) {
  SSL_CTX_up_ref(context);
  return context;
}

}  // namespace

TlsLink::TlsLink(asio::io_context& io, std::shared_ptr<const TlsIdentity> identity, TlsTimeouts timeouts)
    : io_(io),
      identity_(std::move(identity)),
      timeouts_(timeouts),
      ssl_context_(Share(identity_->native())),
      stream_(io, ssl_context_),
      timer_(io),
      await_timer_(io),
      reader_(kMostUnread),
      unread_budget_(kMostUnread) {}

void TlsLink::StartReading() {
  last_heard_ = last_sent_ = Clock::now();
  read_buffer_.resize(kReadBuffer);
  WatchIdle();
  ReadMore();
}

void TlsLink::CloseSocket() {
  socket_closed_ = true;
  timer_.cancel();
  await_timer_.cancel();
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
    if (self->deaf_ || self->lingering_) return self->ReadMore();
    {
      std::lock_guard lock(self->mutex_);
      self->reader_.LimitMessages(self->unread_budget_);
    }
    const absl::Status taken =
        self->reader_.Take(std::span(self->read_buffer_).first(size),
                           [&self](FrameReader::Event event) { self->TakeEvent(std::move(event)); });
    if (!taken.ok()) {
      self->deaf_ = true;
      self->Abort(absl::Status(taken.code(), absl::StrCat("out of step with ", self->PeerLabel(), ", which sent ",
                                                          taken.message(), "; install the same version of care at both")));
      return self->ReadMore();
    }
    {
      // Never with an empty inbox: whoever receives then waits for the rest of this message.
      std::lock_guard lock(self->mutex_);
      self->partial_bytes_ = self->reader_.held_bytes();
      if (!self->inbox_.empty() && self->inbox_bytes_ + self->partial_bytes_ > self->unread_budget_ &&
          self->failure_.ok()) {
        self->reading_paused_ = true;
        return;
      }
    }
    self->ReadMore();
  });
}

void TlsLink::TakeEvent(FrameReader::Event event) {
  if (auto* message = std::get_if<FrameReader::Message>(&event)) {
    std::lock_guard lock(mutex_);
    if (!failure_.ok()) return;
    inbox_bytes_ += message->bytes.size() + kMessageCost;
    inbox_.push_back(std::move(message->bytes));
    changed_.notify_all();
    WakeAwaiter();
  } else if (auto* abort = std::get_if<FrameReader::Abort>(&event)) {
    {
      std::lock_guard lock(mutex_);
      drop_inbox_ = true;
    }
    Fail(std::move(abort->why));
  } else {
    Fail(absl::UnavailableError(absl::StrCat(PeerLabel(), " closed the connection")), Notify::kNo);
  }
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
  outgoing_bytes_ += kFrameHeaderBytes + payload.size();
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
  append(FrameHeader(kind, payload.size()));
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
                      if (!error) ++self->blocks_written_;
                      {
                        std::lock_guard lock(self->mutex_);
                        self->outgoing_bytes_ -= self->write_buffer_.size();
                        self->changed_.notify_all();
                        if (error) {
                          // The reader says why: the peer's last words may still be on their way.
                          self->outgoing_.clear();
                          self->outgoing_bytes_ = 0;
                          self->ResumeReading();
                        }
                      }
                      self->WriteNext();
                    });
}

// A slow peer has time as long as it takes something.
void TlsLink::LimitFlush(std::uint64_t blocks_written_before) {
  if (lingering_ || socket_closed_) return;
  timer_.expires_after(kFlush);
  timer_.async_wait([self = shared_from_this(), blocks_written_before](const boost::system::error_code& cancelled) {
    if (cancelled || self->lingering_) return;
    if (self->blocks_written_ == blocks_written_before) return self->CloseSocket();
    self->LimitFlush(self->blocks_written_);
  });
}

// The peer must get our last words, so the socket stays open for reading: closing it over unread bytes would
// reset the connection and could destroy them on the way.
void TlsLink::FinishClose() {
  lingering_ = true;
  boost::system::error_code ignored;
  socket().shutdown(Socket::shutdown_send, ignored);
  if (socket_closed_) return;
  Linger(UnsentBytes(), {});
  ResumeReading();
}

// All is written, but on a slow link it waits in the kernel, and whatever the peer says to a closed socket would
// destroy it there.
void TlsLink::Linger(int unsent_before, std::chrono::milliseconds quiet) {
  timer_.expires_after(kLingerStep);
  timer_.async_wait([self = shared_from_this(), unsent_before, quiet](const boost::system::error_code& cancelled) {
    if (cancelled || self->socket_closed_) return;
    const int unsent = self->UnsentBytes();
    const std::chrono::milliseconds quiet_now = unsent < unsent_before ? std::chrono::milliseconds(0) : quiet + kLingerStep;
    if (quiet_now >= (unsent == 0 ? kLinger : kFlush)) return self->CloseSocket();
    self->Linger(unsent, quiet_now);
  });
}

int TlsLink::UnsentBytes() {
  int bytes = 0;
  return ioctl(socket().native_handle(), SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

void TlsLink::ResumeReading() {
  if (!reading_paused_) return;
  reading_paused_ = false;
  asio::post(io_, [self = shared_from_this()] { self->ReadMore(); });
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
  WakeAwaiter();
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

void TlsLink::AwaitMessage(std::chrono::milliseconds limit, std::function<void(const absl::Status&)> callback) {
  std::lock_guard callback_lock(callback_mutex_);
  const bool wanted = callback != nullptr;
  if (!wanted && on_message_ == nullptr) return;
  on_message_ = std::move(callback);
  ++await_;
  {
    std::lock_guard lock(mutex_);
    awaited_ = wanted;
    if (wanted && (!inbox_.empty() || !failure_.ok())) WakeAwaiter();
  }
  asio::post(io_, [self = shared_from_this(), limit, await = await_] { self->LimitAwait(limit, await); });
}

void TlsLink::LimitAwait(std::chrono::milliseconds limit, std::uint64_t await) {
  if (limit.count() == 0 || socket_closed_) {
    await_timer_.cancel();
    return;
  }
  await_timer_.expires_after(limit);
  await_timer_.async_wait([self = shared_from_this(), limit, await](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    std::lock_guard lock(self->callback_mutex_);
    if (self->await_ != await) return;
    self->TellAwaiter(absl::DeadlineExceededError(
        absl::StrCat(self->PeerLabel(), " said nothing within ", limit.count() / 1000, " s")));
  });
}

void TlsLink::WakeAwaiter() {
  if (!awaited_) return;
  awaited_ = false;
  asio::post(io_, [self = shared_from_this()] { self->TellAwaiter(absl::OkStatus()); });
}

// Tells of a message, else of a failure, else of `otherwise`, if that is an error.
void TlsLink::TellAwaiter(const absl::Status& otherwise) {
  std::lock_guard callback_lock(callback_mutex_);
  if (on_message_ == nullptr) return;
  absl::Status status = otherwise;
  {
    std::lock_guard lock(mutex_);
    const bool arrived = !inbox_.empty() && !drop_inbox_;
    if (!arrived && failure_.ok() && otherwise.ok()) {
      awaited_ = true;
      return;
    }
    if (arrived || !failure_.ok()) status = arrived ? absl::OkStatus() : failure_;
    awaited_ = false;
  }
  await_timer_.cancel();
  const auto callback = std::exchange(on_message_, nullptr);
  callback(status);
}

void TlsLink::LimitUnread(std::size_t bytes) {
  std::lock_guard lock(mutex_);
  unread_budget_ = bytes;
  if (inbox_.empty() || inbox_bytes_ + partial_bytes_ < unread_budget_ / 2) ResumeReading();
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
  if (inbox_.empty() || inbox_bytes_ + partial_bytes_ < unread_budget_ / 2) ResumeReading();
  return message;
}

void TlsLink::Abort(const absl::Status& why) {
  const Bytes payload = AbortPayload(why, identity_->name());
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
  asio::post(io_, [self = shared_from_this()] { self->LimitFlush(self->blocks_written_); });
  if (first) ReportFailure(why);
}

void TlsLink::Close() {
  OnFailure(nullptr);
  AwaitMessage({}, nullptr);
  {
    std::lock_guard lock(mutex_);
    if (closing_) return;
    closing_ = true;
    if (SetFailure(absl::CancelledError("the channel is closed"))) AppendFrame(FrameKind::kGoodbye, {});
    WakeWriter();
  }
  asio::post(io_, [self = shared_from_this()] { self->LimitFlush(self->blocks_written_); });
}

ChannelMeter TlsLink::meter() const {
  std::lock_guard lock(mutex_);
  return meter_;
}

}  // namespace care::mpc
