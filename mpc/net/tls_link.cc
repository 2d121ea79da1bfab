// The session's side of a link; tls_link_io.cc has the other.

#include "mpc/net/tls_link.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <climits>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::mpc {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kSendBudget = std::size_t{16} << 20;
constexpr std::size_t kMessageCost = 64;  // what a queued message takes besides its bytes: empty ones count, too
constexpr std::size_t kTurn = std::size_t{1} << 20;  // that the I/O thread reads of one link before it serves another
constexpr std::size_t kSmallFrame = std::size_t{16} << 10;  // one record, with its header

// Wakes whoever sleeps on an eventfd.
void Ring(int event) {
  const std::uint64_t one = 1;
  (void)!write(event, &one, sizeof one);
}

void Silence(int event) {
  std::uint64_t count = 0;
  (void)!read(event, &count, sizeof count);
}

}  // namespace

TlsLink::TlsLink(asio::io_context& io, std::shared_ptr<const TlsIdentity> identity, TlsTimeouts timeouts)
    : io_(io),
      identity_(std::move(identity)),
      timeouts_(timeouts),
      socket_(io),
      watched_(io),
      timer_(io),
      look_timer_(io),
      await_timer_(io),
      pump_(identity_->native()),
      reader_(kMostUnread),
      unread_budget_(kMostUnread) {}

TlsLink::~TlsLink() {
  if (watched_.is_open()) watched_.release();
  if (fd_ >= 0) close(fd_);
  if (wake_fd_ >= 0) close(wake_fd_);
}

// --- Sending.

void TlsLink::AppendFrame(FrameKind kind, std::span<const std::uint8_t> payload) {
  const auto header = FrameHeader(kind, payload.size());
  if (header.size() + payload.size() > kSmallFrame) {
    pump_.Write(header);
    pump_.Write(payload);
    return;
  }
  std::array<std::uint8_t, kSmallFrame> frame;
  std::copy(header.begin(), header.end(), frame.begin());
  std::copy(payload.begin(), payload.end(), frame.begin() + header.size());
  pump_.Write(std::span(frame).first(header.size() + payload.size()));
}

void TlsLink::Flush() {
  pump_.Flush();
  last_sent_ = Clock::now();
  // The reader says why the connection broke: the peer's last words may still be on their way.
  if (pump_.broken()) ResumeReading();
  if (pump_.unsent() == 0 || write_wanted_) return;
  write_wanted_ = true;
  asio::post(io_, [self = shared_from_this()] { self->AwaitWritable(); });
}

absl::Status TlsLink::Send(std::span<const std::uint8_t> message) {
  Lock lock(mutex_);
  do {
    const std::size_t take = std::min(message.size(), kMaxFrame);
    const auto admitted = [&] {
      return !failure_.ok() || pump_.unsent() == 0 || pump_.unsent() + take <= kSendBudget;
    };
    if (!admitted()) {
      // The peer may be sending, too, and take nothing before it is rid of that.
      asio::post(io_, [self = shared_from_this()] { self->ReadNow(); });
      if (!changed_.wait_until(lock, Clock::now() + timeouts_.receive, admitted)) {
        return absl::DeadlineExceededError(absl::StrCat(PeerLabel(), " does not take what it is sent"));
      }
    }
    if (!failure_.ok()) return failure_;
    const bool last = take == message.size();
    AppendFrame(last ? FrameKind::kData : FrameKind::kMore, message.first(take));
    Flush();
    message = message.subspan(take);
    meter_.bytes_sent += take;
    if (last) ++meter_.messages_sent;
  } while (!message.empty());
  return absl::OkStatus();
}

// --- Receiving.

bool TlsLink::HasRoom() const {
  // With an empty inbox there is room always: whoever receives then waits for the rest of this message.
  return inbox_.empty() || inbox_bytes_ + reader_.held_bytes() <= unread_budget_;
}

