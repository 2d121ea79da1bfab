#include "planner/physical/site.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "planner/physical/joint_expressions.h"

namespace care::planner {

ColumnId Site::Request(const ExpressionPtr& expression, std::vector<ColumnInfo>& columns) {
  for (const NamedExpression& output : outputs_) {
    if (SameExpression(output.expression, expression)) return output.column;
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    outputs_.push_back({column->column, expression});
    return column->column;
  }
  ColumnInfo info = DerivedColumn(expression, columns);
  info.name = PrintExpression(expression, columns);
  columns.push_back(std::move(info));
  const auto id = static_cast<ColumnId>(columns.size() - 1);
  outputs_.push_back({id, expression});
  return id;
}

void Site::Share(const SharedForm& form) {
  for (SharedForm& existing : forms) {
    if (existing.column == form.column && existing.form == form.form) {
      existing.null_plane = existing.null_plane || form.null_plane;
      return;
    }
  }
  forms.push_back(form);
}

LogicalPtr Site::Fragment(const std::vector<ColumnInfo>& columns) const {
  std::vector<ExpressionPtr> conjuncts = predicates;
  if (columns[key].nullable) {
    conjuncts.push_back(MakeCall(Function::kIsNotNull, {MakeColumn(key, columns[key].type)}, kBooleanType));
  }
  LogicalPtr node = base;
  if (!conjuncts.empty()) node = MakeNode(FilterNode{node, MakeConjunction(conjuncts)});
  ProjectNode project{node, {}};
  project.columns.push_back({key, MakeColumn(key, columns[key].type)});
  for (const NamedExpression& output : outputs_) {
    if (output.column != key) project.columns.push_back(output);
  }
  return MakeNode(std::move(project));
}

}  // namespace care::planner
