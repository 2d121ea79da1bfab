// mpc/net/tls_link.h
//
// The two halves of a TlsChannel: an Asio stream that only the I/O thread touches, and queues between it and
// the session's thread. Only tls_channel.cc and tls_listener.cc include this.
//
// It lives as long as an operation of its stream is pending; TlsChannel holds one more reference. The stream's
// operations all begin on the I/O thread. `mutex_` guards what both threads see. Callbacks run without it, under
// `callback_mutex_`, so that whoever cancels one knows that it has ended.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/net/frame_reader.h"
#include "mpc/net/tls_channel.h"
#include "mpc/net/tls_handshake_error.h"

namespace care::mpc {

class TlsLink : public std::enable_shared_from_this<TlsLink> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Clock = std::chrono::steady_clock;
  using HandshakeDone = std::function<void(absl::Status)>;

  TlsLink(boost::asio::io_context& io, std::shared_ptr<const TlsIdentity> identity, TlsTimeouts timeouts);

  // --- On the I/O thread, in this order.
  Socket& socket() { return stream_.next_layer(); }
  // `peer` empty: the server's side, which accepts any certificate of the authority.
  void Handshake(const TlsPeer& peer, HandshakeDone done);
  void StartReading();
  // Before StartReading: gives up on a connection that is not wanted.
  void CloseSocket();

  // --- On the session's thread.
  absl::Status Send(std::span<const std::uint8_t> message);
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

  // --- On the I/O thread.
  void FinishHandshake(const boost::system::error_code& error, const TlsPeer& peer, const HandshakeDone& done);
  absl::Status IdentifyPeer(const TlsPeer& peer);
  void ReadMore();
  void TakeEvent(FrameReader::Event event);
  void ReadFailed(const boost::system::error_code& error);
  void WriteNext();
  void WatchIdle();
  void LimitFlush(std::uint64_t blocks_written_before);
  void LimitAwait(std::chrono::milliseconds limit, std::uint64_t await);
  void TellAwaiter(const absl::Status& otherwise);
  void FinishClose();
  void Linger(int unsent_before, std::chrono::milliseconds quiet);
  int UnsentBytes();  // that the peer's kernel has not confirmed

  // --- On either, with mutex_ held.
  void AppendFrame(FrameKind kind, std::span<const std::uint8_t> payload);
  void WakeWriter();
  void WakeAwaiter();
  void ResumeReading();
  // False if there was a failure before. Wakes everybody who waits.
  bool SetFailure(const absl::Status& why);

  // The first failure stays. Without mutex_.
  enum class Notify : bool { kNo, kYes };
  void Fail(absl::Status why, Notify notify = Notify::kYes);
  void ReportFailure(const absl::Status& failure);
  std::string PeerLabel() const { return peer_name_.empty() ? remote_address_ : peer_name_; }

  boost::asio::io_context& io_;
  const std::shared_ptr<const TlsIdentity> identity_;
  const TlsTimeouts timeouts_;
  boost::asio::ssl::context ssl_context_;
  boost::asio::ssl::stream<Socket> stream_;
  boost::asio::steady_timer timer_;        // handshake, then idle watch, then linger
  boost::asio::steady_timer await_timer_;  // of AwaitMessage

  // Written during the handshake, then constant.
  std::string peer_name_;
  std::string peer_public_key_;
  std::string remote_address_;
  std::string remedy_;
  CertificateRefusal refusal_;

  // I/O thread only.
  Bytes read_buffer_;
  FrameReader reader_;
  Bytes write_buffer_;
  std::uint64_t blocks_written_ = 0;
  Clock::time_point last_heard_;
  Clock::time_point last_sent_;
  bool deaf_ = false;  // the peer has lost step: what else it says is nothing
  bool lingering_ = false;
  bool socket_closed_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status failure_;
  bool drop_inbox_ = false;   // an abort overtakes messages
  bool closing_ = false;
  bool writing_ = false;      // a write is pending or posted
  bool reading_paused_ = false;
  std::deque<Bytes> outgoing_;  // blocks of frames
  std::size_t outgoing_bytes_ = 0;
  std::deque<Bytes> inbox_;
  std::size_t inbox_bytes_ = 0;
  std::size_t partial_bytes_ = 0;  // of the message that was arriving when reading paused
  std::size_t unread_budget_;
  bool awaited_ = false;  // AwaitMessage waits
  ChannelMeter meter_;

  std::recursive_mutex callback_mutex_;
  std::function<void(const absl::Status&)> on_failure_;
  std::function<void(const absl::Status&)> on_message_;
  std::uint64_t await_ = 0;  // counts AwaitMessage, so that an old limit does not end a new wait
};

}  // namespace care::mpc
