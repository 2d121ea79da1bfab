#include "engine/session/question.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "engine/session/constant_answer.h"
#include "engine/session/gather_record.h"
#include "engine/session/query_record.h"
#include "engine/session/query_session.h"
#include "engine/session/show_catalog.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "grammar/parser.h"
#include "mpc/net/origin.h"

namespace care::engine {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

// EXPLAIN in the text says the same as the question's flag. What does not parse is refused when it is planned.
Question Understood(Question question) {
  const absl::StatusOr<sql::Statement> statement = sql::Parse(question.sql);
  if (statement.ok() && std::holds_alternative<sql::Explain>(*statement)) {
    const auto& explain = std::get<sql::Explain>(*statement);
    question.explain = true;
    question.analyze = question.analyze || explain.analyze;
    question.as_json = question.as_json || explain.json;
  }
  question.explain = question.explain || question.analyze;
  return question;
}

planner::PlanInputs ProposedInputs(const FederationVersion& federation, const Question& question) {
  planner::PlanInputs inputs;
  const std::int64_t now = MomentUtc();
  inputs.current_date_days = DayOf(now);
  if (planner::MayAskForNow(question.sql, federation.catalog)) inputs.time_of_day = TimeOfDay(now);
  inputs.link_class = LinkClassOf(federation.catalog);
  inputs.purpose = question.purpose;
  inputs.legal_basis = question.legal_basis;
  inputs.recipient = federation.self;
  return inputs;
}

// What this node answers by itself: a SHOW, constants. Asked for its plan, either is refused where queries are planned.
absl::StatusOr<std::optional<Answer>> AnsweredHere(const FederationVersion& federation, const Question& question) {
  if (question.explain || question.analyze) return std::nullopt;
  const absl::StatusOr<sql::Statement> statement = sql::Parse(question.sql);
  if (!statement.ok()) return std::nullopt;  // said where queries are planned
  if (const auto* show = std::get_if<sql::Show>(&*statement)) return ShowCatalog(*show, question.sql, federation.catalog);
  const std::int64_t now = MomentUtc();
  return AnswerConstants(*statement, question.sql, federation.catalog, {.current_date_days = DayOf(now), .time_of_day = TimeOfDay(now)});
}

class Coordinator {
 public:
  // `home`: the place in this node's own line, which outlives a session that has to begin again.
  Coordinator(NodeResources& node, Asker& asker, QuerySession& session, Question question, JointQueue::Place& home)
      : node_(node),
        asker_(asker),
        session_(session),
        federation_(session.federation()),
        catalog_(federation_.catalog),
        self_(federation_.self),
        question_(std::move(question)),
        home_(home) {}

  // True if the session failed because something changed under it before anything was shared.
  bool must_begin_again() const { return must_begin_again_; }
  // For the log: what the run moved, if one came to its end.
  const std::string& moved() const { return moved_; }

