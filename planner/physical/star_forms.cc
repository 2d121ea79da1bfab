// What each owner of a star query computes alone, what of it is shared in which form, and the nodes.
#include <algorithm>

#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/joint_expressions.h"
#include "planner/physical/star_placement.h"

namespace care::planner {
int StarPlacement::SiteOfColumn(ColumnId column, int row_site) const {
  if (const auto derived = derived_site_.find(column); derived != derived_site_.end()) {
    const bool elsewhere = sites_[derived->second].kind == SiteKind::kRows && derived->second != row_site;
    return elsewhere ? -1 : derived->second;
  }
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    const LeafPlan& planned = leaves_[i];
    if (planned.level == Level::kPreAggregated) {
      for (const NamedAggregate& partial : planned.partials) {
        if (partial.column == column) return planned.site;
      }
    } else if (Contains(OutputColumns(*question_.block.leaves[i].node), column)) {
      if (planned.level == Level::kDirect || planned.site == row_site) return planned.site;
    }
  }
  return -1;
}

ExpressionPtr StarPlacement::Localize(const ExpressionPtr& expression, int row_site) {
  if (!expression) return expression;
  std::set<ColumnId> used;
  CollectColumns(expression, used);
  if (used.empty()) return expression;
  std::set<int> sites;
  for (ColumnId column : used) sites.insert(SiteOfColumn(column, row_site));
  if (sites.size() == 1 && *sites.begin() >= 0) {
    const int index = *sites.begin();
    Site& site = sites_[index];
    const auto request = [&](const ExpressionPtr& wanted) {
      const ColumnId id = site.Request(wanted, columns_);
      if (!std::holds_alternative<ColumnExpression>(wanted->node)) derived_site_[id] = index;
      if (site.optional) columns_[id].nullable = true;
      return MakeColumn(id, columns_[id].type, expression->position);
    };
    if (!site.optional || IsStrict(expression)) return request(expression);
    const auto* call = std::get_if<CallExpression>(&expression->node);
    if (call != nullptr && (call->function == Function::kIsNull || call->function == Function::kIsNotNull)) {
      // Whether there is a value at all: a flag that is TRUE or NULL at the owner, NULL where nothing
      // matched.
      const ExpressionPtr there = std::make_shared<const Expression>(
          Expression{CaseExpression{{{MakeCall(Function::kIsNotNull, call->arguments, kBooleanType),
                                      MakeLiteral(true, kBooleanType)}},
                                    MakeLiteral(Null{}, kBooleanType)},
                     kBooleanType, expression->position});
      return MakeCall(call->function, {request(there)}, kBooleanType, expression->position);
    }
  }
  // Several owners: each computes its part.
  std::vector<ExpressionPtr> children;
  for (const ExpressionPtr& child : ChildrenOf(expression)) children.push_back(Localize(child, row_site));
  return WithChildren(expression, children);
}

absl::Status StarPlacement::CollectForms(CellsNode& cells, PhysicalPlan& plan) {
  int row_site = -1;
  FormCollector collector(columns_, sql_, [&](const SharedForm& form) {
    const int site = SiteOfColumn(form.column, row_site);
    if (site < 0) return;
    sites_[site].Share(form);
    if (row_site >= 0 && site != row_site && !Contains(expanded_[row_site], form.column)) {
      expanded_[row_site].push_back(form.column);
    }
  });

  std::vector<ExpressionPtr> joint;
  for (const ExpressionPtr& predicate : predicates_) {
    std::set<ColumnId> used;
    CollectColumns(predicate, used);
    std::set<int> sites;
    for (ColumnId column : used) sites.insert(SiteOfColumn(column, -1));
    if (sites.size() == 1 && *sites.begin() >= 0 && !sites_[*sites.begin()].optional) {
      sites_[*sites.begin()].predicates.push_back(predicate);
      continue;
    }
    joint.push_back(Localize(predicate, -1));
    CARE_RETURN_IF_ERROR(collector.Truth(joint.back()));
  }
  predicates_ = joint;

  for (const GroupDomain& group : cells.groups) {
    if (cells.method == GroupMethod::kOneHot) {
      sites_[SiteOfColumn(group.column, -1)].Share(
          {.column = group.column,
           .form = Form::kOneHot,
           .width = static_cast<std::uint32_t>(group.values.size())});
    } else {
      order_by_groups_.push_back(group.column);
    }
  }
  for (Measure& measure : cells.measures) {
    if (measure.value) {
      measure.value = Localize(measure.value, -1);
      const bool plain = std::holds_alternative<ColumnExpression>(measure.value->node);
      const bool joint_null =
          plain ? SiteOfColumn(std::get<ColumnExpression>(measure.value->node).column, -1) < 0 : true;
      CARE_RETURN_IF_ERROR(collector.Ring(measure.value, false));
      // A plain NULL is stored as zero; an expression over NULLs is not, so it is masked.
      if (joint_null && !plain && DerivedColumn(measure.value, columns_).nullable) {
        std::vector<ExpressionPtr> conditions{MakeCall(Function::kIsNotNull, {measure.value}, kBooleanType)};
        if (measure.condition) conditions.push_back(measure.condition);
        measure.condition = MakeConjunction(conditions);
      }
    }
    if (measure.condition) {
      measure.condition = Localize(measure.condition, -1);
      CARE_RETURN_IF_ERROR(collector.Truth(measure.condition));
    }
    for (ExpressionPtr& factor : measure.factors) {
      factor = Localize(factor, -1);
      CARE_RETURN_IF_ERROR(collector.Ring(factor, false));
    }
  }
  for (LeafPlan& planned : leaves_) {
    if (planned.level != Level::kRows) continue;
    row_site = planned.site;
    for (RowSum& sum : planned.row_sums) {
      sites_[row_site].Share({.column = sum.value, .form = Form::kOwned});
      if (!sum.condition) continue;
      sum.condition = Localize(sum.condition, row_site);
      CARE_RETURN_IF_ERROR(collector.Truth(sum.condition));
    }
    row_site = -1;
  }
  for (Site& site : sites_) {
    for (SharedForm& form : site.forms) {
      if (form.form != Form::kBits) continue;
      const ColumnInfo& info = columns_[form.column];
      const ComparisonRange* range = FindRange(collector.ranges(), info.type, info.type.scale);
      form.base = range->base;
      form.width = range->width;
    }
  }
  plan.comparison_ranges = collector.ranges();
  return absl::OkStatus();
}

