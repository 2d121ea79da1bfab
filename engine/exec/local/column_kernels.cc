#include "engine/exec/local/column_kernels.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::Function;
using KernelResult = absl::StatusOr<std::optional<Column>>;

constexpr std::int64_t kMinDay = -719162;  // 0001-01-01
constexpr std::int64_t kMaxDay = 2932896;  // 9999-12-31

Column Integers(const DataType& type, std::size_t rows) {
  Column column;
  column.type = type;
  column.integers.resize(rows);
  return column;
}

// NULL where any operand is; the cell below a NULL is 0.
void SpreadNulls(const std::vector<ColumnView>& operands, std::size_t rows, Column& result) {
  const bool any = std::any_of(operands.begin(), operands.end(), [](const ColumnView& v) { return v.may_be_null(); });
  if (!any) return;
  result.nulls.resize(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    bool null = false;
    for (const ColumnView& operand : operands) null |= operand.IsNull(row);
    result.nulls[row] = null ? 1 : 0;
    if (null) result.integers[row] = 0;
  }
}

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

struct Limits {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

Limits LimitsOf(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kSmallInt:
      return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case TypeKind::kInteger:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case TypeKind::kDate:
      return {kMinDay, kMaxDay};
    case TypeKind::kNumeric: {
      if (type.precision == 0 || type.precision > 18) return {};
      const auto limit = static_cast<std::int64_t>(PowerOfTen(type.precision) - 1);
      return {-limit, limit};
    }
    default:
      return {};
  }
}

absl::Status OutOfRange(const DataType& type) {
  return absl::OutOfRangeError(absl::StrCat(type.ToString(), " out of range"));
}

bool StoresIntegers(const ColumnView& view) { return !view.is_text() && !view.is_unknown(); }

template <class Operation>
KernelResult MapIntegers(const std::vector<ColumnView>& operands, const DataType& type, std::size_t rows,
                         Operation operation) {
  const Limits limits = LimitsOf(type);
  Column result = Integers(type, rows);
  const std::int64_t* left = operands[0].integers();
  const std::int64_t* right = operands.back().integers();
  const std::size_t left_step = operands[0].step();
  const std::size_t right_step = operands.back().step();
  bool fits = true;
  for (std::size_t row = 0; row < rows; ++row) {
    const Int128 value = operation(Int128{left[row * left_step]}, Int128{right[row * right_step]});
    fits &= value >= limits.low && value <= limits.high;
    result.integers[row] = static_cast<std::int64_t>(value);
  }
  SpreadNulls(operands, rows, result);
  // A cell beside a NULL may have left the range in vain; then the row form says so.
  if (!fits) return OutOfRange(type);
  return result;
}

KernelResult Arithmetic(Function function, const std::vector<ColumnView>& operands, const DataType& type,
                        std::size_t rows) {
  if (!std::all_of(operands.begin(), operands.end(), StoresIntegers)) return std::nullopt;
  const int scale = type.kind == TypeKind::kNumeric ? type.scale : 0;
  if (function == Function::kMultiply) {
    if (operands[0].scale() + operands[1].scale() != scale) return std::nullopt;
    return MapIntegers(operands, type, rows, [](Int128 a, Int128 b) { return a * b; });
  }
  const int left_shift = scale - operands[0].scale();
  const int right_shift = scale - operands.back().scale();
  if (left_shift < 0 || right_shift < 0 || left_shift > 18 || right_shift > 18) return std::nullopt;
  const Int128 left_factor = PowerOfTen(left_shift);
  const Int128 right_factor = PowerOfTen(right_shift);
  if (function == Function::kNegate) {
    return MapIntegers(operands, type, rows, [=](Int128 a, Int128) { return -a * left_factor; });
  }
  if (function == Function::kAdd) {
    return MapIntegers(operands, type, rows, [=](Int128 a, Int128 b) { return a * left_factor + b * right_factor; });
  }
  return MapIntegers(operands, type, rows, [=](Int128 a, Int128 b) { return a * left_factor - b * right_factor; });
}

template <class Compare>
Column CompareRows(const std::vector<ColumnView>& operands, std::size_t rows, Compare compare) {
  Column result = Integers(kBooleanType, rows);
  const ColumnView& left = operands[0];
  const ColumnView& right = operands[1];
  if (left.is_text()) {
    for (std::size_t row = 0; row < rows; ++row) {
      result.integers[row] = compare(left.Text(row).compare(right.Text(row)), 0) ? 1 : 0;
    }
  } else if (left.scale() == right.scale()) {
    const std::int64_t* a = left.integers();
    const std::int64_t* b = right.integers();
    for (std::size_t row = 0; row < rows; ++row) {
      result.integers[row] = compare(a[row * left.step()], b[row * right.step()]) ? 1 : 0;
    }
  } else {
    const int scale = std::max(left.scale(), right.scale());
    const Int128 left_factor = PowerOfTen(scale - left.scale());
    const Int128 right_factor = PowerOfTen(scale - right.scale());
    for (std::size_t row = 0; row < rows; ++row) {
      result.integers[row] = compare(left.Integer(row) * left_factor, right.Integer(row) * right_factor) ? 1 : 0;
    }
  }
  SpreadNulls(operands, rows, result);
  return result;
}

