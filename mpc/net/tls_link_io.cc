// The I/O thread's side of a link: what happens while no session drives it.

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "mpc/net/tls_link.h"

namespace care::mpc {
namespace {

namespace asio = boost::asio;

// How long a link may be left alone by the session that drove it before this thread listens to it.
constexpr std::chrono::milliseconds kLook{50};
// A peer that takes nothing in this time does not get the rest.
constexpr std::chrono::seconds kFlush{10};
constexpr std::chrono::seconds kLinger{2};
constexpr std::chrono::milliseconds kLingerStep{500};
constexpr std::size_t kDropped = std::size_t{64} << 10;
constexpr int kDropsInATurn = 16;

}  // namespace

void TlsLink::StartReading() {
  boost::system::error_code ignored;
  {
    std::lock_guard lock(mutex_);
    fd_ = socket_.release(ignored);
    pump_.Attach(fd_);
    last_heard_ = last_sent_ = Clock::now();
  }
  WatchIdle();
  ReadNow();
}

void TlsLink::CloseSocket() {
  std::lock_guard lock(mutex_);
  socket_closed_ = true;
  timer_.cancel();
  look_timer_.cancel();
  await_timer_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (watched_.is_open()) watched_.release();
  pump_.Attach(-1);
  if (fd_ < 0) return;
  shutdown(fd_, SHUT_RDWR);
  if (sleeping_) {
    // Its number must not be another's while a receiver sleeps on it.
    close_later_ = true;
    WakeReceiver();
  } else {
    close(std::exchange(fd_, -1));
  }
}

void TlsLink::Watch() {
  boost::system::error_code ignored;
  if (!watched_.is_open()) watched_.assign(fd_, ignored);
}

void TlsLink::Unwatch() {
  if (watched_.is_open() && !awaits_readable_ && !awaits_writable_) watched_.release();
}

// --- Reading.

void TlsLink::ReadNow() {
  enum class Next { kNothing, kDrop, kLookAgain, kReadOn, kWait } next = Next::kWait;
  {
    std::lock_guard lock(mutex_);
    if (socket_closed_ || reading_paused_) {
      next = Next::kNothing;
    } else if (lingering_ || deaf_) {
      next = Next::kDrop;
    } else if (receiving_) {
      next = Next::kLookAgain;
    } else if (ReadSome(Until::kNothingThere)) {
      next = Next::kReadOn;
    } else if (reading_paused_ || deaf_) {
      next = Next::kNothing;
    }
  }
  switch (next) {
    case Next::kNothing:
      return;
    case Next::kDrop:
      return DropUnread();
    case Next::kLookAgain:
      return LookAgain();
    case Next::kReadOn:
      asio::post(io_, [self = shared_from_this()] { self->ReadNow(); });
      return;
    case Next::kWait:
      return AwaitReadable();
  }
}

void TlsLink::AwaitReadable() {
  if (awaits_readable_) return;
  Watch();
  awaits_readable_ = true;
  watched_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        self->awaits_readable_ = false;
                        if (error) return;
                        bool driven;
                        {
                          std::lock_guard lock(self->mutex_);
                          driven = self->drives_ != self->drives_seen_ && !self->awaited_;
                        }
                        driven ? self->LookAgain() : self->ReadNow();
                      });
}

void TlsLink::LookAgain() {
  if (looks_again_) return;
  looks_again_ = true;
  Unwatch();
  {
    std::lock_guard lock(mutex_);
    drives_seen_ = drives_;
  }
  look_timer_.expires_after(kLook);
  look_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    self->looks_again_ = false;
    if (cancelled) return;
    bool driven;
    {
      std::lock_guard lock(self->mutex_);
      driven = self->receiving_ || self->drives_ != self->drives_seen_;
    }
    driven ? self->LookAgain() : self->ReadNow();
  });
}

void TlsLink::DropUnread() {
  std::array<std::uint8_t, kDropped> room;
  for (int turn = 0; turn < kDropsInATurn; ++turn) {
    const ssize_t taken = recv(fd_, room.data(), room.size(), 0);
    if (taken > 0) continue;
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return AwaitReadable();
    return CloseSocket();
  }
  asio::post(io_, [self = shared_from_this()] { self->ReadNow(); });
}

// --- Writing.

