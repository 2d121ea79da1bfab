#include "engine/exec/executor.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/exec/cells.h"
#include "engine/exec/domain_coder.h"
#include "engine/exec/finish.h"
#include "engine/exec/local/join_keys.h"
#include "engine/exec/joint_expression.h"
#include "engine/exec/local_rows.h"
#include "engine/exec/share_columns.h"
#include "engine/exec/table_answer.h"
#include "engine/release/gate.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/expand.h"
#include "mpc/relational/join.h"
#include "mpc/relational/segment_reduce.h"
#include "planner/physical/leakage.h"
#include "planner/physical/table_validator.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;
using planner::CellsNode;
using planner::Form;
using planner::KeysNode;
using planner::LocalNode;
using planner::LookupNode;
using planner::NodeId;
using planner::RowsNode;
using planner::RowSumsNode;
using planner::SharedForm;

class Execution {
 public:
  explicit Execution(ExecutionContext& context)
      : context_(context), plan_(context.query->plan), protocol_(*context.protocol) {
    for (const planner::PhysicalNode& node : plan_.nodes) {
      const auto* cells = std::get_if<CellsNode>(&node);
      if (cells == nullptr) continue;
      for (const planner::GroupDomain& group : cells->groups) domains_[group.column] = group;
    }
    for (NodeId id = 0; id < plan_.nodes.size(); ++id) {
      if (const auto* lookup = std::get_if<LookupNode>(&plan_.nodes[id])) last_reader_[lookup->arm] = id;
      if (const auto* keys = std::get_if<KeysNode>(&plan_.nodes[id])) {
        last_reader_[keys->local] = id;
        backs_a_space_.insert(keys->local);
      }
      if (const auto* rows = std::get_if<RowsNode>(&plan_.nodes[id])) {
        last_reader_[rows->local] = id;
        backs_a_space_.insert(rows->local);
      }
      if (const auto* cells = std::get_if<CellsNode>(&plan_.nodes[id])) last_reader_[cells->source] = id;
    }
  }

  absl::StatusOr<std::optional<ReleasedTable>> Run() {
    CARE_ASSIGN_OR_RETURN(local_, RunLocalFragments(context_));
    for (NodeId id = 0; id < plan_.nodes.size(); ++id) {
      Progress(0.3 + 0.65 * id / plan_.nodes.size(), StepName(plan_.nodes[id]));
      if (context_.meter != nullptr) context_.meter->Begin(id);
      CARE_RETURN_IF_ERROR(std::visit([&](const auto& node) { return RunNode(id, node); }, plan_.nodes[id]));
    }
    if (context_.meter != nullptr) context_.meter->End();
    Progress(1.0, "released");
    return std::move(result_);
  }

 private:
  void Progress(double fraction, std::string_view step) {
    if (context_.progress) context_.progress(fraction, step);
  }

  static std::string_view StepName(const planner::PhysicalNode& node) {
    static constexpr std::string_view kNames[] = {"local",          "sharing keys", "joining",
                                                  "expanding rows", "summing rows", "filtering",
                                                  "grouping",       "release gate"};
    return kNames[node.index()];
  }

  absl::Status RunNode(NodeId, const LocalNode&) { return absl::OkStatus(); }

  absl::Status RunNode(NodeId id, const KeysNode& node) {
    const auto& local = std::get<LocalNode>(plan_.nodes[node.local]);
    SlotSpace& space = spaces_[id];
    space.owner = local.party;
    space.slots = local.row_bound;
    const bool here = protocol_.Holds(local.party);
    mpc::BitPlanes present(space.slots, 1);
    if (here) {
      const ColumnBatch& batch = local_.batches.at(node.local);
      space.batch = &batch;
      std::vector<std::int32_t> order(batch.rows);
      std::iota(order.begin(), order.end(), 0);
      space.end_of_cell = {static_cast<std::uint32_t>(batch.rows)};
      if (!node.order_by_groups.empty()) {
        std::vector<planner::GroupDomain> groups;
        for (planner::ColumnId column : node.order_by_groups) groups.push_back(domains_.at(column));
        const std::vector<std::int64_t> cells = CellsOfRows(batch, groups);
        if (std::find(cells.begin(), cells.end(), -1) != cells.end()) return UndeclaredGroup(local.party);
        space.end_of_cell = EndsOfCells(cells, groups);
        // A counting sort, from the last row on, so that rows of one cell keep their order.
        std::vector<std::uint32_t> end = space.end_of_cell;
        for (std::size_t row = batch.rows; row-- > 0;)
          order[--end[cells[row]]] = static_cast<std::int32_t>(row);
      }
      std::vector<mpc::JoinKey> keys = TakeKeys(id, node.local);
      space.spine.present.assign(space.slots, 0);
      std::fill_n(space.spine.present.begin(), batch.rows, std::uint8_t{1});
      for (std::size_t slot = 0; slot < batch.rows; ++slot) present.Set(slot, 0, true);
      if (node.order_by_groups.empty()) {
        space.spine.keys = std::move(keys);
        space.spine.keys.resize(space.slots);
      } else {
        space.spine.keys.resize(space.slots);
        for (std::size_t slot = 0; slot < batch.rows; ++slot) space.spine.keys[slot] = keys[order[slot]];
      }
      space.row_of_slot = std::move(order);
      space.row_of_slot.resize(space.slots, kNoRow);
    }
    CARE_ASSIGN_OR_RETURN(space.valid,
                          protocol_.InputBits(local.party, here ? &present : nullptr, space.slots, 1));
    return ShareInto(space, local.party, node.columns);
  }

