#include "engine/exec/tables/open_table.h"

#include <algorithm>
#include <utility>

#include "engine/exec/tables/value_forms.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_circuit.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::BitPlanes;
using mpc::RingColumn;
using planner::ColumnInfo;
using planner::SharedValueShape;
using planner::ValueKind;

// How a column leaves: planes of the block of bits, a ring column, and its null plane.
struct Way {
  std::optional<SharedValueShape> shape;  // in bits; otherwise in the ring
  unsigned plane = 0;
  std::optional<unsigned> null_plane;
  std::size_t ring = 0;
};

Value NumberOf(Int128 stored, const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return Value(stored != 0);
    case TypeKind::kDate:
      return Value(Date{static_cast<std::int32_t>(stored)});
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return Value(Timestamp{static_cast<std::int64_t>(stored), type.kind == TypeKind::kTimestampTz});
    case TypeKind::kNumeric:
      return Value(Decimal{stored, type.scale});
    default:
      return Value(static_cast<std::int64_t>(stored));
  }
}

// The bytes of every row, zeroes at the end left out.
std::vector<Value> Texts(const BitPlanes& planes, const std::vector<std::uint8_t>& stands) {
  const unsigned bytes = planes.width() / 8;
  std::vector<std::string> texts(planes.rows());
  for (unsigned begin = 0; begin < bytes; begin += 8) {
    const unsigned count = std::min(8u, bytes - begin);
    const std::vector<std::uint64_t> words = planes.Planes(planes.width() - 8 * (begin + count), 8 * count).ToIntegers();
    for (std::size_t row = 0; row < words.size(); ++row) {
      if (!stands[row]) continue;
      for (unsigned i = 0; i < count; ++i) texts[row] += static_cast<char>(words[row] >> 8 * (count - 1 - i));
    }
  }
  std::vector<Value> values;
  values.reserve(texts.size());
  for (std::string& text : texts) {
    text.erase(text.find_last_not_of('\0') + 1);
    values.emplace_back(std::move(text));
  }
  return values;
}

absl::StatusOr<std::vector<Value>> FromBits(const BitPlanes& planes, const SharedValueShape& shape, const ColumnInfo& info,
                                            const std::vector<std::uint8_t>& stands) {
  if (shape.kind == ValueKind::kBytes) return Texts(planes, stands);
  std::vector<Value> values(planes.rows());
  const std::vector<std::uint64_t> offsets = planes.ToIntegers();
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!stands[row]) continue;
    if (shape.kind == ValueKind::kCode) {
      if (offsets[row] >= shape.domain.size()) return absl::InternalError("an opened code is not in its domain");
      values[row] = Value(shape.domain[offsets[row]]);
    } else {
      const std::int64_t base = shape.kind == ValueKind::kInteger ? shape.base : 0;
      values[row] = NumberOf(static_cast<std::int64_t>(offsets[row] + static_cast<std::uint64_t>(base)), info.type);
    }
  }
  return values;
}

std::vector<Value> FromRing(const std::vector<std::uint64_t>& words, const ColumnInfo& info, unsigned width,
                            const std::vector<std::uint8_t>& stands) {
  std::vector<Value> values(stands.size());
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!stands[row]) continue;
    UInt128 stored = width > 64 ? UInt128{words[2 * row + 1]} << 64 | words[2 * row] : UInt128{words[row]};
    const unsigned unused = 128 - width;
    values[row] = NumberOf(static_cast<Int128>(stored << unused) >> unused, info.type);
  }
  return values;
}

}  // namespace

