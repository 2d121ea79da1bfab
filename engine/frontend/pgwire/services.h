// engine/frontend/pgwire/services.h
//
// What a client's session needs of its node, behind one interface: the server gives the real one, tests and the
// fuzzer one of their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/pgwire/memory_budget.h"
#include "engine/frontend/pgwire/parameter_value.h"
#include "engine/frontend/pgwire/result_set.h"
#include "engine/frontend/pgwire/scram.h"
#include "engine/frontend/pgwire/session_settings.h"
#include "engine/frontend/pgwire/sql_tokens.h"
#include "engine/session/question.h"

namespace care::engine::pgwire {

// One question to the catalogue, and who asks: current_user and SHOW's values are the session's.
struct CatalogueQuestion {
  std::string_view sql;
  const std::vector<Token>& tokens;
  const std::vector<ParameterValue>& parameters;
  SessionSettings& settings;
  const std::string& user;
  std::uint32_t process = 0;
};

class SessionServices {
 public:
  virtual ~SessionServices() = default;

  virtual absl::StatusOr<Reply> Ask(const Question& question, Asker& asker) = 0;
  virtual absl::StatusOr<std::vector<DescribedColumn>> Describe(const Question& question) = 0;
  virtual absl::StatusOr<ResultSet> AskCatalogue(const CatalogueQuestion& question) = 0;
  // Whether pg_catalog or information_schema has it.
  virtual bool IsCatalogueRelation(std::string_view name) const = 0;

  // What all sessions of this listener may keep together.
  virtual CommonBudget& memory() = 0;

  // The mock verifier for a name that nobody has.
  virtual ScramVerifier VerifierOf(const std::string& user) = 0;
  virtual const std::string& endpoint_hash() const = 0;
  virtual bool tls_optional() const = 0;
  virtual const std::string& default_purpose() const = 0;
  virtual const std::string& database() const = 0;  // the federation's name
  virtual void Cancel(std::uint32_t process, std::uint32_t secret) = 0;
  // A password was right or wrong: logs it, and says how long the client waits for the verdict (login_delays.h).
  virtual std::chrono::milliseconds LoggedIn(const std::string& user, const std::string& address, bool accepted) = 0;
  // After the right password: whether there is room for one more session.
  virtual bool Admit(std::uint32_t process) = 0;
};

}  // namespace care::engine::pgwire
