#include "engine/session/participant.h"

#include <algorithm>
#include <chrono>
#include <set>

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
  // `outside`: the owners that do not compute and that the asking party asks as well.
  Participant(NodeResources& node, QuerySession& session, PartyId asking, std::vector<PartyId> outside)
      : node_(node),
        session_(session),
        federation_(session.federation()),
        catalog_(federation_.catalog),
        self_(federation_.self),
        asking_(asking),
        outside_(std::move(outside)) {
    const auto add = [this](PartyId party) {
      if (party != self_ && party != asking_) others_.push_back(party);
    };
    for (const PartyId party : catalog_.compute_parties) add(party);
    for (const PartyId party : outside_) add(party);
  }

  absl::Status TakePart(const json& join) {
    const bool explain = FlagField(join, "explain");
    mpc::TlsChannel& link = session_.link(asking_);
    if (!explain) {
      CARE_ASSIGN_OR_RETURN(place_, node_.queue.Enter(catalog_.PartyName(asking_),
                                                      [this] { return session_.cause(); },
                                                      [&link](std::size_t ahead) {
                                                        return SendJson(link, {{"type", "queued"}, {"ahead", ahead}});
                                                      }));
    }
    // The one that is dialled must expect it before the other can know.
    for (const PartyId other : others_) {
      if (!Dials(other)) node_.links.Expect(session_.id(), catalog_.PartyName(other));
    }
    CARE_RETURN_IF_ERROR(SendJson(link, {{"type", "granted"}}));

    CARE_ASSIGN_OR_RETURN(const json message, AwaitProposal(link));
    CARE_ASSIGN_OR_RETURN(const Proposal proposal, Proposal::FromJson(message));
    if (proposal.session_id != session_.id() || proposal.explain != explain ||
        !mpc::VerifySignature(link.peer_public_key(), proposal.SignedBytes(), proposal.signature)) {
      return absl::UnauthenticatedError(
          absl::StrCat("the signature of ", catalog_.PartyName(asking_), " under its proposal is not valid"));
    }
    CARE_RETURN_IF_ERROR(LinkWithOthers());
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
    CARE_ASSIGN_OR_RETURN(const JointOutcome outcome, session_.Run(*query, proposal, asking_, verdicts, *threshold, {}));
    json by_node = json::array();
    for (const mpc::Cost& node : outcome.nodes) by_node.push_back(node.bytes);
    CARE_RETURN_IF_ERROR(SendJson(
        link, {{"type", "done"}, {"bytes_sent", session_.BytesSent()}, {"bytes_sent_by_node", std::move(by_node)}}));
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

  // Of two that did not ask, the one that cannot be dialled dials, else the lower id.
  bool Dials(PartyId other) const {
    if (catalog_.parties[other].outbound) return false;
    return catalog_.parties[self_].outbound || self_ < other;
  }

  // Every two parties have a link, also two that share nothing with each other: each sees every other's verdict and entry
  // under the other's own certificate.
  absl::Status LinkWithOthers() {
    for (const PartyId other : others_) {
      if (!Dials(other)) continue;
      CARE_RETURN_IF_ERROR(session_.Dial(other));
      CARE_RETURN_IF_ERROR(SendJson(session_.link(other), {{"type", "link"}, {"session", session_.id()}}));
    }
    for (const PartyId other : others_) {
      if (Dials(other)) continue;
      // The other may have to dial the rest before.
      const auto limit = node_.timeouts.link.connect * static_cast<int>(others_.size());
      CARE_ASSIGN_OR_RETURN(auto channel, node_.links.Take(session_.id(), catalog_.PartyName(other), limit,
                                                           [this] { return session_.cause(); }));
      CARE_RETURN_IF_ERROR(session_.AddLink(other, std::move(channel)));
    }
    return absl::OkStatus();
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
      if (query->outside_owners() != outside_) {
        return absl::FailedPreconditionError(
            absl::StrCat(catalog_.PartyName(asking_), " asks other owners to take part than the query reads rows of; "
                         "install the same version of care at both"));
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
  const std::vector<PartyId> outside_;
  std::vector<PartyId> others_;  // besides the one that asks
  absl::Status outcome_;
  JointQueue::Place place_;
};

// The owners that do not compute and are asked besides the three, by id.
absl::StatusOr<std::vector<PartyId>> OutsideOwnersOf(const json& join, const FederationVersion& version) {
  std::set<PartyId> owners;
  const auto names = join.find("outside");
  if (names != join.end() && names->is_array()) {
    for (const json& name : *names) {
      const PartyId party = name.is_string() ? version.catalog.FindParty(name.get<std::string>()) : kNoParty;
      if (party == kNoParty || version.IsCompute(party) || !version.TakesPart(party))
        return absl::InvalidArgumentError("a party is asked to take part that owns no table");
      owners.insert(party);
    }
  }
  return std::vector<PartyId>(owners.begin(), owners.end());
}

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
  absl::StatusOr<std::vector<PartyId>> outside = OutsideOwnersOf(join, version);
  if (!outside.ok()) {
    channel->Abort(mpc::WithOrigin(outside.status(), node.own_name()));
    return;
  }
  const bool asked = version.IsCompute(version.self) || std::ranges::find(*outside, version.self) != outside->end();
  if (!version.IsCompute(asking) || !asked || asking == version.self) {
    channel->Abort(absl::PermissionDeniedError("only compute parties of the federation ask, each other and the owners of "
                                               "what a query reads"));
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
    Participant participant(node, session, asking, *std::move(outside));
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
