// planner/physical/physical_plan.h
//
// Where and how a query runs: data-only nodes in the order of execution. All parties derive the same
// bytes; the executor interprets them (engine/exec), the validator recomputes their properties, the digest
// covers them.
//
// A plan computes in slot spaces. The key space has one slot for each distinct join key of the spine's
// owner; arms of other owners are looked up into it by key. Row spaces hold the spine owner's rows under
// their keys. Cells are the groups of the answer: the product of public domains, in domain order. Every
// size is a public bound; filters and matches change validity, never length.
//
//   LocalNode    a fragment that one owner computes alone, in the clear, in its own database
//   KeysNode     the key space from a fragment of the spine's owner; shares its columns
//   LookupNode   another owner's fragment, found by key
//   RowsNode     a row space of the spine's owner under the key space; key columns expanded to the rows
//   RowSumsNode  sums over each key's rows under joint conditions
//   FilterNode   validity AND a joint condition, in the key space
//   CellsNode    measures summed into the cells
//   GateNode     which cells survive; then Open to the recipient; then Finish there
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/types/party.h"
#include "planner/logical/logical_plan.h"
#include "planner/physical/table_nodes.h"

namespace care::planner {


// How a column of an owner enters the joint computation.
enum class Form : std::uint8_t {
  kFlag,    // boolean: 1 bit, 0 where NULL
  kBits,    // value - base, unsigned, `width` bits: for comparisons
  kOneHot,  // one bit for each code of its group domain: for GROUP BY
  kRing,    // the stored integer in the ring: for sums
  kOwned,   // stays with its owner in the clear and is only multiplied by shared flags
};

struct SharedForm {
  ColumnId column = 0;
  Form form = Form::kFlag;
  std::int64_t base = 0;    // kBits
  std::uint32_t width = 1;  // bits: kFlag 1, kBits its width, kOneHot the number of codes, otherwise 64
  bool null_plane = false;  // also shares a bit that says "not NULL"
};

// The public list of values of one GROUP BY column, in the order of its cells.
struct GroupDomain {
  ColumnId column = 0;
  std::vector<Value> values;  // distinct, not NULL
  bool has_null = false;      // then one more code, the last, stands for NULL

  std::uint32_t size() const { return static_cast<std::uint32_t>(values.size()) + (has_null ? 1 : 0); }
};

struct LocalNode {
  PartyId party = kNoParty;
  LogicalPtr fragment;
  std::uint64_t row_bound = 0;
  std::optional<ColumnId> key;  // its join key
  bool key_unique = false;
  std::optional<std::uint64_t> max_rows_per_key;  // declared; the owner checks it before it shares anything
  bool outside = false;  // its owner is no compute party: its rows are shared in, and it does nothing else
};

struct KeysNode {
  NodeId local = 0;
  std::vector<SharedForm> columns;
  std::vector<ColumnId> order_by_groups;  // the owner orders its slots by these domains (CellsNode kBoundaries)
};

struct LookupNode {
  NodeId keys = 0;  // the KeysNode
  NodeId arm = 0;   // a LocalNode, unique on its key
  PartyId helper = kNoParty;
  bool keeps_unmatched = false;  // LEFT JOIN: validity unchanged, columns NULL where not matched
  std::vector<SharedForm> columns;
};

struct RowsNode {
  NodeId local = 0;
  NodeId keys = 0;
  std::vector<SharedForm> columns;   // the rows' own
  std::vector<SharedForm> expanded;  // columns of the key space, kFlag or kBits
};

// One ring column of the key space: over each key's rows that pass `condition`, the sum of `value`.
struct RowSum {
  ColumnId output = 0;
  ColumnId value = 0;       // a kOwned column of the rows
  ExpressionPtr condition;  // joint; null if every row counts
};
struct RowSumsNode {
  NodeId rows = 0;
  std::vector<RowSum> sums;
};

struct ConditionNode {  // Filter
  NodeId keys = 0;
  ExpressionPtr predicate;
};

// One number a cell: the sum over its slots of value * product of factors, where condition is true and the
// value is not NULL. Without a value it counts.
struct Measure {
  std::string name;  // for EXPLAIN
  ExpressionPtr value;
  ExpressionPtr condition;
  std::vector<ExpressionPtr> factors;  // multiplicities of the joins, at the slots
};

enum class GroupMethod : std::uint8_t {
  kLocal,          // one owner computed the cells: its fragment's columns are the measures
  kOneHot,         // secret codes of small public domains
  kBoundaries,     // groups known to the spine's owner, in the key space
  kRowBoundaries,  // groups known to the spine's owner, in a row space
};

struct CellsNode {
  GroupMethod method = GroupMethod::kOneHot;
  NodeId source = 0;  // kLocal: a LocalNode; kOneHot, kBoundaries: the KeysNode; kRowBoundaries: a RowsNode
  std::vector<GroupDomain> groups;  // first is most significant
  std::vector<Measure> measures;
  std::vector<ColumnId> measure_columns;  // kLocal, kRowBoundaries: the owner's column of each measure

