#include "mpc/net/memory_channel.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"

namespace care::mpc {
namespace {

// What the two ends share. Direction d carries what end d sent.
struct Link {
  struct Direction {
    std::deque<std::vector<std::uint8_t>> queue;
    std::size_t queued_bytes = 0;
  };
  std::mutex mutex;
  std::condition_variable changed;
  Direction directions[2];
  bool closed[2] = {false, false};
  absl::Status aborted;
};

class MemoryChannel final : public Channel {
 public:
  MemoryChannel(std::shared_ptr<Link> link, int end, const MemoryChannelOptions& options)
      : link_(std::move(link)), end_(end), options_(options) {}

  ~MemoryChannel() override {
    const std::lock_guard lock(link_->mutex);
    link_->closed[end_] = true;
    link_->changed.notify_all();
  }

  absl::Status Send(std::span<const std::uint8_t> message) override {
    if (!failed_.ok()) return failed_;
    std::unique_lock lock(link_->mutex);
    Link::Direction& out = link_->directions[end_];
    const auto room = [&] {
      return out.queue.empty() || out.queued_bytes + message.size() <= options_.byte_budget;
    };
    const bool in_time = link_->changed.wait_for(
        lock, options_.deadline, [&] { return room() || !link_->aborted.ok() || link_->closed[1 - end_]; });
    if (!link_->aborted.ok()) return failed_ = link_->aborted;
    if (link_->closed[1 - end_]) return failed_ = absl::UnavailableError("the peer has closed the link");
    if (!in_time) return failed_ = absl::DeadlineExceededError("the peer does not take what is sent to it");
    out.queue.emplace_back(message.begin(), message.end());
    out.queued_bytes += message.size();
    meter_.bytes_sent += message.size();
    ++meter_.messages_sent;
    link_->changed.notify_all();
    return absl::OkStatus();
  }

  absl::Status Receive(std::span<std::uint8_t> message) override {
    std::vector<std::uint8_t> arrived;
    if (absl::Status status = Take(arrived); !status.ok()) return status;
    if (arrived.size() != message.size()) {
      return failed_ =
                 absl::DataLossError(absl::StrCat("expected a message of ", message.size(), " bytes, got ",
                                                  arrived.size(), ": the parties have lost step"));
    }
    std::copy(arrived.begin(), arrived.end(), message.begin());
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessage(std::size_t max_bytes) override {
    std::vector<std::uint8_t> arrived;
    if (absl::Status status = Take(arrived); !status.ok()) return status;
    if (arrived.size() > max_bytes) {
      return failed_ = absl::DataLossError(
                 absl::StrCat("a message of ", arrived.size(), " bytes exceeds the limit of ", max_bytes));
    }
    return arrived;
  }

  void Abort(const absl::Status& why) override {
    CARE_CHECK(!why.ok());
    if (failed_.ok()) failed_ = why;
    const std::lock_guard lock(link_->mutex);
    if (link_->aborted.ok()) link_->aborted = why;
    link_->changed.notify_all();
  }

  ChannelMeter meter() const override { return meter_; }

 private:
  absl::Status Take(std::vector<std::uint8_t>& arrived) {
    if (!failed_.ok()) return failed_;
    std::unique_lock lock(link_->mutex);
    Link::Direction& in = link_->directions[1 - end_];
    const bool in_time = link_->changed.wait_for(lock, options_.deadline, [&] {
      return !in.queue.empty() || !link_->aborted.ok() || link_->closed[1 - end_];
    });
    if (!link_->aborted.ok()) return failed_ = link_->aborted;
    if (!in_time) return failed_ = absl::DeadlineExceededError("nothing arrived from the peer in time");
    if (in.queue.empty()) return failed_ = absl::UnavailableError("the peer has closed the link");
    arrived = std::move(in.queue.front());
    in.queue.pop_front();
    in.queued_bytes -= arrived.size();
    meter_.bytes_received += arrived.size();
    ++meter_.messages_received;
    link_->changed.notify_all();
    return absl::OkStatus();
  }

  const std::shared_ptr<Link> link_;
  const int end_;
  const MemoryChannelOptions options_;
  absl::Status failed_;
  ChannelMeter meter_;
};

}  // namespace

std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> MakeMemoryChannelPair(
    const MemoryChannelOptions& options) {
  auto link = std::make_shared<Link>();
  return {std::make_unique<MemoryChannel>(link, 0, options),
          std::make_unique<MemoryChannel>(link, 1, options)};
}

}  // namespace care::mpc
