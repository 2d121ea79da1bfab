#include "engine/session/coordinator.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "engine/session/answer.h"
#include "engine/session/query_session.h"
#include "engine/types/status_macros.h"
#include "grammar/parser.h"
#include "mpc/net/origin.h"

namespace care::engine {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

struct Request {
  std::string sql;
  std::string purpose;
  bool explain = false;
  bool as_json = false;
};

absl::StatusOr<Request> ReadRequest(const json& message) {
  Request request;
  CARE_ASSIGN_OR_RETURN(request.sql, TextField(message, "sql"));
  CARE_ASSIGN_OR_RETURN(request.purpose, TextField(message, "purpose"));
  request.explain = FlagField(message, "explain");
  request.as_json = FlagField(message, "as_json");
  // EXPLAIN in the text says the same as the request's flag. What does not parse is refused when it is
  // planned.
  const absl::StatusOr<sql::Statement> statement = sql::Parse(request.sql);
  if (statement.ok() && std::holds_alternative<sql::Explain>(*statement)) {
    const auto& explain = std::get<sql::Explain>(*statement);
    if (explain.analyze)
      return absl::InvalidArgumentError(
          "error: EXPLAIN ANALYZE is not supported yet\nhint: use EXPLAIN, then run the query");
    request.explain = true;
    request.as_json = request.as_json || explain.json;
  }
  return request;
}

class Coordinator {
 public:
  Coordinator(NodeResources& node, mpc::TlsChannel& analyst, QuerySession& session, Request request)
      : node_(node), analyst_(analyst), session_(session), request_(std::move(request)) {}

  absl::StatusOr<json> Answer() {
    CARE_ASSIGN_OR_RETURN(const std::vector<PartyId> parties, PartiesInOrder());
    planner::PlanInputs inputs;
    inputs.current_date_days = TodayUtc();
    inputs.link_class = node_.catalog.links.empty() || node_.catalog.links.contains("lan")
                            ? "lan"
                            : node_.catalog.links.begin()->first;
    inputs.purpose = request_.purpose;
    inputs.recipient = node_.self;
    // A wrong query ends here and troubles nobody else.
    CARE_ASSIGN_OR_RETURN(auto query, node_.engine->Prepare(request_.sql, inputs));

    CARE_RETURN_IF_ERROR(Reserve(parties));
    const Clock::time_point start = Clock::now();
    Proposal proposal{session_.id(), request_.sql, inputs.Canonical(), request_.explain, {}};
    CARE_ASSIGN_OR_RETURN(proposal.signature, node_.identity->Sign(proposal.SignedBytes()));
    for (const PartyId party : parties) {
      if (party != node_.self) CARE_RETURN_IF_ERROR(SendJson(session_.link(party), proposal.ToJson()));
    }
    Verdict own;
    own.disclosure_digest = query->disclosure_digest();
    own.execution_digest = query->execution_digest();
    if (request_.explain) {
      CARE_ASSIGN_OR_RETURN(own.statements, query->Statements());
    }
    CARE_ASSIGN_OR_RETURN(const std::vector<Verdict> verdicts,
                          session_.ExchangeVerdicts(proposal, node_.self, std::move(own)));
    CARE_ASSIGN_OR_RETURN(const std::uint32_t threshold, Agree(verdicts, node_.catalog));
    if (request_.explain) return Explained(*query, verdicts);

    CARE_ASSIGN_OR_RETURN(
        JointOutcome outcome,
        session_.Run(*query, proposal, node_.self, verdicts, threshold,
                     [this](double fraction, std::string_view step) { Progress(fraction, step); }));
    if (!outcome.table.has_value()) return absl::InternalError("the executor gave the recipient no table");
    engine::Answer answer = MakeAnswer(*outcome.table);
    answer.rounds = outcome.rounds;
    answer.bytes = session_.BytesSent();
    for (const PartyId party : parties) {
      if (party != node_.self) answer.bytes += BytesOf(party);
    }
    answer.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    node_.log->info("query {}: released {} rows, {} bytes, {} rounds, {:.2f} s", session_.ShortId(),
                    answer.rows.size(), answer.bytes, answer.rounds, answer.seconds);
    return AnswerToJson(answer);
  }

 private:
  absl::StatusOr<std::vector<PartyId>> PartiesInOrder() const {
    std::vector<PartyId> parties(node_.catalog.compute_parties.begin(), node_.catalog.compute_parties.end());
    if (std::find(parties.begin(), parties.end(), node_.self) == parties.end()) {
      return absl::FailedPreconditionError(absl::StrCat(node_.own_name(),
                                                        " is not a compute party of this federation; ask at ",
                                                        node_.catalog.PartyName(parties.front())));
    }
    std::sort(parties.begin(), parties.end());
    return parties;
  }

