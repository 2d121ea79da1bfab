#include "engine/frontend/bench/tpch_workload.h"

#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "connectors/sqlite/sqlite_connector.h"
#include "engine/frontend/bench/benchmark.h"
#include "engine/frontend/bench/tpch_reference.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/types/status_macros.h"
#include "planner/catalog/node_config.h"

namespace care::engine {
namespace {

constexpr const char* kPrefix = "tpch-";
constexpr const char* kSecret = "-secret";

class TpchWorkload final : public QueryWorkload {
 public:
  TpchWorkload(std::string directory, std::string query, bool all_secret)
      : directory_(std::move(directory)), query_(std::move(query)), all_secret_(all_secret) {}

  absl::Status Load(const std::optional<mpc::LinkSpeed>& link) {
    CARE_ASSIGN_OR_RETURN(catalog_, planner::LoadFederation(directory_ + "/federation.toml"));
    DeclareLink(catalog_, link);
    for (const planner::PartyEntry& party : catalog_.parties) {
      CARE_ASSIGN_OR_RETURN(planner::NodeConfig node,
                            planner::LoadNodeConfig(absl::StrCat(directory_, "/", party.name, ".toml")));
      nodes_.push_back(std::move(node));
    }
    for (const QueryText& text : TpchQueryTexts()) {
      if (text.name == query_) sql_ = text.sql;
    }
    return sql_.empty() ? absl::InvalidArgumentError(absl::StrCat("TPC-H has no query ", query_))
                        : absl::OkStatus();
  }

  const planner::Catalog& catalog() const override { return catalog_; }
  std::string sql() const override { return sql_; }
  planner::PlanInputs inputs() const override { return TpchPlanInputs(all_secret_); }
  absl::StatusOr<connectors::Connector*> Open(const planner::PlannedQuery& query, PartyId party) override {
    CARE_ASSIGN_OR_RETURN(
        open_[party], connectors::SqliteConnector::Open(catalog_, party, nodes_[party], query.plan.columns));
    return open_[party].get();
  }
  absl::Status Check(const ReleasedTable& released) override {
    const std::string path = TpchAnswerFile(directory_, query_);
    if (!std::filesystem::exists(path)) {
      return absl::FailedPreconditionError(
          absl::StrCat("there is nothing to compare ", query_, " with: no ", path));
    }
    return IsExpectedAnswer(ReadTextFile(path), AnswerText(TextOf(released)))
               ? absl::OkStatus()
               : absl::InternalError(absl::StrCat(query_, ": the released table differs from PostgreSQL's"));
  }

 private:
  const std::string directory_;
  const std::string query_;
  const bool all_secret_;
  std::string sql_;
  planner::Catalog catalog_;
  std::vector<planner::NodeConfig> nodes_;
  std::map<PartyId, std::unique_ptr<connectors::Connector>> open_;
};

void AppendEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '\\' || c == '\t' || c == '\n') out += '\\';
    out += c == '\t' ? 't' : c == '\n' ? 'n' : c;
  }
}

}  // namespace

std::string TpchTask(const std::string& query, bool all_secret) {
  return absl::StrCat(kPrefix, query, all_secret ? kSecret : "");
}

bool IsTpchTask(std::string_view task) { return task.starts_with(kPrefix); }

planner::PlanInputs TpchPlanInputs(bool all_secret) {
  planner::PlanInputs inputs = BenchPlanInputs();
  inputs.all_secret = all_secret;
  return inputs;
}

std::string AnswerText(const TextTable& table) {
  std::string text;
  for (const TextColumn& column : table.columns) absl::StrAppend(&text, column.name, " ", column.type, "\t");
  text += '\n';
  for (const auto& row : table.rows) {
    for (const TextCell& cell : row) {
      if (cell.has_value()) {
        AppendEscaped(*cell, text);
      } else {
        text += "\\N";
      }
      text += '\t';
    }
    text += '\n';
  }
  return text;
}

TextTable TextOf(const ReleasedTable& table) {
  TextTable text;
  for (const planner::OutputColumn& column : table.columns)
    text.columns.push_back({column.name, column.type.ToString()});
  for (const std::vector<Value>& row : table.rows) {
    std::vector<TextCell> cells;
    for (const Value& value : row) cells.push_back(IsNull(value) ? TextCell() : TextCell(FormatValue(value)));
    text.rows.push_back(std::move(cells));
  }
  return text;
}

std::string TpchAnswerFile(const std::string& data_directory, const std::string& query) {
  return absl::StrCat(data_directory, "/", query, ".answer");
}

absl::StatusOr<std::unique_ptr<QueryWorkload>> MakeTpchWorkload(const std::string& data_directory,
                                                                const std::string& task,
                                                                const std::optional<mpc::LinkSpeed>& link) {
  const bool all_secret = absl::EndsWith(task, kSecret);
  std::string query = task.substr(std::string_view(kPrefix).size());
  if (all_secret) query.resize(query.size() - std::string_view(kSecret).size());
  auto workload = std::make_unique<TpchWorkload>(data_directory, query, all_secret);
  CARE_RETURN_IF_ERROR(workload->Load(link));
  return workload;
}

}  // namespace care::engine
