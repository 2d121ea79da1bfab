#include "engine/exec/local/local_join.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "connectors/connector.h"
#include "engine/exec/local/expression_evaluator.h"
#include "engine/exec/local/row_operations.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::ExpressionPtr;
using planner::JoinKind;

bool AllIn(const ExpressionPtr& expression, const ColumnBatch& batch) {
  std::set<planner::ColumnId> used;
  planner::CollectColumns(expression, used);
  return !used.empty() && std::all_of(used.begin(), used.end(), [&](planner::ColumnId id) {
    return batch.FindColumn(connectors::ColumnName(id)) >= 0;
  });
}

bool SameStorage(const DataType& a, const DataType& b) {
  if (a.IsExactNumber() && b.IsExactNumber()) {
    return (a.kind == TypeKind::kNumeric ? a.scale : 0) == (b.kind == TypeKind::kNumeric ? b.scale : 0);
  }
  return a.kind == b.kind;
}

struct Keys {
  std::vector<Column> left;
  std::vector<Column> right;
  std::vector<ExpressionPtr> residual;
};

absl::StatusOr<Keys> SplitCondition(const ExpressionPtr& condition, const ColumnBatch& left,
                                    const ColumnBatch& right) {
  Keys keys;
  for (const ExpressionPtr& conjunct : planner::SplitConjuncts(condition)) {
    const auto* call = std::get_if<planner::CallExpression>(&conjunct->node);
    const bool equality = call != nullptr && call->function == planner::Function::kEqual &&
                          SameStorage(call->arguments[0]->type, call->arguments[1]->type);
    std::optional<std::pair<ExpressionPtr, ExpressionPtr>> sides;
    if (equality && AllIn(call->arguments[0], left) && AllIn(call->arguments[1], right)) {
      sides = {call->arguments[0], call->arguments[1]};
    } else if (equality && AllIn(call->arguments[1], left) && AllIn(call->arguments[0], right)) {
      sides = {call->arguments[1], call->arguments[0]};
    }
    if (!sides) {
      keys.residual.push_back(conjunct);
      continue;
    }
    CARE_ASSIGN_OR_RETURN(Column left_key, EvaluateExpression(sides->first, left));
    CARE_ASSIGN_OR_RETURN(Column right_key, EvaluateExpression(sides->second, right));
    keys.left.push_back(std::move(left_key));
    keys.right.push_back(std::move(right_key));
  }
  return keys;
}

// The row's key, or nothing if a part of it is NULL.
bool KeyOf(const std::vector<Column>& columns, std::size_t row, std::string& key) {
  key.clear();
  for (const Column& column : columns) {
    if (column.IsNull(row)) return false;
    AppendKey(column, row, key);
  }
  return true;
}

struct Pairs {
  std::vector<RowNumber> left;
  std::vector<RowNumber> right;
};

Pairs MatchingPairs(const Keys& keys, std::size_t left_rows, std::size_t right_rows) {
  // Rows of one key are chained in order: head by key, then next by row.
  absl::flat_hash_map<std::string, std::pair<RowNumber, RowNumber>> chains;  // first and last row
  std::vector<RowNumber> next(right_rows, kNoRow);
  std::string key;
  for (std::size_t row = 0; row < right_rows; ++row) {
    if (!KeyOf(keys.right, row, key)) continue;
    const auto number = static_cast<RowNumber>(row);
    const auto [entry, added] = chains.try_emplace(key, number, number);
    if (!added) {
      next[entry->second.second] = number;
      entry->second.second = number;
    }
  }
  Pairs pairs;
  for (std::size_t row = 0; row < left_rows; ++row) {
    if (!KeyOf(keys.left, row, key)) continue;
    const auto chain = chains.find(key);
    if (chain == chains.end()) continue;
    for (RowNumber match = chain->second.first; match != kNoRow; match = next[match]) {
      pairs.left.push_back(static_cast<RowNumber>(row));
      pairs.right.push_back(match);
    }
  }
  return pairs;
}

ColumnBatch Paired(const ColumnBatch& left, const ColumnBatch& right, const Pairs& pairs) {
  ColumnBatch result = GatherRows(left, pairs.left);
  ColumnBatch other = GatherRows(right, pairs.right);
  std::move(other.columns.begin(), other.columns.end(), std::back_inserter(result.columns));
  return result;
}

}  // namespace

absl::StatusOr<ColumnBatch> EvaluateJoin(const planner::JoinNode& join, const ColumnBatch& left,
                                         const ColumnBatch& right) {
  if (join.kind == JoinKind::kFull) return absl::UnimplementedError("FULL JOIN is not supported yet");
  CARE_ASSIGN_OR_RETURN(const Keys keys, SplitCondition(join.condition, left, right));
  Pairs pairs = MatchingPairs(keys, left.rows, right.rows);
  ColumnBatch joined = Paired(left, right, pairs);
  if (!keys.residual.empty()) {
    CARE_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> keep,
                          EvaluatePredicate(planner::MakeConjunction(keys.residual), joined));
    const std::vector<RowNumber> kept = RowsWhere(keep);
    joined = GatherRows(joined, kept);
    Pairs surviving;
    for (RowNumber row : kept) surviving.left.push_back(pairs.left[row]);
    pairs = std::move(surviving);
  }
  if (join.kind == JoinKind::kInner || join.kind == JoinKind::kCross) return joined;
  std::vector<std::uint8_t> matched(left.rows, 0);
  for (RowNumber row : pairs.left) matched[row] = 1;
  if (join.kind == JoinKind::kSemi) return GatherRows(left, RowsWhere(matched));
  for (std::uint8_t& flag : matched) flag = 1 - flag;
  const std::vector<RowNumber> alone = RowsWhere(matched);
  if (join.kind == JoinKind::kAnti) return GatherRows(left, alone);
  // Left: the rows without a partner follow, their right side NULL.
  const ColumnBatch rest = Paired(left, right, {alone, std::vector<RowNumber>(alone.size(), kNoRow)});
  for (std::size_t i = 0; i < joined.columns.size(); ++i) {
    for (std::size_t row = 0; row < rest.rows; ++row) joined.columns[i].Append(rest.columns[i].At(row));
  }
  joined.rows += rest.rows;
  return joined;
}

}  // namespace care::engine
