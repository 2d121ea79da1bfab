#include "engine/frontend/pgwire/login_delays.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "engine/frontend/pgwire/users_file.h"

namespace care::engine::pgwire {
namespace {

constexpr std::size_t kMostEntries = 4'096;
constexpr int kFreeForUser = 3;      // wrong passwords that delay nothing: people mistype
constexpr int kFreeForNetwork = 10;  // shared by many people, perhaps
constexpr std::chrono::milliseconds kFirstDelay{250};
constexpr int kDoublings = 5;  // from the first delay to the longest
static_assert(kFirstDelay * (1 << kDoublings) == kLongestLoginDelay);
constexpr std::chrono::seconds kForgetOne{60};

std::chrono::milliseconds DelayAfter(int failures, int free) {
  if (failures < free) return std::chrono::milliseconds(0);
  return kFirstDelay * (1 << std::min(failures - free, kDoublings));
}

// Whoever has one address of IPv6 has its whole /64.
std::string NetworkOf(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  if (error || !parsed.is_v6()) return address;
  auto bytes = parsed.to_v6().to_bytes();
  std::size_t significant = 8;
  if (parsed.to_v6().is_v4_mapped()) significant = bytes.size();
  return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(significant));
}

// Names that nobody can have all count as one.
std::string KeyOf(const std::string& user) { return CheckUserName(user).ok() ? user : std::string(); }

}  // namespace

int LoginDelays::Table::FailuresOf(const std::string& key, Clock::time_point now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return 0;
  return std::max(0, found->second.failures - static_cast<int>((now - found->second.last) / kForgetOne));
}

void LoginDelays::Table::Count(const std::string& key, Clock::time_point now) {
  const int failures = std::min(FailuresOf(key, now) + 1, kFreeForNetwork + kDoublings);
  if (entries_.size() >= kMostEntries && !entries_.contains(key)) {
    const auto least =
        std::min_element(entries_.begin(), entries_.end(), [&](const auto& one, const auto& other) {
          const int ones = FailuresOf(one.first, now), others = FailuresOf(other.first, now);
          return ones != others ? ones < others : one.second.last < other.second.last;
        });
    entries_.erase(least);
  }
  entries_[key] = {failures, now};
}

std::chrono::milliseconds LoginDelays::DelayOf(const std::string& user, const std::string& address,
                                               Clock::time_point now) {
  std::lock_guard lock(mutex_);
  return std::max(DelayAfter(users_.FailuresOf(KeyOf(user), now), kFreeForUser),
                  DelayAfter(networks_.FailuresOf(NetworkOf(address), now), kFreeForNetwork));
}

void LoginDelays::Failed(const std::string& user, const std::string& address, Clock::time_point now) {
  std::lock_guard lock(mutex_);
  users_.Count(KeyOf(user), now);
  networks_.Count(NetworkOf(address), now);
}

void LoginDelays::Succeeded(const std::string& user) {
  std::lock_guard lock(mutex_);
  users_.Forget(KeyOf(user));
}

}  // namespace care::engine::pgwire
