// mpc/net/emulated_link.h
//
// A distant and narrow network on one machine, so that plans for such links are measured and not guessed. It
// wraps one end of another channel; both ends of a link must be wrapped. A party's two channels share an
// EmulatedUplink, as they would share the wire out of its building:
//
//   a message of n bytes has left at   max(when the message before it on that uplink had left, when it was
//   sent)
//                                      + n / bandwidth
//   and arrives                        latency later.
//
// The sender writes the time of arrival ahead of the message and the receiver sleeps until then, so there is
// no thread and nothing spins. Both read the same clock: two processes on one machine may. Latency is one
// way: a round of the protocols, in which all send and then all receive, takes one latency. The way into a
// party has no limit of its own, and neither loss nor slow start are imitated. Send blocks while the uplink
// is more than 16 MB behind, as a TlsChannel does. Aborts, deadlines and lost links are the inner channel's
// and are not delayed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "mpc/net/channel.h"

namespace care::mpc {

struct EmulatedSpeed {
  std::chrono::microseconds latency{0};  // one way
  std::uint64_t megabit_per_second = 0;  // 0: no limit
};

// What a link asks for the time. The tests have one of their own.
class LinkClock {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  virtual ~LinkClock() = default;
  virtual Nanoseconds Now() = 0;
  virtual void SleepUntil(Nanoseconds time) = 0;

  // The time since the machine started.
  static LinkClock& Steady();
};

// One thread uses it, that of the party's session.
class EmulatedUplink {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  explicit EmulatedUplink(EmulatedSpeed speed, LinkClock& clock = LinkClock::Steady())
      : speed_(speed), clock_(clock) {}

  // When a message that is sent now arrives. Returns once the uplink is less than its budget behind.
  Nanoseconds Depart(std::size_t bytes);
  LinkClock& clock() { return clock_; }

 private:
  const EmulatedSpeed speed_;
  LinkClock& clock_;
  Nanoseconds free_{0};  // when what was sent has left
};

class EmulatedChannel final : public Channel {
 public:
  // Both are borrowed.
  EmulatedChannel(Channel& inner, EmulatedUplink& uplink) : inner_(inner), uplink_(uplink) {}

  absl::Status Send(std::span<const std::uint8_t> message) override;
  absl::Status Receive(std::span<std::uint8_t> message) override;
  absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessage(std::size_t max_bytes) override;
  void Abort(const absl::Status& why) override { inner_.Abort(why); }
  // Without the times of arrival.
  ChannelMeter meter() const override { return meter_; }

 private:
  absl::Status AwaitArrival();

  Channel& inner_;
  EmulatedUplink& uplink_;
  ChannelMeter meter_;
};

}  // namespace care::mpc
