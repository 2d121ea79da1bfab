#include "planner/physical/plan_cost.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <vector>

#include "mpc/cost/cost.h"
#include "planner/physical/gate_cost.h"
#include "planner/physical/joint_cost.h"
#include "planner/physical/table_cost.h"
#include "planner/physical/table_validator.h"

namespace care::planner {
namespace {

using mpc::Cost;

std::uint64_t Bounded(std::uint64_t rows) { return std::min(rows, std::uint64_t{1} << 36); }

std::uint64_t SaturatingSum(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max()
                                                           : a + b;
}

struct FormShape {
  unsigned planes = 0;
  unsigned rings = 0;
};

FormShape ShapeOf(const std::vector<SharedForm>& forms) {
  FormShape shape;
  for (const SharedForm& form : forms) {
    const bool has_planes = form.form != Form::kRing && form.form != Form::kOwned;
    shape.planes += (has_planes ? form.width : 0) + (form.null_plane ? 1 : 0);
    shape.rings += form.form == Form::kRing ? 1 : 0;
  }
  return shape;
}

// Follows the executor (engine/exec/executor.cc) through the nodes.
class PlanCoster {
 public:
  explicit PlanCoster(const PhysicalPlan& plan) : plan_(plan) {}

  PlanCost Total() {
    PlanCost total;
    for (at_ = 0; at_ < plan_.nodes.size(); ++at_) {
      const Cost cost = std::visit([&](const auto& node) { return Of(node); }, plan_.nodes[at_]);
      total.node_bytes_and_rounds.emplace_back(cost.bytes, cost.rounds);
      total.bytes = SaturatingSum(total.bytes, cost.bytes);
      total.rounds = SaturatingSum(total.rounds, cost.rounds);
    }
    return total;
  }

 private:
  struct KeySpace : SpaceShape {
    bool valid_in_ring = false;           // and that is known in the ring
    std::map<ColumnId, unsigned> masked;  // rings that are zero in invalid slots, as of which change
    unsigned validity = 1;
  };

  template <typename Space>
  static void Admit(const std::vector<SharedForm>& forms, bool may_miss, Space& space) {
    for (const SharedForm& form : forms) {
      if (form.form == Form::kBits) space.bits.insert(form.column);
      if (form.null_plane || may_miss) space.not_null.insert(form.column);
    }
  }

  // Inputs wait for nothing and for nobody: one round together.
  static Cost InputCost(std::uint64_t slots, const FormShape& shape) {
    Cost cost;
    if (shape.planes > 0) cost += mpc::InputBitsCost(slots, shape.planes);
    for (unsigned i = 0; i < shape.rings; ++i) cost += mpc::InputRingCost(slots);
    cost.rounds = cost.bytes > 0 ? 1 : 0;
    return cost;
  }

  const LocalNode& Local(NodeId id) const { return std::get<LocalNode>(plan_.nodes[id]); }

  Cost Of(const LocalNode&) { return {}; }

  Cost Of(const KeysNode& node) {
    KeySpace& space = keys_[static_cast<NodeId>(at_)];
    space.slots = Bounded(Local(node.local).row_bound);
    persons_ = space.slots;
    Admit(node.columns, false, space);
    FormShape shape = ShapeOf(node.columns);
    ++shape.planes;  // which slots hold a key
    return InputCost(space.slots, shape);
  }

  Cost Of(const LookupNode& node) {
    KeySpace& space = keys_[node.keys];
    const FormShape shape = ShapeOf(node.columns);
    const bool first = !node.keeps_unmatched && space.validity == 1;
    Cost cost = mpc::LookupJoinCost({.arm_bound = Bounded(Local(node.arm).row_bound),
                                     .spine_rows = space.slots,
                                     .payload_bits = shape.planes,
                                     .payload_rings = shape.rings});
    if (!node.keeps_unmatched && !first) cost += mpc::AndCost(space.slots, 1);
    if (!node.keeps_unmatched) {
      ++space.validity;
      space.valid_in_ring = first && shape.rings > 0;
    }
    for (const SharedForm& form : node.columns) {
      if (first && form.form == Form::kRing) space.masked[form.column] = space.validity;
    }
    Admit(node.columns, node.keeps_unmatched, space);
    return cost;
  }

  Cost Of(const RowsNode& node) {
    const KeySpace& keys = keys_[node.keys];
    SpaceShape& space = rows_[static_cast<NodeId>(at_)];
    const std::uint64_t rows = Bounded(Local(node.local).row_bound);
    space.slots = keys.slots + rows;
    Admit(node.columns, false, space);
    Cost cost = InputCost(space.slots, ShapeOf(node.columns));
    unsigned planes = 0;
    for (const SharedForm& form : node.expanded) {
      const bool has_null = keys.not_null.count(form.column) != 0;
      planes += form.width + (has_null ? 1 : 0);
      if (form.form == Form::kBits) space.bits.insert(form.column);
      if (has_null) space.not_null.insert(form.column);
    }
    if (planes > 0) cost += mpc::ExpandCost(keys.slots, rows, planes, 0);
    return cost;
  }

  Cost Of(const RowSumsNode& node) {
    const auto& rows_node = std::get<RowsNode>(plan_.nodes[node.rows]);
    const SpaceShape& rows = rows_[node.rows];
    JointCost joint(plan_, rows);
    Cost cost;
    std::vector<bool> done(node.sums.size(), false);
    for (std::size_t i = 0; i < node.sums.size(); ++i) {
      if (done[i]) continue;
      unsigned values = 0;
      const ExpressionPtr& condition = node.sums[i].condition;
      for (std::size_t j = i; j < node.sums.size(); ++j) {
        const ExpressionPtr& other = node.sums[j].condition;
        const bool same = (!condition && !other) || (condition && other && SameExpression(condition, other));
        if (!same) continue;
        done[j] = true;
        ++values;
      }
      if (!condition) {
        cost += InputCost(rows.slots, {0, values});
        continue;
      }
      joint.IsTrue(condition);
      cost += mpc::MaskOwnedCost(rows.slots, values);
    }
    const std::uint64_t keys = keys_[rows_node.keys].slots;
    return cost + joint.total() +
           mpc::SegmentReduceCost(keys, rows.slots - keys, 0, static_cast<unsigned>(node.sums.size()));
  }