  absl::StatusOr<Reply> Answer() {
    CARE_RETURN_IF_ERROR(session_.cause());
    CARE_RETURN_IF_ERROR(CheckMayAsk());
    const planner::PlanInputs inputs = ProposedInputs(federation_, question_);
    // A wrong query ends here and troubles nobody else.
    CARE_ASSIGN_OR_RETURN(auto query, federation_.engine->Prepare(question_.sql, inputs));
    outside_ = query->outside_owners();
    const std::vector<PartyId> parties = PartiesInOrder();

    CARE_RETURN_IF_ERROR(Reserve(parties));
    session_.SetWaiting(false);
    const Clock::time_point start = Clock::now();
    Proposal proposal{.session_id = session_.id(),
                      .sql = question_.sql,
                      .plan_inputs = inputs.Canonical(),
                      .explain = !question_.runs(),
                      .signature = {},
                      .record = question_.analyze || (question_.record && !question_.explain)};
    absl::StatusOr<std::string> signature = session_.SignForAllLinks(proposal.SignedBytes());
    must_begin_again_ = absl::IsAborted(signature.status());
    CARE_ASSIGN_OR_RETURN(proposal.signature, std::move(signature));
    for (const PartyId party : parties) {
      if (party != self_) CARE_RETURN_IF_ERROR(SendJson(session_.link(party), proposal.ToJson()));
    }
    Verdict own;
    own.disclosure_digest = query->disclosure_digest();
    own.execution_digest = query->execution_digest();
    if (proposal.asks_for_statements()) {
      CARE_ASSIGN_OR_RETURN(own.statements, query->Statements());
    }
    CARE_ASSIGN_OR_RETURN(const std::vector<Verdict> verdicts,
                          session_.ExchangeVerdicts(proposal, self_, std::move(own)));
    const absl::StatusOr<std::uint32_t> agreed = Agree(verdicts, catalog_);
    if (!agreed.ok()) return Disagreed(agreed.status(), verdicts);
    const std::uint32_t threshold = *agreed;
    if (!question_.runs()) return Explained(*query, verdicts, nullptr);

    CARE_ASSIGN_OR_RETURN(
        JointOutcome outcome,
        session_.Run(*query, proposal, self_, verdicts, threshold,
                     [this](double fraction, std::string_view step) { Progress(fraction, step); }));
    if (!outcome.table.has_value()) return absl::InternalError("the executor gave the recipient no table");
    const planner::MeasuredPlan measured = Measure(outcome, parties, start);
    moved_ = absl::StrCat(measured.Bytes(), " by all parties, ", measured.rounds, " rounds");
    // What was released is not told: a reader of the explanation learns no more of the rows than before.
    if (question_.analyze) return Explained(*query, verdicts, &measured);
    engine::Answer answer = MakeAnswer(*outcome.table);
    answer.rounds = measured.rounds;
    answer.bytes = measured.Bytes();
    answer.seconds = static_cast<double>(measured.microseconds) / 1e6;
    if (proposal.record) answer.record = Record(*query, proposal, inputs, verdicts, threshold);
    return Reply{.answer = std::move(answer), .explanation = {}};
  }

 private:
  // A party may refuse, or read a query otherwise, because it runs another care.
  absl::Status Disagreed(const absl::Status& why, const std::vector<Verdict>& verdicts) {
    for (const Verdict& verdict : verdicts) {
      if (verdict.build == verdicts.front().build) continue;
      CARE_RETURN_IF_ERROR(asker_.Notice(absl::StrCat(
          catalog_.PartyName(verdicts.front().party), " runs care ", verdicts.front().build, ", ",
          catalog_.PartyName(verdict.party), " ", verdict.build.empty() ? "one that does not say which" : verdict.build)));
    }
    return why;
  }

  absl::Status CheckMayAsk() const {
    if (federation_.IsCompute(self_)) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(node_.own_name(),
                                                      " is not a compute party of this federation; ask at ",
                                                      catalog_.PartyName(catalog_.compute_parties.front())));
  }

  // All that take part.
  std::vector<PartyId> PartiesInOrder() const {
    std::vector<PartyId> parties(catalog_.compute_parties.begin(), catalog_.compute_parties.end());
    parties.insert(parties.end(), outside_.begin(), outside_.end());
    // By name: two versions of the federation may number their parties otherwise, and queries on both must still
    // reserve in one order (joint_queue.h).
    std::sort(parties.begin(), parties.end(),
              [this](PartyId a, PartyId b) { return catalog_.PartyName(a) < catalog_.PartyName(b); });
    return parties;
  }

  absl::Status Waiting(std::size_t ahead) {
    return asker_.Notice(absl::StrCat("queued behind ", ahead, ahead == 1 ? " query" : " queries"));
  }

  absl::StatusOr<JointQueue::Place> WaitIn(JointQueue& queue, const std::string& as) {
    return queue.Enter(as, [this] { return session_.cause(); }, [this](std::size_t ahead) { return Waiting(ahead); });
  }

