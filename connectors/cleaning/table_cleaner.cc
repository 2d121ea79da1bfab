#include "connectors/cleaning/table_cleaner.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/cleaning/cell_reader.h"
#include "connectors/cleaning/merged_keys.h"
#include "connectors/cleaning/reversals.h"
#include "connectors/cleaning/row_order.h"
#include "connectors/declared/table_rules.h"
#include "connectors/cleaning/unique_rows.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::OnDuplicate;
using planner::OnViolation;

// Rows that reversals and duplicates will take away are held until all are there, so that more than the row bound
// must fit for a while; many more are a wrong mapping.
constexpr std::uint64_t kRawRowsForOneOfTheBound = 4;
constexpr std::uint64_t kRawRowsMore = 1'000;
constexpr std::uint64_t kMergesMore = 1'000'000;

planner::ColumnMapping MappingOf(const planner::CatalogColumn& column, const planner::TableMapping& table) {
  const auto found = table.columns.find(column.name);
  planner::ColumnMapping mapping = found == table.columns.end() ? planner::ColumnMapping() : found->second;
  if (mapping.column.empty()) mapping.column = column.name;
  return mapping;
}

absl::TimeZone ZoneOf(const planner::Catalog& catalog) {
  absl::TimeZone zone = absl::UTCTimeZone();
  // ParseFederation has found that the zone exists.
  if (catalog.time_zone != "UTC") absl::LoadTimeZone(catalog.time_zone, &zone);
  return zone;
}

// A declared column on its way: how it is read, what a broken rule does, and the cells so far.
struct ColumnCleaning {
  int position = 0;         // in the CatalogTable
  std::size_t source = 0;   // in the row's cells
  OnViolation on_violation = OnViolation::kError;
  CellReader reader;
  Column cells;

  void Append(const CellReading& reading, std::size_t rows_before) {
    const bool broken = reading.rule != CellRule::kHolds;
    if (cells.type.kind == TypeKind::kText) {
      cells.texts.Append(broken ? std::string_view() : reading.text);
    } else {
      cells.integers.push_back(broken ? 0 : reading.value);
    }
    const bool null = reading.null || broken;
    if (null && cells.nulls.empty()) cells.nulls.resize(rows_before, 0);
    if (null || !cells.nulls.empty()) cells.nulls.push_back(null ? 1 : 0);
  }
};

struct Violation {
  std::uint32_t row = 0;
  std::uint16_t column = 0;  // in State::columns
  CellRule rule = CellRule::kHolds;
};

Column Gathered(const Column& column, const std::vector<std::uint8_t>& gone, std::size_t kept) {
  Column result;
  result.type = column.type;
  if (column.type.kind != TypeKind::kText) result.integers.reserve(kept);
  if (!column.nulls.empty()) result.nulls.reserve(kept);
  bool has_null = false;
  for (std::size_t row = 0; row < gone.size(); ++row) {
    if (gone[row] != 0) continue;
    if (column.type.kind == TypeKind::kText) {
      result.texts.Append(column.texts[row]);
    } else {
      result.integers.push_back(column.integers[row]);
    }
    if (column.nulls.empty()) continue;
    result.nulls.push_back(column.nulls[row]);
    has_null = has_null || column.nulls[row] != 0;
  }
  if (!has_null) result.nulls.clear();
  return result;
}

}  // namespace

bool NeedsCleaning(const planner::Catalog& catalog, const planner::CatalogTable& table,
                   const planner::TableMapping& mapping) {
  if (mapping.on_duplicate != OnDuplicate::kError || mapping.merged.has_value() || mapping.reversal.has_value()) {
    return true;
  }
  for (const planner::CatalogColumn& column : table.columns) {
    const planner::ColumnMapping own = MappingOf(column, mapping);
    if (own.on_violation != OnViolation::kError || own.trim || own.nfc || own.timestamp) return true;
    if (!column.key_domain.empty() && catalog.FormatOfKey(column.key_domain) != planner::KeyFormat::kPlain) return true;
  }
  return false;
}

struct TableCleaner::State {
  const planner::CatalogTable& table;
  const planner::TableMapping& mapping;
  const std::vector<int> read;
  const std::string party;

  std::vector<std::string> needed;
  std::vector<ColumnCleaning> columns;
  int subject = -1;  // in `columns`, if the key is needed and can be merged
  std::size_t order_source = 0, id_source = 0, reverses_source = 0;

