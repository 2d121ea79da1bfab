#include "engine/frontend/pgwire/connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "engine/frontend/pgwire/sql_error.h"

namespace care::engine::pgwire {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds kStartup{30};       // from the first byte to the accepted password
constexpr std::chrono::seconds kStalledWrite{60};  // a client that reads nothing
constexpr std::size_t kReadAhead = kMaxMessageBytes + 64 * 1024;
constexpr std::size_t kSmallInput = 64 * 1024;
constexpr std::size_t kWriteAhead = std::size_t{1} << 20;

// A half-open connection is noticed after about a minute and a half.
constexpr int kKeepAliveIdleSeconds = 60;
constexpr int kKeepAliveIntervalSeconds = 10;
constexpr int kKeepAliveProbes = 3;

}  // namespace

Connection::Connection(Socket socket, std::shared_ptr<asio::ssl::context> tls, WorkerPool& pool,
                       SessionServices& services, SessionFacts facts, Ended ended)
    : socket_(std::move(socket)), tls_context_(std::move(tls)), startup_timer_(socket_.get_executor()),
      write_timer_(socket_.get_executor()), pause_timer_(socket_.get_executor()), pool_(pool), facts_(facts), ended_(std::move(ended)),
      session_(services, *this, facts_), memory_(services.memory()) {}

void Connection::Start() {
  SetSocketOptions();
  LimitStartup();
  Read();
}

void Connection::SetSocketOptions() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [this](int option, int value) {
    setsockopt(socket_.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set(TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set(TCP_KEEPCNT, kKeepAliveProbes);
}

void Connection::LimitStartup() {
  startup_timer_.expires_after(kStartup);
  startup_timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->Lost(absl::DeadlineExceededError("the client did not log in in time"));
  });
}

void Connection::Read() {
  if (reading_ || handshaking_ || shut_) return;
  {
    std::lock_guard lock(mutex_);
    // Before the login one message is handled at a time: what follows it may be the handshake of TLS.
    if (closing_ || lost_ || wants_tls_ || (busy_ && !authenticated_) || frames_.buffered() >= kReadAhead) return;
  }
  reading_ = true;
  const auto done = [self = shared_from_this()](const error_code& error, std::size_t count) {
    self->Received(error, count);
  };
  if (tls_.has_value()) {
    tls_->async_read_some(asio::buffer(read_buffer_), done);
  } else {
    socket_.async_read_some(asio::buffer(read_buffer_), done);
  }
}

void Connection::Received(const error_code& error, std::size_t count) {
  reading_ = false;
  if (error) return Lost(absl::CancelledError("the client left before the answer"));
  bool start = false;
  {
    std::lock_guard lock(mutex_);
    frames_.Append(std::string_view(read_buffer_.data(), count));
    too_much_ = too_much_ || !HoldInput();
    start = !busy_ && !closing_;
    busy_ = busy_ || start;
  }
  if (start) pool_.Submit([self = shared_from_this()] { self->HandleMessages(); });
  Read();
}

// A message that a client has begun to send counts as what its session keeps; small ones do not matter.
bool Connection::HoldInput() {
  const std::size_t bytes = frames_.buffered() > kSmallInput ? frames_.buffered() : 0;
  if (bytes > input_bytes_ && !memory_.Take(bytes - input_bytes_)) return false;
  if (bytes < input_bytes_) memory_.Give(input_bytes_ - bytes);
  input_bytes_ = bytes;
  return true;
}