  absl::Status Reserve(const std::vector<PartyId>& parties) {
    session_.SetWaiting(true);
    if (question_.runs() && !home_.held()) {
      CARE_ASSIGN_OR_RETURN(home_, WaitIn(node_.admission, question_.asked_by));
    }
    absl::Status reserved = VersionIsInForce();
    for (const PartyId party : parties) {
      if (!reserved.ok()) break;
      if (party != self_) {
        reserved = ReservePeer(party);
      } else if (question_.runs()) {
        absl::StatusOr<JointQueue::Place> place = WaitIn(node_.queue, node_.own_name());
        reserved = place.status();
        if (place.ok()) place_ = *std::move(place);
      }
    }
    // A peer that has switched refuses the version before it in the end.
    if (absl::IsFailedPrecondition(reserved)) must_begin_again_ = !VersionIsInForce().ok();
    return reserved;
  }

  absl::Status VersionIsInForce() const {
    if (node_.federation()->catalog.digest == catalog_.digest) return absl::OkStatus();
    return absl::FailedPreconditionError("another version of the federation file came into force; ask again");
  }

  absl::Status ReservePeer(PartyId party) {
    CARE_RETURN_IF_ERROR(session_.Connect(party));
    mpc::TlsChannel& link = session_.link(party);
    json outside = json::array();
    for (const PartyId owner : outside_) outside.push_back(catalog_.PartyName(owner));
    CARE_RETURN_IF_ERROR(SendJson(link, {{"type", "join"},
                                         {"session", session_.id()},
                                         {"federation", catalog_.name},
                                         {"version", catalog_.version},
                                         {"digest", catalog_.digest},
                                         {"outside", std::move(outside)},
                                         {"explain", !question_.runs()}}));
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
            absl::StrCat(catalog_.PartyName(party),
                         " gave an answer that is not understood; install the same "
                         "version of care at both"));
      }
    }
  }

  AnswerRecord Record(const PreparedQuery& query, const Proposal& proposal, const planner::PlanInputs& inputs,
                      const std::vector<Verdict>& verdicts, std::uint32_t threshold) const {
    AnswerRecord record = MakeRecord({.catalog = catalog_,
                                      .proposal = proposal,
                                      .inputs = inputs,
                                      .verdicts = verdicts,
                                      .session = session_});
    record.asked_by = question_.asked_by;
    record.threshold = threshold;
    record.plan = json::parse(query.ExplainJson({}, nullptr), nullptr, false);
    if (!record.plan.is_object()) record.plan = json::object();
    return record;
  }

  Reply Explained(const PreparedQuery& query, const std::vector<Verdict>& verdicts,
                  const planner::MeasuredPlan* measured) const {
    std::vector<PartyStatements> statements;
    std::vector<PartyId> parties(catalog_.compute_parties.begin(), catalog_.compute_parties.end());
    parties.insert(parties.end(), outside_.begin(), outside_.end());
    for (const PartyId party : parties) {
      for (const Verdict& verdict : verdicts) {
        if (verdict.party == party)
          statements.push_back({catalog_.PartyName(party), verdict.statements});
      }
    }
    return {.answer = std::nullopt,
            .explanation = question_.as_json ? query.ExplainJson(statements, measured) : query.ExplainText(statements, measured),
            .is_json = question_.as_json};
  }

  void Progress(double fraction, std::string_view step) {
    const Clock::time_point now = Clock::now();
    if (now - last_progress_ < kProgressInterval && fraction < 1) return;
    last_progress_ = now;
    asker_.Progress(fraction, step);
  }

  // What all parties moved: this one's own meters, and what the others say that they sent. The answer is released whatever
  // happens now, so nothing counts of a peer that left before it reported.
  planner::MeasuredPlan Measure(const JointOutcome& outcome, const std::vector<PartyId>& parties, Clock::time_point start) {
    planner::MeasuredPlan measured;
    measured.nodes = outcome.nodes;
    measured.rounds = outcome.rounds;
    for (const PartyId party : parties) {
      std::optional<std::uint64_t> sent;
      if (party == self_) {
        sent = session_.BytesSent();
      } else {
        const absl::StatusOr<json> done = ReceiveJson(session_.link(party), node_.timeouts.agreement);
        if (done.ok()) {
          if (const auto bytes = NumberField(*done, "bytes_sent"); bytes.ok()) sent = *bytes;
        }
        if (!done.ok() || !AddByNode(*done, measured.nodes)) measured.is_complete = false;
      }
      measured.sent.emplace_back(party, sent);
      if (!sent.has_value()) measured.is_complete = false;
    }
    measured.microseconds = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
    return measured;
  }

  static bool AddByNode(const json& done, std::vector<mpc::Cost>& nodes) {
    const auto sent = done.find("bytes_sent_by_node");
    if (sent == done.end() || !sent->is_array() || sent->size() != nodes.size()) return false;
    for (std::size_t id = 0; id < nodes.size(); ++id) {
      if (!(*sent)[id].is_number_unsigned()) return false;
      nodes[id].bytes += (*sent)[id].get<std::uint64_t>();
    }
    return true;
  }

  NodeResources& node_;
  Asker& asker_;
  QuerySession& session_;
  const FederationVersion& federation_;
  const planner::Catalog& catalog_;
  const PartyId self_;
  const Question question_;
  std::vector<PartyId> outside_;  // owners that do not compute and whose rows the query reads
  JointQueue::Place& home_;
  JointQueue::Place place_;
  bool must_begin_again_ = false;
  std::string moved_;
  Clock::time_point last_progress_{};
};

