// What enters the protocol of an owner's rows: the planes and ring columns of each form, zeros where there is
// no row.
#include "engine/exec/share_columns.h"

#include <gtest/gtest.h>

#include <limits>

#include "connectors/connector.h"

namespace care::engine {
namespace {

using planner::Form;
using planner::SharedForm;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

struct Example {
  ColumnBatch batch;
  std::vector<planner::ColumnInfo> columns;
  std::vector<std::int32_t> row_of_slot{1, kNoRow, 2, 0};

  planner::ColumnId Add(const char* name, DataType type, const std::vector<Value>& values) {
    Column column;
    const auto id = static_cast<planner::ColumnId>(columns.size());
    column.name = connectors::ColumnName(id);
    column.type = type;
    for (const Value& value : values) column.Append(value);
    batch.rows = values.size();
    batch.columns.push_back(std::move(column));
    planner::ColumnInfo info;
    info.name = name;
    info.type = type;
    columns.push_back(info);
    return id;
  }
  absl::StatusOr<EncodedColumns> Encode(
      const std::vector<SharedForm>& forms,
      const std::map<planner::ColumnId, planner::GroupDomain>& domains = {}) const {
    return EncodeColumns(batch, row_of_slot, forms, domains, columns);
  }
};

using Words = std::vector<std::uint64_t>;

TEST(ShareColumns, BitsAreOffsetsWithTheirNullPlane) {
  Example example;
  const auto id = example.Add("day", kDateType, {Date{10}, Null{}, Date{13}});
  const SharedForm form{.column = id, .form = Form::kBits, .base = 10, .width = 2, .null_plane = true};
  EXPECT_EQ(PlanesOf(form), 3u);
  const auto encoded = example.Encode({form});
  ASSERT_TRUE(encoded.ok()) << encoded.status();
  // Slots hold rows 1 (NULL), none, 2 (13), 0 (10): low two planes the offset, the third "not NULL".
  EXPECT_EQ(encoded->bits.ToIntegers(), (Words{0, 0, 4 + 3, 4 + 0}));
  EXPECT_TRUE(encoded->rings.empty());
}

TEST(ShareColumns, FlagsOneHotsAndRingsInTheOrderOfTheForms) {
  Example example;
  const auto flag = example.Add("flag", kBooleanType, {true, Null{}, false});
  const auto kind = example.Add("kind", kTextType, {std::string("y"), std::string("x"), Null{}});
  const auto sum = example.Add("sum", kBigIntType, {std::int64_t{-5}, Null{}, kLeast});
  const std::map<planner::ColumnId, planner::GroupDomain> domains{
      {kind, {kind, {std::string("x"), std::string("y")}, true}}};
  const std::vector<SharedForm> forms{{.column = flag, .form = Form::kFlag, .null_plane = true},
                                      {.column = sum, .form = Form::kRing, .width = 64, .null_plane = true},
                                      {.column = kind, .form = Form::kOneHot, .width = 2},
                                      {.column = sum, .form = Form::kOwned, .width = 64}};
  const FormShape shape = ShapeOf(forms);
  EXPECT_EQ(shape.planes, 2u + 1u + 2u);
  EXPECT_EQ(shape.rings, 1u);
  const auto encoded = example.Encode(forms, domains);
  ASSERT_TRUE(encoded.ok()) << encoded.status();
  EXPECT_EQ(encoded->bits.width(), shape.planes);
  // Planes: flag, flag known, sum known, is x, is y. Slots: row 1 (NULL, x, NULL), none, row 2 (f, NULL,
  // min), row 0 (t, y, -5). NULL of a group is the absence of the others.
  EXPECT_EQ(encoded->bits.ToIntegers(), (Words{0b01000, 0, 0b00110, 0b10111}));
  ASSERT_EQ(encoded->rings.size(), 1u);
  EXPECT_EQ(encoded->rings[0], (Words{0, 0, std::uint64_t{1} << 63, ~std::uint64_t{0} - 4}));
  EXPECT_EQ(OwnedValues(example.batch, example.row_of_slot, sum), encoded->rings[0]);
}

TEST(ShareColumns, ValuesOutsideTheirRangeAreRefusedByTheColumnsNameAlone) {
  Example example;
  const auto id =
      example.Add("birth_year", kIntegerType, {std::int64_t{1900}, std::int64_t{1963}, std::int64_t{1964}});
  const SharedForm narrow{.column = id, .form = Form::kBits, .base = 1900, .width = 6};
  const auto above = example.Encode({narrow});
  EXPECT_EQ(above.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_NE(above.status().message().find("birth_year"), std::string::npos);
  EXPECT_EQ(above.status().message().find("1964"), std::string::npos);
  SharedForm below = narrow;
  below.base = 1901;
  below.width = 10;
  EXPECT_FALSE(example.Encode({below}).ok());
  // A row that stands in no slot is nobody's concern.
  example.row_of_slot = {0, 1};
  EXPECT_TRUE(example.Encode({narrow}).ok());
}

TEST(ShareColumns, AGroupOutsideItsDomainIsRefused) {
  Example example;
  const auto id = example.Add("kind", kTextType, {std::string("x"), std::string("?"), Null{}});
  const SharedForm form{.column = id, .form = Form::kOneHot, .width = 1};
  EXPECT_FALSE(example.Encode({form}, {{id, {id, {std::string("x")}, true}}}).ok());
  example.row_of_slot = {0, 2};
  EXPECT_TRUE(example.Encode({form}, {{id, {id, {std::string("x")}, true}}}).ok());
  EXPECT_FALSE(example.Encode({form}, {{id, {id, {std::string("x")}, false}}}).ok()) << "NULL without a code";
}

TEST(ShareColumns, FullWidthHoldsEveryInteger) {
  Example example;
  example.row_of_slot = {0, 1};
  const auto id = example.Add("big", kBigIntType, {kLeast, std::numeric_limits<std::int64_t>::max()});
  const auto encoded = example.Encode({{.column = id, .form = Form::kBits, .base = kLeast, .width = 64}});
  ASSERT_TRUE(encoded.ok()) << encoded.status();
  EXPECT_EQ(encoded->bits.ToIntegers(), (Words{0, ~std::uint64_t{0}}));
}

TEST(ShareColumns, NoSlotsAndNoFormsAreFine) {
  Example example;
  example.row_of_slot.clear();
  const auto id = example.Add("flag", kBooleanType, {true});
  EXPECT_TRUE(example.Encode({{.column = id, .form = Form::kFlag}}).ok());
  const auto nothing = example.Encode({});
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(nothing->bits.width(), 0u);
}

}  // namespace
}  // namespace care::engine
