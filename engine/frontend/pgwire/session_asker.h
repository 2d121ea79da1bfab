// engine/frontend/pgwire/session_asker.h
//
// Who waits for a question of a session: turns the place in the queue and the progress into notices, and a cancel
// request or a lost connection into the end of the question at all parties.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/session/question.h"

namespace care::engine::pgwire {

class SessionAsker final : public Asker {
 public:
  using SendNotice = std::function<void(const std::string& text)>;
  explicit SessionAsker(SendNotice send_notice) : send_notice_(std::move(send_notice)) {}

  // Around each question, on the session's thread.
  void Begin(bool wants_notices);
  void End();

  // From any thread. Cancel ends the question that runs, if one does; Stop this one and all later ones.
  void Cancel(const absl::Status& why);
  void Stop(const absl::Status& why);

  absl::Status Notice(const std::string& text) override;
  void Progress(double fraction, std::string_view step) override;
  void OnLeft(std::function<void(const absl::Status& why)> left) override;

 private:
  using Clock = std::chrono::steady_clock;

  const SendNotice send_notice_;
  bool wants_notices_ = true;
  Clock::time_point last_notice_;

  std::mutex mutex_;  // held while `left_` is called, so that taking it back waits for the call
  bool asking_ = false;
  absl::Status stopped_;  // of the session
  absl::Status ended_;    // of the question
  std::function<void(const absl::Status&)> left_;
};

}  // namespace care::engine::pgwire
