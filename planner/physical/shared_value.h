// planner/physical/shared_value.h
//
// How a value of a column is shared in a table (table_nodes.h): a function of what is publicly known of the column, the same at
// every party. Values are unsigned integers of an exact width, so that comparing and sorting need no more bits than there are:
//
//   BOOLEAN                   1 bit
//   integers, NUMERIC, DATE   stored integer - base, base the least value of the column's range
//   TEXT with a domain        the rank of the value among the domain's, by bytes
//   TEXT of a known length    its bytes, the first most significant, zeroes after the last: order and equality are the text's
//   other TEXT                the first 96 bits of its SHA-256: equal or not, and nothing else; never opened
//
// Bits of a NULL are zero; a plane of their own says which values are there. In the ring a value is the stored integer itself;
// of a NULL it is unspecified, and whoever sums masks it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

enum class ValueKind : std::uint8_t { kBoolean, kInteger, kCode, kBytes, kHash };

inline constexpr unsigned kHashBits = 96;  // two of 2^24 values collide with probability 2^-49

struct SharedValueShape {
  ValueKind kind = ValueKind::kInteger;
  std::int64_t base = 0;       // kInteger
  unsigned width = 1;          // planes
  bool nullable = false;
  std::vector<std::string> domain;  // kCode: sorted by bytes
};

// InvalidArgument, saying what to declare, where the column's width is unknown or above what a table can carry.
absl::StatusOr<SharedValueShape> ShapeOfColumn(const ColumnInfo& column);
// What an error of it asks for, as a hint.
std::string_view WhatToDeclare(const ColumnInfo& column);

}  // namespace care::planner