  absl::Status UndeclaredGroup(PartyId party) const {
    return absl::OutOfRangeError(absl::StrCat(
        context_.catalog->PartyName(party), ": a GROUP BY column holds a value outside its declared domain"));
  }

  // Inputs an owner's columns at the slots of its own space.
  absl::Status ShareInto(SlotSpace& space, PartyId owner, const std::vector<SharedForm>& forms) {
    const FormShape shape = ShapeOf(forms);
    if (shape.planes == 0 && shape.rings == 0) return absl::OkStatus();
    const bool here = protocol_.Holds(owner);
    EncodedColumns encoded;
    if (here) {
      CARE_ASSIGN_OR_RETURN(encoded,
                            EncodeColumns(*space.batch, space.row_of_slot, forms, domains_, plan_.columns));
    }
    BitColumn bits;
    if (shape.planes > 0) {
      CARE_ASSIGN_OR_RETURN(
          bits, protocol_.InputBits(owner, here ? &encoded.bits : nullptr, space.slots, shape.planes));
    }
    std::vector<RingColumn> rings;
    for (unsigned i = 0; i < shape.rings; ++i) {
      CARE_ASSIGN_OR_RETURN(RingColumn ring,
                            protocol_.InputRing(owner, here ? &encoded.rings[i] : nullptr, space.slots));
      rings.push_back(std::move(ring));
    }
    Distribute(space, forms, bits, std::move(rings), /*masked_under=*/0, nullptr);
    return absl::OkStatus();
  }

  // Gives each form its planes; `matched` stands in for a missing null plane of a LEFT JOIN's columns.
  static void Distribute(SlotSpace& space, const std::vector<SharedForm>& forms, const BitColumn& bits,
                         std::vector<RingColumn> rings, std::uint32_t masked_under,
                         const BitColumn* matched) {
    unsigned plane = 0;
    unsigned ring = 0;
    for (const SharedForm& form : forms) {
      SharedColumn& column = space.columns[form.column];
      if (form.form == Form::kRing) {
        column.ring = std::move(rings[ring++]);
        column.ring_masked_under = masked_under;
      } else if (form.form != Form::kOwned) {
        BitColumn planes = bits.Planes(plane, form.width);
        plane += form.width;
        if (form.form == Form::kFlag)
          column.flag = std::move(planes);
        else if (form.form == Form::kBits)
          column.bits = std::move(planes);
        else
          column.one_hot = std::move(planes);
      }
      if (form.null_plane) {
        column.not_null = bits.Planes(plane, 1);
        ++plane;
      } else if (matched != nullptr && !column.not_null) {
        column.not_null = *matched;
      }
    }
  }

  // The keys of a local node's rows, for `reader`: moved out for the last that reads them.
  std::vector<mpc::JoinKey> TakeKeys(NodeId reader, NodeId local) {
    std::vector<mpc::JoinKey>& keys = local_.keys.at(local);
    return last_reader_.at(local) == reader ? std::move(keys) : keys;
  }

