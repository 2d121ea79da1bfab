// engine/frontend/demo/asking.h
//
// Asks a node what a user would ask it, through `care query` and `care explain`.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/frontend/reference/text_table.h"
#include "engine/session/answer.h"

namespace care::engine {

class Asking {
 public:
  Asking(std::string program, std::string node_file)
      : program_(std::move(program)), node_file_(std::move(node_file)) {}

  absl::StatusOr<Answer> Query(const std::string& sql) const;
  // Plan and leakage report, as text.
  absl::StatusOr<std::string> Explain(const std::string& sql) const;
  // The command line, for showing and for asking in the background.
  std::vector<std::string> QueryCommand(const std::string& sql, const std::string& format) const;

 private:
  const std::string program_;
  const std::string node_file_;
};

TextTable ToTextTable(const Answer& answer);
std::uint64_t SuppressedCells(const Answer& answer);

}  // namespace care::engine