absl::StatusOr<std::optional<OpenedTable>> OpenTable(TableContext& context, const planner::OpenTableNode& node,
                                                     SharedTable table) {
  mpc::Protocol& protocol = context.protocol;
  CARE_CHECK(context.disclosures.size() == 2);
  // One block of bits, of which `valid` is the first plane; then what the ring holds.
  std::vector<BitColumn> blocks;
  std::vector<RingColumn> rings;
  std::vector<BitColumn> ring_known;  // where a ring column has a value
  std::vector<Way> ways;
  unsigned plane = 1;
  for (const planner::ColumnId column : node.columns) {
    const auto found = table.columns.find(column);
    if (found == table.columns.end()) return absl::InternalError("the plan opens a column that its table lacks");
    SharedValue& value = found->second;
    Way way;
    if (value.bits) {
      CARE_ASSIGN_OR_RETURN(way.shape, planner::ShapeOfColumn(context.plan.columns[column]));
      if (way.shape->kind == ValueKind::kHash) return absl::InternalError("a hash is never opened");
      if (value.bits->width() != way.shape->width)
        return absl::InternalError("a shared column has another shape than its plan");
      way.plane = plane;
      plane += way.shape->width;
      blocks.push_back(std::move(*value.bits));
    } else {
      way.ring = rings.size();
      rings.push_back(std::move(*value.ring));
      if (value.not_null) {
        CARE_ASSIGN_OR_RETURN(BitColumn known, protocol.And(table.valid, *value.not_null));
        ring_known.push_back(std::move(known));
      } else {
        ring_known.push_back(table.valid);
      }
    }
    if (value.not_null) {
      way.null_plane = plane++;
      blocks.push_back(std::move(*value.not_null));
    }
    ways.push_back(std::move(way));
  }
  mpc::Protocol::Columns columns;
  if (blocks.empty()) {
    columns.bits = {table.valid};
  } else {
    std::vector<const BitColumn*> parts;
    for (const BitColumn& block : blocks) parts.push_back(&block);
    CARE_ASSIGN_OR_RETURN(const BitColumn masked, protocol.And(BitColumn::JoinPlanes(parts), table.valid));
    columns.bits = {BitColumn::JoinPlanes({&table.valid, &masked})};
    blocks.clear();
  }
  for (std::size_t i = 0; i < rings.size(); ++i) {
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flag, protocol.BitsToRing(ring_known[i], rings[i].width()));
    CARE_ASSIGN_OR_RETURN(rings[i], protocol.Multiply(rings[i], flag[0]));
  }
  if (!node.dense) {
    // Ring columns of one shuffle have one width; others follow by the same permutation.
    std::vector<RingColumn> shuffled_rings;
    CARE_ASSIGN_OR_RETURN(mpc::Protocol::Shuffled shuffled, protocol.Shuffle(columns));
    for (RingColumn& ring : rings) {
      CARE_ASSIGN_OR_RETURN(mpc::Protocol::Columns alike,
                            protocol.ShuffleAlike(shuffled.permutation, {.bits = {}, .rings = {std::move(ring)}}));
      shuffled_rings.push_back(std::move(alike.rings[0]));
    }
    columns = std::move(shuffled.columns);
    rings = std::move(shuffled_rings);
  }
  // Consent: the leakage report's entry for which groups survive the gate.
  CARE_ASSIGN_OR_RETURN(const std::optional<BitPlanes> survivors,
                        protocol.Open(columns.bits[0].Planes(0, 1), context.disclosures[0]));
  // Consent: the leakage report's entry for the survivors' values; everything else was made zero.
  std::optional<BitPlanes> planes;
  if (plane > 1) {
    CARE_ASSIGN_OR_RETURN(planes, protocol.Open(columns.bits[0].Planes(1, plane - 1), context.disclosures[1]));
  }
  std::vector<std::optional<std::vector<std::uint64_t>>> words;
  for (const RingColumn& ring : rings) {
    CARE_ASSIGN_OR_RETURN(std::optional<std::vector<std::uint64_t>> opened, protocol.Open(ring, context.disclosures[1]));
    words.push_back(std::move(opened));
  }
  if (!survivors) return std::nullopt;
  OpenedTable opened{.columns = node.columns, .values = {}, .stands = std::vector<std::uint8_t>(table.slots)};
  for (std::size_t slot = 0; slot < table.slots; ++slot) opened.stands[slot] = survivors->Get(slot, 0) ? 1 : 0;
  for (std::size_t i = 0; i < node.columns.size(); ++i) {
    const Way& way = ways[i];
    const ColumnInfo& info = context.plan.columns[node.columns[i]];
    std::vector<std::uint8_t> known = opened.stands;
    if (way.null_plane) {
      for (std::size_t slot = 0; slot < table.slots; ++slot)
        known[slot] = known[slot] && planes->Get(slot, *way.null_plane - 1) ? 1 : 0;
    }
    std::vector<Value> values;
    if (way.shape) {
      CARE_ASSIGN_OR_RETURN(values, FromBits(planes->Planes(way.plane - 1, way.shape->width), *way.shape, info, known));
    } else {
      values = FromRing(*words[way.ring], info, rings[way.ring].width(), known);
    }
    for (std::size_t slot = 0; slot < table.slots; ++slot)
      if (!known[slot]) values[slot] = Value(Null{});
    opened.values.push_back(std::move(values));
  }
  return opened;
}

}  // namespace care::engine
