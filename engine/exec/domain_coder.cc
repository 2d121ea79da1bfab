#include "engine/exec/domain_coder.h"

#include <numeric>

#include "connectors/connector.h"
#include "engine/types/check.h"

namespace care::engine {
namespace {

constexpr std::size_t kShort = 7;

// A text of up to seven bytes and its length.
std::uint64_t ShortText(std::string_view text) {
  std::uint64_t word = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * i + 8);
  }
  return word;
}

}  // namespace

DomainCoder::DomainCoder(const planner::GroupDomain& domain) {
  for (std::size_t code = 0; code < domain.values.size(); ++code) {
    const Value& value = domain.values[code];
    if (const auto* text = std::get_if<std::string>(&value)) {
      texts_.emplace(*text, static_cast<int>(code));
      if (text->size() <= kShort) short_texts_.emplace(ShortText(*text), static_cast<int>(code));
    } else if (const auto* boolean = std::get_if<bool>(&value)) {
      integers_.emplace(*boolean ? 1 : 0, static_cast<int>(code));
    } else {
      integers_.emplace(std::get<std::int64_t>(value), static_cast<int>(code));
    }
  }
  if (domain.has_null) null_code_ = static_cast<int>(domain.values.size());
}

int DomainCoder::CodeOf(const Column& column, std::size_t row) const {
  if (column.IsNull(row)) return null_code_;
  if (column.type.kind == TypeKind::kText) {
    const std::string_view text = column.texts[row];
    if (text.size() <= kShort) {
      const auto found = short_texts_.find(ShortText(text));
      return found == short_texts_.end() ? -1 : found->second;
    }
    const auto found = texts_.find(absl::string_view(text.data(), text.size()));
    return found == texts_.end() ? -1 : found->second;
  }
  const auto found = integers_.find(column.integers[row]);
  return found == integers_.end() ? -1 : found->second;
}

std::vector<std::int64_t> CellsOfRows(const ColumnBatch& batch,
                                      const std::vector<planner::GroupDomain>& groups) {
  std::vector<std::int64_t> cells(batch.rows, 0);
  for (const planner::GroupDomain& group : groups) {
    const int position = batch.FindColumn(connectors::ColumnName(group.column));
    CARE_CHECK(position >= 0);
    const DomainCoder coder(group);
    for (std::size_t row = 0; row < batch.rows; ++row) {
      const int code = coder.CodeOf(batch.columns[position], row);
      cells[row] = code < 0 || cells[row] < 0 ? -1 : cells[row] * group.size() + code;
    }
  }
  return cells;
}

std::vector<std::uint32_t> EndsOfCells(const std::vector<std::int64_t>& cell_of_row,
                                       const std::vector<planner::GroupDomain>& groups) {
  std::size_t cells = 1;
  for (const planner::GroupDomain& group : groups) cells *= group.size();
  std::vector<std::uint32_t> ends(cells, 0);
  for (const std::int64_t cell : cell_of_row) ++ends[cell];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  return ends;
}

}  // namespace care::engine
