// engine/exec/tables/shared_table.h
//
// A table of which every party holds shares: n slots, a secret bit that says which of them hold a row, and columns. What
// the nodes of planner/physical/table_nodes.h take and yield. Filters and joins change `valid`, never n; a slot that is not
// valid may hold anything in its columns, so no result may depend on it.
//
// A value has up to two forms, bits to compare and ring to add up, as planner/physical/shared_value.h lays them out from
// what is publicly known of the column. Most columns carry one; value_forms.h makes the other when it is first asked for.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/types/column_batch.h"
#include "engine/types/disclosure.h"
#include "engine/types/party.h"
#include "mpc/cost/link_speed.h"
#include "mpc/protocol/protocol.h"
#include "planner/physical/physical_plan.h"

namespace care::engine {

struct SharedValue {
  std::optional<mpc::BitColumn> bits;      // as planner::ShapeOfColumn says; zero where NULL
  std::optional<mpc::RingColumn> ring;     // the stored integer, 64 bits wide; unspecified where NULL or not valid
  std::optional<mpc::BitColumn> not_null;  // absent: never NULL where valid
};

struct SharedTable {
  std::size_t slots = 0;
  mpc::BitColumn valid;  // 1 plane
  std::map<planner::ColumnId, SharedValue> columns;

  // Who knows which of its rows stands in which slot, and there its rows: row i in slot i, the further slots empty. The
  // slots of a table that its owner may know stay in that order through DeriveTable and FilterTable.
  PartyId order = kNoParty;
  std::shared_ptr<const ColumnBatch> batch;  // only where Holds(order)
};

// A batch that outlives every table.
inline std::shared_ptr<const ColumnBatch> Borrowed(const ColumnBatch* batch) { return {std::shared_ptr<const ColumnBatch>(), batch}; }

// How errors call a column: "insurer.claims.cost".
using ColumnTitle = std::function<std::string(planner::ColumnId)>;

// What a node runs with.
struct TableContext {
  mpc::Protocol& protocol;
  const planner::PhysicalPlan& plan;
  std::map<planner::NodeId, SharedTable>& tables;  // by node; of earlier nodes, as long as a later one reads them
  std::span<const Disclosure> disclosures;         // of the node that runs, in the order of TableOpenings
  mpc::LinkSpeed link;
  ColumnTitle title = [](planner::ColumnId) { return std::string("a column"); };
};

}  // namespace care::engine
