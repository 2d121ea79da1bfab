#include "mpc/net/faulty_channel.h"

#include <thread>

namespace care::mpc {

absl::Status FaultyChannel::Send(std::span<const std::uint8_t> message) {
  if (std::bernoulli_distribution(plan_.delay_probability)(generator_)) {
    std::this_thread::sleep_for(std::chrono::microseconds(
        std::uniform_int_distribution<std::int64_t>(0, plan_.longest_delay.count())(generator_)));
  }
  const std::uint64_t number = sent_++;
  if (plan_.kind == FaultPlan::Kind::kNone || number < plan_.after_messages) return inner_.Send(message);
  switch (plan_.kind) {
    case FaultPlan::Kind::kCut: {
      const absl::Status lost = absl::UnavailableError("the link is lost");
      inner_.Abort(lost);
      return lost;
    }
    case FaultPlan::Kind::kSilence:
      return absl::OkStatus();
    case FaultPlan::Kind::kTruncate:
      if (number == plan_.after_messages && !message.empty())
        return inner_.Send(message.first(message.size() - 1));
      break;
    case FaultPlan::Kind::kNone:
      break;
  }
  return inner_.Send(message);
}

}  // namespace care::mpc
