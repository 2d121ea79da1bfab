// mpc/net/tls_link.h
//
// The two halves of a TlsChannel: a session's thread that sends and receives, and the I/O thread that sees to the link
// while no session does. Only tls_channel.cc, tls_listener.cc and dial.h include this.
//
// A session's thread does its own TLS and its own system calls, in Send and while it waits in Receive: a round of
// messages hands nothing to another thread. What the socket does not take at once is left to the I/O thread. It reads, too,
// whenever no Receive began or ended on the link for a moment: it hears aborts and lost links while a session
// computes, answers nothing but heartbeats, and keeps what arrives. Meanwhile a session that drives the link has it taken
// out of the I/O thread's epoll set, or each packet would wake that thread, too.
//
// `mutex_` guards everything that both threads see: TLS state, queues, failure. Nobody sleeps with it. Callbacks run
// without it, under `callback_mutex_`, so that whoever cancels one knows that it has ended.
//
// It lives as long as an operation on the I/O thread is pending; TlsChannel holds one more reference.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/net/frame_reader.h"
#include "mpc/net/tls_channel.h"
#include "mpc/net/tls_handshake_error.h"
#include "mpc/net/tls_pump.h"

namespace care::mpc {

class TlsLink : public std::enable_shared_from_this<TlsLink> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Clock = std::chrono::steady_clock;
  using HandshakeDone = std::function<void(absl::Status)>;

  TlsLink(boost::asio::io_context& io, std::shared_ptr<const TlsIdentity> identity, TlsTimeouts timeouts);
  ~TlsLink();

  // --- On the I/O thread, in this order.
  Socket& socket() { return socket_; }
  // `peer` empty: the server's side, which accepts any certificate of the authority.
  void Handshake(const TlsPeer& peer, HandshakeDone done);
  void StartReading();
  // Before StartReading: gives up on a connection that is not wanted.
  void CloseSocket();

  // --- On the session's thread.
  absl::Status Send(std::span<const std::uint8_t> message);
  // A message of exactly this size.
  absl::Status Receive(std::span<std::uint8_t> message);
  // Zero: the limit of the timeouts.
  absl::StatusOr<std::vector<std::uint8_t>> ReceiveWithin(std::chrono::milliseconds limit);
  void Abort(const absl::Status& why);
  void Close();
  ChannelMeter meter() const;
  void OnFailure(std::function<void(const absl::Status&)> callback);
  void AwaitMessage(std::chrono::milliseconds limit, std::function<void(const absl::Status&)> callback);
  void LimitUnread(std::size_t bytes);

  const std::string& peer_name() const { return peer_name_; }
  const std::string& peer_public_key() const { return peer_public_key_; }
  const std::string& remote_address() const { return remote_address_; }
  const TlsIdentity& identity() const { return *identity_; }

 private:
  using Bytes = std::vector<std::uint8_t>;
  using Lock = std::unique_lock<std::mutex>;

  // --- On the I/O thread: tls_link_handshake.cc.
  void ContinueHandshake(const TlsPeer& peer, const HandshakeDone& done);
  void FinishHandshake(TlsPump::Progress progress, const TlsPeer& peer, const HandshakeDone& done);
  absl::Status IdentifyPeer(const TlsPeer& peer);
  static int KeepRefusal(int verified, X509_STORE_CTX* context);

  // --- On the I/O thread: tls_link_io.cc.
  void ReadNow();
  void AwaitReadable();
  void AwaitWritable();
  void WriteNow();
  // Looks again in a moment whether a session still drives the link; else reads.
  void LookAgain();
  void DropUnread();
  void WatchIdle();
  void LimitFlush(std::uint64_t sent_before);
  void LimitAwait(std::chrono::milliseconds limit, std::uint64_t await);
  void TellAwaiter(const absl::Status& otherwise);
  void FinishClose();
  void Linger(int unsent_before, std::chrono::milliseconds quiet);
  int UnsentBytes();  // that the peer's kernel has not confirmed
  void Watch();       // the socket is in the epoll set
  void Unwatch();     // unless something is waited for

