// Joins of released rows, among them the answers of scalar subqueries, which have one row. A pair whose condition is hidden
// stays and is uncertain; where an outer join keeps the row anyway, what it may have been paired with is hidden instead.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/exec/finish_operators.h"
#include "engine/exec/local/scalar.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::JoinKind;

constexpr std::uint64_t kMostPairs = 20'000'000;  // nested loops: seconds

constexpr std::size_t kMostCells = 5'000'000;     // some 300 MB
constexpr RowIndex kHiddenRow = kNoRowIndex - 1;  // one or none: nobody can tell

enum class Match : std::uint8_t { kNo, kPerhaps, kYes };

// The equality of two plain columns, by which candidates are found; other conjuncts are looked at pair by pair.
struct Equality {
  const ReleasedColumn* left = nullptr;
  const ReleasedColumn* right = nullptr;
};

const ReleasedColumn* ColumnIn(const planner::ExpressionPtr& expression, const ReleasedRows& rows) {
  const auto* plain = std::get_if<planner::ColumnExpression>(&expression->node);
  if (plain == nullptr) return nullptr;
  for (const ReleasedColumn& column : rows.columns) {
    if (column.column == plain->column) return &column;
  }
  return nullptr;
}

class Joiner {
 public:
  Joiner(const planner::JoinNode& join, const ReleasedRows& left, const ReleasedRows& right)
      : join_(join), left_(left), right_(right), right_matched_(right.rows, 0) {
    for (const ReleasedColumn& column : left.columns) columns_[column.column] = {&column, &left_row_};
    for (const ReleasedColumn& column : right.columns) columns_[column.column] = {&column, &right_row_};
    for (const planner::ExpressionPtr& conjunct : planner::SplitConjuncts(join.condition)) {
      std::set<planner::ColumnId> used;
      planner::CollectColumns(conjunct, used);
      conjuncts_.push_back({conjunct, std::move(used)});
      const auto* call = std::get_if<planner::CallExpression>(&conjunct->node);
      if (equality_.left != nullptr || call == nullptr || call->function != planner::Function::kEqual)
        continue;
      for (const auto& [a, b] : {std::pair{0, 1}, std::pair{1, 0}}) {
        const ReleasedColumn* of_left = ColumnIn(call->arguments[a], left);
        const ReleasedColumn* of_right = ColumnIn(call->arguments[b], right);
        // Keys of doubles and of exact numbers are written differently.
        const bool alike = (call->arguments[0]->type.IsFloat()) ==
                           (call->arguments[1]->type.IsFloat());
        if (of_left != nullptr && of_right != nullptr && alike) equality_ = {of_left, of_right};
      }
    }
  }

  absl::StatusOr<ReleasedRows> Run() {
    IndexRight();
    const bool keeps_left = join_.kind == JoinKind::kLeft || join_.kind == JoinKind::kFull;
    const bool tests = join_.kind == JoinKind::kSemi || join_.kind == JoinKind::kAnti;
    for (left_row_ = 0; left_row_ < left_.rows; ++left_row_) {
      const std::size_t first = out_left_.size();
      CARE_ASSIGN_OR_RETURN(const Match best, RunRow(/*emits=*/!tests));
      if (tests) {
        const bool stays = join_.kind == JoinKind::kSemi ? best != Match::kNo : best != Match::kYes;
        if (stays) Emit(left_row_, kNoRowIndex, best == Match::kPerhaps);
      } else if (keeps_left && best == Match::kNo) {
        Emit(left_row_, kNoRowIndex, /*perhaps=*/false);
      } else if (keeps_left && best == Match::kPerhaps) {
        // Paired with one of these or with none, the row stands.
        out_right_[first] = kHiddenRow;
        uncertain_[first] = left_.IsUncertain(left_row_) ? 1 : 0;
      }
    }
    if (join_.kind == JoinKind::kFull) {
      for (std::size_t row = 0; row < right_.rows; ++row) {
        const auto match = static_cast<Match>(right_matched_[row]);
        if (match != Match::kYes) Emit(kNoRowIndex, static_cast<RowIndex>(row), match == Match::kPerhaps);
      }
    }
    return Result(!tests);
  }

 private:
  void IndexRight() {
    if (equality_.left == nullptr) return;
    std::string key;
    for (std::size_t row = 0; row < right_.rows; ++row) {
      if (equality_.right->IsHidden(row)) {
        hidden_right_.push_back(static_cast<RowIndex>(row));
        continue;
      }
      key.clear();
      AppendValueKey(equality_.right->values[row], key);
      index_[key].push_back(static_cast<RowIndex>(row));
    }
  }