void TlsLink::AwaitWritable() {
  {
    std::lock_guard lock(mutex_);
    if (socket_closed_) return;
  }
  if (awaits_writable_) return;
  Watch();
  awaits_writable_ = true;
  watched_.async_wait(asio::posix::stream_descriptor::wait_write,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        self->awaits_writable_ = false;
                        if (!error) self->WriteNow();
                      });
}

void TlsLink::WriteNow() {
  bool more;
  bool closing;
  {
    std::lock_guard lock(mutex_);
    if (socket_closed_) return;
    pump_.Flush();
    last_sent_ = Clock::now();
    changed_.notify_all();
    more = pump_.unsent() > 0;
    write_wanted_ = more;
    closing = closing_;
    if (pump_.broken()) ResumeReading();
  }
  if (more) return AwaitWritable();
  if (closing) return FinishClose();
  Unwatch();
}

// A slow peer has time as long as it takes something.
void TlsLink::LimitFlush(std::uint64_t sent_before) {
  {
    std::lock_guard lock(mutex_);
    if (socket_closed_) return;
  }
  if (lingering_) return;
  timer_.expires_after(kFlush);
  timer_.async_wait([self = shared_from_this(), sent_before](const boost::system::error_code& cancelled) {
    if (cancelled || self->lingering_) return;
    std::uint64_t sent;
    {
      std::lock_guard lock(self->mutex_);
      sent = self->pump_.sent();
    }
    if (sent == sent_before) return self->CloseSocket();
    self->LimitFlush(sent);
  });
}

// The peer must get our last words, so the socket stays open for reading: closing it over unread bytes would
// reset the connection and could destroy them on the way.
void TlsLink::FinishClose() {
  {
    std::lock_guard lock(mutex_);
    if (lingering_ || socket_closed_) return;
    lingering_ = true;
    reading_paused_ = false;
    shutdown(fd_, SHUT_WR);
  }
  Linger(UnsentBytes(), {});
  DropUnread();
}

// All is written, but on a slow link it waits in the kernel, and whatever the peer says to a closed socket would
// destroy it there.
void TlsLink::Linger(int unsent_before, std::chrono::milliseconds quiet) {
  timer_.expires_after(kLingerStep);
  timer_.async_wait([self = shared_from_this(), unsent_before, quiet](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    {
      std::lock_guard lock(self->mutex_);
      if (self->socket_closed_) return;
    }
    const int unsent = self->UnsentBytes();
    const std::chrono::milliseconds quiet_now =
        unsent < unsent_before ? std::chrono::milliseconds(0) : quiet + kLingerStep;
    if (quiet_now >= (unsent == 0 ? kLinger : kFlush)) return self->CloseSocket();
    self->Linger(unsent, quiet_now);
  });
}

int TlsLink::UnsentBytes() {
  int bytes = 0;
  return ioctl(fd_, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

void TlsLink::WatchIdle() {
  const auto third = timeouts_.idle / 3;
  {
    std::lock_guard lock(mutex_);
    if (closing_) return;
    timer_.expires_after(third);
  }
  timer_.async_wait([self = shared_from_this(), third](const boost::system::error_code& cancelled) {
    if (cancelled || self->lingering_) return;
    const Clock::time_point now = Clock::now();
    bool silent;
    {
      std::lock_guard lock(self->mutex_);
      if (self->socket_closed_) return;
      if (!self->closing_ && self->pump_.unsent() == 0 && now - self->last_sent_ >= third / 2) {
        self->AppendFrame(FrameKind::kHeartbeat, {});
        self->Flush();
      }
      if (self->reading_paused_) self->last_heard_ = now;
      silent = now - self->last_heard_ > self->timeouts_.idle;
      if (silent) {
        self->SetFailure(absl::UnavailableError(absl::StrCat("no sign of life from ", self->PeerLabel(), " for ",
                                                             self->timeouts_.idle.count() / 1000, " s",
                                                             self->remedy_.empty() ? "" : "; ", self->remedy_)));
      }
    }
    silent ? self->CloseSocket() : self->WatchIdle();
  });
}

// --- Telling others.

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
  asio::post(io_, [self = shared_from_this(), limit, await = await_, wanted] {
    self->LimitAwait(limit, await);
    if (wanted) self->ReadNow();
  });
}

void TlsLink::LimitAwait(std::chrono::milliseconds limit, std::uint64_t await) {
  {
    std::lock_guard lock(mutex_);
    if (limit.count() == 0 || socket_closed_) {
      await_timer_.cancel();
      return;
    }
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

}  // namespace care::mpc
