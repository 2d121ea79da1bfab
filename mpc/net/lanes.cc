#include "mpc/net/lanes.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::mpc {
namespace {

constexpr std::size_t kMostMessage = std::size_t{256} << 20;

}  // namespace

class Lanes::Lane final : public Channel {
 public:
  Lane(Lanes& lanes, unsigned number) : lanes_(lanes), number_(number) {}

  absl::Status Send(std::span<const std::uint8_t> message) override {
    CARE_RETURN_IF_ERROR(lanes_.Send(number_, message));
    bytes_sent_ += message.size();
    ++messages_sent_;
    return absl::OkStatus();
  }

  absl::Status Receive(std::span<std::uint8_t> message) override {
    CARE_ASSIGN_OR_RETURN(const Message received, Next());
    if (received.size() - 1 != message.size()) {
      return absl::DataLossError(absl::StrCat("out of step: a message of ", received.size() - 1, " bytes instead of ", message.size(),
                                              "; install the same version of care at all parties"));
    }
    std::copy(received.begin() + 1, received.end(), message.begin());
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessage(std::size_t max_bytes) override {
    CARE_ASSIGN_OR_RETURN(Message received, Next());
    if (received.size() - 1 > max_bytes) return absl::DataLossError("out of step: a message is longer than it may be");
    received.erase(received.begin());
    return received;
  }

  void Abort(const absl::Status& why) override { lanes_.link_.Abort(why); }

  ChannelMeter meter() const override {
    return {.bytes_sent = bytes_sent_, .bytes_received = bytes_received_, .messages_sent = messages_sent_, .messages_received = messages_received_};
  }

 private:
  absl::StatusOr<Message> Next() {
    CARE_ASSIGN_OR_RETURN(Message received, lanes_.Receive(number_));
    bytes_received_ += received.size() - 1;
    ++messages_received_;
    return received;
  }

  Lanes& lanes_;
  const unsigned number_;
  std::atomic<std::uint64_t> bytes_sent_ = 0, bytes_received_ = 0, messages_sent_ = 0, messages_received_ = 0;
};

Lanes::Lanes(Channel& link, unsigned count) : link_(link) {
  CARE_CHECK(count >= 1 && count <= kMostLanes);
  for (unsigned number = 0; number < count; ++number) {
    waiting_.push_back(std::make_unique<Waiting>());
    lanes_.push_back(std::make_unique<Lane>(*this, number));
  }
}

Lanes::~Lanes() = default;

Channel& Lanes::lane(unsigned number) { return *lanes_.at(number); }

absl::Status Lanes::Send(unsigned lane, std::span<const std::uint8_t> message) {
  std::lock_guard lock(send_mutex_);
  outgoing_.resize(message.size() + 1);
  outgoing_[0] = static_cast<std::uint8_t>(lane);
  std::copy(message.begin(), message.end(), outgoing_.begin() + 1);
  return link_.Send(outgoing_);
}

void Lanes::HandOverReading() {
  for (const auto& waiting : waiting_) {
    if (waiting->waits) return waiting->changed.notify_one();
  }
}

absl::StatusOr<Lanes::Message> Lanes::Receive(unsigned lane) {
  Waiting& own = *waiting_[lane];
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!own.messages.empty()) {
      Message message = std::move(own.messages.front());
      own.messages.pop_front();
      if (!is_reading_) HandOverReading();
      return message;
    }
    if (!failure_.ok()) {
      HandOverReading();
      return failure_;
    }
    if (is_reading_) {
      own.waits = true;
      own.changed.wait(lock);
      own.waits = false;
      continue;
    }
    is_reading_ = true;
    lock.unlock();
    absl::StatusOr<Message> message = link_.ReceiveMessage(kMostMessage);
    lock.lock();
    is_reading_ = false;
    if (!message.ok()) {
      failure_ = message.status();
    } else if (message->empty() || (*message)[0] >= waiting_.size()) {
      failure_ = absl::DataLossError("out of step: a message is of no lane; install the same version of care at all parties");
    } else {
      Waiting& addressed = *waiting_[(*message)[0]];
      addressed.messages.push_back(*std::move(message));
      if (&addressed != &own) addressed.changed.notify_one();
    }
  }
}

}  // namespace care::mpc
