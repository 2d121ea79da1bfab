// engine/frontend/bench/query_texts.h
//
// Published queries as their texts stand under tests/sql, compiled in, so that what is measured is what is tested.
#pragma once

#include <string>
#include <vector>

namespace care::engine {

struct QueryText {
  std::string name;  // its file's: "q01", "comorbidity"
  std::string sql;
};
// In the order of their names.
const std::vector<QueryText>& TpchQueryTexts();
const std::vector<QueryText>& HealthQueryTexts();

}  // namespace care::engine