  // --- On either, with mutex_ held.
  enum class Notify : bool { kNo, kYes };
  enum class Until { kMessage, kNothingThere };
  // Reads until a message is there, or there is nothing more to read or reason to stop. True if it should go on later
  // without waiting for the socket.
  bool ReadSome(Until until);
  void TakeEvent(FrameReader::Event event);
  void Lost();
  void OutOfStep(const absl::Status& why);
  bool HasRoom() const;
  void AppendFrame(FrameKind kind, std::span<const std::uint8_t> payload);
  void Flush();
  void AbortWith(const absl::Status& why);
  void BeginClosing();
  void WakeReceiver();
  void WakeAwaiter();
  void ResumeReading();
  // False if there was a failure before. Wakes everybody who waits.
  bool SetFailure(const absl::Status& why, Notify notify = Notify::kYes);
  std::string LostText() const;
  std::string PeerLabel() const { return peer_name_.empty() ? remote_address_ : peer_name_; }

  // The receiving session: a message, or its failure. `place` may be empty.
  absl::StatusOr<std::optional<Bytes>> AwaitAMessage(std::span<std::uint8_t> place, std::chrono::milliseconds limit);
  // Sleeps until the socket can be read or WakeReceiver is called. False when the time is over.
  bool SleepUntilReadable(Lock& lock, Clock::time_point deadline);

  // Without mutex_.
  void ReportFailure(const absl::Status& failure);

  boost::asio::io_context& io_;
  const std::shared_ptr<const TlsIdentity> identity_;
  const TlsTimeouts timeouts_;
  Socket socket_;                                   // until StartReading
  boost::asio::posix::stream_descriptor watched_;   // after it: open while the I/O thread waits for the socket
  boost::asio::steady_timer timer_;                 // handshake, then idle watch, then linger
  boost::asio::steady_timer look_timer_;            // of LookAgain
  boost::asio::steady_timer await_timer_;           // of AwaitMessage

  // Written during the handshake, then constant.
  std::string peer_name_;
  std::string peer_public_key_;
  std::string remote_address_;
  std::string remedy_;
  CertificateRefusal refusal_;

  // I/O thread only.
  bool awaits_readable_ = false;
  bool awaits_writable_ = false;
  bool looks_again_ = false;
  std::uint64_t drives_seen_ = 0;
  bool lingering_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  TlsPump pump_;
  FrameReader reader_;
  int fd_ = -1;              // after StartReading; -1 once closed
  int wake_fd_ = -1;         // an eventfd, once a session receives
  bool socket_closed_ = false;
  bool close_later_ = false;  // fd_, by the receiver that sleeps on it
  bool receiving_ = false;    // a session is in Receive
  bool sleeping_ = false;     // and asleep
  bool delivered_ = false;    // in the place that it offered
  std::uint64_t drives_ = 0;  // counts the beginnings and ends of Receive
  absl::Status failure_;
  bool drop_inbox_ = false;   // an abort overtakes messages
  bool deaf_ = false;         // the peer has lost step, or is lost: what else it says is nothing
  bool closing_ = false;
  bool write_wanted_ = false;  // of the I/O thread
  bool reading_paused_ = false;
  Clock::time_point last_heard_;
  Clock::time_point last_sent_;
  std::deque<Bytes> inbox_;
  std::size_t inbox_bytes_ = 0;
  std::size_t unread_budget_;
  bool awaited_ = false;  // AwaitMessage waits
  ChannelMeter meter_;

  std::recursive_mutex callback_mutex_;
  std::function<void(const absl::Status&)> on_failure_;
  std::function<void(const absl::Status&)> on_message_;
  std::uint64_t await_ = 0;  // counts AwaitMessage, so that an old limit does not end a new wait
};

}  // namespace care::mpc
