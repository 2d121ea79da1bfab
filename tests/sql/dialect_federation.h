// tests/sql/dialect_federation.h
//
// The federation of tests/sql/dialect in one process: its parties' CSV files behind the engine, and the same rows in
// PostgreSQL 15, whose tables and views are made from the federation file. Each is an Answerer, so that a record is
// judged alike whoever answers it, and neither asks the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/frontend/suite/answerer.h"
#include "tests/differential/engine_runner.h"
#include "tests/differential/reference_session.h"

namespace care::engine {

class DialectFederation {
 public:
  // `folder` holds federation.toml and data/; it is only read.
  static absl::StatusOr<std::unique_ptr<DialectFederation>> Open(const std::string& folder);
  ~DialectFederation();
  DialectFederation(const DialectFederation&) = delete;
  DialectFederation& operator=(const DialectFederation&) = delete;

  std::unique_ptr<Answerer> AskEngine(ProtocolKind protocol, std::uint32_t threshold);
  EngineRunner& engine() { return *engine_; }
  std::unique_ptr<Answerer> AskPostgres();

 private:
  DialectFederation() = default;
  absl::Status LoadPostgres(const std::string& folder);

  std::string directory_;  // of copies, since an engine's node files lie beside the data
  std::unique_ptr<EngineRunner> engine_;
  std::unique_ptr<TemporaryPostgres> server_;
  std::unique_ptr<ReferenceSession> session_;
};

}  // namespace care::engine
