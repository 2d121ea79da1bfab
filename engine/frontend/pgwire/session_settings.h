// engine/frontend/pgwire/session_settings.h
//
// The run-time parameters of one session (SET, SHOW, RESET). Clients set what they are used to set; what would
// change how values are printed is accepted only in the form that we print. `care.purpose` is ours: what the
// session's questions are for, which goes into every party's ledger.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace care::engine::pgwire {

class SessionSettings {
 public:
  SessionSettings(std::string_view user, std::string_view purpose);

  absl::Status Set(std::string_view name, std::string_view value);
  absl::Status Reset(std::string_view name);
  void ResetAll();
  absl::StatusOr<std::string> Show(std::string_view name) const;
  // Null if there is none.
  const std::string* Find(std::string_view name) const;
  // What was given when the session started is what RESET returns to.
  void Started() { defaults_ = values_; }

  const std::string& purpose() const;
  bool WantsNotices() const;

  struct Named {
    std::string name, value;
  };
  std::vector<Named> All() const;
  // Reported parameters that changed since the last call; at first all of them.
  std::vector<Named> TakeChanged();

 private:
  struct Setting {
    std::string name;  // as SHOW writes it
    std::string value;
  };
  using Settings = std::map<std::string, Setting>;  // by name in lower case
  Settings values_;
  Settings defaults_;
  std::map<std::string, std::string> reported_;
};

}  // namespace care::engine::pgwire