bool TlsLink::ReadSome(Until until) {
  const std::size_t queued = inbox_.size();
  std::size_t taken = 0;
  bool again = false;
  while (!deaf_ && !socket_closed_) {
    if (until == Until::kMessage && (delivered_ || inbox_.size() > queued || !failure_.ok())) break;
    if (until == Until::kNothingThere && failure_.ok() && !HasRoom()) {
      reading_paused_ = true;
      break;
    }
    again = until == Until::kNothingThere && taken >= kTurn;
    if (again) break;
    const TlsPump::Taken read = pump_.Read(reader_.Room());
    if (read.progress == TlsPump::Progress::kWait) break;
    if (read.progress == TlsPump::Progress::kLost) {
      Lost();
      break;
    }
    taken += read.bytes;
    const absl::Status status =
        reader_.Filled(read.bytes, [this](FrameReader::Event event) { TakeEvent(std::move(event)); });
    if (!status.ok()) OutOfStep(status);
  }
  if (taken > 0) last_heard_ = Clock::now();
  if (pump_.unsent() > 0 && !write_wanted_) Flush();  // TLS itself had to say something
  return again;
}

void TlsLink::TakeEvent(FrameReader::Event event) {
  if (auto* message = std::get_if<FrameReader::Message>(&event)) {
    if (!failure_.ok()) return;
    inbox_bytes_ += message->bytes.size() + kMessageCost;
    inbox_.push_back(std::move(message->bytes));
    WakeReceiver();
    WakeAwaiter();
  } else if (std::holds_alternative<FrameReader::InPlace>(event)) {
    delivered_ = true;
  } else if (auto* abort = std::get_if<FrameReader::Abort>(&event)) {
    drop_inbox_ = true;
    SetFailure(abort->why);
  } else {
    SetFailure(absl::UnavailableError(absl::StrCat(PeerLabel(), " closed the connection")), Notify::kNo);
  }
}

absl::StatusOr<std::optional<TlsLink::Bytes>> TlsLink::AwaitAMessage(std::span<std::uint8_t> place,
                                                                     std::chrono::milliseconds limit) {
  if (limit.count() == 0) limit = timeouts_.receive;
  std::optional<Clock::time_point> deadline;  // from the first sleep: what is there needs no clock
  Lock lock(mutex_);
  struct Driving {
    explicit Driving(TlsLink& driven) : link(driven) {
      link.receiving_ = true;
      link.delivered_ = false;
      ++link.drives_;
    }
    ~Driving() {
      link.reader_.Withdraw();
      link.receiving_ = false;
      ++link.drives_;
    }
    TlsLink& link;
  } driving(*this);
  if (!place.empty()) pump_.ExpectMuch();
  for (;;) {
    if (delivered_) {
      meter_.bytes_received += place.size();
      ++meter_.messages_received;
      return std::nullopt;
    }
    if (!failure_.ok() && (inbox_.empty() || drop_inbox_)) return failure_;
    if (!inbox_.empty()) {
      Bytes message = std::move(inbox_.front());
      inbox_.pop_front();
      inbox_bytes_ -= message.size() + kMessageCost;
      meter_.bytes_received += message.size();
      ++meter_.messages_received;
      if (inbox_.empty() || inbox_bytes_ + reader_.held_bytes() < unread_budget_ / 2) ResumeReading();
      return message;
    }
    if (!place.empty()) reader_.Offer(place);
    ReadSome(Until::kMessage);
    if (delivered_ || !inbox_.empty() || !failure_.ok()) continue;
    if (!deadline.has_value()) deadline = Clock::now() + limit;
    if (!SleepUntilReadable(lock, *deadline)) {
      return absl::DeadlineExceededError(
          absl::StrCat(PeerLabel(), " sent no answer within ", limit.count() / 1000, " s"));
    }
  }
}

bool TlsLink::SleepUntilReadable(Lock& lock, Clock::time_point deadline) {
  if (wake_fd_ < 0) {
    wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_fd_ < 0) {
      SetFailure(absl::ResourceExhaustedError("no more file descriptors: raise the limit of open files"));
      return true;
    }
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd wait[2] = {{fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
  sleeping_ = true;
  lock.unlock();
  const int ready = poll(wait, 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX)));
  lock.lock();
  sleeping_ = false;
  if (wait[1].revents != 0) Silence(wake_fd_);
  if (close_later_) {
    close_later_ = false;
    close(std::exchange(fd_, -1));
  }
  return ready != 0;
}

void TlsLink::WakeReceiver() {
  if (sleeping_) Ring(wake_fd_);
}