  absl::Status RunNode(NodeId id, const LookupNode& node) {
    SlotSpace& space = spaces_.at(node.keys);
    const auto& local = std::get<LocalNode>(plan_.nodes[node.arm]);
    const FormShape shape = ShapeOf(node.columns);
    const mpc::LookupShape lookup{.arm = local.party,
                                  .spine = space.owner,
                                  .helper = node.helper,
                                  .arm_bound = local.row_bound,
                                  .spine_rows = space.slots,
                                  .payload_bits = shape.planes,
                                  .payload_rings = shape.rings};
    absl::StatusOr<mpc::Joined> joined;
    {
      mpc::LookupArm arm;
      if (protocol_.Holds(local.party)) {
        const ColumnBatch& batch = local_.batches.at(node.arm);
        arm.keys = TakeKeys(id, node.arm);
        std::vector<std::int32_t> rows(batch.rows);
        std::iota(rows.begin(), rows.end(), 0);
        CARE_ASSIGN_OR_RETURN(EncodedColumns encoded,
                              EncodeColumns(batch, rows, node.columns, domains_, plan_.columns));
        arm.bits = std::move(encoded.bits);
        arm.rings = std::move(encoded.rings);
        // Slot spaces point into the batches of their own rows, never into an arm's.
        if (last_reader_.at(node.arm) == id && !backs_a_space_.contains(node.arm))
          local_.batches.erase(node.arm);
      }
      joined = mpc::LookupJoin(protocol_, lookup, protocol_.Holds(local.party) ? &arm : nullptr,
                               protocol_.Holds(space.owner) ? &space.spine : nullptr);
    }
    CARE_RETURN_IF_ERROR(joined.status());
    std::uint32_t masked_under = 0;
    if (!node.keeps_unmatched) {
      // Empty slots match nothing, so the first inner lookup's matches are the valid slots.
      if (space.validity == 1) {
        space.SetValid(joined->matched);
        space.valid_ring = std::move(joined->matched_ring);
        masked_under = space.validity;
      } else {
        CARE_ASSIGN_OR_RETURN(BitColumn valid, protocol_.And(space.valid, joined->matched));
        space.SetValid(std::move(valid));
      }
    }
    Distribute(space, node.columns, joined->bits, std::move(joined->rings), masked_under,
               node.keeps_unmatched ? &joined->matched : nullptr);
    return absl::OkStatus();
  }

  absl::Status RunNode(NodeId id, const RowsNode& node) {
    SlotSpace& keys = spaces_.at(node.keys);
    const auto& local = std::get<LocalNode>(plan_.nodes[node.local]);
    SlotSpace& space = spaces_[id];
    space.owner = local.party;
    space.key_count = keys.slots;
    space.row_bound = local.row_bound;
    space.slots = space.key_count + space.row_bound;
    const bool here = protocol_.Holds(local.party);
    if (here) {
      const ColumnBatch& batch = local_.batches.at(node.local);
      space.batch = &batch;
      ByJoinKey<std::uint32_t> slot_of_key;
      slot_of_key.reserve(keys.slots);
      for (std::size_t slot = 0; slot < keys.slots; ++slot) {
        if (keys.row_of_slot[slot] != kNoRow)
          slot_of_key.emplace(keys.spine.keys[slot], static_cast<std::uint32_t>(slot));
      }
      const std::vector<mpc::JoinKey>& row_keys = local_.keys.at(node.local);
      // Rows whose key is not in the key space are in no join: they are left out.
      std::vector<std::uint32_t> key_of_row;
      std::vector<std::int32_t> rows;
      auto found = slot_of_key.end();
      for (std::size_t row = 0; row < batch.rows; ++row) {
        // Databases often keep a person's rows together.
        if (row == 0 || row_keys[row] != row_keys[row - 1]) found = slot_of_key.find(row_keys[row]);
        if (found == slot_of_key.end()) continue;
        key_of_row.push_back(found->second);
        rows.push_back(static_cast<std::int32_t>(row));
      }
      space.layout = mpc::LayOutSegments(key_of_row, space.key_count, space.row_bound);
      space.row_of_slot.assign(space.slots, kNoRow);
      for (std::size_t i = 0; i < rows.size(); ++i) space.row_of_slot[space.layout.slot_of_row[i]] = rows[i];
    }
    CARE_RETURN_IF_ERROR(ShareInto(space, local.party, node.columns));
    if (node.expanded.empty()) return absl::OkStatus();

    Protocol::Columns at_keys;
    for (const SharedForm& form : node.expanded) {
      const SharedColumn& column = keys.columns.at(form.column);
      at_keys.bits.push_back(form.form == Form::kFlag ? *column.flag : *column.bits);
      if (column.not_null) at_keys.bits.push_back(*column.not_null);
    }
    CARE_ASSIGN_OR_RETURN(Protocol::Columns at_rows,
                          mpc::Expand(protocol_, space.owner, here ? &space.layout : nullptr, space.key_count,
                                      space.row_bound, at_keys));
    std::size_t next = 0;
    for (const SharedForm& form : node.expanded) {
      const bool has_null = keys.columns.at(form.column).not_null.has_value();
      SharedColumn& column = space.columns[form.column];
      (form.form == Form::kFlag ? column.flag : column.bits) = std::move(at_rows.bits[next++]);
      if (has_null) column.not_null = std::move(at_rows.bits[next++]);
    }
    return absl::OkStatus();
  }