void Connection::HandleMessages(bool resumed) {
  Session::Next next = Session::Next::kContinue;
  while (next == Session::Next::kContinue) {
    absl::StatusOr<std::optional<Message>> message;
    {
      std::lock_guard lock(mutex_);
      if (resumed && lost_) {
        busy_ = false;
        break;
      }
      message = resumed ? Message() : frames_.Next();
      (void)HoldInput();
      if (too_much_) {
        message = SqlStatus(sqlstate::kOutOfMemory, "all sessions together have sent or keep too much",
                            "close cursors and prepared statements that are not needed, and try again later");
      }
      if (message.ok() && (!message->has_value() || lost_)) {
        busy_ = false;
        break;
      }
    }
    if (!message.ok()) {
      session_.Refuse(message.status());
      next = Session::Next::kClose;
      break;
    }
    next = resumed ? session_.Resume() : session_.Handle(**message);
    resumed = false;
    std::lock_guard lock(mutex_);
    if (session_.started()) frames_.ExpectMessages();
    if (session_.authenticated()) {
      frames_.Authenticated();
      authenticated_ = true;
    }
    // Bytes that came before the handshake were sent by nobody knows whom.
    if (next == Session::Next::kStartTls && frames_.buffered() > 0) next = Session::Next::kClose;
    if (next == Session::Next::kContinue) continue;
    if (next == Session::Next::kPause) {  // stays busy: nothing else is read or handled
      asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Pause(); });
      return;
    }
    busy_ = false;
    (next == Session::Next::kStartTls ? wants_tls_ : closing_) = true;
  }
  if (next == Session::Next::kClose) {
    std::lock_guard lock(mutex_);
    busy_ = false;
    closing_ = true;
  }
  asio::post(socket_.get_executor(), [self = shared_from_this(), authenticated = session_.authenticated()] {
    if (authenticated) self->startup_timer_.cancel();
    self->WriteNext();
    self->Read();
    self->EndIfDone();
  });
}

void Connection::Pause() {
  pause_timer_.expires_after(shut_ ? std::chrono::milliseconds(0) : session_.pause());
  // Also when it is cancelled, by Shut: then the connection only ends.
  pause_timer_.async_wait([self = shared_from_this()](const error_code&) {
    self->pool_.Submit([self] { self->HandleMessages(/*resumed=*/true); });
  });
}

void Connection::Send(std::string bytes) {
  {
    std::unique_lock lock(mutex_);
    drained_.wait(lock, [this] { return lost_ || outgoing_bytes_ < kWriteAhead; });
    if (lost_) return;
    outgoing_bytes_ += bytes.size();
    outgoing_.push_back(std::move(bytes));
  }
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->WriteNext(); });
}

void Connection::WriteNext() {
  if (writing_ || handshaking_ || shut_) return;
  {
    std::lock_guard lock(mutex_);
    write_buffer_.clear();
    for (const std::string& block : outgoing_) write_buffer_.append(block);
    outgoing_.clear();
    outgoing_bytes_ = 0;
  }
  drained_.notify_all();
  if (write_buffer_.empty()) {
    write_buffer_.shrink_to_fit();
    return StartTls();
  }
  writing_ = true;
  LimitWrite();
  const auto done = [self = shared_from_this()](const error_code& error, std::size_t) {
    self->writing_ = false;
    self->write_timer_.cancel();
    if (error) return self->Lost(absl::CancelledError("the client left before the answer"));
    self->WriteNext();
    self->EndIfDone();
  };
  if (tls_.has_value()) {
    asio::async_write(*tls_, asio::buffer(write_buffer_), done);
  } else {
    asio::async_write(socket_, asio::buffer(write_buffer_), done);
  }
}

void Connection::LimitWrite() {
  write_timer_.expires_after(kStalledWrite);
  write_timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->Lost(absl::DeadlineExceededError("the client does not read its answer"));
  });
}

void Connection::StartTls() {
  {
    std::lock_guard lock(mutex_);
    if (!wants_tls_ || lost_) return;
    wants_tls_ = false;
  }
  handshaking_ = true;
  tls_.emplace(socket_, *tls_context_);
  tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](const error_code& error) {
    self->handshaking_ = false;
    if (error) return self->Lost(absl::CancelledError("no TLS"));
    self->session_.EncryptionStarted();
    self->Read();
  });
}

void Connection::Stop(const absl::Status& why) { Lost(why); }

void Connection::Lost(const absl::Status& why) {
  {
    std::lock_guard lock(mutex_);
    lost_ = true;
    outgoing_.clear();
    outgoing_bytes_ = 0;
  }
  drained_.notify_all();
  session_.Stop(why);
  Shut();
  EndIfDone();
}

void Connection::Shut() {
  if (shut_) return;
  shut_ = true;
  startup_timer_.cancel();
  write_timer_.cancel();
  pause_timer_.cancel();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

// The connection is over when nothing runs, and all is sent or cannot be.
void Connection::EndIfDone() {
  {
    std::lock_guard lock(mutex_);
    if (busy_ || (!closing_ && !lost_)) return;
    if (!lost_ && (writing_ || !outgoing_.empty())) return;
  }
  Shut();
  if (told_ended_) return;
  told_ended_ = true;
  ended_(shared_from_this());
}

}  // namespace care::engine::pgwire
