#include "tests/sql/dialect_federation.h"

#include <stdlib.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/status_macros.h"
#include "tests/sql/postgres_answerer.h"

namespace care::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 1;

class EngineAnswerer final : public Answerer {
 public:
  EngineAnswerer(const EngineRunner& engine, ProtocolKind protocol, std::uint32_t threshold)
      : engine_(engine), protocol_(protocol), threshold_(threshold) {}
  absl::StatusOr<Answer> Query(const std::string& sql, const std::string&) override {
    CARE_ASSIGN_OR_RETURN(const ReleasedTable table, engine_.Run(sql, protocol_, threshold_, kSeed));
    return MakeAnswer(table);
  }
  absl::StatusOr<std::string> Explain(const std::string& sql, const std::string&) override {
    CARE_ASSIGN_OR_RETURN(const planner::PlannedQuery query, engine_.Plan(sql, /*recipient=*/0));
    return query.ExplainJson(engine_.catalog());
  }
  bool reached() const override { return true; }

 private:
  const EngineRunner& engine_;
  const ProtocolKind protocol_;
  const std::uint32_t threshold_;
};

std::string PostgresDdl(const planner::Catalog& catalog) {
  std::string text;
  for (const planner::PartyEntry& party : catalog.parties) absl::StrAppend(&text, "CREATE SCHEMA ", party.name, ";\n");
  for (const planner::CatalogTable& table : catalog.tables) {
    std::vector<std::string> columns;
    for (const planner::CatalogColumn& column : table.columns) {
      columns.push_back(absl::StrCat(column.name, " ", column.ShownType().ToString(),
                                     column.type.kind == TypeKind::kText ? " COLLATE \"C\"" : "",
                                     column.nullable ? "" : " NOT NULL"));
    }
    absl::StrAppend(&text, "CREATE TABLE ", table.FullName(), " (", absl::StrJoin(columns, ", "), ");\n");
  }
  for (const planner::CatalogPartitioned& partitioned : catalog.partitioned) {
    std::vector<std::string> parts;
    for (const int table : partitioned.tables)
      parts.push_back(absl::StrCat("SELECT * FROM ", catalog.tables[static_cast<std::size_t>(table)].FullName()));
    absl::StrAppend(&text, "CREATE VIEW ", partitioned.name, " AS ", absl::StrJoin(parts, " UNION ALL "), ";\n");
  }
  for (const planner::CatalogView& view : catalog.views)
    absl::StrAppend(&text, "CREATE VIEW ", view.name, " AS ", view.sql, ";\n");
  return text;
}

// Tables without their owner's name, as the engine finds them while only one owner has such a table.
std::string SearchPath(const planner::Catalog& catalog) {
  std::string path = "public";
  for (const planner::PartyEntry& party : catalog.parties) absl::StrAppend(&path, ", ", party.name);
  return path;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DialectFederation>> DialectFederation::Open(const std::string& folder) {
  std::unique_ptr<DialectFederation> federation(new DialectFederation);
  char pattern[] = "/tmp/care-dialect-XXXXXX";
  federation->directory_ = mkdtemp(pattern);
  fs::copy(folder + "/federation.toml", federation->directory_);
  fs::copy(folder + "/data", federation->directory_ + "/data", fs::copy_options::recursive);
  CARE_ASSIGN_OR_RETURN(federation->engine_,
                        EngineRunner::OpenWith(federation->directory_, [](const std::string& party) {
                          return absl::StrCat("[database]\nkind = \"csv\"\nfolder = \"data/", party, "\"\n");
                        }));
  CARE_RETURN_IF_ERROR(federation->LoadPostgres(folder));
  return federation;
}

DialectFederation::~DialectFederation() { fs::remove_all(directory_); }

absl::Status DialectFederation::LoadPostgres(const std::string& folder) {
  const planner::Catalog& catalog = engine_->catalog();
  CARE_ASSIGN_OR_RETURN(server_, TemporaryPostgres::Start());
  CARE_RETURN_IF_ERROR(server_->Execute(PostgresDdl(catalog)));
  std::string load;
  for (const planner::CatalogTable& table : catalog.tables) {
    absl::StrAppend(&load, "\\copy ", table.FullName(), " FROM '", folder, "/data/", table.schema, "/", table.name,
                    ".csv' WITH (FORMAT csv, HEADER)\n");
  }
  CARE_RETURN_IF_ERROR(server_->Execute(load));
  CARE_ASSIGN_OR_RETURN(session_, ReferenceSession::Open(*server_));
  return session_->Run(absl::StrCat("SET search_path = ", SearchPath(catalog))).status();
}

std::unique_ptr<Answerer> DialectFederation::AskEngine(ProtocolKind protocol, std::uint32_t threshold) {
  return std::make_unique<EngineAnswerer>(*engine_, protocol, threshold);
}

std::unique_ptr<Answerer> DialectFederation::AskPostgres() {
  return std::make_unique<PostgresAnswerer>([this](const std::string& sql) { return session_->Run(sql); });
}

}  // namespace care::engine
