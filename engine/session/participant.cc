#include "engine/session/participant.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "engine/session/query_record.h"
#include "engine/session/query_session.h"
#include "engine/types/status_macros.h"
#include "mpc/net/origin.h"

namespace care::engine {

using nlohmann::json;

namespace {

// From a party's turn in the joint queue to its proposal, in limits of one control message: 120 s. Meanwhile it connects
// to the other parties and waits for its turn there, which is no long wait: all reserve in one order (joint_queue.h).
constexpr int kMessagesToProposal = 12;

class Participant {
 public:
  Participant(NodeResources& node, QuerySession& session, PartyId asking)
      : node_(node),
        session_(session),
        federation_(session.federation()),
        catalog_(federation_.catalog),
        self_(federation_.self),
        asking_(asking) {}

  absl::Status TakePart(const json& join) {
    const bool explain = FlagField(join, "explain");
    for (const PartyId party : catalog_.compute_parties) {
      if (party != self_ && party != asking_) third_ = party;
    }
    mpc::TlsChannel& link = session_.link(asking_);
    if (!explain) {
      CARE_ASSIGN_OR_RETURN(place_, node_.queue.Enter(catalog_.PartyName(asking_),
                                                      [this] { return session_.cause(); },
                                                      [&link](std::size_t ahead) {
                                                        return SendJson(link, {{"type", "queued"}, {"ahead", ahead}});
                                                      }));
    }
    // The one that is dialled must expect it before the other can know.
    if (!DialsThird()) node_.links.Expect(session_.id(), catalog_.PartyName(third_));
    CARE_RETURN_IF_ERROR(SendJson(link, {{"type", "granted"}}));

    CARE_ASSIGN_OR_RETURN(const json message, AwaitProposal(link));
    CARE_ASSIGN_OR_RETURN(const Proposal proposal, Proposal::FromJson(message));
    if (proposal.session_id != session_.id() || proposal.explain != explain ||
        !mpc::VerifySignature(link.peer_public_key(), proposal.SignedBytes(), proposal.signature)) {
      return absl::UnauthenticatedError(
          absl::StrCat("the signature of ", catalog_.PartyName(asking_), " under its proposal is not valid"));
    }
    CARE_RETURN_IF_ERROR(LinkWithThird());
    std::unique_ptr<PreparedQuery> query;
    Verdict own = Judge(proposal, query);
    CARE_ASSIGN_OR_RETURN(const std::vector<Verdict> verdicts,
                          session_.ExchangeVerdicts(proposal, asking_, std::move(own)));
    const absl::StatusOr<std::uint32_t> threshold = Agree(verdicts, catalog_);
    // The asking party holds the same verdicts and tells its analyst; there is nothing to abort.
    if (!threshold.ok()) {
      outcome_ = threshold.status();
      return absl::OkStatus();
    }
    if (explain) return absl::OkStatus();
    CARE_RETURN_IF_ERROR(session_.Run(*query, proposal, asking_, verdicts, *threshold, {}).status());
    CARE_RETURN_IF_ERROR(SendJson(link, {{"type", "done"}, {"bytes_sent", session_.BytesSent()}}));
    return absl::OkStatus();
  }

  // Why nothing ran although nothing failed here.
  const absl::Status& outcome() const { return outcome_; }

 private:
  // Bounded, because nobody else's query runs here meanwhile: a party that hangs must not stop the others' questions.
  // Whoever asked is told by the end of the session, as of any other error.
  absl::StatusOr<json> AwaitProposal(mpc::TlsChannel& link) const {
    const std::chrono::milliseconds limit = kMessagesToProposal * node_.timeouts.agreement;
    absl::StatusOr<json> message = ReceiveJson(link, limit);
    if (!absl::IsDeadlineExceeded(message.status())) return message;
    return absl::DeadlineExceededError(
        absl::StrCat("the turn of ", catalog_.PartyName(asking_), " was given up: it proposed no query within ",
                     limit.count() / 1000, " s of being granted; ask again; if this repeats, see the log of its node"));
  }

  // Of the two that did not ask, the one that cannot be dialled dials, else the lower id.
  bool DialsThird() const {
    if (catalog_.parties[third_].outbound) return false;
    return catalog_.parties[self_].outbound || self_ < third_;
  }

