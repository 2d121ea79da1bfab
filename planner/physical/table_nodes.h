// planner/physical/table_nodes.h
//
// The general joint operators: relational algebra over shared tables. A shared table is n slots, a secret bit "this slot
// holds a row", and columns in shared form; filters and joins change that bit, never n. Where a query is a star around one
// key, the nodes of physical_plan.h compute it for fewer bytes (star_placement.h); everything else runs on these
// (table_placement.h, engine/exec/tables).
//
//   ShareTable    an owner's fragment, padded to its bound. Its owner knows which row stands in which slot.
//   ConcatTables  the slots of one table after those of another: UNION ALL
//   GatherPartitions  the slots of what the nodes below it yield for each partition of their rows, one after the other
//   DeriveTable   further columns, slot by slot
//   FilterTable   the slots where a predicate is true
//   JoinTables    left rows with the right rows that they match
//   GroupTable    a row a group
//   WindowTable   every row with what window functions say of it
//   TopTable      the first rows of an order
//   CompactTable  the rows of a table of which few slots hold one, in as many slots as can
//   GateTable     release control: hides groups of too few persons
//   OpenTable     what is left opens to the recipient: the answer of one Release of the logical plan
//
// How a value is shared follows from what is publicly known of its column (shared_value.h), so no node says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/types/party.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

using NodeId = std::uint32_t;

// A column of an owner, and the forms in which it enters: bits compare, the ring adds up. Owners know their values in the
// clear, so a second form is one more input and never a conversion.
// Neither: nobody computes with it, but its owner knows it: a key to look up by.
struct ShareColumn {
  ColumnId column = 0;
  bool bits = true;
  bool ring = false;
};
// The fragment's rows by a keyed hash of one column, all rows of a value in one partition and those without a value in any
// (partition_tables.h). What reads the table runs once for each partition, up to the GatherPartitions above it.
struct SharePartitions {
  ColumnId column = 0;
  std::uint32_t count = 0;
  std::uint64_t slots = 0;  // of each: more rows are so improbable that the query ends (partition_slots.h)
};
struct ShareTableNode {
  NodeId local = 0;  // a LocalNode; slots = its row_bound, or those of a partition
  std::vector<ShareColumn> columns;
  // Rows that agree on these stand one behind the other, for the operator above that would otherwise have to move them there
  // (share_orders.h). Its owner alone sees to that, and nobody else notices.
  std::vector<ColumnId> order_by;
  std::optional<SharePartitions> partitions;
};

struct GatherPartitionsNode {
  NodeId input = 0;
  // Rows of one group or of one order come from several partitions, and what reads the node makes one of them.
  bool is_partial = false;
};

struct ConcatTablesNode {
  std::vector<NodeId> inputs;
  std::vector<ColumnId> columns;
  std::vector<std::vector<ColumnId>> input_columns;  // by input; types are equal, ranges may differ
};

struct DeriveTableNode {
  NodeId input = 0;
  std::vector<NamedExpression> columns;  // added to the input's
};

struct FilterTableNode {
  NodeId input = 0;
  ExpressionPtr predicate;
};

enum class JoinMethod : std::uint8_t {
  kLookup,   // private lookup: left's keys known to the owner of its order, right a ShareTable of another owner
  kByOwner,  // likewise, but right is a ShareTable of the same owner: it shares what its rows find
  kSort,     // sort-merge on shared keys
  kProduct,  // every left slot with every right slot: no keys, or one right slot
};

// Output slots: left * most_matches, block by block (slot b * left + i is left slot i with its b-th match); of kProduct left *
// right, likewise. kFull adds the right table's slots. kSemi and kAnti yield left's columns in left's slots. In columns that
// have no partner (kLeft, kFull) every value is NULL.
struct JoinTablesNode {
  JoinKind kind = JoinKind::kInner;
  NodeId left = 0;
  NodeId right = 0;
  std::vector<std::pair<ColumnId, ColumnId>> keys;  // left = right; NULL matches nothing
  ExpressionPtr residual;                           // the rest of ON, over both sides; null if there is none
  JoinMethod method = JoinMethod::kSort;
  // Most right rows with one key: proven, or declared, and then the owner checks it before it shares anything. kSemi and kAnti
  // without residual need no bound: 1.
  std::uint32_t most_matches = 1;
  PartyId helper = kNoParty;     // kLookup
  std::uint64_t left_keys = 0;   // kLookup: most distinct keys of the left's rows, NULL being one; their owner checks it
};

enum class TableGroupMethod : std::uint8_t {
  kSorted,    // sorted by the keys; a group is the last row of its segment. Slots: group_bound
  kDense,     // public domains: a slot for each combination of values, the first key most significant
  kOneGroup,  // no keys: one slot, always valid
  kByOwner,   // keys known to the owner of the input's order: it knows which group stands in which slot. Slots: group_bound
};

// Calls: COUNT(*), COUNT, SUM, MIN, MAX, BOOL_AND, BOOL_OR, any of them with FILTER, COUNT and SUM with DISTINCT, percentiles.
// Averages and statistics are made of sums (rules/decompose_aggregates.h).
struct GroupTableNode {
  NodeId input = 0;
  TableGroupMethod method = TableGroupMethod::kSorted;
  std::vector<ColumnId> group_by;
  std::vector<ColumnId> determined;  // kSorted: group columns that follow from group_by; they travel and order nothing. kByOwner: known like the keys
  std::vector<std::vector<Value>> domains;  // kDense: by key, in order; a NULL entry, the last, where NULLs occur
  std::vector<NamedAggregate> calls;        // arguments and filters are columns of the input
  std::uint64_t group_bound = 0;            // most groups
  bool sorts_cells = false;                 // kDense: by a sort even where each cell could have a flag in each row
};

struct TableKey {
  ColumnId column = 0;
  bool descending = false;
  bool nulls_first = false;
};

// The input's columns and one for each call: ROW_NUMBER, RANK, DENSE_RANK, LAG, LEAD, FIRST_VALUE, LAST_VALUE, COUNT, SUM, MIN,
// MAX, over the frame of logical_plan.h. Slots are the input's, in the order of the keys; rows that tie stay in the order of
// their slots.
struct WindowTableNode {
  NodeId input = 0;
  std::vector<ColumnId> partition_by;
  std::vector<TableKey> order_by;
  std::vector<NamedWindowCall> calls;  // arguments and fallbacks are columns of the input
};

struct TopTableNode {
  NodeId input = 0;
  std::vector<TableKey> keys;
  std::uint64_t rows = 0;  // LIMIT + OFFSET: public; output slots
};

struct CompactTableNode {
  NodeId input = 0;
  std::uint64_t bound = 0;  // most rows, proven: output slots
};

// A group survives if each of its person counts reaches the threshold; then, as gate.h says, so that no hidden cell can be had by
// subtraction. `dimensions` of a dense table are its domains' sizes; empty for other tables, whose groups are one margin.
// Without counts every row is let through: tables that describe no persons.
struct GateTableNode {
  NodeId input = 0;
  std::vector<ColumnId> person_counts;  // persons, then contributors
  std::vector<std::uint32_t> dimensions;
  bool person_in_one_cell = true;
};

// Which slots hold a row, and their columns; rows of a sparse table are shuffled first.
struct OpenTableNode {
  NodeId input = 0;
  std::vector<ColumnId> columns;
  std::uint32_t release = 0;  // which Release of the plan, in the order of a left-to-right walk
  bool dense = false;         // slots in a public order: not shuffled
};

}  // namespace care::planner
