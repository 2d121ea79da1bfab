#include "engine/frontend/bench/join_workload.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace care::engine {
namespace {

constexpr std::array<const char*, 8> kParts = {"p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"};
constexpr std::uint64_t kMostAmount = 100'000;

// A fixed scattering function: rows and their contents depend on the position alone.
std::uint64_t Scatter(std::uint64_t x) {
  x = (x + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

// Multiplication by an odd number permutes the ids, so that no table comes sorted.
std::int64_t IdOf(std::uint64_t number) {
  return static_cast<std::int64_t>((number * 0x9e3779b1) & 0xffffffff);
}
std::uint64_t ArmNumber(std::uint64_t row, std::uint64_t rows) { return row + rows / 2; }
std::size_t PartOf(std::uint64_t number) { return Scatter(number) % kParts.size(); }
std::int64_t AmountOf(std::uint64_t number) {
  return static_cast<std::int64_t>(Scatter(~number) % (kMostAmount + 1));
}

class JoinTable final : public connectors::Connector {
 public:
  JoinTable(const planner::Catalog& catalog, PartyId party, std::uint64_t rows) : catalog_(catalog) {
    const bool spine = catalog.PartyName(party) == "spine";
    id_.type = {.kind = TypeKind::kBigInt};
    id_.integers.reserve(rows);
    other_.type = {.kind = spine ? TypeKind::kText : TypeKind::kBigInt};
    for (std::uint64_t row = 0; row < rows; ++row) {
      const std::uint64_t number = spine ? row : ArmNumber(row, rows);
      id_.integers.push_back(IdOf(number));
      if (spine) {
        other_.texts.Append(kParts[PartOf(number)]);
      } else {
        other_.integers.push_back(AmountOf(number));
      }
    }
  }

  bool Supports(const planner::LogicalNode& node) const override {
    return std::holds_alternative<planner::ScanNode>(node.node);
  }
  absl::StatusOr<std::string> SqlFor(const planner::LogicalNode&) const override {
    return "a table in memory";
  }
  absl::Status BeginSnapshot() override { return absl::OkStatus(); }
  absl::StatusOr<ColumnBatch> Run(const planner::LogicalNode& node) override {
    const auto& scan = std::get<planner::ScanNode>(node.node);
    ColumnBatch batch;
    batch.rows = id_.size();
    for (const planner::ScanNode::Output& output : scan.columns) {
      const auto& declared = catalog_.tables[scan.table].columns[output.table_column];
      Column column = declared.name == "id" ? id_ : other_;
      column.name = connectors::ColumnName(output.column);
      batch.columns.push_back(std::move(column));
    }
    return batch;
  }
  absl::Status EndSnapshot() override { return absl::OkStatus(); }
  void Interrupt() override {}

 private:
  const planner::Catalog& catalog_;
  Column id_;
  Column other_;
};

std::string TableToml(const std::string& owner, std::uint64_t rows, const std::string& column) {
  return absl::StrCat("[[table]]\nname = \"", owner,
                      ".items\"\nsubject = \"id\"\nprimary_key = [\"id\"]\nrow_bound = ", rows,
                      "\nmax_rows_per_subject = 1\n",
                      "[[table.column]]\nname = \"id\"\ntype = \"bigint\"\nkey = \"id\"\nnullable = false\n",
                      "[[table.column]]\nnullable = false\n", column);
}

}  // namespace

std::string JoinFederation(std::uint64_t rows) {
  std::string text = absl::StrCat(
      "name = \"join\"\nversion = 1\ncompute = [\"spine\", \"arm\", \"helper\"]\nauthority_sha256 = \"",
      std::string(64, '0'), "\"\n");
  for (const char* party : {"spine", "arm", "helper"}) {
    absl::StrAppend(&text, "[[party]]\nname = \"", party, "\"\naddress = \"127.0.0.1:1\"\n");
  }
  absl::StrAppend(&text, "[link.lan]\nmegabit_per_second = 8000\nround_trip_us = 50\n");
  absl::StrAppend(&text, TableToml("spine", rows,
                                   absl::StrCat("name = \"part\"\ntype = \"text\"\ndomain = [\"",
                                                absl::StrJoin(kParts, "\", \""), "\"]\n")));
  absl::StrAppend(
      &text,
      TableToml("arm", rows,
                absl::StrCat("name = \"amount\"\ntype = \"bigint\"\nmin = 0\nmax = ", kMostAmount, "\n")));
  return text;
}

std::unique_ptr<connectors::Connector> MakeJoinTable(const planner::Catalog& catalog, PartyId party,
                                                     std::uint64_t rows) {
  return std::make_unique<JoinTable>(catalog, party, rows);
}

std::map<std::string, std::int64_t> JoinAnswer(std::uint64_t rows) {
  std::map<std::string, std::int64_t> totals;
  for (std::uint64_t number = rows / 2; number < rows; ++number)
    totals[kParts[PartOf(number)]] += AmountOf(number);
  return totals;
}

}  // namespace care::engine