  Cost Of(const ConditionNode& node) {
    KeySpace& space = keys_[node.keys];
    JointCost joint(plan_, space);
    joint.IsTrue(node.predicate);
    joint.And();
    ++space.validity;
    space.valid_in_ring = false;
    return joint.total();
  }

  Cost Of(const CellsNode& node) {
    cells_ = &node;
    const auto measures = static_cast<unsigned>(node.measures.size());
    switch (node.method) {
      case GroupMethod::kLocal:
        persons_ = MostRows(*Local(node.source).fragment);
        return InputCost(node.cells(), {0, measures});
      case GroupMethod::kRowBoundaries: {
        const auto& rows = std::get<RowsNode>(plan_.nodes[node.source]);
        const std::uint64_t keys = keys_[rows.keys].slots;
        const std::uint64_t bound = Bounded(Local(rows.local).row_bound);
        persons_ = bound;
        return mpc::ExpandCost(keys, bound, 1, 0) + mpc::GatherByOwnerCost(keys + bound, bound, 1, 0) +
               mpc::MaskOwnedCost(bound, measures) + mpc::SumByBoundariesCost(bound, node.cells(), measures);
      }
      case GroupMethod::kOneHot:
      case GroupMethod::kBoundaries:
        return OfKeyCells(node, measures);
    }
    return {};
  }

  Cost OfKeyCells(const CellsNode& node, unsigned measures) {
    KeySpace& space = keys_[node.source];
    const bool by_codes = node.method == GroupMethod::kOneHot;
    const bool codes_mask = by_codes && !node.groups.empty();
    JointCost joint(plan_, space);
    for (const Measure& measure : node.measures) OfMeasure(measure, space, !codes_mask, joint);
    if (!by_codes) return joint.total() + mpc::SumByBoundariesCost(space.slots, node.cells(), measures);
    std::vector<unsigned> sizes;
    for (const GroupDomain& group : node.groups) sizes.push_back(group.size());
    if (!sizes.empty()) joint.And(sizes[0]);
    return joint.total() + mpc::SumByCodesCost(space.slots, sizes, measures);
  }

  // A measure at each slot (engine/exec/cells.cc).
  static void OfMeasure(const Measure& measure, KeySpace& space, bool mask, JointCost& joint) {
    bool masked = false;
    bool has_value = false;
    if (measure.value) {
      joint.Ring(measure.value);
      has_value = true;
      if (const auto* column = std::get_if<ColumnExpression>(&measure.value->node)) {
        const auto found = space.masked.find(column->column);
        masked = found != space.masked.end() && found->second == space.validity;
      }
    }
    for (const ExpressionPtr& factor : measure.factors) {
      joint.Ring(factor);
      if (has_value) joint.Multiply();
      has_value = true;
    }
    bool flag = false;
    if (measure.condition) {
      joint.IsTrue(measure.condition);
      if (mask) joint.And();
      joint.BitsToRing();
      flag = true;
    } else if (mask && !masked) {
      if (!space.valid_in_ring) joint.BitsToRing();
      space.valid_in_ring = true;
      flag = true;
    }
    if (has_value && flag) joint.Multiply();
  }

  // table_cost.h
  template <typename Table>
  Cost Of(const Table&) {
    return {};
  }

  Cost Of(const GateNode& node) {
    std::vector<std::uint32_t> dimensions;
    for (const GroupDomain& group : cells_->groups) dimensions.push_back(group.size());
    const auto count_bits = static_cast<unsigned>(std::bit_width(std::max<std::uint64_t>(1, persons_)));
    Cost cost = GateCost(dimensions, count_bits, static_cast<unsigned>(node.person_measures.size()),
                         cells_->person_in_one_cell());
    const std::uint64_t cells = cells_->cells();
    const auto measures = static_cast<unsigned>(cells_->measures.size());
    cost += mpc::BitsToRingCost(cells, 1) + mpc::MultiplyEachCost(cells, measures);
    return cost + mpc::OpenBitsCost(cells, 1, 1) + mpc::OpenRingCost(cells * measures, 1);
  }

  // No catalog here: an owner's cells count at most its fragment's rows, of which the plan says nothing, so
  // the widest usual count stands for them.
  static std::uint64_t MostRows(const LogicalNode&) { return std::uint64_t{1} << 20; }

  const PhysicalPlan& plan_;
  std::size_t at_ = 0;
  std::map<NodeId, KeySpace> keys_;
  std::map<NodeId, SpaceShape> rows_;
  const CellsNode* cells_ = nullptr;
  std::uint64_t persons_ = 1;
};

}  // namespace

PlanCost CostOf(const PhysicalPlan& plan, const mpc::LinkSpeed& link) {
  if (!IsTablePlan(plan)) return PlanCoster(plan).Total();
  const TableCosts tables = TableCostsOf(plan, link);
  PlanCost total;
  total.is_known = tables.is_known;
  for (const Cost& cost : tables.nodes) {
    total.node_bytes_and_rounds.emplace_back(cost.bytes, cost.rounds);
    total.bytes = SaturatingSum(total.bytes, cost.bytes);
    total.rounds = SaturatingSum(total.rounds, cost.rounds);
  }
  return total;
}

}  // namespace care::planner
