// EXPLAIN as JSON: what explain_text.cc says, for programs.
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"
#include "planner/physical/plan_query.h"
#include "planner/physical/plan_report.h"

namespace care::planner {

std::string PlannedQuery::ExplainJson(const Catalog& catalog, const MeasuredPlan* measured) const {
  using Json = nlohmann::ordered_json;
  const PlanReport report(*this, catalog);
  Json root;
  root["federation"] = catalog.name;
  root["recipient"] = report.Party(plan.recipient);
  root["purpose"] = inputs.purpose;
  root["sql"] = sql;
  root["output"] = Json::array();
  for (const OutputColumn& column : output)
    root["output"].push_back({{"name", column.name}, {"type", column.type.ToString()}});
  root["nodes"] = Json::array();
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    const NodeReport& node = report.nodes()[id];
    Json entry;
    entry["id"] = id;
    entry["operation"] = node.operation;
    entry["where"] = report.Party(node.party);
    for (const auto& [role, party] : node.parties) entry[role] = party;
    entry["slots"] = node.slots;
    if (cost.is_known) {
      entry["rounds"] = cost.node_bytes_and_rounds[id].second;
      entry["bytes"] = cost.node_bytes_and_rounds[id].first;
    }
    if (measured != nullptr && node.party == kNoParty) {
      entry["measured"]["rounds"] = measured->nodes[id].rounds;
      entry["measured"]["bytes"] = measured->is_complete ? Json(measured->nodes[id].bytes) : Json();
    }
    entry["inputs"] = node.inputs;
    entry["details"] = node.details;
    if (const auto reason = plan.reasons.find(id); reason != plan.reasons.end()) entry["because"] = reason->second;
    if (!node.sql.empty()) entry["fragment"] = absl::StrJoin(node.sql, "\n");
    root["nodes"].push_back(std::move(entry));
  }
  root["leakage"] = Json::array();
  for (const Disclosure& disclosure : disclosures) {
    root["leakage"].push_back({{"id", disclosure.id},
                               {"what", disclosure.what},
                               {"recipient", report.Recipient(disclosure.recipient)},
                               {"max_values", disclosure.max_values},
                               {"rule", disclosure.rule}});
  }
  root["assumptions"] = report.Assumptions();
  const std::set<std::string> fixed_points = report.FixedPoints();
  if (!fixed_points.empty()) root["fixed_point"] = fixed_points;
  root["rules"] = logical.rules;
  root["considered"] = Json::array();
  for (const PlanAlternative& way : considered)
    root["considered"].push_back({{"plan", way.name}, {"bytes", way.bytes}, {"rounds", way.rounds}});
  root["cost"] = nullptr;
  if (cost.is_known) {
    root["cost"] = {{"bytes", cost.bytes},
                    {"rounds", cost.rounds},
                    {"link_class", inputs.link_class},
                    {"microseconds", report.Microseconds()}};
  }
  if (measured != nullptr) {
    Json& all = root["measured"];
    all["bytes"] = measured->is_complete ? Json(measured->Bytes()) : Json();
    all["bytes_beside_the_plan"] = measured->is_complete ? Json(measured->BytesBesideThePlan()) : Json();
    for (const auto& [party, sent] : measured->sent)
      all["bytes_sent"][report.Party(party)] = sent.has_value() ? Json(*sent) : Json();
    all["rounds"] = measured->rounds;
    all["microseconds"] = measured->microseconds;
  }
  root["disclosure_digest"] = disclosure_digest;
  root["execution_digest"] = execution_digest;
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace care::planner