KernelResult Comparison(Function function, const std::vector<ColumnView>& operands, std::size_t rows) {
  const ColumnView& left = operands[0];
  const ColumnView& right = operands[1];
  if (left.is_unknown() || right.is_unknown() || left.is_text() != right.is_text()) return std::nullopt;
  if (std::abs(left.scale() - right.scale()) > 18) return std::nullopt;
  switch (function) {
    case Function::kEqual:
      return CompareRows(operands, rows, [](auto a, auto b) { return a == b; });
    case Function::kNotEqual:
      return CompareRows(operands, rows, [](auto a, auto b) { return a != b; });
    case Function::kLess:
      return CompareRows(operands, rows, [](auto a, auto b) { return a < b; });
    case Function::kLessOrEqual:
      return CompareRows(operands, rows, [](auto a, auto b) { return a <= b; });
    case Function::kGreater:
      return CompareRows(operands, rows, [](auto a, auto b) { return a > b; });
    default:
      return CompareRows(operands, rows, [](auto a, auto b) { return a >= b; });
  }
}

// AND: false beats NULL beats true. OR: true beats NULL beats false.
Column Connective(bool is_and, const std::vector<ColumnView>& operands, std::size_t rows) {
  Column result = Integers(kBooleanType, rows);
  std::vector<std::uint8_t> nulls(rows, 0);
  bool any_null = false;
  const std::int64_t decisive = is_and ? 0 : 1;
  for (std::size_t row = 0; row < rows; ++row) {
    bool decided = false;
    bool unknown = false;
    for (const ColumnView& operand : operands) {
      const bool null = operand.IsNull(row);
      unknown |= null;
      decided |= !null && operand.Integer(row) == decisive;
    }
    const bool null = unknown && !decided;
    any_null |= null;
    nulls[row] = null ? 1 : 0;
    result.integers[row] = null ? 0 : (decided ? decisive : 1 - decisive);
  }
  if (any_null) result.nulls = std::move(nulls);
  return result;
}

template <class Test>
Column TestRows(std::size_t rows, Test test) {
  Column result = Integers(kBooleanType, rows);
  for (std::size_t row = 0; row < rows; ++row) result.integers[row] = test(row) ? 1 : 0;
  return result;
}

// Copies cells of views that all store what `type` stores.
class ColumnChooser {
 public:
  ColumnChooser(const DataType& type, std::size_t rows) { result_.type = type; nulls_.resize(rows, 0); }

  static bool CanChoose(const std::vector<ColumnView>& views, const DataType& type) {
    const int scale = type.kind == TypeKind::kNumeric ? type.scale : 0;
    return std::all_of(views.begin(), views.end(), [&](const ColumnView& view) {
      return view.is_unknown() || (view.is_text() == (type.kind == TypeKind::kText) && view.scale() == scale);
    });
  }

  void Take(const ColumnView& view, std::size_t row) {
    const bool null = view.IsNull(row);
    nulls_[row] = null ? 1 : 0;
    any_null_ |= null;
    if (result_.type.kind == TypeKind::kText) {
      result_.texts.Append(null ? std::string_view() : view.Text(row));
    } else {
      result_.integers.push_back(view.Integer(row));
    }
  }

  Column Finish() && {
    if (any_null_) result_.nulls = std::move(nulls_);
    return std::move(result_);
  }

 private:
  Column result_;
  std::vector<std::uint8_t> nulls_;
  bool any_null_ = false;
};

std::optional<Column> Coalesce(const std::vector<ColumnView>& operands, const DataType& type, std::size_t rows) {
  if (!ColumnChooser::CanChoose(operands, type)) return std::nullopt;
  ColumnChooser chooser(type, rows);
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t choice = 0;
    while (choice + 1 < operands.size() && operands[choice].IsNull(row)) ++choice;
    chooser.Take(operands[choice], row);
  }
  return std::move(chooser).Finish();
}

}  // namespace

