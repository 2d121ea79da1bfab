// engine/frontend/pgwire/login_delays.h
//
// How long the verdict on a password waits, so that guessing is slow: longer after each wrong password for
// the same user and from the same network, up to some seconds. The right password waits as long, or its quick
// answer would tell it from a wrong one. Nobody is locked out: whoever is guessed at logs in a little later,
// everybody else at once.
//
// A user who does not exist is counted as one who does, so that delays tell nothing about who has an account.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace care::engine::pgwire {

inline constexpr std::chrono::milliseconds kLongestLoginDelay{8'000};

class LoginDelays {
 public:
  using Clock = std::chrono::steady_clock;

  std::chrono::milliseconds DelayOf(const std::string& user, const std::string& address,
                                    Clock::time_point now);
  void Failed(const std::string& user, const std::string& address, Clock::time_point now);
  // Forgets the user's wrong passwords, not those of the network: who guesses may have an account too.
  void Succeeded(const std::string& user);

 private:
  struct Entry {
    int failures = 0;
    Clock::time_point last;
  };
  // Bounded: the entry that delays least makes room.
  class Table {
   public:
    int FailuresOf(const std::string& key, Clock::time_point now) const;
    void Count(const std::string& key, Clock::time_point now);
    void Forget(const std::string& key) { entries_.erase(key); }

   private:
    std::map<std::string, Entry> entries_;
  };

  std::mutex mutex_;
  Table users_;
  Table networks_;
};

}  // namespace care::engine::pgwire
