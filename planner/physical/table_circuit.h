// planner/physical/table_circuit.h
//
// A bound expression over the columns of a shared table as one Boolean circuit: three-valued logic, comparisons, CASE,
// narrow arithmetic and calendar functions, with everything that is public folded away. The executor evaluates it on all
// slots at once (engine/exec/tables/table_evaluator.h), table_cost.h prices it, and table_expressions.h asks of it whether
// an expression can be computed jointly at all; so the three cannot disagree.
//
// Wide products, and sums of columns that are shared in the ring, are computed there instead and enter the circuit as bits.
// Which way an expression takes follows from which forms its columns have: adding up is free in the ring and comparing is
// cheap in bits; from the ring to bits costs an adder, and the way back several.
//
// NULL: a bit beside each value says whether it is known. A truth value is two bits, "is true" and "is false".
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/logical/expression.h"
#include "planner/logical/logical_plan.h"
#include "planner/physical/divide_values.h"
#include "planner/physical/value_circuits.h"

namespace care::planner {

// Which forms a column of the table has, and whether it has a null plane.
struct ColumnForms {
  bool bits = true;
  bool ring = false;
  bool nullable = false;
};
using FormsOfColumn = std::function<ColumnForms(ColumnId)>;
// Bits only, nullable as the plan says.
FormsOfColumn BitsOnly(const std::vector<ColumnInfo>& columns);

// What stands at a range of the circuit's inputs, in this order.
struct CircuitInput {
  enum class Kind : std::uint8_t { kBits, kNullPlane, kRing };
  Kind kind = Kind::kBits;
  ColumnId column = 0;       // kBits, kNullPlane
  ExpressionPtr expression;  // kRing: its value in the ring less `base`, in bits
  std::int64_t base = 0;
  unsigned width = 1;
};

// Whether the expression's value is computed in the ring, if bits are not asked for.
bool ComputesInRing(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns, const FormsOfColumn& forms);
// Digits after the point of the stored integers.
int StoredScale(const DataType& type);
// A literal as the stored integer of a scale; nothing for NULL, for what has more digits, and for what is no literal.
std::optional<std::int64_t> StoredLiteral(const ExpressionPtr& expression, int scale);

class TableCircuit {
 public:
  // Errors have a position in `sql`, unless it is empty.
  TableCircuit(const std::vector<ColumnInfo>& columns, FormsOfColumn forms, mpc::CompareDepth depth,
               std::string_view sql = {})
      : columns_(columns), forms_(std::move(forms)), depth_(depth), sql_(sql) {}

  // What the circuit yields: asked for first, in this order, then Build.
  void AskTrue(ExpressionPtr expression);                               // 1 plane: is true
  void AskKnown(ExpressionPtr expression);                              // 1 plane: is not NULL
  void AskValue(ExpressionPtr expression, SharedValueShape shape);      // its planes, zero where NULL
  void AskSelectors(ExpressionPtr expression);  // CASE, COALESCE: a plane a result, the default's too: it is this one

  // InvalidArgument, naming the construct, if it cannot be computed jointly.
  absl::Status Build();

  const std::vector<CircuitInput>& inputs() const { return inputs_; }
  const mpc::BooleanCircuit& circuit() const { return *circuit_; }

 private:
  struct Truth {
    CircuitBit yes;
    CircuitBit no;
  };
  struct Ask {
    enum class Kind : std::uint8_t { kTrue, kKnown, kValue, kSelectors } kind;
    ExpressionPtr expression;
    SharedValueShape shape;
  };

  absl::Status BuildOnce(unsigned input_count);
  absl::Status Answer(const Ask& ask);
  CircuitBits Inputs(CircuitInput input);

  // --- table_circuit.cc: truth values and NULLs.
  absl::StatusOr<Truth> TruthOf(const ExpressionPtr& expression);
  absl::StatusOr<Truth> MakeTruth(const ExpressionPtr& expression);
  absl::StatusOr<Truth> Logic(const CallExpression& call);
  absl::StatusOr<CircuitBit> Known(const ExpressionPtr& expression);
  CircuitBit KnownOf(const Truth& truth);
  CircuitBit NullPlane(ColumnId column);