PartyId StarPlacement::HelperFor(PartyId arm) const {
  for (PartyId party : catalog_.compute_parties) {
    if (party != spine_ && party != arm) return party;
  }
  return kNoParty;
}

void StarPlacement::Emit(CellsNode cells, PhysicalPlan& plan) {
  const auto add = [&](PhysicalNode node) {
    plan.nodes.push_back(std::move(node));
    return static_cast<NodeId>(plan.nodes.size() - 1);
  };
  const auto add_local = [&](const Site& site) {
    LocalNode local{.party = site.owner,
                    .fragment = site.Fragment(columns_),
                    .row_bound = site.row_bound,
                    .key = site.key,
                    .key_unique = site.kind != SiteKind::kRows};
    const ColumnInfo& key = columns_[site.key];
    const bool grouped = group_rows_site_ >= 0 && &site == &sites_[group_rows_site_];
    if (site.kind == SiteKind::kRows && !grouped && key.table >= 0 &&
        catalog_.tables[key.table].subject_column == key.table_column) {
      local.max_rows_per_key = catalog_.tables[key.table].max_rows_per_subject;
    }
    return add(std::move(local));
  };
  const NodeId spine = add_local(sites_[0]);
  const bool orders_keys = cells.method == GroupMethod::kBoundaries;
  const NodeId keys =
      add(KeysNode{spine, sites_[0].forms, orders_keys ? order_by_groups_ : std::vector<ColumnId>{}});
  for (const Site& site : sites_) {
    if (site.kind != SiteKind::kArm) continue;
    const NodeId arm = add_local(site);
    add(LookupNode{keys, arm, HelperFor(site.owner), site.optional, site.forms});
  }
  const auto form_of = [&](ColumnId column) {
    std::vector<SharedForm> forms;
    for (const Site& site : sites_) {
      if (site.kind == SiteKind::kRows) continue;
      for (const SharedForm& form : site.forms) {
        const bool comparable = form.form == Form::kBits || form.form == Form::kFlag;
        if (form.column == column && comparable) forms.push_back(form);
      }
    }
    return forms;
  };
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    const LeafPlan& planned = leaves_[i];
    if (planned.level != Level::kRows) continue;
    const NodeId local = add_local(sites_[planned.site]);
    RowsNode rows{local, keys, sites_[planned.site].forms, {}};
    for (ColumnId column : expanded_[planned.site]) {
      for (const SharedForm& form : form_of(column)) rows.expanded.push_back(form);
    }
    const NodeId row_space = add(std::move(rows));
    add(RowSumsNode{row_space, planned.row_sums});
  }
  for (const ExpressionPtr& predicate : predicates_) add(ConditionNode{keys, predicate});
  cells.source = keys;
  if (group_rows_site_ >= 0) {
    const NodeId local = add_local(sites_[group_rows_site_]);
    RowsNode rows{local, keys, {}, {}};
    for (ColumnId column : cells.measure_columns)
      rows.columns.push_back({.column = column, .form = Form::kOwned});
    cells.source = add(std::move(rows));
  }
  add(std::move(cells));
}

}  // namespace care::planner
