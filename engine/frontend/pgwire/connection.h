// engine/frontend/pgwire/connection.h
//
// One client's socket, plain at first and then TLS. The I/O thread reads, writes and watches; whole messages are
// handled by the session on a thread of the pool, one batch at a time, so that an idle connection has no thread.
//
// While a statement runs the socket is read on, up to a bound, because that is how a client is seen to leave: then
// its question ends at all parties. A client that does not read its answer holds up its own session only, and is
// dropped after a minute.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/frontend/pgwire/frame_reader.h"
#include "engine/frontend/pgwire/session.h"
#include "engine/frontend/pgwire/worker_pool.h"

namespace care::engine::pgwire {

class Connection final : public Output, public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Ended = std::function<void(const std::shared_ptr<Connection>&)>;

  Connection(Socket socket, std::shared_ptr<boost::asio::ssl::context> tls, WorkerPool& pool,
             SessionServices& services, SessionFacts facts, Ended ended);

  // On the I/O thread.
  void Start();
  // Ends the session, with this reason if a statement runs.
  void Stop(const absl::Status& why);

  // From any thread.
  void CountAsKnown() { known_ = true; }  // has logged in
  bool known() const { return known_; }
  bool ended() const { return lost_; }
  void Cancel() { session_.Cancel(); }
  const SessionFacts& facts() const { return facts_; }

  ~Connection() override { memory_.Give(input_bytes_); }

  // On the session's thread.
  void Send(std::string bytes) override;

 private:
  using Self = std::shared_ptr<Connection>;

  void SetSocketOptions();
  void LimitStartup();
  void Read();
  void Received(const boost::system::error_code& error, std::size_t count);
  bool HoldInput();  // under mutex_
  void HandleMessages(bool resumed = false);  // on a thread of the pool
  void Pause();
  void StartTls();
  void WriteNext();
  void LimitWrite();
  void Lost(const absl::Status& why);
  void Shut();
  void EndIfDone();

  Socket socket_;
  const std::shared_ptr<boost::asio::ssl::context> tls_context_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  boost::asio::steady_timer startup_timer_;
  boost::asio::steady_timer write_timer_;
  boost::asio::steady_timer pause_timer_;
  WorkerPool& pool_;
  const SessionFacts facts_;
  const Ended ended_;
  std::atomic<bool> known_{false};
  Session session_;

  // The I/O thread's.
  std::array<char, 4096> read_buffer_;
  std::string write_buffer_;
  bool reading_ = false;
  bool writing_ = false;
  bool handshaking_ = false;
  bool shut_ = false;
  bool told_ended_ = false;

  std::mutex mutex_;
  std::condition_variable drained_;
  FrameReader frames_;         // mutex_
  bool busy_ = false;          // a thread handles messages
  bool authenticated_ = false;
  bool wants_tls_ = false;
  bool closing_ = false;       // once all is sent
  std::atomic<bool> lost_ = false;  // nothing can be sent any more
  std::deque<std::string> outgoing_;
  std::size_t outgoing_bytes_ = 0;
  CommonBudget& memory_;
  bool too_much_ = false;        // was received: the common budget is used up
  std::size_t input_bytes_ = 0;  // taken from memory_ for what was received and not handled
};

}  // namespace care::engine::pgwire
