// Function calls as SQL, with their orders, filters and windows.
#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "grammar/ast_print.h"
#include "grammar/ast_printer.h"

namespace care::sql {
namespace {

// Names that are calls of their own kind in the grammar, so a function of that name is quoted; and those
// reserved words that may name a function.
std::string PrintFunctionName(std::string_view name) {
  static constexpr std::array<std::string_view, 11> kQuoted = {"between",   "character", "exists", "extract",
                                                               "interval",  "position",  "row",    "time",
                                                               "timestamp", "trim",      "values"};
  static constexpr std::array<std::string_view, 2> kBare = {"left", "right"};
  if (std::find(kBare.begin(), kBare.end(), name) != kBare.end()) return std::string(name);
  if (std::find(kQuoted.begin(), kQuoted.end(), name) != kQuoted.end()) {
    return absl::StrCat("\"", std::string(name), "\"");
  }
  return PrintName(name);
}

}  // namespace

void AstPrinter::AddOrderBy(const std::vector<OrderItem>& items) {
  for (std::size_t index = 0; index < items.size(); ++index) {
    const OrderItem& item = items[index];
    Text(index == 0 ? "ORDER BY " : ", ");
    Add(*item.expression);
    if (item.descending) Text(" DESC");
    if (item.nulls_first.has_value()) Text(*item.nulls_first ? " NULLS FIRST" : " NULLS LAST");
  }
}

void AstPrinter::AddBound(const FrameBound& bound) {
  switch (bound.kind) {
    case FrameBoundKind::kUnboundedPreceding:
      return Text("UNBOUNDED PRECEDING");
    case FrameBoundKind::kUnboundedFollowing:
      return Text("UNBOUNDED FOLLOWING");
    case FrameBoundKind::kCurrentRow:
      return Text("CURRENT ROW");
    case FrameBoundKind::kPreceding:
    case FrameBoundKind::kFollowing:
      Add(*bound.distance);
      return Text(bound.kind == FrameBoundKind::kPreceding ? " PRECEDING" : " FOLLOWING");
  }
}

void AstPrinter::AddWindow(const WindowSpecification& window) {
  if (!window.parenthesized) return Text(PrintName(window.base_window));
  std::string_view separator = "";
  const auto next = [&] {
    Text(separator);
    separator = " ";
  };
  Text("(");
  if (!window.base_window.empty()) {
    next();
    Text(absl::StrCat("\"", absl::StrReplaceAll(window.base_window, {{"\"", "\"\""}}), "\""));
  }
  if (!window.partition_by.empty()) {
    next();
    Text("PARTITION BY ");
    AddList(window.partition_by);
  }
  if (!window.order_by.empty()) {
    next();
    AddOrderBy(window.order_by);
  }
  if (window.frame.has_value()) {
    next();
    const FrameUnit unit = window.frame->unit;
    Text(unit == FrameUnit::kRows ? "ROWS" : unit == FrameUnit::kRange ? "RANGE" : "GROUPS");
    Text(" BETWEEN ");
    AddBound(window.frame->start);
    Text(" AND ");
    AddBound(window.frame->end);
  }
  Text(")");
}

void AstPrinter::AddNode(const FunctionCall& call) {
  const bool moment = call.name == "current_date" || call.name == "current_timestamp" || call.name == "localtimestamp";
  if (moment && call.arguments.empty()) return Text(absl::AsciiStrToUpper(call.name));
  Text(PrintFunctionName(call.name) + "(");
  if (call.star) Text("*");
  if (call.distinct) Text("DISTINCT ");
  AddList(call.arguments);
  if (!call.order_by.empty()) {
    Text(" ");
    AddOrderBy(call.order_by);
  }
  Text(")");
  if (!call.within_group_order_by.empty()) {
    Text(" WITHIN GROUP (");
    AddOrderBy(call.within_group_order_by);
    Text(")");
  }
  if (call.filter != nullptr) {
    Text(" FILTER (WHERE ");
    Add(*call.filter);
    Text(")");
  }
  if (call.over != nullptr) {
    Text(" OVER ");
    AddWindow(*call.over);
  }
}

}  // namespace care::sql
