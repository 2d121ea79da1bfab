#include "mpc/net/emulated_link.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

#include "engine/types/status_macros.h"

namespace care::mpc {
namespace {

constexpr std::uint64_t kBudgetBytes = std::uint64_t{16} << 20;
constexpr std::size_t kTimeBytes = sizeof(std::int64_t);

class SteadyClock final : public LinkClock {
 public:
  Nanoseconds Now() override { return std::chrono::steady_clock::now().time_since_epoch(); }
  void SleepUntil(Nanoseconds time) override {
    std::this_thread::sleep_until(std::chrono::steady_clock::time_point(time));
  }
};

// A megabit a second is a bit a microsecond.
std::chrono::nanoseconds TimeToSend(std::uint64_t bytes, std::uint64_t megabit_per_second) {
  if (megabit_per_second == 0) return std::chrono::nanoseconds(0);
  return std::chrono::nanoseconds(bytes * 8 * 1000 / megabit_per_second);
}

}  // namespace

LinkClock& LinkClock::Steady() {
  static SteadyClock clock;
  return clock;
}

EmulatedUplink::Nanoseconds EmulatedUplink::Depart(std::size_t bytes) {
  const Nanoseconds budget = TimeToSend(kBudgetBytes, speed_.megabit_per_second);
  if (free_ - clock_.Now() > budget) clock_.SleepUntil(free_ - budget);
  free_ = std::max(free_, clock_.Now()) + TimeToSend(bytes, speed_.megabit_per_second);
  return free_ + speed_.latency;
}

absl::Status EmulatedChannel::Send(std::span<const std::uint8_t> message) {
  const std::int64_t arrival = uplink_.Depart(message.size()).count();
  std::array<std::uint8_t, kTimeBytes> time;
  std::memcpy(time.data(), &arrival, kTimeBytes);
  CARE_RETURN_IF_ERROR(inner_.Send(time));
  CARE_RETURN_IF_ERROR(inner_.Send(message));
  meter_.bytes_sent += message.size();
  ++meter_.messages_sent;
  return absl::OkStatus();
}

absl::Status EmulatedChannel::AwaitArrival() {
  std::array<std::uint8_t, kTimeBytes> time;
  CARE_RETURN_IF_ERROR(inner_.Receive(time));
  std::int64_t arrival = 0;
  std::memcpy(&arrival, time.data(), kTimeBytes);
  uplink_.clock().SleepUntil(LinkClock::Nanoseconds(arrival));
  return absl::OkStatus();
}

absl::Status EmulatedChannel::Receive(std::span<std::uint8_t> message) {
  CARE_RETURN_IF_ERROR(AwaitArrival());
  CARE_RETURN_IF_ERROR(inner_.Receive(message));
  meter_.bytes_received += message.size();
  ++meter_.messages_received;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::uint8_t>> EmulatedChannel::ReceiveMessage(std::size_t max_bytes) {
  CARE_RETURN_IF_ERROR(AwaitArrival());
  CARE_ASSIGN_OR_RETURN(std::vector<std::uint8_t> message, inner_.ReceiveMessage(max_bytes));
  meter_.bytes_received += message.size();
  ++meter_.messages_received;
  return message;
}

}  // namespace care::mpc
