#include "engine/session/log_limit.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

constexpr int kMostLines = 20;
constexpr std::chrono::minutes kWhile{1};

}  // namespace

std::optional<std::uint64_t> LogLimit::Allow(Clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (!begun_ || now - begin_ >= kWhile) {
    begun_ = true;
    begin_ = now;
    logged_ = 0;
  }
  if (logged_ >= kMostLines) {
    ++left_out_;
    return std::nullopt;
  }
  ++logged_;
  return std::exchange(left_out_, 0);
}

std::string LeftOut(std::uint64_t lines) {
  return lines == 0 ? std::string() : absl::StrCat(" (and ", lines, " more that were not logged)");
}

}  // namespace care::engine