  absl::Status Waiting(std::size_t ahead) {
    return SendJson(analyst_,
                    {{"type", "notice"},
                     {"text", absl::StrCat("queued behind ", ahead, ahead == 1 ? " query" : " queries")}});
  }

  absl::Status Reserve(const std::vector<PartyId>& parties) {
    for (const PartyId party : parties) {
      if (party != node_.self) {
        CARE_RETURN_IF_ERROR(ReservePeer(party));
      } else if (!request_.explain) {
        CARE_ASSIGN_OR_RETURN(place_,
                              node_.queue.Enter([this] { return session_.cause(); },
                                                [this](std::size_t ahead) { return Waiting(ahead); }));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReservePeer(PartyId party) {
    CARE_RETURN_IF_ERROR(session_.Dial(party));
    mpc::TlsChannel& link = session_.link(party);
    CARE_RETURN_IF_ERROR(SendJson(link, {{"type", "join"},
                                         {"session", session_.id()},
                                         {"federation", node_.catalog.name},
                                         {"version", node_.catalog.version},
                                         {"digest", node_.catalog.digest},
                                         {"explain", request_.explain}}));
    // The first answer comes soon; after a notice that we are queued it may take as long as queries take.
    std::chrono::milliseconds limit = node_.timeouts.agreement;
    while (true) {
      CARE_ASSIGN_OR_RETURN(const json reply, ReceiveJson(link, limit));
      CARE_ASSIGN_OR_RETURN(const std::string type, TextField(reply, "type"));
      if (type == "granted") return absl::OkStatus();
      if (type == "queued") {
        CARE_ASSIGN_OR_RETURN(const std::uint64_t ahead, NumberField(reply, "ahead"));
        CARE_RETURN_IF_ERROR(Waiting(ahead));
        limit = {};
      } else {
        return absl::FailedPreconditionError(
            absl::StrCat(node_.catalog.PartyName(party),
                         " gave an answer that is not understood; install the same "
                         "version of care at both"));
      }
    }
  }

  json Explained(const PreparedQuery& query, const std::vector<Verdict>& verdicts) const {
    std::vector<PartyStatements> statements;
    for (const PartyId party : node_.catalog.compute_parties) {
      for (const Verdict& verdict : verdicts) {
        if (verdict.party == party)
          statements.push_back({node_.catalog.PartyName(party), verdict.statements});
      }
    }
    return {{"type", "explained"},
            {"text", request_.as_json ? query.ExplainJson(statements) : query.ExplainText(statements)}};
  }

  void Progress(double fraction, std::string_view step) {
    const Clock::time_point now = Clock::now();
    if (now - last_progress_ < kProgressInterval && fraction < 1) return;
    last_progress_ = now;
    // An analyst who cannot be told has left; its channel's failure cancels the session.
    (void)SendJson(analyst_, {{"type", "progress"}, {"fraction", fraction}, {"step", std::string(step)}});
  }

  // The answer is released whatever happens now, so a peer that leaves before it reported counts as zero.
  std::uint64_t BytesOf(PartyId party) {
    const absl::StatusOr<json> done = ReceiveJson(session_.link(party), node_.timeouts.agreement);
    if (!done.ok()) return 0;
    return NumberField(*done, "bytes_sent").value_or(0);
  }

  NodeResources& node_;
  mpc::TlsChannel& analyst_;
  QuerySession& session_;
  const Request request_;
  JointQueue::Place place_;
  Clock::time_point last_progress_{};
};

}  // namespace

void AnswerAnalyst(NodeResources& node, mpc::TlsChannel& analyst, const json& message) {
  absl::StatusOr<json> answer = absl::InternalError("no answer");
  absl::StatusOr<std::string> session_id = NewSessionId();
  absl::StatusOr<Request> request = ReadRequest(message);
  if (!session_id.ok()) {
    answer = session_id.status();
  } else if (!request.ok()) {
    answer = request.status();
  } else {
    QuerySession session(node, *session_id);
    node.log->info("query {}: asked by {}, {} bytes of SQL{}", session.ShortId(), analyst.peer_name(),
                   request->sql.size(), request->explain ? ", to explain" : "");
    analyst.OnFailure([&session](const absl::Status&) {
      session.Cancel(absl::CancelledError("the analyst left before the answer"));
    });
    Coordinator coordinator(node, analyst, session, *std::move(request));
    answer = coordinator.Answer();
    if (!answer.ok()) {
      answer = session.Explain(answer.status());
      session.Cancel(mpc::WithOrigin(answer.status(), node.own_name()));
      node.log->warn("query {}: {}", session.ShortId(), absl::StatusCodeToString(answer.status().code()));
    }
    analyst.OnFailure(nullptr);
  }
  const absl::Status sent = SendJson(
      analyst, answer.ok() ? *answer : json{{"type", "error"}, {"status", StatusToJson(answer.status())}});
  if (!sent.ok()) node.log->info("the analyst left before the answer");
}

}  // namespace care::engine