  absl::Status LinkWithThird() {
    if (DialsThird()) {
      CARE_RETURN_IF_ERROR(session_.Dial(third_));
      return SendJson(session_.link(third_), {{"type", "link"}, {"session", session_.id()}});
    }
    CARE_ASSIGN_OR_RETURN(auto channel,
                          node_.links.Take(session_.id(), catalog_.PartyName(third_),
                                           node_.timeouts.link.connect, [this] { return session_.cause(); }));
    return session_.AddLink(third_, std::move(channel));
  }

  // Plans for itself, from the text and its own federation file.
  Verdict Judge(const Proposal& proposal, std::unique_ptr<PreparedQuery>& query) {
    Verdict verdict;
    const auto judge = [&]() -> absl::Status {
      CARE_ASSIGN_OR_RETURN(const planner::PlanInputs inputs, planner::ParsePlanInputs(proposal.plan_inputs));
      CARE_RETURN_IF_ERROR(CheckPlanInputs(inputs, asking_, catalog_, TodayUtc()));
      CARE_ASSIGN_OR_RETURN(query, federation_.engine->Prepare(proposal.sql, inputs));
      if (proposal.asks_for_statements()) {
        CARE_ASSIGN_OR_RETURN(verdict.statements, query->Statements());
      }
      verdict.disclosure_digest = query->disclosure_digest();
      verdict.execution_digest = query->execution_digest();
      return absl::OkStatus();
    };
    verdict.status = judge();
    return verdict;
  }

  NodeResources& node_;
  QuerySession& session_;
  const FederationVersion& federation_;
  const planner::Catalog& catalog_;
  const PartyId self_;
  const PartyId asking_;
  PartyId third_ = kNoParty;
  absl::Status outcome_;
  JointQueue::Place place_;
};

// The version that the asking party proposes to use.
absl::StatusOr<FederationVersionPtr> ProposedVersion(const NodeResources& node, const std::string& asking,
                                                     const json& join) {
  CARE_ASSIGN_OR_RETURN(const std::string name, TextField(join, "federation"));
  CARE_ASSIGN_OR_RETURN(const std::uint64_t version, NumberField(join, "version"));
  CARE_ASSIGN_OR_RETURN(const std::string digest, TextField(join, "digest"));
  return node.versions.Accept(asking, name, version, digest, node.clock());
}

}  // namespace

void TakePart(NodeResources& node, std::unique_ptr<mpc::TlsChannel> channel, const json& join) {
  const absl::StatusOr<std::string> session_id = TextField(join, "session");
  if (!session_id.ok() || !IsSessionId(*session_id)) {
    channel->Abort(absl::InvalidArgumentError("the session's id is not understood"));
    return;
  }
  const absl::StatusOr<FederationVersionPtr> federation = ProposedVersion(node, channel->peer_name(), join);
  if (!federation.ok()) {
    node.log->warn("query {}: {} asks to take part: {}", session_id->substr(0, 8), channel->peer_name(),
                   std::string(federation.status().message()));
    channel->Abort(mpc::WithOrigin(federation.status(), node.own_name()));
    return;
  }
  const FederationVersion& version = **federation;
  const PartyId asking = version.catalog.FindParty(channel->peer_name());
  if (!version.IsCompute(asking) || !version.IsCompute(version.self) || asking == version.self) {
    channel->Abort(absl::PermissionDeniedError("only compute parties of the federation ask each other"));
    return;
  }
  QuerySession session(node, *federation, *session_id);
  QueryRecord record(node, session.ShortId(), QueryKind::kTookPart,
                     absl::StrCat(version.catalog.PartyName(asking), " asks to take part"));
  absl::Status outcome;
  absl::Status status = session.cause();
  if (!status.ok()) channel->Abort(mpc::WithOrigin(status, node.own_name()));
  if (status.ok()) status = session.AddLink(asking, std::move(channel));
  if (status.ok()) {
    Participant participant(node, session, asking);
    status = participant.TakePart(join);
    outcome = participant.outcome();
  }
  if (!status.ok()) {
    status = session.Explain(mpc::WithOrigin(status, node.own_name()));
    session.Cancel(status);
    outcome = status;
  }
  record.End(outcome, session.BytesSent());
}

}  // namespace care::engine