  std::optional<CellReader> from_reader, to_reader;
  std::optional<MergedKeys> merged;
  bool merges_resolved = false;
  std::uint64_t merge_rows = 0;
  std::optional<Reversals> reversals;
  std::optional<RowOrder> order;

  std::size_t rows = 0;
  std::vector<CellReading> readings;  // of the row at hand
  std::vector<Violation> violations;
  CleaningReport report;

  State(const planner::CatalogTable& table, const planner::TableMapping& mapping, std::vector<int> read,
        std::string party)
      : table(table), mapping(mapping), read(std::move(read)), party(std::move(party)) {}

  void Choose(const planner::Catalog& catalog);
  std::size_t Need(const std::string& own_column);
  int Find(int position) const;
  void Report(const Violation& violation);
  void Judge(const std::vector<Violation>& list, std::vector<std::uint8_t>& gone, std::optional<Violation>& fatal);
  absl::Status Correct(std::string_view what) const;
  absl::Status ResolveMerges();
  absl::Status CheckMostRows(const std::vector<std::uint8_t>& gone) const;
  absl::StatusOr<ColumnBatch> Result(const std::vector<std::uint8_t>& gone);
};

std::size_t TableCleaner::State::Need(const std::string& own_column) {
  const auto found = std::find(needed.begin(), needed.end(), own_column);
  if (found != needed.end()) return static_cast<std::size_t>(found - needed.begin());
  needed.push_back(own_column);
  return needed.size() - 1;
}

int TableCleaner::State::Find(int position) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].position == position) return static_cast<int>(i);
  }
  return -1;
}

void TableCleaner::State::Choose(const planner::Catalog& catalog) {
  std::set<int> wanted(read.begin(), read.end());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (MappingOf(table.columns[i], mapping).on_violation == OnViolation::kDrop) wanted.insert(static_cast<int>(i));
  }
  if (mapping.on_duplicate != OnDuplicate::kError) {
    for (const std::vector<int>& key : table.unique_keys) wanted.insert(key.begin(), key.end());
  }
  const absl::TimeZone zone = ZoneOf(catalog);
  for (const int position : wanted) {
    const planner::CatalogColumn& declared = table.columns[static_cast<std::size_t>(position)];
    const planner::ColumnMapping own = MappingOf(declared, mapping);
    const planner::KeyFormat format =
        declared.key_domain.empty() ? planner::KeyFormat::kPlain : catalog.FormatOfKey(declared.key_domain);
    if (position == table.subject_column && mapping.merged.has_value()) {
      subject = static_cast<int>(columns.size());
      from_reader.emplace(declared, format, own, zone);
      to_reader.emplace(declared, format, own, zone);
      merged.emplace(declared.type.kind == TypeKind::kText, own.on_violation != OnViolation::kError);
    }
    Column cells;
    cells.type = declared.type;
    columns.push_back(ColumnCleaning{.position = position,
                                     .source = Need(own.column),
                                     .on_violation = own.on_violation,
                                     .reader = CellReader(declared, format, own, zone),
                                     .cells = std::move(cells)});
  }
  readings.resize(columns.size());
  if (mapping.on_duplicate == OnDuplicate::kFirst && !mapping.order_by.empty()) {
    order.emplace();
    order_source = Need(mapping.order_by);
  }
  if (mapping.reversal.has_value()) {
    reversals.emplace();
    id_source = Need(mapping.reversal->id);
    reverses_source = Need(mapping.reversal->reverses);
  }
}

absl::Status TableCleaner::State::Correct(std::string_view what) const {
  return absl::FailedPreconditionError(absl::StrCat(table.FullName(), ": ", std::string(what), "; ", party,
                                                    " should correct its data or [tables.", table.name,
                                                    "] in its node file"));
}

absl::Status TableCleaner::State::ResolveMerges() {
  if (!merged.has_value() || merges_resolved) return absl::OkStatus();
  merges_resolved = true;
  const absl::Status resolved = merged->Resolve();
  if (resolved.ok()) return resolved;
  return Correct(absl::StrCat("in its table of merged numbers, ", std::string(resolved.message())));
}

