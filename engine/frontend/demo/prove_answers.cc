#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/frontend/demo/asking.h"
#include "engine/frontend/demo/demo_acts.h"
#include "engine/frontend/demo/print.h"
#include "engine/frontend/demo/questions.h"
#include "engine/frontend/demo/running_federation.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/frontend/shell/print_answer.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

absl::StatusOr<std::unique_ptr<TemporaryPostgres>> UnionOfTheData(const FederationDirectory& directory) {
  CARE_ASSIGN_OR_RETURN(std::unique_ptr<TemporaryPostgres> postgres, TemporaryPostgres::Start());
  CARE_RETURN_IF_ERROR(postgres->Execute(CoachingPostgresDdl()));
  CARE_RETURN_IF_ERROR(postgres->LoadCsv(directory.path(), CoachingTables()));
  return postgres;
}

struct Totals {
  std::uint64_t cells = 0;
  std::uint64_t suppressed = 0;
  std::uint64_t differences = 0;
};

void Count(const DemoQuestion& question, const TableComparison& comparison, Totals& totals) {
  totals.cells += comparison.cells;
  totals.suppressed += comparison.skipped;
  totals.differences += comparison.differences.size();
  Print(absl::StrFormat("  %-34s %5d cells, %d differences", question.name, comparison.cells,
                        comparison.differences.size()));
  if (comparison.skipped > 0) Print(absl::StrFormat(", %d suppressed", comparison.skipped));
  Print("\n");
  for (const std::string& difference : comparison.differences) Print(absl::StrCat("    ", difference, "\n"));
}

// Whether the visible part of a partly suppressed answer occurs in the whole one: rows are found by their
// visible cells, because suppressed rows sort elsewhere.
TableComparison CompareReleased(const TextTable& whole, const Answer& answer) {
  TableComparison result;
  if (whole.columns != ToTextTable(answer).columns) result.differences.push_back("columns differ");
  std::set<std::size_t> used;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    std::uint64_t visible = 0;
    for (std::size_t column = 0; column < answer.columns.size(); ++column) {
      visible += answer.suppressed[row][column] ? 0 : 1;
    }
    const std::uint64_t hidden = answer.columns.size() - visible;
    result.cells += visible;
    result.skipped += hidden;
    bool found = hidden > 0 && visible == 0;
    for (std::size_t other = 0; other < whole.rows.size() && !found; ++other) {
      if (used.contains(other)) continue;
      bool same = true;
      for (std::size_t column = 0; column < answer.columns.size() && same; ++column) {
        same = answer.suppressed[row][column] || whole.rows[other][column] == answer.rows[row][column];
      }
      if (!same) continue;
      found = true;
      used.insert(other);
    }
    // An empty cell of a declared domain is hidden like a small one, and PostgreSQL has no row for it.
    if (!found && hidden == 0)
      result.differences.push_back(absl::StrCat("row ", row + 1, " is not PostgreSQL's"));
  }
  return result;
}

}  // namespace

absl::Status ProveAnswers(const DemoOptions& options, const FederationDirectory& directory) {
  Print("A temporary PostgreSQL 15 loads the union of the three parties' data, which no party may have.\n");
  CARE_ASSIGN_OR_RETURN(const auto postgres, UnionOfTheData(directory));
  const std::vector<DemoQuestion> questions = Questions();
  std::vector<TextTable> expected;
  for (const DemoQuestion& question : questions) {
    CARE_ASSIGN_OR_RETURN(TextTable table, postgres->Query(question.sql));
    expected.push_back(std::move(table));
  }

  Totals before;
  {
    Print("\nBefore suppression: all three nodes run with threshold 1, so that nothing is hidden.\n");
    CARE_RETURN_IF_ERROR(
        directory.WriteNodeFiles({.purpose = "verify", .threshold = 1, .record_traffic_of = {}}));
    CARE_ASSIGN_OR_RETURN(const auto federation,
                          RunningFederation::Start(options.program, directory, "verify"));
    const Asking hospital(options.program, directory.NodeFile("hospital", "verify"));
    for (std::size_t index = 0; index < questions.size(); ++index) {
      CARE_ASSIGN_OR_RETURN(const Answer answer, hospital.Query(questions[index].sql));
      Count(questions[index], CompareTables(expected[index], ToTextTable(answer)), before);
    }
  }
  Totals after;
  {
    Print(absl::StrCat("\nWith suppression: threshold ", kDemoThreshold,
                       ", as in the demonstration. Released cells must still be PostgreSQL's.\n"));
    CARE_RETURN_IF_ERROR(directory.WriteNodeFiles({}));
    CARE_ASSIGN_OR_RETURN(const auto federation, RunningFederation::Start(options.program, directory, ""));
    const Asking hospital(options.program, directory.NodeFile("hospital", ""));
    for (std::size_t index = 0; index < questions.size(); ++index) {
      CARE_ASSIGN_OR_RETURN(const Answer answer, hospital.Query(questions[index].sql));
      Count(questions[index], CompareReleased(expected[index], answer), after);
      if (SuppressedCells(answer) > 0) Print(FormatTable(answer));
    }
  }
  Print(absl::StrFormat("\nBefore suppression: %d cells compared, %d differences\n", before.cells,
                        before.differences));
  Print(absl::StrFormat("With suppression: %d cells released, %d differences, %d cells suppressed\n",
                        after.cells, after.differences, after.suppressed));
  if (before.differences + after.differences > 0)
    return absl::DataLossError("answers differ from PostgreSQL's");
  return absl::OkStatus();
}

}  // namespace care::engine
