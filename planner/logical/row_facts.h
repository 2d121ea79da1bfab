// planner/logical/row_facts.h
//
// What is publicly known of a subtree's rows, whatever the data: how many there can be, which columns tell them apart, how many
// can agree on some columns. Derived from declared row bounds, keys, references, ranges and domains; a bound is never an
// estimate. Slots of the joint part follow from these, so they decide what a plan costs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// Larger bounds count as this one: no plan reaches it.
inline constexpr std::uint64_t kMostBoundedRows = std::uint64_t{1} << 48;

class RowFacts {
 public:
  // Both must outlive this; facts of columns (ranges, domains, nullability) are read as they are at each call. Not for several
  // threads at once.
  RowFacts(const std::vector<ColumnInfo>& columns, const Catalog& catalog) : columns_(columns), catalog_(catalog) {}

  std::uint64_t Bound(const LogicalNode& node) const;

  // Whether no two rows agree on all of the columns. NULLs aside: where a key column is NULL, rows may agree (nothing joins
  // there); `null_is_a_value` asks as GROUP BY does.
  bool IsKey(const LogicalNode& node, const std::set<ColumnId>& columns, bool null_is_a_value = false) const;

  // Most distinct combinations, NULL counting as a value.
  std::uint64_t MostDistinct(const LogicalNode& node, const std::set<ColumnId>& columns) const;

  // Most rows that agree on the columns, none of them NULL; nothing if only Bound bounds it.
  std::optional<std::uint64_t> MostRowsPer(const LogicalNode& node, const std::set<ColumnId>& columns) const;

  struct BaseColumn {
    int table = -1;
    int table_column = -1;
    const ScanNode* scan = nullptr;  // rows of two scans of one table are not each other's
    friend auto operator<=>(const BaseColumn&, const BaseColumn&) = default;
  };
  // The base column whose values the column of the node holds, unchanged (or NULL, of an outer join).
  std::optional<BaseColumn> Trace(const LogicalNode& node, ColumnId column) const;

 private:
  // What a call has found of the nodes below. Facts of a join ask the same of its inputs over and over, and each of those of
  // theirs: without this a chain of joins takes as long as a tree of as many levels.
  struct Found {
    std::map<const LogicalNode*, std::uint64_t> bounds;
    std::map<std::tuple<const LogicalNode*, std::set<ColumnId>, bool>, bool> keys;
    std::map<std::pair<const LogicalNode*, std::set<ColumnId>>, std::optional<std::uint64_t>> rows_per;
  };
  class Call;

  std::uint64_t FindBound(const LogicalNode& node) const;
  bool FindKey(const LogicalNode& node, const std::set<ColumnId>& columns, bool null_is_a_value) const;
  std::optional<std::uint64_t> FindMostRowsPer(const LogicalNode& node, const std::set<ColumnId>& columns) const;
  std::optional<std::uint64_t> BoundOfJoins(const LogicalNode& node) const;
  std::uint64_t MostDistinctOf(const LogicalNode& node, ColumnId column) const;
  std::uint64_t MostDistinctOfParts(const LogicalNode& node, const std::set<ColumnId>& columns) const;

  const std::vector<ColumnInfo>& columns_;
  const Catalog& catalog_;
  mutable Found found_;            // empty between calls: a node may die, and its columns' facts may change
  mutable unsigned calls_ = 0;     // under way
};

// The parties whose tables a subtree scans, in order; none of constants.
std::vector<PartyId> ScannedParties(const LogicalNode& node, const Catalog& catalog);

// Whether rows of persons have a part in the subtree's, be it in a subquery of an expression.
bool ReadsPersons(const LogicalNode& node, const Catalog& catalog);

std::set<ColumnId> OutputSet(const LogicalNode& node);
std::set<ColumnId> ColumnsOf(const ExpressionPtr& expression);
bool IsSubset(const std::set<ColumnId>& columns, const std::set<ColumnId>& of);
std::set<ColumnId> Within(const std::set<ColumnId>& columns, const std::set<ColumnId>& allowed);  // those of both

// The column pairs that a condition equates, first's side first.
std::vector<std::pair<ColumnId, ColumnId>> EquatedPairs(const ExpressionPtr& condition, const LogicalNode& first,
                                                        const LogicalNode& second);

}  // namespace care::planner
