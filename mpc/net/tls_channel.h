// mpc/net/tls_channel.h
//
// A Channel over TLS 1.3 with certificates at both ends. The session's thread reads and writes; an I/O thread sees to the
// link while it does not (tls_link.h). Peers are who their certificates say they are (tls_identity.h).
//
// On the wire a message is a frame: {u32 length, little-endian; u8 kind; payload}. Messages over 16 MB are cut
// into frames of that size.
//
//   data, more   a message, or a part of one with more to follow
//   abort        why the peer gives up: {u16 status code, u16 length, party, text}
//   heartbeat    nothing to say; sent when a link was silent for a third of the idle limit, by the I/O thread, so
//                that a party which computes for minutes is told from one that is gone
//   goodbye      no more messages follow. An end without it is a lost link
//
// Send blocks beyond 16 MB queued. What has arrived and was not asked for is kept up to 256 MB, then reading pauses and
// the peer's Send blocks in turn: memory stays bounded, and parties who both send first stay clear of a deadlock up to
// that sum, far above any round of the protocols. A message is at most 256 MB. LimitUnread sets another bound: a node
// keeps a single control message of a connection that has not said yet what it wants.
//
// TCP probes a silent link too: it keeps what routers and firewalls remember of it, and finds a peer that vanished
// while reading was paused.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "mpc/net/channel.h"
#include "mpc/net/io_thread.h"
#include "mpc/net/tls_identity.h"

namespace care::mpc {

class TlsLink;
struct HttpProxy;

inline constexpr std::size_t kMostUnread = std::size_t{256} << 20;

struct TlsTimeouts {
  std::chrono::milliseconds connect{5'000};      // to connect and shake hands
  std::chrono::milliseconds idle{30'000};        // without any sign of life from the peer
  std::chrono::milliseconds receive{1'800'000};  // the longest that one Receive or Send waits
};

// Whom to dial, and what to advise when it fails.
struct TlsPeer {
  std::string name;     // the common name that its certificate must have
  std::string address;  // host:port
  std::string remedy;   // "is its node running? care serve insurer.toml"
  std::shared_ptr<const HttpProxy> proxy = nullptr;  // through which it is dialled; null: directly
};

class TlsChannel final : public Channel {
 public:
  static absl::StatusOr<std::unique_ptr<TlsChannel>> Connect(IoThread& io,
                                                             std::shared_ptr<const TlsIdentity> identity,
                                                             const TlsPeer& peer, const TlsTimeouts& timeouts = {});
  // As Connect, but returns at once and calls back once, from the I/O thread.
  using Connected = std::function<void(absl::StatusOr<std::unique_ptr<TlsChannel>>)>;
  static void Dial(IoThread& io, std::shared_ptr<const TlsIdentity> identity, const TlsPeer& peer,
                   const TlsTimeouts& timeouts, Connected connected);
  explicit TlsChannel(std::shared_ptr<TlsLink> link);
  // Hands over what is queued, says goodbye and closes, in the background and within seconds.
  ~TlsChannel() override;

  absl::Status Send(std::span<const std::uint8_t> message) override;
  absl::Status Receive(std::span<std::uint8_t> message) override;
  absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessage(std::size_t max_bytes) override;
  void Abort(const absl::Status& why) override;
  ChannelMeter meter() const override;

  // As ReceiveMessage, but gives up after `limit`: for control messages.
  absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessageWithin(std::size_t max_bytes,
                                                                 std::chrono::milliseconds limit);

  const std::string& peer_name() const;        // its certificate's common name
  const std::string& peer_public_key() const;  // SubjectPublicKeyInfo, DER
  const std::string& remote_address() const;
  const TlsIdentity& identity() const;  // what this side showed

  // Calls back once, from the I/O thread or at once if it has already happened, when the channel fails: this
  // side or the peer aborted, or the link is lost; a goodbye is no failure. The callback must not block. An empty one
  // cancels the wish and returns when no call is in progress (from within the callback itself it returns at once).
  void OnFailure(std::function<void(const absl::Status&)> callback);

  // For connections on which nobody waits: calls back once, from the I/O thread, with OK when a message can be
  // received, else with why none will come: a failure, the peer's goodbye, DeadlineExceeded after `limit` (zero: none).
  // The callback must not block, and may destroy the channel. An empty one cancels, as with OnFailure.
  void AwaitMessage(std::chrono::milliseconds limit, std::function<void(const absl::Status&)> callback);

  // How much of what arrives is kept before it is asked for, and how large one message may be.
  void LimitUnread(std::size_t bytes);

 private:
  std::shared_ptr<TlsLink> link_;
};

// Strangers may open connections and say nothing, or shake hands all day: each handshake has the limit of
// TlsTimeouts::connect, and when too many are under way the oldest of the host that holds most is given up.
struct ListenLimits {
  std::size_t handshakes = 64;         // at a time
  double handshakes_per_second = 100;  // after a burst of `handshakes`; the others wait in the kernel's backlog
  std::size_t unread = kMostUnread;    // of a connection, until LimitUnread
};

// Accepts connections on one address.
class TlsListener {
 public:
  struct Callbacks {
    // Both run on the I/O thread and must not block.
    std::function<void(std::unique_ptr<TlsChannel>)> accepted;
    std::function<void(const std::string& address, const absl::Status&)> refused;
  };
  static absl::StatusOr<std::unique_ptr<TlsListener>> Listen(IoThread& io, std::shared_ptr<const TlsIdentity> identity,
                                                             const std::string& address, TlsTimeouts timeouts,
                                                             Callbacks callbacks, ListenLimits limits = {});
  ~TlsListener();  // returns when no callback runs or will run

  int port() const;
  // What connections are met with that arrive from now on; those that exist keep theirs.
  void UseIdentity(std::shared_ptr<const TlsIdentity> identity);

 private:
  struct State;
  explicit TlsListener(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// Splits "host:port" ("[::1]:7401" too).
absl::StatusOr<std::pair<std::string, std::string>> SplitAddress(const std::string& address);
bool IsLoopback(const std::string& host);

}  // namespace care::mpc