KernelResult RunKernel(Function function, const std::vector<ColumnView>& operands, const DataType& type,
                       std::size_t rows) {
  const ColumnView& first = operands[0];
  switch (function) {
    case Function::kAnd:
    case Function::kOr:
      return Connective(function == Function::kAnd, operands, rows);
    case Function::kNot: {
      if (!StoresIntegers(first)) return std::nullopt;
      return MapIntegers(operands, type, rows, [](Int128 a, Int128) { return 1 - a; });
    }
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessOrEqual:
    case Function::kGreater:
    case Function::kGreaterOrEqual:
      return Comparison(function, operands, rows);
    case Function::kIsNull:
    case Function::kIsUnknown:
      return TestRows(rows, [&](std::size_t row) { return first.IsNull(row); });
    case Function::kIsNotNull:
      return TestRows(rows, [&](std::size_t row) { return !first.IsNull(row); });
    case Function::kIsTrue:
      return TestRows(rows, [&](std::size_t row) { return !first.IsNull(row) && first.Integer(row) != 0; });
    case Function::kIsFalse:
      return TestRows(rows, [&](std::size_t row) { return !first.IsNull(row) && first.Integer(row) == 0; });
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kNegate:
      return Arithmetic(function, operands, type, rows);
    case Function::kDateAddDays:
    case Function::kDateDifference: {
      if (!StoresIntegers(first) || !StoresIntegers(operands[1]) || operands[1].scale() != 0) return std::nullopt;
      if (type.kind == TypeKind::kNumeric && type.scale != 0) return std::nullopt;
      if (function == Function::kDateAddDays) {
        return MapIntegers(operands, type, rows, [](Int128 a, Int128 b) { return a + b; });
      }
      return MapIntegers(operands, type, rows, [](Int128 a, Int128 b) { return a - b; });
    }
    case Function::kExtractYear:
    case Function::kExtractMonth:
    case Function::kExtractDay: {
      if (!StoresIntegers(first) || (type.kind == TypeKind::kNumeric && type.scale != 0)) return std::nullopt;
      return MapIntegers(operands, type, rows, [=](Int128 days, Int128) {
        const CivilDate date = CivilFromDays(static_cast<std::int32_t>(days));
        return Int128{function == Function::kExtractYear    ? date.year
                      : function == Function::kExtractMonth ? date.month
                                                            : date.day};
      });
    }
    case Function::kCoalesce:
      return Coalesce(operands, type, rows);
    default:
      return std::nullopt;
  }
}

absl::StatusOr<Column> AddInterval(const ColumnView& dates, Interval interval, const DataType& type,
                                   std::size_t rows) {
  Column result = Integers(type, rows);
  for (std::size_t row = 0; row < rows; ++row) {
    if (dates.IsNull(row)) continue;
    CARE_ASSIGN_OR_RETURN(const std::int32_t moved,
                          AddMonths(static_cast<std::int32_t>(dates.Integer(row)), interval.months));
    const std::int64_t days = std::int64_t{moved} + interval.days;
    if (days < kMinDay || days > kMaxDay) return absl::OutOfRangeError("date out of range");
    result.integers[row] = days;
  }
  SpreadNulls({dates}, rows, result);
  return result;
}

KernelResult CastNumbers(const ColumnView& operand, const DataType& to, std::size_t rows) {
  if (!operand.type().IsExactNumber() || !to.IsExactNumber()) return std::nullopt;
  const int shift = (to.kind == TypeKind::kNumeric ? to.scale : 0) - operand.scale();
  if (shift < 0 || shift > 18) return std::nullopt;
  const Int128 factor = PowerOfTen(shift);
  return MapIntegers({operand}, to, rows, [=](Int128 a, Int128) { return a * factor; });
}

Column InList(const ColumnView& operand, const Column& values, std::size_t rows) {
  bool list_has_null = false;
  std::vector<std::int64_t> integers;
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values.IsNull(i)) {
      list_has_null = true;
    } else if (operand.is_text()) {
      texts.push_back(values.texts[i]);
    } else {
      integers.push_back(values.integers[i]);
    }
  }
  std::sort(integers.begin(), integers.end());
  std::sort(texts.begin(), texts.end());
  Column result = Integers(kBooleanType, rows);
  result.nulls.resize(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const bool null = operand.IsNull(row);
    const bool found = !null && (operand.is_text()
                                     ? std::binary_search(texts.begin(), texts.end(), operand.Text(row))
                                     : std::binary_search(integers.begin(), integers.end(), operand.Integer(row)));
    result.integers[row] = found ? 1 : 0;
    result.nulls[row] = null || (!found && list_has_null) ? 1 : 0;
  }
  return result;
}

std::optional<Column> ChooseByCase(const std::vector<std::vector<std::uint8_t>>& conditions,
                                   const std::vector<ColumnView>& results, const DataType& type,
                                   std::size_t rows) {
  if (!ColumnChooser::CanChoose(results, type)) return std::nullopt;
  ColumnChooser chooser(type, rows);
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t choice = 0;
    while (choice < conditions.size() && conditions[choice][row] == 0) ++choice;
    chooser.Take(results[choice], row);
  }
  return std::move(chooser).Finish();
}

std::vector<std::uint8_t> TrueRows(const ColumnView& booleans, std::size_t rows) {
  std::vector<std::uint8_t> keep(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    keep[row] = !booleans.IsNull(row) && booleans.Integer(row) != 0 ? 1 : 0;
  }
  return keep;
}

Column RepeatedColumn(const Column& one, std::size_t rows) {
  Column result;
  result.type = one.type;
  const bool null = one.IsNull(0);
  if (one.type.kind == TypeKind::kText) {
    const std::string_view text = one.texts[0];
    result.texts.Reserve(rows, rows * text.size());
    for (std::size_t row = 0; row < rows; ++row) result.texts.Append(text);
  } else {
    result.integers.assign(rows, one.integers[0]);
  }
  if (null) result.nulls.assign(rows, 1);
  return result;
}

}  // namespace care::engine
