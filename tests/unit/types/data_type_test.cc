#include "engine/types/data_type.h"

#include "gtest/gtest.h"

namespace care {
namespace {

TEST(ParseDataType, ReadsPostgresqlsNames) {
  EXPECT_EQ(ParseDataType("INT")->ToString(), "integer");
  EXPECT_EQ(ParseDataType("numeric(12, 2)")->ToString(), "numeric(12,2)");
  EXPECT_EQ(ParseDataType("decimal(12)")->ToString(), "numeric(12,0)");
  EXPECT_EQ(ParseDataType("numeric")->ToString(), "numeric");
  EXPECT_EQ(ParseDataType("Character  Varying(9)")->ToString(), "character varying(9)");
  EXPECT_EQ(ParseDataType(" date ")->ToString(), "date");
  EXPECT_EQ(ParseDataType("float8")->ToString(), "double precision");
  EXPECT_EQ(ParseDataType("FLOAT")->ToString(), "double precision");
  EXPECT_EQ(ParseDataType("float(25)")->ToString(), "double precision");
  EXPECT_EQ(ParseDataType("float(24)")->ToString(), "real");
  EXPECT_EQ(ParseDataType("float4")->ToString(), "real");
}

TEST(ParseDataType, RefusesOthers) {
  for (const char* text : {"", "float(0)", "float(54)", "real(3)", "numeric(39)", "numeric(0)", "numeric(2,3)", "int(4)", "varchar(0)",
                           "numeric(2", "numeric(x)", "timestamp(3)", "char(1)", "character(3)", "bpchar"}) {
    EXPECT_FALSE(ParseDataType(text).ok()) << text;
  }
}

TEST(DataType, EveryTypeReadsBack) {
  for (const char* text : {"boolean", "smallint", "integer", "bigint", "numeric", "numeric(10,0)", "double precision", "real", "date", "timestamp without time zone", "timestamp with time zone",
                           "text", "character varying(20)"}) {
    EXPECT_EQ(ParseDataType(text)->ToString(), text);
  }
}

}  // namespace
}  // namespace care
