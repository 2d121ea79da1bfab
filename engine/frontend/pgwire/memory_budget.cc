#include "engine/frontend/pgwire/memory_budget.h"

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"

namespace care::engine::pgwire {

bool CommonBudget::Take(std::size_t bytes) {
  std::size_t taken = taken_;
  do {
    if (bytes > most_ || taken > most_ - bytes) return false;
  } while (!taken_.compare_exchange_weak(taken, taken + bytes));
  return true;
}

HeldBytes::~HeldBytes() {
  if (budget_ == nullptr) return;
  budget_->taken_ -= bytes_;
  budget_->common_.Give(bytes_);
}

absl::StatusOr<HeldBytes> SessionBudget::Hold(std::size_t bytes, std::string_view what) {
  if (bytes > most_ || taken_ > most_ - bytes) {
    return SqlStatus(sqlstate::kLimitExceeded,
                     absl::StrCat(std::string(what), " would take more memory than a session may keep, ",
                                  most_ >> 20, " MB"),
                     "close cursors and prepared statements that are not needed, or fetch all rows at once");
  }
  if (!common_.Take(bytes)) {
    return SqlStatus(
        sqlstate::kOutOfMemory,
        absl::StrCat(std::string(what), " would take more memory than all sessions may keep together"),
        "close cursors and prepared statements that are not needed, here or in other sessions");
  }
  taken_ += bytes;
  return HeldBytes(this, bytes);
}

std::size_t BytesOf(const ResultSet& result) {
  std::size_t bytes = sizeof result;
  for (const ResultColumn& column : result.columns) bytes += sizeof column + column.name.size();
  for (const std::string& notice : result.notices) bytes += BytesOf(notice);
  for (const auto& row : result.rows) {
    bytes += sizeof row + row.size() * sizeof row[0];
    for (const auto& cell : row) bytes += cell.has_value() ? cell->size() : 0;
  }
  return bytes;
}

}  // namespace care::engine::pgwire