void TableCleaner::State::Report(const Violation& violation) {
  const int position = columns[violation.column].position;
  ++report.violations[{table.columns[static_cast<std::size_t>(position)].name,
                       std::string(RuleName(violation.rule))}];
}

void TableCleaner::State::Judge(const std::vector<Violation>& list, std::vector<std::uint8_t>& gone,
                                std::optional<Violation>& fatal) {
  for (const Violation& violation : list) {
    if (gone[violation.row] != 0) continue;  // reversed
    Report(violation);
  }
  std::vector<std::uint32_t> dropped;
  for (const Violation& violation : list) {
    if (gone[violation.row] == 0 && columns[violation.column].on_violation == OnViolation::kDrop) {
      gone[violation.row] = 1;
      ++report.rows_dropped;
    }
  }
  for (const Violation& violation : list) {
    if (gone[violation.row] != 0 || columns[violation.column].on_violation != OnViolation::kError) continue;
    if (!fatal.has_value() || violation.column < fatal->column) fatal = violation;
  }
}

TableCleaner::TableCleaner(const planner::Catalog& catalog, const planner::CatalogTable& table,
                           const planner::TableMapping& mapping, std::vector<int> read)
    : state_(std::make_unique<State>(table, mapping, std::move(read), catalog.PartyName(table.owner))) {
  state_->Choose(catalog);
}

TableCleaner::TableCleaner(TableCleaner&&) noexcept = default;
TableCleaner::~TableCleaner() = default;

const std::vector<std::string>& TableCleaner::needed() const { return state_->needed; }

const std::string* TableCleaner::DeclaredName(std::size_t i) const {
  for (const ColumnCleaning& column : state_->columns) {
    if (column.source == i) return &state_->table.columns[static_cast<std::size_t>(column.position)].name;
  }
  return nullptr;
}

const planner::MergeMapping* TableCleaner::merged() const {
  return state_->merged.has_value() ? &*state_->mapping.merged : nullptr;
}

const CleaningReport& TableCleaner::report() const { return state_->report; }

absl::Status TableCleaner::AddMerge(const RawCell& from, const RawCell& to) {
  if (!state_->merged.has_value()) return absl::OkStatus();
  if (++state_->merge_rows > state_->table.row_bound * kRawRowsForOneOfTheBound + kMergesMore) {
    return absl::ResourceExhaustedError(absl::StrCat(state_->table.FullName(), ": the table of merged numbers of ",
                                                     state_->party, " has far more rows than persons can be"));
  }
  const absl::Status added = state_->merged->Add(state_->from_reader->Read(from), state_->to_reader->Read(to));
  if (added.ok()) return added;
  return state_->Correct(absl::StrCat("in its table of merged numbers, ", std::string(added.message())));
}

absl::Status TableCleaner::AddRow(std::span<const RawCell> cells) {
  State& state = *state_;
  if (state.rows == 0) CARE_RETURN_IF_ERROR(state.ResolveMerges());
  ++state.report.rows_read;
  bool dropped = false;
  bool holds = true;
  for (std::size_t i = 0; i < state.columns.size(); ++i) {
    ColumnCleaning& column = state.columns[i];
    CellReading& reading = state.readings[i];
    reading = column.reader.Read(cells[column.source]);
    if (static_cast<int>(i) == state.subject && state.merged->Apply(reading)) ++state.report.keys_merged;
    if (reading.rule == CellRule::kHolds) continue;
    holds = false;
    dropped = dropped || column.on_violation == OnViolation::kDrop;
  }
  if (!holds) {
    const auto row = static_cast<std::uint32_t>(state.rows);
    // Without reversals a row's fate is known now: it need not be held.
    const bool leave_out = dropped && !state.reversals.has_value();
    for (std::size_t i = 0; i < state.columns.size(); ++i) {
      if (state.readings[i].rule == CellRule::kHolds) continue;
      const Violation violation{row, static_cast<std::uint16_t>(i), state.readings[i].rule};
      if (leave_out) {
        state.Report(violation);
      } else {
        state.violations.push_back(violation);
      }
    }
    if (leave_out) {
      ++state.report.rows_dropped;
      return absl::OkStatus();
    }
  }
  const std::uint64_t most = state.table.row_bound * kRawRowsForOneOfTheBound + kRawRowsMore;
  if (state.rows >= std::min<std::uint64_t>(most, std::numeric_limits<std::uint32_t>::max())) {
    return TooManyRows(state.table, state.party);
  }
  for (std::size_t i = 0; i < state.columns.size(); ++i) state.columns[i].Append(state.readings[i], state.rows);
  if (state.order.has_value()) state.order->AddRow(cells[state.order_source]);
  ++state.rows;
  if (state.reversals.has_value() &&
      !state.reversals->AddRow(cells[state.id_source], cells[state.reverses_source]).ok()) {
    return state.Correct("a row reverses a number that is a text without characters; where nothing is reversed it "
                         "must be NULL");
  }
  return absl::OkStatus();
}

