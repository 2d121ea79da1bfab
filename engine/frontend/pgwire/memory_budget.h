// engine/frontend/pgwire/memory_budget.h
//
// How many bytes the sessions of SQL clients may keep between messages: prepared statements, parameters, the
// rows that wait in portals and cursors. Each session has a budget, so that one client cannot grow without
// bound, and all sessions of a listener share another, so that many cannot either. What is kept holds its
// bytes and gives them back when it is forgotten.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "engine/frontend/pgwire/result_set.h"

namespace care::engine::pgwire {

inline constexpr std::size_t kSessionBytes = std::size_t{16} << 20;
inline constexpr std::size_t kListenerBytes = std::size_t{128} << 20;

// Of all sessions together; from any thread.
class CommonBudget {
 public:
  explicit CommonBudget(std::size_t most) : most_(most) {}
  bool Take(std::size_t bytes);
  void Give(std::size_t bytes) { taken_ -= bytes; }
  std::size_t taken() const { return taken_; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

class SessionBudget;

// Bytes of a session's budget, given back with this object, which the budget outlives.
class HeldBytes {
 public:
  HeldBytes() = default;
  HeldBytes(HeldBytes&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  HeldBytes& operator=(HeldBytes&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~HeldBytes();

 private:
  friend class SessionBudget;
  HeldBytes(SessionBudget* budget, std::size_t bytes) : budget_(budget), bytes_(bytes) {}

  SessionBudget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

// On the session's thread.
class SessionBudget {
 public:
  explicit SessionBudget(CommonBudget& common, std::size_t most = kSessionBytes)
      : common_(common), most_(most) {}
  SessionBudget(const SessionBudget&) = delete;
  SessionBudget& operator=(const SessionBudget&) = delete;

  // SQLSTATE 54000 if the session keeps too much, 53200 if all sessions together do. `what` begins the
  // message: "the rows of a cursor".
  absl::StatusOr<HeldBytes> Hold(std::size_t bytes, std::string_view what);

 private:
  friend class HeldBytes;
  CommonBudget& common_;
  const std::size_t most_;
  std::size_t taken_ = 0;
};

// What a result takes in memory, its columns and notices included.
std::size_t BytesOf(const ResultSet& result);
// A text with what surrounds it.
inline std::size_t BytesOf(std::string_view text) { return sizeof(std::string) + text.size(); }

}  // namespace care::engine::pgwire
