// engine/frontend/generate/messy_writer.h
//
// Writes one party's raw tables in three forms at once: an SQLite file (<party>.db), a folder of CSV files
// (<party>.csv/<table>.csv), and a script for psql that makes and fills the same tables in PostgreSQL (<party>.sql).
#pragma once

#include <sqlite3.h>

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/frontend/generate/messy_schema.h"

namespace care::engine {

using MessyCell = std::optional<std::string>;  // nothing: NULL

class MessyWriter {
 public:
  static absl::StatusOr<std::unique_ptr<MessyWriter>> Create(const std::string& directory, const std::string& party);
  ~MessyWriter();
  MessyWriter(const MessyWriter&) = delete;
  MessyWriter& operator=(const MessyWriter&) = delete;

  absl::Status BeginTable(const std::string& name);
  absl::Status Row(const std::vector<MessyCell>& cells);
  absl::Status EndTable();
  absl::Status Finish();

 private:
  MessyWriter(std::string directory, std::string party);
  absl::Status Execute(const std::string& sql);
  absl::Status Failure(const std::string& name) const;
  void Bind(int parameter, const MessyColumn& column, const MessyCell& cell);

  const std::string directory_;
  const std::string party_;
  const MessyTable* table_ = nullptr;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::ofstream csv_;
  std::ofstream script_;
};

}  // namespace care::engine
