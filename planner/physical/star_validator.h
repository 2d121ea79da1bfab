// planner/physical/star_validator.h
//
// The validator's half for plans of a star around one key (validator.h has the rules; table_validator.h is the other half).
// It walks the nodes in their order and knows what was shared in each slot space by the nodes before; the first rule that
// is broken ends it, with an Internal error that names the node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "engine/types/disclosure.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

class StarValidator {
 public:
  StarValidator(const PhysicalPlan& plan, const std::vector<Disclosure>& disclosures, const Catalog& catalog)
      : plan_(plan), disclosures_(disclosures), catalog_(catalog) {}

  absl::Status Validate();

 private:
  using ColumnSet = std::set<ColumnId>;

  absl::Status Invalid(std::string_view rule) const;
  static ColumnSet OutputSet(const LogicalNode& node);

  // An earlier node of the wanted kind, or null.
  template <typename Node>
  const Node* Earlier(NodeId id) const {
    return id < at_ ? std::get_if<Node>(&plan_.nodes[id]) : nullptr;
  }
  const LocalNode& LocalOf(const KeysNode& keys) const {
    return std::get<LocalNode>(plan_.nodes[keys.local]);
  }

  // --- star_validator.cc: the order of nodes, fragments and keys, slot spaces.
  absl::Status CheckOrder() const;
  absl::Status Check(const LocalNode& local);
  const CatalogColumn* KeyColumn(const LocalNode& local) const;
  absl::Status CheckKeysMatch(const LocalNode& spine, const LocalNode& other) const;
  absl::Status CheckFragmentsUsedOnce();
  absl::Status Check(const KeysNode& keys);
  absl::Status Check(const LookupNode& lookup);
  absl::Status Check(const ConditionNode& condition);
  absl::Status CheckJoint(const ExpressionPtr& expression, const ColumnSet& space) const;
  absl::Status Check(const RowsNode& rows);
  static bool IsOwned(const RowsNode& rows, ColumnId column);
  absl::Status Check(const RowSumsNode& sums);
  template <typename Table>
  absl::Status Check(const Table&) {
    return Invalid("a star has no tables");
  }

  // --- star_validator_forms.cc
  absl::Status CheckForm(const SharedForm& form, const LocalNode& local, bool may_own) const;
  absl::Status CheckWidth(const SharedForm& form, const ColumnInfo& info) const;
  absl::Status CheckOneHot(const SharedForm& form) const;

  // --- star_validator_cells.cc: cells, gate, and after the opening.
  absl::Status Check(const CellsNode& cells);
  absl::Status CheckGroup(const GroupDomain& group) const;
  absl::Status CheckColumns(const CellsNode& cells, const LocalNode& local) const;
  absl::Status CheckLocalCells(const CellsNode& cells) const;
  absl::Status CheckRowCells(const CellsNode& cells) const;
  absl::Status Check(const GateNode& gate);
  bool CountsPersons(const CellsNode& cells, std::uint32_t measure) const;
  bool CountsEveryPerson(const CellsNode& cells) const;
  const AggregateCall* SubjectCount(const CellsNode& cells, std::uint32_t measure) const;
  absl::Status CheckFinish() const;

  const PhysicalPlan& plan_;
  const std::vector<Disclosure>& disclosures_;
  const Catalog& catalog_;
  std::size_t at_ = ~std::size_t{0};
  ColumnSet key_space_;  // shared at the keys so far
  std::vector<SharedForm> key_forms_;
  std::map<NodeId, ColumnSet> row_spaces_;  // by RowsNode
};

}  // namespace care::planner