absl::StatusOr<ColumnBatch> TableCleaner::Finish() {
  State& state = *state_;
  CARE_RETURN_IF_ERROR(state.ResolveMerges());
  std::vector<std::uint8_t> gone(state.rows, 0);
  if (state.reversals.has_value()) {
    absl::StatusOr<std::vector<std::uint8_t>> reversed = state.reversals->Resolve();
    if (!reversed.ok()) return state.Correct("rows reverse each other in a circle");
    gone = *std::move(reversed);
    state.report.rows_reversed = static_cast<std::uint64_t>(std::count(gone.begin(), gone.end(), 1));
  }
  std::optional<Violation> fatal;
  state.Judge(state.violations, gone, fatal);
  absl::Status status;
  if (fatal.has_value()) {
    const int position = state.columns[fatal->column].position;
    status = BrokenRule(fatal->rule,
                        absl::StrCat(state.table.FullName(), ".",
                                     state.table.columns[static_cast<std::size_t>(position)].name),
                        state.party);
  }
  for (const std::vector<int>& key : state.table.unique_keys) {
    std::vector<const Column*> columns;
    for (const int position : key) {
      if (const int found = state.Find(position); found >= 0) {
        columns.push_back(&state.columns[static_cast<std::size_t>(found)].cells);
      }
    }
    if (columns.size() != key.size() || key.empty()) continue;
    const auto is_before = [&](std::size_t a, std::size_t b) {
      return state.order.has_value() && state.order->IsBefore(a, b);
    };
    const UniqueRowsResult result = KeepUniqueRows(columns, state.mapping.on_duplicate, is_before, gone);
    state.report.rows_duplicate += result.gone;
    if (result.repeated && status.ok()) status = DuplicateKey(state.table, key, state.party);
  }
  state.report.rows_kept = static_cast<std::uint64_t>(std::count(gone.begin(), gone.end(), 0));
  CARE_RETURN_IF_ERROR(status);
  CARE_RETURN_IF_ERROR(state.CheckMostRows(gone));
  if (state.report.rows_kept > state.table.row_bound) return TooManyRows(state.table, state.party);
  return state.Result(gone);
}

absl::Status TableCleaner::State::CheckMostRows(const std::vector<std::uint8_t>& gone) const {
  for (const planner::MostRows& declared : table.max_rows_per) {
    std::vector<const Column*> key;
    for (const int position : declared.columns) {
      if (const int found = Find(position); found >= 0) key.push_back(&columns[static_cast<std::size_t>(found)].cells);
    }
    if (key.size() != declared.columns.size()) continue;
    if (HasMoreAlike(key, declared.rows, gone)) return TooManyAlike(table, declared, party);
  }
  return absl::OkStatus();
}

absl::StatusOr<ColumnBatch> TableCleaner::State::Result(const std::vector<std::uint8_t>& gone) {
  ColumnBatch batch;
  batch.rows = report.rows_kept;
  for (std::size_t i = 0; i < read.size(); ++i) {
    Column& cells = columns[static_cast<std::size_t>(Find(read[i]))].cells;
    const bool again = std::find(read.begin() + static_cast<std::ptrdiff_t>(i) + 1, read.end(), read[i]) != read.end();
    if (batch.rows < gone.size()) {
      batch.columns.push_back(Gathered(cells, gone, batch.rows));
    } else if (again) {
      batch.columns.push_back(cells);
    } else {
      batch.columns.push_back(std::move(cells));
    }
    if (read[i] == table.subject_column) {
      CARE_RETURN_IF_ERROR(JudgeSubjectCounts(table, CountSubjects(batch.columns.back()), party));
    }
  }
  return batch;
}

}  // namespace care::connectors