  // --- table_circuit_compare.cc
  struct Relation {
    CircuitBit less;   // meaningless where a value is NULL
    CircuitBit equal;
    CircuitBit known;  // of both
  };
  absl::StatusOr<Relation> Relate(const ExpressionPtr& left, const ExpressionPtr& right, bool order);
  absl::StatusOr<Relation> RelateToLiteral(const CircuitValue& value, const ExpressionPtr& literal, bool order);
  // A hash has no order.
  absl::Status CheckOrder(const ExpressionPtr& expression, const CircuitValue& value) const;
  absl::StatusOr<Truth> Compare(const CallExpression& call);
  absl::StatusOr<Truth> Distinct(const CallExpression& call);
  absl::StatusOr<Truth> InList(const ExpressionPtr& expression);
  absl::StatusOr<std::pair<CircuitValue, CircuitValue>> BroughtTogether(const CircuitValue& a, const CircuitValue& b);

  // --- table_circuit_values.cc
  absl::StatusOr<CircuitValue> ValueOf(const ExpressionPtr& expression);
  absl::StatusOr<CircuitValue> MakeValue(const ExpressionPtr& expression);
  absl::StatusOr<CircuitValue> ColumnValue(const ExpressionPtr& expression, ColumnId column);
  absl::StatusOr<CircuitValue> RingValue(const ExpressionPtr& expression);
  absl::StatusOr<CircuitValue> LiteralValue(const ExpressionPtr& expression);
  absl::StatusOr<CircuitValue> CallValue(const ExpressionPtr& expression, const CallExpression& call);
  absl::StatusOr<CircuitValue> Cast(const ExpressionPtr& expression, const CastExpression& cast);

  // --- table_circuit_rounding.cc
  absl::StatusOr<CircuitValue> Divided(const ExpressionPtr& expression, const CallExpression& call);
  absl::StatusOr<CircuitValue> Rounded(const ExpressionPtr& expression, const CallExpression& call);
  // The value with as many digits, or the quotient that it is.
  absl::StatusOr<CircuitValue> RoundedAt(const ExpressionPtr& expression, int scale, Rounding rounding);

  // --- table_circuit_choices.cc
  absl::StatusOr<std::vector<CircuitBit>> Selectors(const ExpressionPtr& expression);
  absl::StatusOr<CircuitValue> Choice(const ExpressionPtr& expression, const std::vector<ExpressionPtr>& results,
                                      const std::vector<CircuitBit>& selectors);
  absl::StatusOr<CircuitValue> Extreme(const ExpressionPtr& expression, const CallExpression& call);

  // --- table_circuit_dates.cc
  absl::StatusOr<CircuitValue> DateFunction(const ExpressionPtr& expression, const CallExpression& call);
  // table_circuit_timestamps.cc
  absl::StatusOr<CircuitValue> TimestampFunction(const ExpressionPtr& expression, const CallExpression& call);
  absl::StatusOr<CircuitValue> DayOfTimestamp(const CircuitValue& timestamp);
  // The value that `function` has for each number in the range; few steps are cheap.
  absl::StatusOr<CircuitValue> Steps(const ExpressionPtr& expression, const CircuitValue& argument,
                                     const std::function<std::optional<std::int64_t>(std::int64_t)>& function);

  // "... over columns of several owners is not supported yet"; and any other reason.
  absl::Status Refuse(const ExpressionPtr& expression, std::string_view what) const;
  absl::Status Because(const ExpressionPtr& expression, const absl::Status& reason) const;

  const std::vector<ColumnInfo>& columns_;
  FormsOfColumn forms_;
  mpc::CompareDepth depth_;
  std::string_view sql_;
  std::vector<Ask> asks_;
  std::optional<mpc::BooleanCircuit> circuit_;
  std::vector<CircuitInput> inputs_;
  unsigned used_inputs_ = 0;
  std::map<const Expression*, CircuitValue> values_;
  std::map<const Expression*, Truth> truths_;
  std::map<ColumnId, CircuitBits> column_bits_;
  std::map<ColumnId, CircuitBit> null_planes_;
};

}  // namespace care::planner