absl::Status TlsLink::Receive(std::span<std::uint8_t> message) {
  CARE_ASSIGN_OR_RETURN(const std::optional<Bytes> bytes, AwaitAMessage(message, {}));
  if (!bytes.has_value()) return absl::OkStatus();
  if (bytes->size() != message.size()) {
    return absl::DataLossError(absl::StrCat("out of step with ", PeerLabel(), ": a message of ", bytes->size(),
                                            " bytes instead of ", message.size(),
                                            "; install the same version of care at both"));
  }
  std::copy(bytes->begin(), bytes->end(), message.begin());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::uint8_t>> TlsLink::ReceiveWithin(std::chrono::milliseconds limit) {
  CARE_ASSIGN_OR_RETURN(std::optional<Bytes> message, AwaitAMessage({}, limit));
  return std::move(message).value();  // without a buffer to fill, it is there
}

void TlsLink::LimitUnread(std::size_t bytes) {
  std::lock_guard lock(mutex_);
  unread_budget_ = bytes;
  reader_.LimitMessages(bytes);
  if (inbox_.empty() || inbox_bytes_ + reader_.held_bytes() < unread_budget_ / 2) ResumeReading();
}

void TlsLink::ResumeReading() {
  if (!reading_paused_) return;
  reading_paused_ = false;
  asio::post(io_, [self = shared_from_this()] { self->ReadNow(); });
}

// --- Failing and closing.

std::string TlsLink::LostText() const {
  return absl::StrCat("the connection with ", PeerLabel(), " was lost", remedy_.empty() ? "" : "; ", remedy_);
}

void TlsLink::Lost() {
  deaf_ = true;
  const bool refused = pump_.error() != 0 && IsCertificateAlert(pump_.error());
  SetFailure(refused ? HandshakeFailed(pump_.error(), pump_.reason(), PeerLabel(), identity_->name())
                     : absl::UnavailableError(LostText()));
  asio::post(io_, [self = shared_from_this()] { self->CloseSocket(); });
}

void TlsLink::OutOfStep(const absl::Status& why) {
  deaf_ = true;
  AbortWith(absl::Status(why.code(), absl::StrCat("out of step with ", PeerLabel(), ", which sent ", why.message(),
                                                  "; install the same version of care at both")));
}

bool TlsLink::SetFailure(const absl::Status& why, Notify notify) {
  // The end of the stream after a goodbye is no second failure.
  if (!failure_.ok()) return false;
  failure_ = why;
  changed_.notify_all();
  WakeReceiver();
  WakeAwaiter();
  if (notify == Notify::kYes) asio::post(io_, [self = shared_from_this(), why] { self->ReportFailure(why); });
  return true;
}

void TlsLink::AbortWith(const absl::Status& why) {
  if (closing_) return;
  closing_ = true;
  drop_inbox_ = true;
  // Under one lock with the frame: the peer may read it and hang up before this thread goes on.
  SetFailure(why);
  // What is queued would come too late to matter, but it is encrypted, and a frame that is half sent must be finished:
  // all of it stays ahead of the abort.
  AppendFrame(FrameKind::kAbort, AbortPayload(why, identity_->name()));
  BeginClosing();
}

void TlsLink::BeginClosing() {
  Flush();
  asio::post(io_, [self = shared_from_this(), sent = pump_.sent(), all = pump_.unsent() == 0] {
    if (all) return self->FinishClose();
    self->LimitFlush(sent);
  });
}

void TlsLink::Abort(const absl::Status& why) {
  // It is told on the I/O thread, where no other link's callback runs meanwhile: one that aborts other links never
  // waits for theirs.
  std::lock_guard lock(mutex_);
  AbortWith(why);
}

void TlsLink::Close() {
  OnFailure(nullptr);
  AwaitMessage({}, nullptr);
  std::lock_guard lock(mutex_);
  if (closing_) return;
  closing_ = true;
  if (SetFailure(absl::CancelledError("the channel is closed"), Notify::kNo)) AppendFrame(FrameKind::kGoodbye, {});
  BeginClosing();
}

ChannelMeter TlsLink::meter() const {
  std::lock_guard lock(mutex_);
  return meter_;
}

}  // namespace care::mpc
