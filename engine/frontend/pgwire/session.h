// engine/frontend/pgwire/session.h
//
// One client of PostgreSQL's protocol, version 3: from its first packet over the password exchange to its
// statements, by the simple and the extended protocol. It takes one message at a time, on whatever thread,
// and writes its replies to an Output; sockets, TLS and threads are the connection's (connection.h). So a
// session can be fed any bytes in a test.
//
// After an error in the extended protocol messages are passed over until Sync, as the protocol wants.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/frontend/pgwire/frame_reader.h"
#include "engine/frontend/pgwire/memory_budget.h"
#include "engine/frontend/pgwire/message_writer.h"
#include "engine/frontend/pgwire/services.h"
#include "engine/frontend/pgwire/session_asker.h"
#include "engine/frontend/pgwire/statement_runner.h"

namespace care::engine::pgwire {

class Output {
 public:
  virtual ~Output() = default;
  // In order. May wait for a client that reads slowly; what a client that left would get is dropped.
  virtual void Send(std::string bytes) = 0;
};

struct SessionFacts {
  std::string address;
  bool from_this_machine = false;
  std::uint32_t process = 0;  // what a cancel request names, with the secret
  std::uint32_t secret = 0;
};

class Session final : private StatementRunner::PreparedStatements {
 public:
  Session(SessionServices& services, Output& output, SessionFacts facts);

  // kPause: nothing more is handled until Resume, after pause().
  enum class Next { kContinue, kStartTls, kPause, kClose };
  Next Handle(const Message& message);
  std::chrono::milliseconds pause() const { return pause_; }
  Next Resume();

  // The client's bytes are not understood.
  void Refuse(const absl::Status& why);
  // After kStartTls succeeded.
  void EncryptionStarted() { encrypted_ = true; }
  bool started() const { return phase_ != Phase::kStartup; }
  bool authenticated() const { return phase_ == Phase::kReady; }

  // From any thread.
  void Cancel() { asker_.Cancel(absl::CancelledError("canceling statement due to user request")); }
  void Stop(const absl::Status& why) { asker_.Stop(why); }

 private:
  enum class Phase { kStartup, kPasswordFirst, kPasswordFinal, kVerdict, kReady };

  struct Prepared {
    std::string sql;
    StatementText statement;  // views into `sql`; no tokens: an empty statement
    std::vector<std::uint32_t> parameter_types;
    HeldBytes held;
  };
  struct Portal {
    std::shared_ptr<const Prepared> prepared;
    std::vector<ParameterValue> parameters;
    std::vector<std::int16_t> result_formats;
    std::optional<ResultSet> result;  // once executed
    std::size_t next = 0;
    HeldBytes held;       // name and parameters
    HeldBytes held_rows;  // while some wait to be fetched
  };

  // --- session.cc
  Next HandleStartup(const Message& message);
  Next StartSession(FieldReader fields);
  absl::Status ReadOptions(std::string_view options);
  absl::Status Wish(const std::string& name, const std::string& value);  // of the startup packet
  Next HandlePassword(const Message& message);
  Next GiveVerdict();
  Next Welcome();
  Next Fatal(const char* sqlstate, std::string_view message, std::string_view hint = {});
  Next HandleReady(const Message& message);
  void SimpleQuery(std::string_view sql);
  void Ready();
  void SendSettings();
  void SendNotices(const ResultSet& result);
  void SendError(const absl::Status& status, std::string_view sql, std::size_t begin);
  // Rows up to `most` (0: all) from `next` on; false if there are more.
  absl::Status SendRows(ResultSet& result, const std::vector<std::int16_t>& formats, std::size_t& next,
                        std::size_t most);
  void FlushIfLarge();
  void Flush();

  // --- session_extended.cc
  absl::Status HandleExtended(const Message& message);
  absl::Status Parse(FieldReader fields);
  absl::Status Bind(FieldReader fields);
  absl::Status Describe(FieldReader fields);
  absl::Status Execute(FieldReader fields);
  absl::Status Close(FieldReader fields);
  bool Forget(const std::string& name) override { return prepared_.erase(name) > 0; }
  void ForgetAll() override { prepared_.clear(); }

  SessionServices& services_;
  Output& output_;
  const SessionFacts facts_;
  SessionBudget budget_;  // of all that follows
  MessageWriter writer_;
  Phase phase_ = Phase::kStartup;
  bool encrypted_ = false;
  bool skips_until_sync_ = false;

  std::string user_;
  std::string database_;
  std::map<std::string, std::string> wishes_;  // settings of the startup packet
  bool wishes_other_zone_ = false;
  std::optional<ScramExchange> exchange_;
  absl::StatusOr<std::string> verdict_;  // on the password, while it waits
  std::chrono::milliseconds pause_{0};
  std::optional<SessionSettings> settings_;
  std::optional<StatementRunner> runner_;
  SessionAsker asker_;

  std::map<std::string, std::shared_ptr<const Prepared>> prepared_;
  std::map<std::string, Portal> portals_;
  std::string failed_sql_;  // the text that an error of the extended protocol points into
};

}  // namespace care::engine::pgwire