  std::uint64_t cells() const {
    std::uint64_t product = 1;
    for (const GroupDomain& group : groups) product *= group.size();
    return product;
  }
  // A slot of the key space is one person in one cell; an owner's rows may put a person into several.
  bool person_in_one_cell() const { return method == GroupMethod::kOneHot || method == GroupMethod::kBoundaries; }
};

// Suppression inside MPC: a cell survives if each of its person counts reaches the threshold, and where
// hiding it would let a neighbour's value be computed, that one hides too (engine/release).
struct GateNode {
  NodeId cells = 0;
  std::vector<std::uint32_t> person_measures;  // positions in CellsNode::measures: persons, then contributors
};

using PhysicalNode =
    std::variant<LocalNode, KeysNode, LookupNode, RowsNode, RowSumsNode, ConditionNode, CellsNode, GateNode,
                 ShareTableNode, GatherPartitionsNode, ConcatTablesNode, DeriveTableNode, FilterTableNode, JoinTablesNode, GroupTableNode,
                 WindowTableNode, TopTableNode, CompactTableNode, GateTableNode, OpenTableNode>;

// How an aggregate of the query is computed from opened measures.
struct FinishCall {
  ColumnId column = 0;
  AggregateFunction function = AggregateFunction::kCountStar;  // kCountStar, kCount, kSum, kAverage
  std::uint32_t sum_measure = 0;    // kSum, kAverage
  std::uint32_t count_measure = 0;  // all but kCountStar of an empty answer: rows or non-NULL arguments
  std::uint8_t scale = 0;           // of the summed integers
  DataType type;
};

// A ring column of the key space that stands for a SUM: NULL where its count is zero.
struct NullWhereZero {
  ColumnId sum = 0;
  ColumnId count = 0;
};

// How values of one kind are compared: as unsigned integers, value - base, of `width` bits.
struct ComparisonRange {
  TypeKind kind = TypeKind::kInteger;  // kDate, kTimestamp for both, kBoolean, or kNumeric for every exact number
  std::uint8_t scale = 0;
  std::int64_t base = 0;
  std::uint32_t width = 1;
};

struct PhysicalPlan {
  std::vector<PhysicalNode> nodes;  // in order; a node refers to earlier ones only
  std::vector<ColumnInfo> columns;  // by ColumnId; the logical plan's and those that placement added
  std::vector<NullWhereZero> null_where_zero;
  std::vector<ComparisonRange> comparison_ranges;
  std::vector<FinishCall> calls;
  std::uint32_t lanes = 1;  // partitions that run at a time
  LogicalPtr finish;  // what runs on the released groups at the recipient, down to the ReleaseNode
  std::vector<OutputColumn> output;
  PartyId recipient = kNoParty;
  std::map<NodeId, std::string> reasons;  // why an operator was chosen, for EXPLAIN; no part of what the parties agree on
};

}  // namespace care::planner
