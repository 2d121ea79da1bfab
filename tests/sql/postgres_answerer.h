// tests/sql/postgres_answerer.h
//
// PostgreSQL in the place of a node, for suites: the expected rows are its own. It hides nothing and has no plans of ours.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/reference/text_table.h"
#include "engine/frontend/suite/answerer.h"

namespace care::engine {

class PostgresAnswerer final : public Answerer {
 public:
  using Ask = std::function<absl::StatusOr<TextTable>(const std::string& sql)>;
  explicit PostgresAnswerer(Ask ask) : ask_(std::move(ask)) {}

  absl::StatusOr<Answer> Query(const std::string& sql, const std::string&) override {
    absl::StatusOr<TextTable> table = ask_(sql);
    if (!table.ok()) return table.status();
    Answer answer;
    for (const TextColumn& column : table->columns) answer.columns.push_back({column.name, column.type, false, false});
    answer.rows = std::move(table->rows);
    answer.suppressed.resize(answer.rows.size(), std::vector<bool>(answer.columns.size()));
    return answer;
  }
  absl::StatusOr<std::string> Explain(const std::string&, const std::string&) override {
    return absl::UnimplementedError("PostgreSQL has no plan of ours");
  }
  bool has_plans() const override { return false; }
  bool reached() const override { return true; }

 private:
  Ask ask_;
};

}  // namespace care::engine
