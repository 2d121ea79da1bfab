// engine/frontend/suite/judge.h
//
// Runs one record of a suite and says whether the answer is the expected one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/frontend/suite/answerer.h"
#include "engine/frontend/suite/suite_file.h"

namespace care::engine {

struct Judgement {
  bool skipped = false;
  std::string failure;  // what differs, in lines; empty if the record passed
  double seconds = 0;
  // What --update would write below "----"; nothing where there is nothing to write.
  bool can_update = false;
  std::vector<std::string> update;
};

// Of the records so far: each label's first result, as a hash, and where it was.
using LabelledResults = std::map<std::string, std::pair<std::string, std::string>>;

Judgement Judge(const SuiteRecord& record, Answerer& answerer, LabelledResults& labels);

}  // namespace care::engine
