#include "planner/physical/fit_memory.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grammar/query_error.h"
#include "planner/physical/partition_slots.h"
#include "planner/physical/partition_tables.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/size_text.h"
#include "planner/physical/table_cost.h"
#include "planner/physical/table_placement.h"
#include "planner/physical/table_shape.h"
#include "planner/physical/table_validator.h"

namespace care::planner {
namespace {

// What a star takes for each slot: care bench country, 2.71 GB for 17.5 million.
constexpr std::uint64_t kStarBytesASlot = 155;

struct PricedPlan {
  PhysicalPlan plan;
  std::uint64_t peak_bytes = 0;
  std::uint64_t microseconds = 0;
};

PricedPlan Priced(PhysicalPlan plan, const mpc::LinkSpeed& link) {
  const TableCosts costs = TableCostsOf(plan, link);
  mpc::Cost sum;
  for (const mpc::Cost& cost : costs.nodes) sum += cost;
  return {std::move(plan), costs.peak_bytes, mpc::ElapsedMicroseconds(sum, link)};
}

bool HasRoom(const PhysicalPlan& plan) {
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    if (SlotsOf(plan, id) > kMostTableSlots) return false;
  }
  return true;
}

std::vector<PricedPlan> WaysOf(const PhysicalPlan& plan, const Catalog& catalog, const mpc::LinkSpeed& link, std::uint32_t partitions,
                               Padding padding) {
  std::vector<PricedPlan> ways;
  for (PhysicalPlan& way : PartitionedPlans(plan, catalog, partitions, padding)) {
    // What it does not accept was no way to compute the same.
    if (HasRoom(way) && ValidateTables(way, catalog).ok()) ways.push_back(Priced(std::move(way), link));
  }
  return ways;
}

// The quickest that takes so much memory at most.
std::optional<PricedPlan> Quickest(std::vector<PricedPlan> ways, std::uint64_t most_bytes) {
  std::optional<PricedPlan> best;
  for (PricedPlan& way : ways) {
    if (way.peak_bytes <= most_bytes && (!best || way.microseconds < best->microseconds)) best = std::move(way);
  }
  return best;
}

std::optional<PricedPlan> Smallest(std::vector<PricedPlan> ways) {
  const auto less = [](const PricedPlan& a, const PricedPlan& b) {
    return std::pair(a.peak_bytes, a.microseconds) < std::pair(b.peak_bytes, b.microseconds);
  };
  const auto found = std::ranges::min_element(ways, less);
  return found == ways.end() ? std::nullopt : std::optional(std::move(*found));
}

std::optional<PricedPlan> Smaller(const PricedPlan& own, const Catalog& catalog, const mpc::LinkSpeed& link) {
  std::optional<PricedPlan> smallest;
  for (std::uint32_t partitions = 2; partitions <= kMostPartitions; partitions *= 2) {
    std::vector<PricedPlan> ways = WaysOf(own.plan, catalog, link, partitions, Padding::kAtMostDouble);
    for (const PricedPlan& way : ways) {
      if (way.peak_bytes <= own.peak_bytes / 4 * 3 && (!smallest || way.peak_bytes < smallest->peak_bytes)) smallest = way;
    }
    if (std::optional<PricedPlan> fits = Quickest(std::move(ways), catalog.joint_memory_bytes)) return fits;
  }
  return smallest;
}

// Of one owner's part in shared form: a table of this size takes a few times as much while it is joined or sorted.
absl::Status CheckParts(const PhysicalPlan& plan, std::string_view sql) {
  for (NodeId id = 0; id < plan.nodes.size(); ++id) {
    const auto* share = std::get_if<ShareTableNode>(&plan.nodes[id]);
    if (share == nullptr) continue;
    std::uint64_t bits = 1;
    for (const ShareColumn& column : share->columns) {
      const auto shape = ShapeOfColumn(plan.columns[column.column]);
      bits += shape.ok() ? shape->width + 1 : 0;
    }
    const std::uint64_t slots = SlotsOf(plan, id);
    // Two shares of each bit, and as much again while a message is under way.
    if (bits / 2 * slots <= kMostTableBytes) continue;
    return sql::QueryError(sql, {}, absl::StrCat("the declared bounds allow ", slots, " rows of ", bits, " bits in one owner's part, more than a node's memory is meant for"),
                           "declare what bounds them in the federation file: unique keys, references, ranges, or how many rows a key has at most, by which they can run in partitions; or ask for fewer columns");
  }
  return absl::OkStatus();
}

}  // namespace

bool StarNeedsPartitions(const PhysicalPlan& star, const Catalog& catalog) {
  std::uint64_t slots = 0;
  for (const PhysicalNode& node : star.nodes) {
    const auto* keys = std::get_if<KeysNode>(&node);
    const auto* rows = std::get_if<RowsNode>(&node);
    if (keys != nullptr) slots += std::get<LocalNode>(star.nodes[keys->local]).row_bound;
    if (rows != nullptr) slots += std::get<LocalNode>(star.nodes[rows->local]).row_bound;
  }
  // Groups that their owner computes alone have none.
  return slots > (catalog.joint_partitions > 1 ? 0 : catalog.joint_memory_bytes / kStarBytesASlot);
}

bool RunsInPartitions(const PhysicalPlan& plan) {
  return std::ranges::any_of(plan.nodes, [](const PhysicalNode& node) { return std::holds_alternative<GatherPartitionsNode>(node); });
}

absl::Status FitMemory(PhysicalPlan& plan, const Catalog& catalog, const mpc::LinkSpeed& link, std::string_view sql) {
  PricedPlan own = Priced(plan, link);
  own.plan.lanes = catalog.joint_lanes;
  std::optional<PricedPlan> chosen;
  if (catalog.joint_partitions > 1) {
    chosen = Smallest(WaysOf(own.plan, catalog, link, catalog.joint_partitions, Padding::kAny));
  } else if (own.peak_bytes > catalog.joint_memory_bytes) {
    chosen = Smaller(own, catalog, link);
  }
  if (chosen) {
    plan = std::move(chosen->plan);
    for (NodeId id = 0; id < plan.nodes.size(); ++id) {
      const auto* gather = std::get_if<GatherPartitionsNode>(&plan.nodes[id]);
      if (gather == nullptr) continue;
      plan.lanes = std::min(plan.lanes, RunsOf(plan, gather->input));
      plan.reasons[id] = absl::StrCat(catalog.joint_partitions > 1 ? "[joint] partitions asks for them; " : "",
                                      "a party's memory, by estimate: ", SizeText(chosen->peak_bytes), ", at once ", SizeText(own.peak_bytes));
    }
  }
  return CheckParts(plan, sql);
}

}  // namespace care::planner
