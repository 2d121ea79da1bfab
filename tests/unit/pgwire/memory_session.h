// tests/unit/pgwire/memory_session.h
//
// A session of PostgreSQL's protocol without sockets: any bytes in, the server's bytes out. What tests and a
// fuzzer call. Its services answer every question alike and know one user, "anna", with the password
// "secret".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/frontend/pgwire/frame_reader.h"
#include "engine/frontend/pgwire/services.h"
#include "engine/frontend/pgwire/session.h"

namespace care::engine::pgwire {

class FakeServices final : public SessionServices {
 public:
  FakeServices() : anna_(MakeVerifier("secret").value()) {}

  absl::StatusOr<Reply> Ask(const Question& question, Asker& asker) override {
    asked.push_back(question.sql);
    absl::Status why;
    asker.OnLeft([&why](const absl::Status& status) { why = status; });
    if (during) during(asker);
    asker.OnLeft({});
    if (!why.ok()) return why;
    Answer answer;
    answer.columns = {{"n", "bigint", true, false}};
    for (int row = 0; row < rows; ++row) answer.rows.push_back({std::to_string(row + 1)});
    answer.suppressed.assign(answer.rows.size(), {false});
    answer.notes = notes;
    return Reply{std::move(answer), {}};
  }
  absl::StatusOr<std::vector<DescribedColumn>> Describe(const Question& question) override {
    described.push_back(question.sql);
    return std::vector<DescribedColumn>{{"n", kBigIntType}};
  }
  absl::StatusOr<ResultSet> AskCatalogue(const CatalogueQuestion&) override {
    ResultSet result;
    result.has_rows = true;
    result.tag = "SELECT";
    result.columns = {{"one", WireTypeNamed("int4")}};
    result.rows = {{"1"}};
    return result;
  }
  bool IsCatalogueRelation(std::string_view name) const override { return name == "pg_class"; }
  CommonBudget& memory() override { return memory_; }
  ScramVerifier VerifierOf(const std::string& user) override {
    return user == "anna" ? anna_ : MockVerifier(user, "node");
  }
  const std::string& endpoint_hash() const override { return endpoint_hash_; }
  bool tls_optional() const override { return true; }
  const std::string& default_purpose() const override { return purpose_; }
  const std::string& database() const override { return database_; }
  void Cancel(std::uint32_t process, std::uint32_t secret) override {
    cancelled.emplace_back(process, secret);
  }
  std::chrono::milliseconds LoggedIn(const std::string&, const std::string&, bool accepted) override {
    verdicts.push_back(accepted);
    return delay;
  }
  bool Admit(std::uint32_t) override { return admits; }

  std::vector<std::string> asked, described, notes;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> cancelled;
  std::vector<bool> verdicts;
  std::chrono::milliseconds delay{0};
  bool admits = true;
  int rows = 1;
  std::function<void(Asker&)> during;  // while a question runs

  CommonBudget memory_{kListenerBytes};

 private:
  const ScramVerifier anna_;
  const std::string endpoint_hash_, purpose_ = "tests", database_ = "care";
};

class MemoryOutput final : public Output {
 public:
  void Send(std::string bytes) override { sent += bytes; }
  std::string sent;
};

// The whole life of a connection that sends these bytes; from this machine, without TLS.
inline std::string ServeBytes(SessionServices& services, std::string_view bytes) {
  MemoryOutput output;
  Session session(services, output, {"127.0.0.1", true, 7, 11});
  FrameReader frames;
  frames.Append(bytes);
  while (true) {
    const auto message = frames.Next();
    if (!message.ok()) {
      session.Refuse(message.status());
      break;
    }
    if (!message->has_value()) break;
    Session::Next next = session.Handle(**message);
    if (next == Session::Next::kPause) next = session.Resume();
    if (next != Session::Next::kContinue) break;
    if (session.started()) frames.ExpectMessages();
    if (session.authenticated()) frames.Authenticated();
  }
  session.Stop(absl::CancelledError("left"));
  return std::move(output.sent);
}

}  // namespace care::engine::pgwire
