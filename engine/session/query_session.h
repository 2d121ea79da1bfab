// engine/session/query_session.h
//
// One query at one party, from the reservation to the answer: its links to the other parties, what was agreed, the
// run, and the end. Parties are the three that compute and the owners that do not and whose rows the query reads. The
// asking party coordinates; the steps that all take alike are here.
//
// Whatever goes wrong first, wherever, ends the session everywhere: Cancel aborts all links with the reason, a
// peer's abort or a lost link cancels this side, and the first reason is the one that everybody reports.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/agreement.h"
#include "engine/session/node_resources.h"
#include "engine/session/query_engine.h"
#include "engine/session/session_id.h"

namespace care::engine {

// Where the ledgers hold a query that was released.
struct LedgerReceipt {
  std::string time;                       // of this party's entry
  std::map<PartyId, std::string> hashes;  // of every party's
};

class QuerySession {
 public:
  QuerySession(NodeResources& node, FederationVersionPtr federation, std::string session_id);
  ~QuerySession();
  QuerySession(const QuerySession&) = delete;
  QuerySession& operator=(const QuerySession&) = delete;

  const std::string& id() const { return id_; }
  // What this query began with and ends with.
  const FederationVersion& federation() const { return *federation_; }
  std::string ShortId() const { return id_.substr(0, 8); }

  // From any thread. The first reason counts.
  void Cancel(const absl::Status& why);
  // OK while the session goes on.
  absl::Status cause() const;
  // The cause if there is one, else the status: what is reported when a step failed.
  absl::Status Explain(const absl::Status& status) const;

  // A query that waits for its turn ends when the node is stopping; one that has begun may finish.
  void SetWaiting(bool waiting) { waiting_ = waiting; }
  bool waiting() const { return waiting_; }

  // Fails if the session was cancelled meanwhile.
  absl::Status AddLink(PartyId party, std::unique_ptr<mpc::TlsChannel> channel);
  absl::Status Dial(PartyId party);
  // Dials the party, or asks it over its standing link to dial this node: whichever the federation file says.
  absl::Status Connect(PartyId party);
  mpc::TlsChannel& link(PartyId party) { return *links_.at(party); }
  // The asking party's, before it proposes: one signature goes to all others, who know this node by the
  // certificates that their links show. Aborted if those differ, because one was renewed in between.
  absl::StatusOr<std::string> SignForAllLinks(const std::string& message) const;

  // All other parties' verdicts for this party's own; `own` is signed here, for each link with the key whose
  // certificate the link shows.
  absl::StatusOr<std::vector<Verdict>> ExchangeVerdicts(const Proposal& proposal, PartyId asking, Verdict own);

  // The joint part. Writes the ledger before anything opens, waits until all have.
  absl::StatusOr<JointOutcome> Run(PreparedQuery& query, const Proposal& proposal, PartyId asking,
                                   const std::vector<Verdict>& verdicts, std::uint32_t threshold,
                                   std::function<void(double, std::string_view)> progress);

  // After Run: empty if nothing was released.
  const LedgerReceipt& ledger_receipt() const { return ledger_receipt_; }
  // The key under a party's signature: SubjectPublicKeyInfo, DER.
  const std::string& KeyOf(PartyId party) const;

  // Payload bytes that this party sent on the session's links.
  std::uint64_t BytesSent() const;

 private:
  absl::Status BeCalledBy(PartyId party);
  absl::Status MakeDurable(const PreparedQuery& query, const Proposal& proposal, PartyId asking,
                           const std::vector<Verdict>& verdicts, std::uint32_t threshold);

  NodeResources& node_;
  const FederationVersionPtr federation_;
  const planner::Catalog& catalog_;
  const PartyId self_;
  const std::shared_ptr<const mpc::TlsIdentity> identity_;  // shown to whom this side dials
  const std::string id_;
  std::atomic<bool> waiting_ = false;
  mutable std::mutex mutex_;
  absl::Status cause_;
  std::map<PartyId, std::unique_ptr<mpc::TlsChannel>> links_;
  PreparedQuery* running_ = nullptr;
  LedgerReceipt ledger_receipt_;
};

// What is said to whoever asks a node that is about to end.
absl::Status IsStopping(const std::string& party);

std::int64_t MomentUtc(); // microseconds since 1970-01-01
std::int32_t TodayUtc();  // days since then

}  // namespace care::engine
