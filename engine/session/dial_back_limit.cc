#include "engine/session/dial_back_limit.h"

#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

constexpr int kMostDialled = 10;
constexpr std::chrono::seconds kWhile{60};

}  // namespace

absl::Status DialBackLimit::Begin(const std::string& party, Clock::time_point now) {
  std::lock_guard lock(mutex_);
  Use& use = parties_[party];
  if (use.dials) {
    return absl::ResourceExhaustedError(
        absl::StrCat(party, " is being dialled back already; ask again after that"));
  }
  if (use.dialled == 0 || now - use.begin >= kWhile) {
    use.begin = now;
    use.dialled = 0;
  }
  if (use.dialled >= kMostDialled) {
    return absl::ResourceExhaustedError(absl::StrCat(party, " was dialled back ", kMostDialled, " times in ",
                                                     kWhile.count(), " seconds; ask again in a minute"));
  }
  ++use.dialled;
  use.dials = true;
  return absl::OkStatus();
}

void DialBackLimit::End(const std::string& party) {
  std::lock_guard lock(mutex_);
  parties_[party].dials = false;
}

}  // namespace care::engine
