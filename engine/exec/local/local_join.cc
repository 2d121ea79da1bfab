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
#include "planner/logical/type_rules.h"

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

struct Key {
  Column left;
  Column right;
  bool null_matches = false;  // IS NOT DISTINCT FROM
};
struct Condition {
  std::vector<Key> keys;
  ExpressionPtr residual;  // null if there is none
};

absl::StatusOr<Condition> SplitCondition(const ExpressionPtr& condition, const ColumnBatch& left,
                                         const ColumnBatch& right) {
  Condition split;
  std::vector<ExpressionPtr> residual;
  for (const ExpressionPtr& conjunct : planner::SplitConjuncts(condition)) {
    if (const auto* literal = std::get_if<planner::LiteralExpression>(&conjunct->node)) {
      const bool* truth = std::get_if<bool>(&literal->value);
      if (truth != nullptr && *truth) continue;
    }
    const auto* call = std::get_if<planner::CallExpression>(&conjunct->node);
    const bool equality = call != nullptr &&
                          (call->function == planner::Function::kEqual ||
                           call->function == planner::Function::kIsNotDistinct) &&
                          SameStorage(call->arguments[0]->type, call->arguments[1]->type) &&
                          // A quotient's digits fit no column.
                          !planner::HasOpenScale(call->arguments[0]) && !planner::HasOpenScale(call->arguments[1]);
    std::optional<std::pair<ExpressionPtr, ExpressionPtr>> sides;
    if (equality && AllIn(call->arguments[0], left) && AllIn(call->arguments[1], right)) {
      sides = {call->arguments[0], call->arguments[1]};
    } else if (equality && AllIn(call->arguments[1], left) && AllIn(call->arguments[0], right)) {
      sides = {call->arguments[1], call->arguments[0]};
    }
    if (!sides) {
      residual.push_back(conjunct);
      continue;
    }
    Key key;
    CARE_ASSIGN_OR_RETURN(key.left, EvaluateExpression(sides->first, left));
    CARE_ASSIGN_OR_RETURN(key.right, EvaluateExpression(sides->second, right));
    key.null_matches = call->function == planner::Function::kIsNotDistinct;
    split.keys.push_back(std::move(key));
  }
  if (!residual.empty()) split.residual = planner::MakeConjunction(std::move(residual));
  return split;
}

struct Pairs {
  std::vector<RowNumber> left;
  std::vector<RowNumber> right;
};

// Finds the pairs that match, block by block: what a residual condition looks at is never more than a block of candidates,
// however large the product of both sides is.
class Matcher {
 public:
  Matcher(const Condition& condition, const ColumnBatch& left, const ColumnBatch& right)
      : condition_(condition), left_(left), right_(right), next_(right.rows, kNoRow) {
    if (condition.residual != nullptr) planner::CollectColumns(condition.residual, used_);
    std::string key;
    for (std::size_t row = 0; row < right.rows; ++row) {
      if (!KeyOf(/*of_left=*/false, row, key)) continue;
      const auto number = static_cast<RowNumber>(row);
      const auto [entry, added] = chains_.try_emplace(key, number, number);
      if (!added) {
        next_[entry->second.second] = number;
        entry->second.second = number;
      }
    }
  }

  absl::StatusOr<Pairs> Run() {
    std::string key;
    for (std::size_t row = 0; row < left_.rows; ++row) {
      if (!KeyOf(/*of_left=*/true, row, key)) continue;
      const auto chain = chains_.find(key);
      if (chain == chains_.end()) continue;
      for (RowNumber match = chain->second.first; match != kNoRow; match = next_[match]) {
        candidates_.left.push_back(static_cast<RowNumber>(row));
        candidates_.right.push_back(match);
        if (candidates_.left.size() >= kBlock) CARE_RETURN_IF_ERROR(Flush());
      }
    }
    CARE_RETURN_IF_ERROR(Flush());
    return std::move(found_);
  }

 private:
  static constexpr std::size_t kBlock = 1 << 16;

