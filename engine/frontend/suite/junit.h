// engine/frontend/suite/junit.h
//
// A run of suites as JUnit XML, which build servers read: a <testsuite> a file, a <testcase> a record.
#pragma once

#include <string>
#include <vector>

#include "engine/frontend/suite/judge.h"
#include "engine/frontend/suite/suite_file.h"

namespace care::engine {

struct JudgedRecord {
  SuiteRecord record;
  Judgement judgement;
};

struct JudgedFile {
  std::string path;
  std::string error;  // why it could not be read or run; such a file counts as one failed record
  std::vector<JudgedRecord> records;

  std::size_t failures() const;
  std::size_t skipped() const;
  double seconds() const;
};

std::string JunitXml(const std::vector<JudgedFile>& files);

// The SQL's first words on one line, for a list of records.
std::string ShortSql(const std::string& sql);

}  // namespace care::engine