absl::StatusOr<Reply> AskInSession(NodeResources& node, const Question& understood, Asker& asker,
                                   JointQueue::Place& home, bool& again) {
  CARE_ASSIGN_OR_RETURN(std::string session_id, NewSessionId());
  QuerySession session(node, node.federation(), std::move(session_id));
  QueryRecord record(node, session.ShortId(), !understood.runs() ? QueryKind::kExplained : QueryKind::kAsked,
                     absl::StrCat("asked by ", understood.asked_by, ", ", understood.sql.size(), " bytes of SQL"));
  asker.OnLeft([&session](const absl::Status& why) { session.Cancel(why); });
  Coordinator coordinator(node, asker, session, understood, home);
  absl::StatusOr<Reply> reply = coordinator.Answer();
  if (!reply.ok()) {
    reply = session.Explain(reply.status());
    session.Cancel(mpc::WithOrigin(reply.status(), node.own_name()));
  }
  asker.OnLeft({});
  std::string more = coordinator.moved();
  if (reply.ok() && reply->answer.has_value()) absl::StrAppend(&more, ", ", reply->answer->rows.size(), " rows released");
  record.End(reply.status(), session.BytesSent(), more);
  again = !reply.ok() && coordinator.must_begin_again();
  if (again) node.log->info("query {}: begins again, on what is in force now", session.ShortId());
  return reply;
}

}  // namespace

absl::StatusOr<Reply> Ask(NodeResources& node, const Question& question, Asker& asker) {
  CARE_ASSIGN_OR_RETURN(std::optional<Answer> here, AnsweredHere(*node.federation(), question));
  if (here.has_value()) return Reply{.answer = std::move(here), .explanation = {}};
  const Question understood = Understood(question);
  JointQueue::Place home;
  bool again = false;
  absl::StatusOr<Reply> reply = AskInSession(node, understood, asker, home, again);
  // Once: a federation does not change twice in a row.
  if (again) reply = AskInSession(node, understood, asker, home, again);
  return reply;
}

absl::StatusOr<std::vector<DescribedColumn>> Describe(NodeResources& node, const Question& question) {
  CARE_ASSIGN_OR_RETURN(const std::optional<Answer> here, AnsweredHere(*node.federation(), question));
  if (here.has_value()) {
    std::vector<DescribedColumn> columns;
    for (const AnswerColumn& column : here->columns) {
      CARE_ASSIGN_OR_RETURN(const DataType type, ParseDataType(column.type));
      columns.push_back({column.name, type});
    }
    return columns;
  }
  const Question understood = Understood(question);
  const FederationVersionPtr federation = node.federation();
  CARE_ASSIGN_OR_RETURN(const std::vector<planner::OutputColumn> output,
                        federation->engine->Describe(understood.sql, ProposedInputs(*federation, understood)));
  if (understood.explain) return std::vector<DescribedColumn>{{"QUERY PLAN", kTextType}};
  std::vector<DescribedColumn> columns;
  for (const planner::OutputColumn& column : output) columns.push_back({column.name, column.type});
  return columns;
}

}  // namespace care::engine