  // The row's key, or nothing if a part of it is NULL and so matches nothing.
  bool KeyOf(bool of_left, std::size_t row, std::string& key) const {
    key.clear();
    for (const Key& part : condition_.keys) {
      const Column& column = of_left ? part.left : part.right;
      if (column.IsNull(row) && !part.null_matches) return false;
      AppendKey(column, row, key);
    }
    return true;
  }

  absl::Status Flush() {
    std::vector<std::uint8_t> keep;
    if (condition_.residual != nullptr) {
      ColumnBatch block;
      block.rows = candidates_.left.size();
      Gather(left_, candidates_.left, block);
      Gather(right_, candidates_.right, block);
      CARE_ASSIGN_OR_RETURN(keep, EvaluatePredicate(condition_.residual, block));
    }
    for (std::size_t i = 0; i < candidates_.left.size(); ++i) {
      if (!keep.empty() && keep[i] == 0) continue;
      if (found_.left.size() >= kNoRow)
        return absl::ResourceExhaustedError("a join of a local fragment has too many rows");
      found_.left.push_back(candidates_.left[i]);
      found_.right.push_back(candidates_.right[i]);
    }
    candidates_ = {};
    return absl::OkStatus();
  }

  void Gather(const ColumnBatch& side, const std::vector<RowNumber>& rows, ColumnBatch& block) const {
    for (const planner::ColumnId id : used_) {
      const int position = side.FindColumn(connectors::ColumnName(id));
      if (position >= 0)
        block.columns.push_back(GatherColumn(side.columns[static_cast<std::size_t>(position)], rows));
    }
  }

  const Condition& condition_;
  const ColumnBatch& left_;
  const ColumnBatch& right_;
  std::set<planner::ColumnId> used_;
  // Right rows of one key, chained in order: head and tail by key, then the next by row.
  absl::flat_hash_map<std::string, std::pair<RowNumber, RowNumber>> chains_;
  std::vector<RowNumber> next_;
  Pairs candidates_;
  Pairs found_;
};

ColumnBatch Paired(const ColumnBatch& left, const ColumnBatch& right, const Pairs& pairs) {
  ColumnBatch result = GatherRows(left, pairs.left);
  ColumnBatch other = GatherRows(right, pairs.right);
  std::move(other.columns.begin(), other.columns.end(), std::back_inserter(result.columns));
  return result;
}

std::vector<RowNumber> RowsOutside(const std::vector<RowNumber>& matched, std::size_t rows) {
  std::vector<std::uint8_t> alone(rows, 1);
  for (const RowNumber row : matched) alone[row] = 0;
  return RowsWhere(alone);
}

}  // namespace

absl::StatusOr<ColumnBatch> EvaluateJoin(const planner::JoinNode& join, const ColumnBatch& left,
                                         const ColumnBatch& right) {
  CARE_ASSIGN_OR_RETURN(const Condition condition, SplitCondition(join.condition, left, right));
  CARE_ASSIGN_OR_RETURN(Pairs pairs, Matcher(condition, left, right).Run());
  switch (join.kind) {
    case JoinKind::kInner:
    case JoinKind::kCross:
      break;
    case JoinKind::kSemi: {
      std::vector<std::uint8_t> matched(left.rows, 0);
      for (const RowNumber row : pairs.left) matched[row] = 1;
      return GatherRows(left, RowsWhere(matched));
    }
    case JoinKind::kAnti:
      return GatherRows(left, RowsOutside(pairs.left, left.rows));
    case JoinKind::kLeft:
    case JoinKind::kFull: {
      // Rows without a partner follow, the other side's columns NULL.
      const std::vector<RowNumber> left_alone = RowsOutside(pairs.left, left.rows);
      std::vector<RowNumber> right_alone;
      if (join.kind == JoinKind::kFull) right_alone = RowsOutside(pairs.right, right.rows);
      pairs.left.insert(pairs.left.end(), left_alone.begin(), left_alone.end());
      pairs.right.resize(pairs.left.size(), kNoRow);
      pairs.right.insert(pairs.right.end(), right_alone.begin(), right_alone.end());
      pairs.left.resize(pairs.right.size(), kNoRow);
      break;
    }
  }
  return Paired(left, right, pairs);
}

}  // namespace care::engine
