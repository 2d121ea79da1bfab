// planner/physical/star_placement.h
//
// Places a star query around one spine owner: its distinct join keys become the key space, every other
// owner's tables are looked up into it, and rows of the spine's owner that must be compared with another
// owner's columns get a row space of their own. Tables whose rows need no such comparison are aggregated per
// key by their owner first (eager aggregation, planner.md P7): with m rows a key in each many-sided table,
//   COUNT(*) = sum of the product of all m, SUM(x of T) = sum of s_T * product of the other m.
//
// PlanQuery tries each compute party as the spine and keeps the cheapest placement that works.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/physical/join_block.h"
#include "planner/physical/physical_plan.h"
#include "planner/physical/site.h"

namespace care::planner {

// The largest slot spaces: what a lookup's tables and queries are laid out for, and a node can address.
inline constexpr std::uint64_t kMostKeySlots = std::uint64_t{1} << 28;
inline constexpr std::uint64_t kMostJointRows = std::uint64_t{1} << 28;

class StarPlacement {
 public:
  StarPlacement(const Question& question, const LogicalPlan& plan, const Catalog& catalog,
                std::string_view sql, PartyId spine)
      : question_(question), catalog_(catalog), sql_(sql), spine_(spine), columns_(plan.columns) {}

  // Fills nodes, columns, calls, null_where_zero and comparison_ranges; the rest is the caller's.
  absl::StatusOr<PhysicalPlan> Place();

 private:
  enum class Level { kDirect, kPreAggregated, kRows, kGroupRows };
  struct LeafPlan {
    Level level = Level::kDirect;
    int site = -1;
    LogicalPtr node;                            // the leaf, under its own predicates
    LogicalPtr keys;                            // kGroupRows: the leaf before its rows were grouped
    std::vector<NamedAggregate> partials;       // kPreAggregated
    std::vector<ExpressionPtr> row_conditions;  // kRows: joint conditions on each row
    std::vector<RowSum> row_sums;               // kRows
  };
  struct TopMeasures {
    Measure sum, count, persons;
    bool has_sum = false;
  };

  // --- star_placement.cc: leaves, sites, predicates
  absl::Status DecideLevels();
  absl::Status MakeSites();
  absl::Status PlacePredicates();
  std::set<int> LeavesOf(const ExpressionPtr& expression) const;  // but not through key columns
  // Partials leave out the row that an outer join makes up where a key finds none of the leaf's: refused where it would count.
  absl::Status CheckUnmatched(int leaf, const ExpressionPtr& argument, const ExpressionPtr& filter, sql::SourcePosition position) const;
  std::optional<int> SoleManyLeaf(const std::set<int>& leaves, bool& several) const;
  absl::Status Refuse(sql::SourcePosition position, std::string_view message,
                      std::string_view hint = {}) const;
  LogicalPtr BaseOf(int leaf) const;
  void FinishSite(Site& site, int index);
  absl::Status CheckSizes() const;

  // --- star_aggregates.cc: what is aggregated for each key
  absl::Status PlaceInnerCalls();
  absl::StatusOr<ExpressionPtr> ToKeyLevel(const ExpressionPtr& expression);
  ExpressionPtr DropKeyColumns(const ExpressionPtr& expression) const;
  ColumnId PartialOf(int leaf, AggregateFunction function, const ExpressionPtr& argument,
                     const ExpressionPtr& filter);
  std::vector<ExpressionPtr> Factors(int except_leaf);
  ExpressionPtr Multiplicity(int leaf);

  // --- star_cells.cc: what is summed into the answer's cells
  absl::Status PlaceTopCalls(PhysicalPlan& plan);
  absl::Status PlaceGroups(CellsNode& cells);
  absl::Status PlaceGroupRows(CellsNode& cells, GateNode& gate, PhysicalPlan& plan);
  std::uint32_t AddMeasure(CellsNode& cells, Measure measure);
  absl::StatusOr<TopMeasures> MeasuresOf(const AggregateCall& call);
  absl::Status CheckRing(const Measure& measure) const;
  UInt128 TotalBound(const ExpressionPtr& expression) const;

  // --- star_forms.cc: what each owner computes alone, what is shared and how, and the nodes
  ExpressionPtr Localize(const ExpressionPtr& expression, int row_site);
  int SiteOfColumn(ColumnId column, int row_site) const;  // -1: joint
  absl::Status CollectForms(CellsNode& cells, PhysicalPlan& plan);
  void Emit(CellsNode cells, PhysicalPlan& plan);
  PartyId HelperFor(PartyId arm) const;

  const Question& question_;
  const Catalog& catalog_;
  std::string_view sql_;
  PartyId spine_;
  std::vector<ColumnInfo> columns_;
  std::vector<LeafPlan> leaves_;
  std::vector<Site> sites_;                // the key space first
  std::vector<ExpressionPtr> predicates_;  // joint, in the key space
  Definitions inner_results_;              // inner aggregate's columns, in terms of key-level columns
  std::set<ColumnId> totals_;              // columns whose bound holds for the sum over all keys too
  std::set<ColumnId> unbounded_;           // sums whose declared ranges prove no bound that the ring holds
  std::vector<NullWhereZero> null_where_zero_;
  std::map<ColumnId, int> derived_site_;           // columns that sites derive, and where
  std::map<int, std::vector<ColumnId>> expanded_;  // by row site: the key-level columns that its rows need
  std::vector<ColumnId> order_by_groups_;
  int group_rows_leaf_ = -1;
  int group_rows_site_ = -1;
};

}  // namespace care::planner