  absl::Status RunNode(NodeId, const RowSumsNode& node) {
    SlotSpace& rows = spaces_.at(node.rows);
    SlotSpace& keys = spaces_.at(std::get<RowsNode>(plan_.nodes[node.rows]).keys);
    const bool here = protocol_.Holds(rows.owner);
    JointEvaluator evaluator(protocol_, plan_, rows);
    std::vector<planner::ColumnId> outputs;
    std::vector<RingColumn> masked;
    std::vector<bool> done(node.sums.size(), false);
    for (std::size_t i = 0; i < node.sums.size(); ++i) {
      if (done[i]) continue;
      // All sums under one condition share its flag and its message.
      std::vector<std::size_t> same;
      for (std::size_t j = i; j < node.sums.size(); ++j) {
        const bool equal = (!node.sums[i].condition && !node.sums[j].condition) ||
                           (node.sums[i].condition && node.sums[j].condition &&
                            planner::SameExpression(node.sums[i].condition, node.sums[j].condition));
        if (equal) same.push_back(j);
      }
      std::vector<std::vector<std::uint64_t>> owned;
      for (std::size_t j : same) {
        done[j] = true;
        outputs.push_back(node.sums[j].output);
        if (here) owned.push_back(OwnedValues(*rows.batch, rows.row_of_slot, node.sums[j].value));
      }
      if (!node.sums[i].condition) {
        for (std::size_t k = 0; k < same.size(); ++k) {
          CARE_ASSIGN_OR_RETURN(RingColumn ring,
                                protocol_.InputRing(rows.owner, here ? &owned[k] : nullptr, rows.slots));
          masked.push_back(std::move(ring));
        }
        continue;
      }
      CARE_ASSIGN_OR_RETURN(const BitColumn flag, evaluator.IsTrue(node.sums[i].condition));
      CARE_ASSIGN_OR_RETURN(
          std::vector<RingColumn> values,
          protocol_.MaskOwned(flag, rows.owner, here ? &owned : nullptr, static_cast<unsigned>(same.size())));
      for (RingColumn& value : values) masked.push_back(std::move(value));
    }
    CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> sums,
                          mpc::SegmentSum(protocol_, rows.owner, here ? &rows.layout : nullptr,
                                          rows.key_count, rows.row_bound, masked));
    for (std::size_t i = 0; i < outputs.size(); ++i) keys.columns[outputs[i]].ring = std::move(sums[i]);
    return absl::OkStatus();
  }

  absl::Status RunNode(NodeId, const planner::ConditionNode& node) {
    SlotSpace& space = spaces_.at(node.keys);
    JointEvaluator evaluator(protocol_, plan_, space);
    CARE_ASSIGN_OR_RETURN(const BitColumn passes, evaluator.IsTrue(node.predicate));
    CARE_ASSIGN_OR_RETURN(BitColumn valid, protocol_.And(space.valid, passes));
    space.SetValid(std::move(valid));
    return absl::OkStatus();
  }

  absl::Status RunNode(NodeId, const CellsNode& node) {
    using planner::GroupMethod;
    if (node.method == GroupMethod::kLocal) {
      const auto& local = std::get<LocalNode>(plan_.nodes[node.source]);
      const bool here = protocol_.Holds(local.party);
      if (here) {
        const std::vector<std::int64_t> cells = CellsOfRows(local_.batches.at(node.source), node.groups);
        if (std::find(cells.begin(), cells.end(), -1) != cells.end()) return UndeclaredGroup(local.party);
      }
      CARE_ASSIGN_OR_RETURN(cells_, ShareLocalCells(protocol_, node, local.party,
                                                    here ? &local_.batches.at(node.source) : nullptr));
      most_persons_ = MostPersons(*local.fragment);
      return absl::OkStatus();
    }
    if (node.method == GroupMethod::kRowBoundaries) {
      SlotSpace& rows = spaces_.at(node.source);
      SlotSpace& keys = spaces_.at(std::get<RowsNode>(plan_.nodes[node.source]).keys);
      if (protocol_.Holds(rows.owner)) {
        const std::vector<std::int64_t> cells = CellsOfRows(*rows.batch, node.groups);
        if (std::find(cells.begin(), cells.end(), -1) != cells.end()) return UndeclaredGroup(rows.owner);
      }
      most_persons_ = rows.row_bound;
      CARE_ASSIGN_OR_RETURN(cells_, SumRowCells(protocol_, node, keys, rows));
      return absl::OkStatus();
    }
    SlotSpace& keys = spaces_.at(node.source);
    most_persons_ = keys.slots;
    CARE_ASSIGN_OR_RETURN(cells_, SumKeyCells(protocol_, plan_, node, keys));
    return absl::OkStatus();
  }


  template <typename Table>
  absl::Status RunNode(NodeId, const Table&) {
    return absl::InternalError("a star has no tables");
  }

  // A bound on the persons that a fragment can count: the rows of the tables that it scans.
  std::uint64_t MostPersons(const planner::LogicalNode& node) const {
    std::uint64_t most = 1;
    if (const auto* scan = std::get_if<planner::ScanNode>(&node.node))
      most = context_.catalog->tables[scan->table].row_bound;
    for (const planner::LogicalPtr& child : planner::ChildrenOf(node))
      most = std::max(most, MostPersons(*child));
    return most;
  }

  absl::Status RunNode(NodeId, const planner::GateNode& node) {
    const auto& cells = std::get<CellsNode>(plan_.nodes[node.cells]);
    GateShape shape{
        .threshold = context_.threshold,
        .count_bits = static_cast<unsigned>(std::bit_width(std::max<std::uint64_t>(1, most_persons_))),
        .person_in_one_cell = cells.person_in_one_cell()};
    for (const planner::GroupDomain& group : cells.groups) shape.dimensions.push_back(group.size());
    // A threshold of one hides nothing but groups that do not exist: a value without contributors is NULL.
    const std::size_t tests = context_.threshold <= 1 ? 1 : node.person_measures.size();
    std::vector<RingColumn> persons;
    for (std::size_t i = 0; i < tests; ++i) persons.push_back(cells_[node.person_measures[i]]);
    CARE_ASSIGN_OR_RETURN(const BitColumn survive, DecideSurvivors(protocol_, shape, persons));
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flag, protocol_.BitsToRing(survive));
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> masked,
                          mpc::MultiplyEach(protocol_, flag[0], cells_));

    // The ledger first: a crash from here on loses the answer, never the entry.
    if (context_.before_open) CARE_RETURN_IF_ERROR(context_.before_open());

    // Consent: the leakage report's entry for which cells survive the gate.
    CARE_ASSIGN_OR_RETURN(
        const auto open_survivors,
        protocol_.Open(survive, context_.query->disclosures[planner::kSurvivorsDisclosure]));
    std::vector<const RingColumn*> parts;
    for (const RingColumn& column : masked) parts.push_back(&column);
    // Consent: the leakage report's entry for the survivors' measures; hidden cells were multiplied by zero.
    CARE_ASSIGN_OR_RETURN(
        const auto open_values,
        protocol_.Open(RingColumn::JoinRows(parts), context_.query->disclosures[planner::kCellsDisclosure]));
    if (!open_survivors || !open_values) return absl::OkStatus();
    OpenedCells opened;
    for (std::size_t cell = 0; cell < cells.cells(); ++cell)
      opened.survives.push_back(open_survivors->Get(cell, 0));
    for (std::size_t measure = 0; measure < masked.size(); ++measure) {
      std::vector<std::int64_t> values;
      for (std::size_t cell = 0; cell < cells.cells(); ++cell) {
        values.push_back(static_cast<std::int64_t>((*open_values)[measure * cells.cells() + cell]));
      }
      opened.by_measure.push_back(std::move(values));
    }
    CARE_ASSIGN_OR_RETURN(result_, Finish(plan_, cells, opened, context_.threshold));
    return absl::OkStatus();
  }

  ExecutionContext& context_;
  const planner::PhysicalPlan& plan_;
  Protocol& protocol_;
  std::map<planner::ColumnId, planner::GroupDomain> domains_;
  std::map<NodeId, NodeId> last_reader_;  // of each local node: then its rows may go
  std::set<NodeId> backs_a_space_;        // local nodes whose rows stand in a slot space
  LocalRows local_;
  std::map<NodeId, SlotSpace> spaces_;
  std::vector<RingColumn> cells_;
  std::uint64_t most_persons_ = 1;
  std::optional<ReleasedTable> result_;
};

}  // namespace

absl::StatusOr<std::optional<ReleasedTable>> Execute(ExecutionContext& context) {
  if (planner::IsTablePlan(context.query->plan)) return ExecuteTables(context);
  return Execution(context).Run();
}

}  // namespace care::engine
