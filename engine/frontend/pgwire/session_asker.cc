#include "engine/frontend/pgwire/session_asker.h"

#include <utility>

#include "absl/strings/str_format.h"

namespace care::engine::pgwire {
namespace {
constexpr std::chrono::seconds kProgressInterval{1};
}

void SessionAsker::Begin(bool wants_notices) {
  wants_notices_ = wants_notices;
  last_notice_ = Clock::now();
  std::lock_guard lock(mutex_);
  asking_ = true;
  ended_ = stopped_;
}

void SessionAsker::End() {
  std::lock_guard lock(mutex_);
  asking_ = false;
  ended_ = absl::OkStatus();
}

void SessionAsker::Cancel(const absl::Status& why) {
  std::lock_guard lock(mutex_);
  if (!asking_ || !ended_.ok()) return;
  ended_ = why;
  if (left_) left_(why);
}

void SessionAsker::Stop(const absl::Status& why) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_.ok()) stopped_ = why;
  }
  Cancel(why);
}

absl::Status SessionAsker::Notice(const std::string& text) {
  if (wants_notices_) send_notice_(text);
  std::lock_guard lock(mutex_);
  return ended_;
}

void SessionAsker::Progress(double fraction, std::string_view step) {
  const Clock::time_point now = Clock::now();
  if (!wants_notices_ || now - last_notice_ < kProgressInterval) return;
  last_notice_ = now;
  send_notice_(absl::StrFormat("%.0f %%: %s", 100 * fraction, std::string(step)));
}

void SessionAsker::OnLeft(std::function<void(const absl::Status&)> left) {
  std::lock_guard lock(mutex_);
  left_ = std::move(left);
  if (left_ && !ended_.ok()) left_(ended_);
}

}  // namespace care::engine::pgwire
