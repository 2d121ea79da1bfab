#include "engine/frontend/bench/database_read.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "connectors/postgresql/postgresql_connector.h"
#include "engine/exec/local/join_keys.h"
#include "engine/exec/share_columns.h"
#include "engine/frontend/bench/process_use.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/types/status_macros.h"
#include "mpc/random/prg.h"

namespace care::engine {
namespace {

planner::Catalog BenchCatalog(std::uint64_t rows) {
  planner::CatalogTable table;
  table.schema = "owner";
  table.name = "claims";
  table.owner = 0;
  table.row_bound = rows;
  table.columns.resize(4);
  table.columns[0].name = "person";
  table.columns[0].type = kBigIntType;
  table.columns[0].nullable = false;
  table.columns[1].name = "kind";
  table.columns[1].type = kTextType;
  table.columns[1].domain = {"clinic", "drug", "hospital", "other"};
  table.columns[2].name = "day";
  table.columns[2].type = kDateType;
  table.columns[2].min = 18'262;  // 2020-01-01
  table.columns[2].max = 20'453;
  table.columns[3].name = "amount";
  table.columns[3].type = {TypeKind::kNumeric, 12, 2};
  planner::Catalog catalog;
  catalog.parties = {{"owner", ""}};
  catalog.tables = {table};
  return catalog;
}

// What the owner sends is its columns plus words of two generators that it shares with the others.
std::uint64_t Masked(std::span<std::uint64_t> words) {
  const std::array<std::uint8_t, mpc::Prg::kKeyBytes> key = {};
  std::vector<std::uint64_t> mask(words.size());
  std::uint64_t sum = 0;
  for (std::uint8_t stream = 0; stream < 2; ++stream) {
    mpc::Prg(key, /*detect_reuse=*/false).FillWords(0, stream, 0, mask);
    for (std::size_t i = 0; i < words.size(); ++i) words[i] ^= mask[i];
  }
  for (const std::uint64_t word : words) sum += word;
  return sum;
}

struct Run {
  double seconds = 0;
  double core_seconds = 0;
  double read_core_seconds = 0;
  double database_core_seconds = 0;
};

absl::StatusOr<Run> ReadOnce(TemporaryPostgres& server, const planner::Catalog& catalog, std::uint64_t rows) {
  planner::NodeConfig config;
  config.party = "owner";
  config.database_kind = "postgresql";
  config.database_url = absl::StrCat("host=", server.directory(), " user=postgres dbname=postgres");
  std::vector<planner::ColumnInfo> columns;
  planner::ScanNode scan{0, {}};
  for (int i = 0; i < 4; ++i) {
    const planner::CatalogColumn& declared = catalog.tables[0].columns[static_cast<std::size_t>(i)];
    columns.push_back({declared.name, declared.type, declared.nullable, 0, i, declared.min, declared.max, declared.domain});
    scan.columns.push_back({static_cast<planner::ColumnId>(i), i});
  }
  CARE_ASSIGN_OR_RETURN(auto connector, connectors::PostgresqlConnector::Open(catalog, 0, config, columns));
  CARE_ASSIGN_OR_RETURN(const TextTable backend,
                        server.Query("SELECT pid FROM pg_stat_activity WHERE application_name = 'care'"));
  if (backend.rows.size() != 1 || !backend.rows[0][0]) return absl::InternalError("the connector's session is not there");
  const pid_t pid = static_cast<pid_t>(std::atoi(backend.rows[0][0]->c_str()));

  Run run;
  const double database_before = ProcessorSeconds(pid);
  const double core_before = OwnProcessorSeconds();
  const auto start = std::chrono::steady_clock::now();
  CARE_RETURN_IF_ERROR(connector->BeginSnapshot());
  CARE_ASSIGN_OR_RETURN(const ColumnBatch batch, connector->Run(*planner::MakeNode(scan)));
  run.read_core_seconds = OwnProcessorSeconds() - core_before;
  CARE_RETURN_IF_ERROR(connector->EndSnapshot());
  if (batch.rows != rows) return absl::InternalError("the database answered with another number of rows");
  std::uint64_t sink = CanonicalKeys(batch.columns[0]).size();
  std::vector<std::int32_t> row_of_slot(batch.rows);
  std::iota(row_of_slot.begin(), row_of_slot.end(), 0);
  planner::GroupDomain domain{1, {}, true};
  for (const std::string& member : catalog.tables[0].columns[1].domain) domain.values.emplace_back(member);
  CARE_ASSIGN_OR_RETURN(EncodedColumns encoded,
                        EncodeColumns(batch, row_of_slot,
                                      {{.column = 1, .form = planner::Form::kOneHot, .width = 4},
                                       {.column = 2, .form = planner::Form::kBits, .base = 18'262, .width = 12},
                                       {.column = 3, .form = planner::Form::kRing, .width = 64}},
                                      {{1, domain}}, columns));
  sink += Masked(encoded.bits.words());
  for (std::vector<std::uint64_t>& ring : encoded.rings) sink += Masked(ring);
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  run.core_seconds = OwnProcessorSeconds() - core_before;
  run.database_core_seconds = ProcessorSeconds(pid) - database_before;
  if (sink == 0) return absl::InternalError("nothing was masked");
  return run;
}

}  // namespace

absl::StatusOr<Figures> MeasurePostgresqlRead(std::uint64_t rows, unsigned repeats) {
  CARE_ASSIGN_OR_RETURN(const auto server, TemporaryPostgres::Start());
  CARE_RETURN_IF_ERROR(server->Execute(absl::StrCat(
      "CREATE TABLE claims AS SELECT i::bigint AS person, (ARRAY['clinic', 'drug', 'hospital', 'other'])[1 + (i % 4)::int] AS kind, "
      "date '2020-01-01' + (i * 7919 % 2190)::int AS day, (i * 104729 % 1000000 / 100.0)::numeric(12,2) AS amount "
      "FROM generate_series(1::bigint, ", rows, ") AS i; ALTER TABLE claims ALTER person SET NOT NULL; VACUUM ANALYZE claims;")));
  const planner::Catalog catalog = BenchCatalog(rows);
  Run best;
  for (unsigned repeat = 0; repeat < repeats; ++repeat) {
    CARE_ASSIGN_OR_RETURN(const Run run, ReadOnce(*server, catalog, rows));
    if (repeat == 0 || run.core_seconds < best.core_seconds) best = run;
  }
  Figures figures;
  figures.name = "postgresql";
  figures.rows = rows;
  figures.seconds = best.seconds;
  figures.core_seconds = best.core_seconds;
  figures.peak_rss_bytes = PeakResidentBytes(getpid());
  figures.steps = {{"node: fetch and check (processor)", {best.read_core_seconds}},
                   {"node: keys, codes and masks (processor)", {best.core_seconds - best.read_core_seconds}},
                   {"database (processor)", {best.database_core_seconds}}};
  figures.targets = {{"microseconds of the node's processor a row", 1e6 * best.core_seconds / static_cast<double>(rows),
                      kMostPostgresqlMicrosecondsARow}};
  return figures;
}

}  // namespace care::engine
