// planner/physical/table_builder.h
//
// From logical operators to nodes over shared tables, bottom-up: one method for each kind of operator (table_builder.cc), windows
// (table_windows.cc), joins (table_joins.cc), aggregates and releases (table_groups.cc). Internal to table_placement.cc.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/logical/row_facts.h"
#include "planner/physical/physical_plan.h"
#include "planner/rules/person_counts.h"

namespace care::planner {

// What stands above a release and only drops rows: over the release's columns.
struct ReleaseLimits {
  std::vector<ExpressionPtr> conditions;
  std::vector<SortKey> keys;
  std::optional<std::uint64_t> rows;  // LIMIT + OFFSET
};

class TableBuilder {
 public:
  TableBuilder(LogicalPlan& plan, const Catalog& catalog, std::string_view sql, bool all_secret, bool compacts)
      : logical_(plan), catalog_(catalog), sql_(sql), all_secret_(all_secret), compacts_(compacts), facts_(plan.columns, catalog) {}

  // `read`: the columns that anything above the releases reads.
  absl::Status AddRelease(const ReleaseNode& release, const PersonGuard& guard, const std::set<ColumnId>& read,
                          const ReleaseLimits& limits);
  PhysicalPlan Take();

 private:
  using ColumnSet = std::set<ColumnId>;

  // A shared table that a node yields.
  struct Table {
    NodeId node = 0;
    LogicalPtr logical;     // whose rows it holds: for keys and bounds
    std::uint64_t slots = 0;
    PartyId order = kNoParty;  // who knows which row stands in which slot
    LogicalPtr ordered;        // the rows that it put there, whatever joins and filters left of them
    ColumnSet known;           // columns whose values at the slots it knows
    bool fresh_share = false;  // a ShareTable as it is: can be looked up in
  };

  // --- table_builder.cc
  // What was built before of the same rows, or BuildNew.
  absl::StatusOr<Table> Build(const LogicalPtr& node, const ColumnSet& required);
  absl::StatusOr<Table> BuildNew(const LogicalPtr& node, const ColumnSet& required);
  std::optional<Table> BuiltBefore(const LogicalPtr& node, const ColumnSet& required);
  absl::StatusOr<Table> Share(const LogicalPtr& fragment, const ColumnSet& required);
  absl::StatusOr<Table> Filter(const LogicalPtr& node, const FilterNode& filter, const ColumnSet& required);
  absl::StatusOr<Table> Project(const LogicalPtr& node, const ProjectNode& project, const ColumnSet& required);
  absl::StatusOr<Table> Concat(const LogicalPtr& node, const SetOperationNode& operation, const ColumnSet& required);
  absl::StatusOr<Table> Compare(const LogicalPtr& node, const SetOperationNode& operation, const ColumnSet& required);
  absl::StatusOr<Table> Top(const LogicalPtr& node, const LimitNode& limit, const ColumnSet& required);
  // The expression as a column of the table: itself if it is one, else derived.
  absl::StatusOr<ColumnId> AsColumn(const ExpressionPtr& expression, std::string_view name,
                                    std::vector<NamedExpression>& derived);
  absl::StatusOr<std::vector<TableKey>> KeysOf(const std::vector<SortKey>& keys,
                                                           std::vector<NamedExpression>& derived);
  absl::StatusOr<Table> Derive(Table table, std::vector<NamedExpression> derived);
  bool IsOwnersPart(const LogicalNode& node) const;
  absl::Status CheckSlots(std::uint64_t slots, std::string_view what) const;
  absl::Status CheckShape(ColumnId column) const;
  // And it has an order and can be opened: no hash.
  absl::Status CheckReadable(ColumnId column) const;
  // What is shared as one column can be brought to what is shared as another: no hash is made of a shared text.
  absl::Status CheckReshapes(ColumnId from, ColumnId to) const;
  absl::Status Refuse(sql::SourcePosition position, std::string_view message, std::string_view hint = {}) const;
  NodeId Add(PhysicalNode node, std::string reason = {});

  // --- table_windows.cc
  absl::StatusOr<Table> Window(const LogicalPtr& node, const WindowNode& window, const ColumnSet& required);
  absl::Status CheckWindowCall(const NamedWindowCall& named) const;

  // --- table_joins.cc
  absl::StatusOr<Table> Join(const LogicalPtr& node, const JoinNode& join, const ColumnSet& required);
  LogicalPtr WithComputedKeys(const LogicalPtr& node, const JoinNode& join);
  void KeepKnownKeys(const Table& left, const LogicalNode& right, JoinTablesNode& node) const;
  std::string NoLookup(const Table& left, const Table& right, const JoinTablesNode& node) const;
  bool KnowsMoreGroups(const LogicalNode& side, const LogicalNode& other) const;
  PartyId HelperOf(PartyId spine, PartyId arm) const;
  LogicalPtr Distinct(const LogicalPtr& node, const ColumnSet& columns) const;

  // --- table_groups.cc
  std::vector<std::vector<Value>> DenseDomains(const AggregateNode& aggregate, const std::set<ColumnId>& required,
                                               std::string& obstacle) const;
  // A list of values for each key; none if one has no public domain or the combinations are too many.
  std::vector<std::vector<Value>> DomainsOf(const std::vector<ColumnId>& keys, std::uint64_t most_cells,
                                            std::string* obstacle = nullptr) const;
  // Of groups of persons by several columns, those that make the lines along which the gate hides; none of one margin.
  absl::StatusOr<std::vector<ColumnId>> GateKeys(const AggregateNode& aggregate) const;
  absl::StatusOr<Table> AsCells(Table table, const ColumnSet& required);
  absl::StatusOr<Table> Group(const LogicalPtr& node, const AggregateNode& aggregate, const ColumnSet& required);
  void GroupByOwner(const Table& table, GroupTableNode& group, std::string& reason) const;
  absl::StatusOr<Table> DistinctRows(const LogicalPtr& node, const LogicalPtr& child, const ColumnSet& required);
  absl::Status CheckCalls(const AggregateNode& aggregate) const;
  LogicalPtr DropAtOwner(LogicalPtr rows, const ReleaseLimits& limits) const;
  absl::Status CheckDigits(const AggregateNode& aggregate) const;
  // Before the gate, of rows that are about nobody: hidden groups must not decide who stays.
  Table DropRows(Table table, const ReleaseLimits& limits);

  LogicalPlan& logical_;
  const Catalog& catalog_;
  std::string_view sql_;
  bool all_secret_;
  bool compacts_;  // PlacementChoices
  RowFacts facts_;
  PhysicalPlan plan_;
  struct Built {
    LogicalPtr node;
    ColumnSet required;
    Table table;
  };
  std::vector<Built> built_;  // joint tables that may be read again
  std::uint32_t releases_ = 0;
  ColumnSet groups_above_;  // what the next GROUP BY above needs of the rows that are built: its keys
  std::vector<ColumnId> gate_keys_;  // of the release that is built: the dimensions of its cells, two or more, or none
};

}  // namespace care::planner
