#include "engine/session/agreement.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "mpc/net/origin.h"

namespace care::engine {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxSql = std::size_t{256} << 10;
constexpr std::size_t kMaxPurpose = 1024;
constexpr std::size_t kMaxBuild = 100;
constexpr std::int32_t kDayTolerance = 1;  // time zones, and a query asked at midnight

// Length-prefixed, so that no two lists of fields give the same bytes.
void AppendField(std::string& out, std::string_view field) {
  absl::StrAppend(&out, field.size(), ":", std::string(field), "\n");
}

absl::StatusOr<std::string> HexField(const json& object, const char* name) {
  CARE_ASSIGN_OR_RETURN(const std::string hex, TextField(object, name));
  const bool valid = hex.size() % 2 == 0 && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!valid) return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" of a control message is not hex"));
  return absl::HexStringToBytes(hex);
}

std::string Short(const std::string& digest) { return digest.substr(0, 16); }

// Which care two parties run that do not agree, and what to do about it.
std::string Builds(const Verdict& one, const Verdict& other, const planner::Catalog& catalog) {
  const std::string &a = catalog.PartyName(one.party), &b = catalog.PartyName(other.party);
  if (one.build == other.build && !one.build.empty()) {
    return absl::StrCat("both run care ", one.build, ", and should agree: compare their federation files (care federation status), and report this");
  }
  const auto runs = [](const std::string& build) { return build.empty() ? std::string("a care that does not say which") : "care " + build; };
  return absl::StrCat(a, " runs ", runs(one.build), ", ", b, " runs ", runs(other.build), "; install the same care at both");
}

}  // namespace

std::string Proposal::SignedBytes() const {
  std::string bytes = "care/proposal\n";
  for (const std::string_view field : {std::string_view(session_id), std::string_view(sql),
                                       std::string_view(plan_inputs), std::string_view(explain ? "explain" : record ? "run and record" : "run")}) {
    AppendField(bytes, field);
  }
  return bytes;
}

json Proposal::ToJson() const {
  return {{"type", "proposal"},          {"session", session_id}, {"sql", sql},
          {"plan_inputs", plan_inputs}, {"explain", explain},    {"record", record},
          {"signature", absl::BytesToHexString(signature)}};
}

absl::StatusOr<Proposal> Proposal::FromJson(const json& message) {
  Proposal proposal;
  CARE_ASSIGN_OR_RETURN(proposal.session_id, TextField(message, "session"));
  CARE_ASSIGN_OR_RETURN(proposal.sql, TextField(message, "sql"));
  CARE_ASSIGN_OR_RETURN(proposal.plan_inputs, TextField(message, "plan_inputs"));
  CARE_ASSIGN_OR_RETURN(proposal.signature, HexField(message, "signature"));
  proposal.explain = FlagField(message, "explain");
  proposal.record = FlagField(message, "record");
  if (proposal.sql.size() > kMaxSql) {
    return absl::InvalidArgumentError(absl::StrCat("the query has ", proposal.sql.size(), " bytes; at most ", kMaxSql,
                                                   " are allowed"));
  }
  return proposal;
}

std::string LinkClassOf(const planner::Catalog& catalog) {
  return catalog.links.empty() || catalog.links.contains("lan") ? "lan" : catalog.links.begin()->first;
}

absl::Status CheckPlanInputs(const planner::PlanInputs& inputs, PartyId asking, const planner::Catalog& catalog,
                             std::int32_t today) {
  const std::string& asker = catalog.PartyName(asking);
  if (inputs.recipient != asking) {
    return absl::FailedPreconditionError(absl::StrCat("results go to the party that asks, ", asker));
  }
  if (inputs.planner_version != planner::kPlannerVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "planner versions differ: ", asker, " proposes ", inputs.planner_version, ", this node has ",
        planner::kPlannerVersion, "; install the same version of care at every party"));
  }
  if (inputs.protocol != "replicated3") {
    return absl::FailedPreconditionError(absl::StrCat("protocol \"", inputs.protocol, "\" is not known"));
  }
  if (inputs.all_secret) {
    return absl::FailedPreconditionError(
        absl::StrCat("placement \"all_secret\" is for measuring the engine on made-up data; ", asker, " may not ask for it here"));
  }
  if (inputs.time_zone != planner::PlanInputs().time_zone || inputs.link_class != LinkClassOf(catalog) || !inputs.row_bounds.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        asker, " proposes a time zone, a link class or row bounds that do not follow from the federation file; install the same version of care at every party"));
  }
  if (std::abs(static_cast<std::int64_t>(inputs.current_date_days) - today) > kDayTolerance) {
    return absl::FailedPreconditionError(
        absl::StrCat(asker, "'s date is more than a day off this node's; compare the clocks of both machines"));
  }
  if (inputs.time_of_day < 0 || inputs.time_of_day >= kMicrosecondsOfDay) return absl::InvalidArgumentError("no time of day");
  if (inputs.purpose.size() > kMaxPurpose) return absl::InvalidArgumentError("the purpose is too long");
  if (inputs.legal_basis.size() > kMaxPurpose) return absl::InvalidArgumentError("the legal basis is too long");
  return absl::OkStatus();
}

