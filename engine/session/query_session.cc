#include "engine/session/query_session.h"

#include <chrono>
#include <ctime>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/session/traffic_record.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "mpc/net/origin.h"

namespace care::engine {

using nlohmann::json;

namespace {

std::string NowUtc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

json DisclosuresToJson(const std::vector<Disclosure>& disclosures, const planner::Catalog& catalog) {
  json list = json::array();
  for (const Disclosure& disclosure : disclosures) {
    list.push_back({{"id", disclosure.id},
                    {"what", disclosure.what},
                    {"recipient", disclosure.recipient < catalog.parties.size()
                                      ? catalog.PartyName(disclosure.recipient)
                                      : "all compute parties"},
                    {"max_values", disclosure.max_values},
                    {"rule", disclosure.rule}});
  }
  return list;
}

}  // namespace

absl::Status IsStopping(const std::string& party) {
  return absl::UnavailableError(absl::StrCat("the node of ", party, " is stopping; ask again in a moment"));
}

std::int64_t MomentUtc() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::int32_t TodayUtc() { return DayOf(MomentUtc()); }

QuerySession::QuerySession(NodeResources& node, FederationVersionPtr federation, std::string session_id)
    : node_(node),
      federation_(std::move(federation)),
      catalog_(federation_->catalog),
      self_(federation_->self),
      identity_(node.identity.Get()),
      id_(std::move(session_id)) {
  std::lock_guard lock(node_.sessions_mutex);
  node_.sessions.insert(this);
  if (node_.stopping) cause_ = IsStopping(node_.own_name());
}

QuerySession::~QuerySession() {
  // After this no callback of a link runs or will run.
  for (const auto& [party, channel] : links_) channel->OnFailure(nullptr);
  for (const auto& [party, channel] : links_) {
    const mpc::ChannelMeter meter = channel->meter();
    node_.metrics.AddTraffic(catalog_.PartyName(party), meter.bytes_sent, meter.bytes_received);
  }
  {
    std::lock_guard lock(node_.sessions_mutex);
    node_.sessions.erase(this);
    node_.sessions_changed.notify_all();
  }
  node_.links.Forget(id_, cause());
}

void QuerySession::Cancel(const absl::Status& why) {
  std::vector<mpc::TlsChannel*> links;
  {
    std::lock_guard lock(mutex_);
    if (!cause_.ok()) return;
    cause_ = why.ok() ? absl::CancelledError("cancelled") : why;
    if (running_ != nullptr) running_->Interrupt();
    // Links are added under the mutex and go away with the session only.
    for (const auto& [party, channel] : links_) links.push_back(channel.get());
  }
  for (mpc::TlsChannel* channel : links) channel->Abort(why);
  node_.links.Forget(id_, why.ok() ? absl::CancelledError("cancelled") : why);
  node_.admission.Wake();
  node_.queue.Wake();
  node_.links.Wake();
}

absl::Status QuerySession::cause() const {
  std::lock_guard lock(mutex_);
  return cause_;
}

absl::Status QuerySession::Explain(const absl::Status& status) const {
  const absl::Status first = cause();
  return first.ok() ? status : first;
}

absl::Status QuerySession::AddLink(PartyId party, std::unique_ptr<mpc::TlsChannel> channel) {
  channel->LimitUnread(mpc::kMostUnread);
  mpc::TlsChannel* added = channel.get();
  {
    std::lock_guard lock(mutex_);
    if (!cause_.ok()) {
      channel->Abort(cause_);
      return cause_;
    }
    CARE_CHECK(links_.emplace(party, std::move(channel)).second);
  }
  added->OnFailure([this](const absl::Status& status) { Cancel(status); });
  return absl::OkStatus();
}

absl::Status QuerySession::Dial(PartyId party) {
  CARE_ASSIGN_OR_RETURN(auto channel, mpc::TlsChannel::Connect(node_.io, identity_, node_.PeerOf(catalog_.parties[party]),
                                                               node_.timeouts.link));
  return AddLink(party, std::move(channel));
}

absl::Status QuerySession::BeCalledBy(PartyId party) {
  const std::string& name = catalog_.PartyName(party);
  node_.links.Expect(id_, name);
  CARE_RETURN_IF_ERROR(node_.standing.AskToCall(name, id_));
  // The party's own dial has the limit of a connection; it gets as long again to hear of it and to say so.
  CARE_ASSIGN_OR_RETURN(auto channel, node_.links.Take(id_, name, 2 * node_.timeouts.link.connect,
                                                       [this] { return cause(); }));
  return AddLink(party, std::move(channel));
}

absl::Status QuerySession::Connect(PartyId party) {
  return catalog_.parties[party].outbound ? BeCalledBy(party) : Dial(party);
}

absl::StatusOr<std::string> QuerySession::SignForAllLinks(const std::string& message) const {
  const mpc::TlsIdentity* shown = nullptr;
  for (const auto& [party, channel] : links_) {
    if (shown != nullptr && shown->public_key() != channel->identity().public_key()) {
      return absl::AbortedError("this node's key was renewed while the query began; ask again");
    }
    shown = &channel->identity();
  }
  CARE_CHECK(shown != nullptr);
  return shown->Sign(message);
}

absl::StatusOr<std::vector<Verdict>> QuerySession::ExchangeVerdicts(const Proposal& proposal, PartyId asking,
                                                                    Verdict own) {
  own.party = self_;
  own.threshold = node_.config.threshold;
  own.build = node_.program_version;
  const mpc::TlsIdentity* signed_by = nullptr;
  for (const auto& [party, channel] : links_) {
    if (&channel->identity() != signed_by) {
      signed_by = &channel->identity();
      CARE_ASSIGN_OR_RETURN(own.signature, signed_by->Sign(own.SignedBytes(proposal)));
    }
    CARE_RETURN_IF_ERROR(SendJson(*channel, own.ToJson()));
  }
  std::map<PartyId, Verdict> verdicts{{self_, std::move(own)}};
  for (const auto& [party, channel] : links_) {
    CARE_ASSIGN_OR_RETURN(const json message, ReceiveJson(*channel, node_.timeouts.agreement));
    CARE_ASSIGN_OR_RETURN(Verdict verdict, Verdict::FromJson(message, party));
    if (!mpc::VerifySignature(channel->peer_public_key(), verdict.SignedBytes(proposal), verdict.signature)) {
      return absl::UnauthenticatedError(
          absl::StrCat("the signature of ", catalog_.PartyName(party), " under its verdict is not valid"));
    }
    verdicts.emplace(party, std::move(verdict));
  }
  std::vector<Verdict> ordered{verdicts.at(asking)};
  for (const auto& [party, verdict] : verdicts) {
    if (party != asking) ordered.push_back(verdict);
  }
  return ordered;
}

absl::Status QuerySession::MakeDurable(const PreparedQuery& query, const Proposal& proposal, PartyId asking,
                                       const std::vector<Verdict>& verdicts, std::uint32_t threshold) {
  CARE_ASSIGN_OR_RETURN(const planner::PlanInputs inputs, planner::ParsePlanInputs(proposal.plan_inputs));
  LedgerEntry entry;
  entry.session_id = id_;
  entry.time = NowUtc();
  entry.recipient = catalog_.PartyName(asking);
  entry.purpose = inputs.purpose;
  entry.sql = proposal.sql;
  entry.plan_inputs = proposal.plan_inputs;
  entry.disclosure_digest = query.disclosure_digest();
  entry.execution_digest = query.execution_digest();
  entry.threshold = threshold;
  entry.disclosures = DumpJson(DisclosuresToJson(query.disclosures(), catalog_));
  json signatures = {{"proposal", absl::BytesToHexString(proposal.signature)}, {"verdicts", json::object()}};
  for (const Verdict& verdict : verdicts) {
    signatures["verdicts"][catalog_.PartyName(verdict.party)] = absl::BytesToHexString(verdict.signature);
  }
  entry.signatures = DumpJson(signatures);
  LedgerReceipt receipt;
  const auto await = [&](PartyId party) -> absl::Status {
    const absl::StatusOr<json> message = ReceiveJson(link(party), {});
    // What is no control message are shares of a party that is at another step of another plan.
    if (!message.ok() && !absl::IsInvalidArgument(message.status())) return message.status();
    if (!message.ok() || TextField(*message, "type").value_or("") != "durable") {
      return absl::DataLossError(absl::StrCat("out of step with ", catalog_.PartyName(party),
                                              ", which did not confirm its ledger; install the same version of care at both"));
    }
    CARE_ASSIGN_OR_RETURN(receipt.hashes[party], TextField(*message, "hash"));
    return absl::OkStatus();
  };
  // An owner that does not compute has shared its rows long before the three come to open an answer: it enters what they
  // have entered, and no run that ended before. They open nothing until it has.
  if (!federation_->IsCompute(self_)) {
    for (const PartyId party : catalog_.compute_parties) CARE_RETURN_IF_ERROR(await(party));
    entry.time = NowUtc();
  }
  CARE_ASSIGN_OR_RETURN(const std::string hash, node_.ledger->Append(entry));
  receipt.time = entry.time;
  for (const auto& [party, channel] : links_) {
    CARE_RETURN_IF_ERROR(SendJson(*channel, {{"type", "durable"}, {"hash", hash}}));
  }
  for (const auto& [party, channel] : links_) {
    if (!receipt.hashes.contains(party)) CARE_RETURN_IF_ERROR(await(party));
  }
  receipt.hashes[self_] = hash;
  ledger_receipt_ = std::move(receipt);
  return absl::OkStatus();
}

const std::string& QuerySession::KeyOf(PartyId party) const {
  // A session whose links show two keys of this party does not come as far as a verdict (SignForAllLinks).
  return party == self_ ? links_.begin()->second->identity().public_key() : links_.at(party)->peer_public_key();
}

absl::StatusOr<JointOutcome> QuerySession::Run(PreparedQuery& query, const Proposal& proposal, PartyId asking,
                                               const std::vector<Verdict>& verdicts, std::uint32_t threshold,
                                               std::function<void(double, std::string_view)> progress) {
  JointRun run;
  run.parties = catalog_.compute_parties;
  std::map<PartyId, ListeningChannel> heard;
  for (const auto& [party, channel] : links_) heard.emplace(party, *channel);
  const auto channel_of = [&](PartyId party) -> mpc::Channel* {
    if (node_.config.record_traffic) return &heard.at(party);
    return &link(party);
  };
  run.outside = !federation_->IsCompute(self_);
  if (run.outside) {
    for (unsigned role = 0; role < 3; ++role) run.compute[role] = channel_of(run.parties[role]);
  } else {
    while (run.parties[run.role] != self_) ++run.role;
    run.next = channel_of(run.parties[(run.role + 1) % 3]);
    run.previous = channel_of(run.parties[(run.role + 2) % 3]);
    for (const auto& [party, channel] : links_) {
      if (!federation_->IsCompute(party)) run.owners.emplace(party, channel_of(party));
    }
  }
  run.session_id = id_;
  run.threshold = threshold;
  if (node_.config.record_traffic) {
    run.keys_made = [&] {
      for (auto& [party, channel] : heard) channel.StartListening();
    };
  }
  run.before_open = [&] { return MakeDurable(query, proposal, asking, verdicts, threshold); };
  run.progress = std::move(progress);

  {
    std::lock_guard lock(mutex_);
    if (!cause_.ok()) return cause_;
    running_ = &query;
  }
  absl::StatusOr<JointOutcome> outcome = query.Run(run);
  {
    std::lock_guard lock(mutex_);
    running_ = nullptr;
  }
  for (const std::string& finding : query.CleaningFindings()) node_.log->info("data of {}", finding);
  if (!outcome.ok()) return mpc::WithOrigin(outcome.status(), node_.own_name());
  node_.metrics.AddRounds(outcome->rounds);

  if (node_.config.record_traffic) {
    std::vector<std::string> names;
    for (const planner::PartyEntry& party : catalog_.parties) names.push_back(party.name);
    std::map<std::string, const ListeningChannel*> peers;
    for (const auto& [party, channel] : heard) peers.emplace(names[party], &channel);
    const absl::Status written = WriteTrafficRecord(node_.config.data_directory, id_, peers, query.disclosures(),
                                                    outcome->opened, names);
    if (!written.ok()) node_.log->warn("query {}: {}", ShortId(), std::string(written.message()));
  }
  return outcome;
}

std::uint64_t QuerySession::BytesSent() const {
  std::uint64_t bytes = 0;
  for (const auto& [party, channel] : links_) bytes += channel->meter().bytes_sent;
  return bytes;
}

}  // namespace care::engine
