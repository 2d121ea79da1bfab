#include "engine/frontend/suite/plan_checks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace care::engine {
namespace {

using nlohmann::json;

struct LeakageLine {
  std::string what;   // "to hospital: which of 8 cells survive the gate"
  std::string whole;  // the same and "; at most 8 values; release gate"

  bool Is(const std::string& text) const { return text == what || text == whole; }
};

std::string TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> OperationsOf(const json& plan) {
  std::vector<std::string> operations;
  for (const json& node : plan.value("nodes", json::array())) {
    if (!node.is_object()) continue;
    const std::string operation = TextOf(node, "operation");
    if (std::find(operations.begin(), operations.end(), operation) == operations.end()) operations.push_back(operation);
  }
  return operations;
}

std::vector<LeakageLine> LeakageOf(const json& plan) {
  std::vector<LeakageLine> lines;
  for (const json& entry : plan.value("leakage", json::array())) {
    if (!entry.is_object()) continue;
    LeakageLine& line = lines.emplace_back();
    line.what = absl::StrCat("to ", TextOf(entry, "recipient"), ": ", TextOf(entry, "what"));
    const auto most = entry.find("max_values");
    const std::string count = most == entry.end() ? "?" : most->dump();
    line.whole = absl::StrCat(line.what, "; at most ", count, count == "1" ? " value; " : " values; ",
                              TextOf(entry, "rule"));
  }
  return lines;
}

}  // namespace

bool DemandsOfThePlan(const Directives& directives) {
  return !directives.operators.empty() || !directives.leakage.empty() || directives.leakage_only;
}

std::string CheckPlan(const Directives& directives, const std::string& explanation) {
  const json plan = json::parse(explanation, nullptr, false);
  if (!plan.is_object()) return "the node's explanation is not understood; install the same version of care\n";
  std::string wrong;
  const std::vector<std::string> operations = OperationsOf(plan);
  for (const std::string& wanted : directives.operators) {
    if (std::find(operations.begin(), operations.end(), wanted) != operations.end()) continue;
    absl::StrAppend(&wrong, "the plan has no ", wanted, "; it has: ", absl::StrJoin(operations, ", "), "\n");
  }
  std::string missing, more;
  const std::vector<LeakageLine> lines = LeakageOf(plan);
  for (const std::string& wanted : directives.leakage) {
    const bool found = std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.Is(wanted); });
    if (!found) absl::StrAppend(&missing, "- ", wanted, "\n");
  }
  for (const LeakageLine& line : lines) {
    const bool wanted = std::any_of(directives.leakage.begin(), directives.leakage.end(),
                                    [&](const std::string& text) { return line.Is(text); });
    if (!wanted && (directives.leakage_only || !missing.empty())) absl::StrAppend(&more, "+ ", line.whole, "\n");
  }
  if (!missing.empty() || !more.empty()) absl::StrAppend(&wrong, "the leakage report differs:\n", missing, more);
  return wrong;
}

}  // namespace care::engine
