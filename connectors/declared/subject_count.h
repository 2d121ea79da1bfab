// connectors/declared/subject_count.h
//
// How many persons a fetched table is about, and how many rows the one with the most has: what federation files
// declare bounds on.
#pragma once

#include <cstdint>

#include "engine/types/column_batch.h"

namespace care::connectors {

struct SubjectCounts {
  std::uint64_t subjects = 0;
  std::uint64_t most_rows = 0;  // of one subject
};

// NULL is nobody.
SubjectCounts CountSubjects(const Column& subject);

}  // namespace care::connectors