  absl::StatusOr<Match> RunRow(bool emits) {
    Match best = Match::kNo;
    const auto visit = [&](RowIndex row) -> absl::Status {
      right_row_ = row;
      if (++pairs_ > kMostPairs) {
        return absl::ResourceExhaustedError(
            "a join of released results looks at too many pairs of rows; join on an equality of two columns");
      }
      CARE_ASSIGN_OR_RETURN(const Match match, MatchPair());
      if (match == Match::kNo) return absl::OkStatus();
      // What a row that perhaps stands matches is perhaps matched. Of a pair the rows' own uncertainty is kept by Emit.
      if (emits) Emit(left_row_, row, match == Match::kPerhaps);
      if (out_left_.size() * columns_.size() > kMostCells) {
        return absl::ResourceExhaustedError("a join of released results yields too many rows; join on an equality of two columns");
      }
      const bool left_perhaps = left_.IsUncertain(left_row_) || match == Match::kPerhaps;
      right_matched_[row] = std::max(right_matched_[row],
                                     static_cast<std::uint8_t>(left_perhaps ? Match::kPerhaps : Match::kYes));
      best = std::max(best, right_.IsUncertain(row) ? Match::kPerhaps : match);
      return absl::OkStatus();
    };
    if (equality_.left == nullptr || equality_.left->IsHidden(left_row_)) {
      for (std::size_t row = 0; row < right_.rows; ++row)
        CARE_RETURN_IF_ERROR(visit(static_cast<RowIndex>(row)));
      return best;
    }
    std::string key;
    AppendValueKey(equality_.left->values[left_row_], key);
    if (const auto found = index_.find(key); found != index_.end()) {
      for (const RowIndex row : found->second) CARE_RETURN_IF_ERROR(visit(row));
    }
    for (const RowIndex row : hidden_right_) CARE_RETURN_IF_ERROR(visit(row));
    return best;
  }

  absl::StatusOr<Match> MatchPair() {
    const ColumnLookup lookup = [this](planner::ColumnId id) -> absl::StatusOr<Value> {
      const auto found = columns_.find(id);
      if (found == columns_.end())
        return absl::InternalError("a released expression names an unknown column");
      return found->second.first->values[*found->second.second];
    };
    Match match = Match::kYes;
    for (const auto& [conjunct, used] : conjuncts_) {
      bool hidden = false;
      for (const planner::ColumnId id : used) {
        const auto found = columns_.find(id);
        hidden = hidden || (found != columns_.end() && found->second.first->IsHidden(*found->second.second));
      }
      if (hidden) {
        match = Match::kPerhaps;
        continue;
      }
      CARE_ASSIGN_OR_RETURN(const Value truth, EvaluateScalar(conjunct, lookup));
      const bool* passes = std::get_if<bool>(&truth);
      if (passes == nullptr || !*passes) return Match::kNo;
    }
    return match;
  }

  void Emit(RowIndex left, RowIndex right, bool perhaps) {
    out_left_.push_back(left);
    out_right_.push_back(right);
    const bool uncertain = perhaps || (left != kNoRowIndex && left_.IsUncertain(left)) ||
                           (right != kNoRowIndex && right_.IsUncertain(right));
    uncertain_.push_back(uncertain ? 1 : 0);
    any_uncertain_ = any_uncertain_ || uncertain;
  }

  // Where groups are missing, a row without a partner may have had one of them.
  static ReleasedColumn Gather(const ReleasedColumn& column, const std::vector<RowIndex>& rows, bool incomplete) {
    ReleasedColumn gathered{.column = column.column};
    gathered.values.reserve(rows.size());
    for (const RowIndex row : rows) {
      const bool none = row == kNoRowIndex || row == kHiddenRow;
      const bool hidden = none ? incomplete || row == kHiddenRow : column.IsHidden(row);
      gathered.Append(none ? Value(Null{}) : column.values[row], hidden);
    }
    return gathered;
  }

  ReleasedRows Result(bool with_right) {
    ReleasedRows result;
    result.rows = out_left_.size();
    result.incomplete = left_.incomplete || right_.incomplete;
    for (const ReleasedColumn& column : left_.columns)
      result.columns.push_back(Gather(column, out_left_, left_.incomplete));
    if (with_right) {
      for (const ReleasedColumn& column : right_.columns)
        result.columns.push_back(Gather(column, out_right_, right_.incomplete));
    }
    if (any_uncertain_) result.uncertain = std::move(uncertain_);
    return result;
  }

  const planner::JoinNode& join_;
  const ReleasedRows& left_;
  const ReleasedRows& right_;
  RowIndex left_row_ = 0;
  RowIndex right_row_ = 0;
  absl::flat_hash_map<planner::ColumnId, std::pair<const ReleasedColumn*, const RowIndex*>> columns_;
  std::vector<std::pair<planner::ExpressionPtr, std::set<planner::ColumnId>>> conjuncts_;
  Equality equality_;
  absl::flat_hash_map<std::string, std::vector<RowIndex>> index_;
  std::vector<RowIndex> hidden_right_;
  std::vector<std::uint8_t> right_matched_;
  std::vector<RowIndex> out_left_;
  std::vector<RowIndex> out_right_;
  std::vector<std::uint8_t> uncertain_;
  bool any_uncertain_ = false;
  std::uint64_t pairs_ = 0;
};

}  // namespace

absl::StatusOr<ReleasedRows> FinishJoin(const planner::JoinNode& join, const ReleasedRows& left,
                                        const ReleasedRows& right) {
  return Joiner(join, left, right).Run();
}

}  // namespace care::engine
