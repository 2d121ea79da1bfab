// Control messages of peers and analysts: whatever they say, every reader of them gives an error or something that
// reads the same once it was written again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/session/agreement.h"
#include "engine/session/answer.h"
#include "engine/session/messages.h"
#include "engine/session/session_id.h"
#include "planner/physical/plan_inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace care::engine;
  if (size > kMaxControlBytes) return 0;
  const auto message = ParseJson(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!message.ok()) return 0;

  // What a join, a link, a call and a query are read with.
  for (const char* name : {"type", "session", "federation", "digest", "sql", "purpose"}) {
    const auto text = TextField(*message, name);
    if (text.ok()) (void)IsSessionId(*text);
  }
  (void)NumberField(*message, "version");
  (void)FlagField(*message, "explain");

  const auto proposal = Proposal::FromJson(*message);
  if (proposal.ok()) {
    const auto again = Proposal::FromJson(ParseJson(DumpJson(proposal->ToJson())).value());
    if (!again.ok() || again->signature != proposal->signature) std::abort();
    (void)proposal->SignedBytes();
    (void)care::planner::ParsePlanInputs(proposal->plan_inputs);
  }
  const auto verdict = Verdict::FromJson(*message, 1);
  if (verdict.ok()) {
    const auto again = Verdict::FromJson(ParseJson(DumpJson(verdict->ToJson())).value(), 1);
    if (!again.ok() || again->threshold != verdict->threshold || again->status.code() != verdict->status.code()) {
      std::abort();
    }
    (void)verdict->SignedBytes(Proposal{});
  }
  const auto status = message->find("status");
  if (status != message->end()) (void)StatusFromJson(*status);
  (void)AnswerFromJson(*message);
  return 0;
}