std::string Verdict::SignedBytes(const Proposal& proposal) const {
  std::string bytes = "care/verdict\n";
  for (const std::string& field :
       {proposal.session_id, proposal.signature, absl::StrCat(static_cast<unsigned>(party)),
        absl::StrCat(static_cast<int>(status.code())), mpc::MessageWithoutOrigin(status), disclosure_digest,
        execution_digest, absl::StrCat(threshold)}) {
    AppendField(bytes, field);
  }
  return bytes;
}

json Verdict::ToJson() const {
  return {{"type", "verdict"},
          {"status", StatusToJson(status)},
          {"disclosure_digest", disclosure_digest},
          {"execution_digest", execution_digest},
          {"threshold", threshold},
          {"statements", statements},
          {"build", build},
          {"signature", absl::BytesToHexString(signature)}};
}

absl::StatusOr<Verdict> Verdict::FromJson(const json& message, PartyId party) {
  Verdict verdict;
  verdict.party = party;
  const auto status = message.find("status");
  if (status == message.end() || !status->is_object()) return absl::InvalidArgumentError("a verdict without status");
  CARE_ASSIGN_OR_RETURN(const std::uint64_t code, NumberField(*status, "code"));
  CARE_ASSIGN_OR_RETURN(const std::string text, TextField(*status, "message"));
  if (code > static_cast<std::uint64_t>(absl::StatusCode::kUnauthenticated)) {
    return absl::InvalidArgumentError("a verdict of unknown status");
  }
  verdict.status = absl::Status(static_cast<absl::StatusCode>(code), text);
  CARE_ASSIGN_OR_RETURN(verdict.disclosure_digest, TextField(message, "disclosure_digest"));
  CARE_ASSIGN_OR_RETURN(verdict.execution_digest, TextField(message, "execution_digest"));
  CARE_ASSIGN_OR_RETURN(const std::uint64_t threshold, NumberField(message, "threshold"));
  verdict.threshold = static_cast<std::uint32_t>(std::min<std::uint64_t>(threshold, UINT32_MAX));
  CARE_ASSIGN_OR_RETURN(verdict.signature, HexField(message, "signature"));
  // Another party's words, shown to analysts and in logs.
  verdict.build = TextField(message, "build").value_or("").substr(0, kMaxBuild);
  std::erase_if(verdict.build, [](char c) { return c < ' ' || c > '~'; });
  const auto statements = message.find("statements");
  if (statements != message.end() && statements->is_array()) {
    for (const json& statement : *statements) {
      if (statement.is_string()) verdict.statements.push_back(statement.get<std::string>());
    }
  }
  return verdict;
}

absl::StatusOr<std::uint32_t> Agree(const std::vector<Verdict>& verdicts, const planner::Catalog& catalog) {
  for (const Verdict& verdict : verdicts) {
    if (!verdict.status.ok()) return mpc::WithOrigin(verdict.status, catalog.PartyName(verdict.party));
  }
  const Verdict& first = verdicts.front();
  std::uint32_t threshold = first.threshold;
  for (const Verdict& verdict : verdicts) {
    const std::string& a = catalog.PartyName(first.party);
    const std::string& b = catalog.PartyName(verdict.party);
    if (verdict.disclosure_digest != first.disclosure_digest) {
      return absl::FailedPreconditionError(
          absl::StrCat(a, " and ", b, " disagree on what the query may disclose: disclosure digest ",
                       Short(first.disclosure_digest), " at ", a, ", ", Short(verdict.disclosure_digest), " at ", b, "; ",
                       Builds(first, verdict, catalog)));
    }
    if (verdict.execution_digest != first.execution_digest) {
      return absl::FailedPreconditionError(
          absl::StrCat(a, " and ", b, " derived different plans: execution digest ", Short(first.execution_digest),
                       " at ", a, ", ", Short(verdict.execution_digest), " at ", b, "; ", Builds(first, verdict, catalog)));
    }
    threshold = std::max(threshold, verdict.threshold);
  }
  return threshold;
}

absl::Status FederationsDiffer(const std::string& own_party, std::uint64_t own_version, const std::string& own_digest,
                               const std::string& other_party, std::uint64_t other_version,
                               const std::string& other_digest) {
  return absl::FailedPreconditionError(absl::StrCat(
      "federation files differ: ", own_party, " has version ", own_version, " with digest ", Short(own_digest), ", ",
      other_party, " has version ", other_version, " with digest ", Short(other_digest),
      "; give every party the same federation file (care federation status says what a node holds)"));
}

}  // namespace care::engine
