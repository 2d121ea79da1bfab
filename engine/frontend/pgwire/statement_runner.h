// engine/frontend/pgwire/statement_runner.h
//
// Runs one statement of a session to its ResultSet: a question goes to the federation, a catalogue query to the
// catalogue, and the rest changes what the session remembers: settings, the transaction that clients believe to be
// in, cursors.
//
// A transaction changes nothing here: data is only read, and each question has a snapshot of its own. BEGIN and
// its kin keep the state that clients rely on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/pgwire/memory_budget.h"
#include "engine/frontend/pgwire/services.h"
#include "engine/frontend/pgwire/session_asker.h"
#include "engine/frontend/pgwire/statement.h"

namespace care::engine::pgwire {

enum class TransactionState : char { kIdle = 'I', kOpen = 'T', kFailed = 'E' };

class StatementRunner {
 public:
  // Forgets a prepared statement by name, or all of them: they belong to the protocol's side of a session.
  class PreparedStatements {
   public:
    virtual ~PreparedStatements() = default;
    virtual bool Forget(const std::string& name) = 0;
    virtual void ForgetAll() = 0;
  };

  StatementRunner(SessionServices& services, SessionAsker& asker, SessionSettings& settings,
                  PreparedStatements& prepared, SessionBudget& budget, std::string user, std::uint32_t process)
      : services_(services), asker_(asker), settings_(settings), prepared_(prepared), budget_(budget),
        user_(std::move(user)), process_(process) {}

  // Offsets in errors are those of `statement.sql`.
  absl::StatusOr<ResultSet> Run(const StatementText& statement, const std::vector<ParameterValue>& parameters);
  // The columns that Run would give, without asking other parties anything; none: the statement has no rows.
  absl::StatusOr<ResultSet> Describe(const StatementText& statement, const std::vector<ParameterValue>& parameters);

  TransactionState transaction() const { return transaction_; }
  void Failed() {
    if (transaction_ == TransactionState::kOpen) transaction_ = TransactionState::kFailed;
  }

 private:
  struct Cursor {
    ResultSet result;
    std::size_t next = 0;
    bool holds = false;  // beyond the transaction
    HeldBytes held;
  };
  struct SavepointEntry {
    std::string name;
    HeldBytes held;
  };
  using Tokens = std::vector<Token>;

  absl::StatusOr<ResultSet> Ask(std::string_view sql, const std::vector<ParameterValue>& parameters);
  absl::StatusOr<ResultSet> AskCatalogue(std::string_view sql, const Tokens& tokens,
                                         const std::vector<ParameterValue>& parameters);
  absl::StatusOr<ResultSet> RunQuery(std::string_view sql, const Tokens& tokens,
                                     const std::vector<ParameterValue>& parameters);

  absl::StatusOr<ResultSet> Begin();
  absl::StatusOr<ResultSet> EndTransaction(bool commit);
  absl::StatusOr<ResultSet> Savepoint(StatementKind kind, const Tokens& tokens);
  absl::StatusOr<ResultSet> Set(const Tokens& tokens, std::string_view sql);
  absl::StatusOr<ResultSet> Reset(const Tokens& tokens);
  absl::StatusOr<ResultSet> Show(const Tokens& tokens, std::string_view sql);
  absl::StatusOr<ResultSet> Discard(const Tokens& tokens);
  absl::StatusOr<ResultSet> Deallocate(const Tokens& tokens);
  absl::StatusOr<ResultSet> Declare(const StatementText& statement, const std::vector<ParameterValue>& parameters);
  absl::StatusOr<ResultSet> Fetch(const Tokens& tokens);
  absl::StatusOr<ResultSet> CloseCursor(const Tokens& tokens);

  SessionServices& services_;
  SessionAsker& asker_;
  SessionSettings& settings_;
  PreparedStatements& prepared_;
  SessionBudget& budget_;
  const std::string user_;
  const std::uint32_t process_;
  TransactionState transaction_ = TransactionState::kIdle;
  std::vector<SavepointEntry> savepoints_;
  std::map<std::string, Cursor> cursors_;
};

// Of statements, portals, cursors and savepoints.
inline constexpr std::size_t kLongestName = 1'000;
absl::Status CheckNameLength(std::string_view name, std::string_view of_what);

// Refusals that name the statement.
absl::Status NotSupported(std::string_view what, std::string_view hint);

}  // namespace care::engine::pgwire
