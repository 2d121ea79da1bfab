#include "connectors/cleaning/reversals.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "connectors/declared/text_form.h"

namespace care::connectors {
namespace {

absl::string_view Key(std::string_view text) { return {text.data(), text.size()}; }

std::string NumberText(const RawCell& cell) {
  switch (cell.kind) {
    case RawCell::Kind::kNull:
      return "";
    case RawCell::Kind::kText:
      return std::string(TrimWhiteSpace(cell.text));
    case RawCell::Kind::kDecimal: {
      const absl::StatusOr<Decimal> whole = RescaleDecimal(cell.decimal, 0);
      const bool is_whole = whole.ok() && CompareDecimals(*whole, cell.decimal) == 0;
      return (is_whole ? *whole : cell.decimal).ToString();
    }
    default:
      return std::to_string(cell.integer);
  }
}

// The rows of one number that some reversal takes back.
struct Taken {
  std::vector<std::uint32_t> rows;
  std::uint32_t undecided = 0;  // reversals of this number that may stand or not
  bool by_one_that_stands = false;
};

}  // namespace

absl::Status Reversals::AddRow(const RawCell& id, const RawCell& reverses) {
  ids_.Append(NumberText(id));
  const std::string target = NumberText(reverses);
  targets_.Append(target);
  if (reverses.kind != RawCell::Kind::kNull && target.empty()) return absl::InvalidArgumentError("no number");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::uint8_t>> Reversals::Resolve() const {
  absl::flat_hash_map<absl::string_view, Taken> taken;
  for (std::size_t row = 0; row < targets_.size(); ++row) {
    if (!targets_[row].empty()) ++taken[Key(targets_[row])].undecided;
  }
  std::vector<std::uint8_t> gone(ids_.size(), 0);
  if (taken.empty()) return gone;

  // A reversal is decided when all that could take it back are: from the ends of the chains inwards.
  struct Decided {
    std::uint32_t row;
    bool stands;
  };
  std::vector<Decided> decided;
  for (std::uint32_t row = 0; row < ids_.size(); ++row) {
    const auto found = ids_[row].empty() ? taken.end() : taken.find(Key(ids_[row]));
    if (found != taken.end()) {
      found->second.rows.push_back(row);
    } else if (!targets_[row].empty()) {
      decided.push_back({row, true});
    }
  }
  while (!decided.empty()) {
    const Decided reversal = decided.back();
    decided.pop_back();
    gone[reversal.row] = 1;
    Taken& of = taken.find(Key(targets_[reversal.row]))->second;
    of.by_one_that_stands = of.by_one_that_stands || reversal.stands;
    if (--of.undecided > 0) continue;
    for (const std::uint32_t row : of.rows) {
      if (!targets_[row].empty()) decided.push_back({row, !of.by_one_that_stands});
      if (of.by_one_that_stands) gone[row] = 1;
    }
  }
  for (const auto& [number, of] : taken) {
    if (of.undecided > 0) return absl::InvalidArgumentError("a circle");
  }
  return gone;
}

}  // namespace care::connectors
