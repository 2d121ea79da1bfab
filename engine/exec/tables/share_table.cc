#include "engine/exec/tables/share_table.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "connectors/connector.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_shape.h"
#include "planner/physical/value_circuits.h"

namespace care::engine {
namespace {

using planner::ShareColumn;
using planner::SharedValueShape;
using planner::ValueKind;

absl::Status OutOfRange(const std::string& title, std::string_view what) {
  return absl::OutOfRangeError(absl::StrCat(title, " holds a value ", std::string(what),
                                            "; correct the value, or declare otherwise"));
}

void CopyPlanes(const mpc::BitPlanes& from, mpc::BitPlanes& to, unsigned first) {
  for (unsigned p = 0; p < from.width(); ++p) std::ranges::copy(from.plane(p), to.plane(first + p).begin());
}

// Integers whose offset from the base fits the shape.
absl::Status CheckNumbers(const Column& column, const SharedValueShape& shape, const planner::ColumnInfo& info,
                          const std::string& title, std::vector<std::uint64_t>& offsets) {
  const bool boolean = shape.kind == ValueKind::kBoolean;
  const std::int64_t low = boolean ? 0 : shape.base;
  const std::uint64_t widest = boolean ? 1 : ~std::uint64_t{0} >> (64 - shape.width);
  const std::uint64_t most =
      !boolean && info.max ? std::min(widest, static_cast<std::uint64_t>(*info.max) - static_cast<std::uint64_t>(low))
                           : widest;
  for (std::size_t row = 0; row < column.integers.size(); ++row) {
    if (column.IsNull(row)) continue;
    const std::int64_t stored = column.integers[row];
    offsets[row] = static_cast<std::uint64_t>(stored) - static_cast<std::uint64_t>(low);
    if (stored < low || offsets[row] > most) return OutOfRange(title, "outside the declared range");
  }
  return absl::OkStatus();
}

absl::Status EncodeCodes(const Column& column, const SharedValueShape& shape, const std::string& title,
                         std::vector<std::uint64_t>& codes) {
  absl::flat_hash_map<std::string_view, std::uint64_t> ranks;
  for (std::size_t i = 0; i < shape.domain.size(); ++i) ranks.emplace(shape.domain[i], i);
  for (std::size_t row = 0; row < column.texts.size(); ++row) {
    if (column.IsNull(row)) continue;
    const auto found = ranks.find(column.texts[row]);
    if (found == ranks.end()) return OutOfRange(title, "outside its declared domain");
    codes[row] = found->second;
  }
  return absl::OkStatus();
}

// Texts padded with zeroes, eight bytes at a time.
absl::Status EncodeBytes(const Column& column, const SharedValueShape& shape, std::size_t rows, const std::string& title,
                         mpc::BitPlanes& bits, unsigned first_plane) {
  const bool hashes = shape.kind == ValueKind::kHash;
  const unsigned bytes = shape.width / 8;
  std::vector<std::string> hashed;
  if (hashes) hashed.resize(column.texts.size());
  for (std::size_t row = 0; row < column.texts.size(); ++row) {
    if (column.IsNull(row)) continue;
    const std::string_view text = column.texts[row];
    if (hashes) {
      hashed[row] = planner::HashOfText(text);
      continue;
    }
    if (text.size() > bytes) return OutOfRange(title, "longer than declared");
    if (text.find('\0') != std::string_view::npos) return OutOfRange(title, "with a zero byte");
  }
  std::vector<std::uint64_t> words(rows);
  for (unsigned begin = 0; begin < bytes; begin += 8) {
    const unsigned count = std::min(8u, bytes - begin);
    std::ranges::fill(words, 0);
    for (std::size_t row = 0; row < column.texts.size(); ++row) {
      if (column.IsNull(row)) continue;
      const std::string_view text = hashes ? std::string_view(hashed[row]) : column.texts[row];
      for (unsigned i = begin; i < begin + count && i < text.size(); ++i)
        words[row] |= std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * (begin + count - 1 - i);
    }
    CopyPlanes(mpc::BitPlanes::FromIntegers(words, 8 * count), bits, first_plane + shape.width - 8 * (begin + count));
  }
  return absl::OkStatus();
}

bool IsNumber(const SharedValueShape& shape) {
  return shape.kind == ValueKind::kInteger || shape.kind == ValueKind::kBoolean;
}

}  // namespace

absl::StatusOr<EncodedShape> EncodedShapeOf(const planner::PhysicalPlan& plan, const std::vector<ShareColumn>& columns) {
  EncodedShape encoded;
  for (const ShareColumn& column : columns) {
    if (!column.bits && !column.ring) continue;
    const planner::ColumnInfo& info = plan.columns[column.column];
    if (column.bits) {
      CARE_ASSIGN_OR_RETURN(const SharedValueShape shape, planner::ShapeOfColumn(info));
      encoded.planes += shape.width;
    }
    encoded.planes += info.nullable ? 1 : 0;
    encoded.rings += column.ring ? 1 : 0;
  }
  return encoded;
}

absl::StatusOr<EncodedTable> EncodeTable(const planner::PhysicalPlan& plan, const std::vector<ShareColumn>& columns,
                                         const ColumnBatch& batch, std::size_t rows, const ColumnTitle& title) {
  CARE_CHECK(batch.rows <= rows);
  CARE_ASSIGN_OR_RETURN(const EncodedShape encoded_shape, EncodedShapeOf(plan, columns));
  EncodedTable encoded;
  encoded.bits = mpc::BitPlanes(rows, encoded_shape.planes);
  unsigned plane = 0;
  for (const ShareColumn& share : columns) {
    if (!share.bits && !share.ring) continue;
    const planner::ColumnInfo& info = plan.columns[share.column];
    const int position = batch.FindColumn(connectors::ColumnName(share.column));
    if (position < 0) return absl::InternalError("a fragment lacks a column that is shared");
    const Column& column = batch.columns[position];
    CARE_ASSIGN_OR_RETURN(const SharedValueShape shape, planner::ShapeOfColumn(info));
    const std::string name = title(share.column);
    if (!info.nullable && std::ranges::find(column.nulls, 1) != column.nulls.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat(name, " holds a NULL, although it is declared not to; correct it, or declare it nullable"));
    }
    std::vector<std::uint64_t> offsets(rows, 0);
    if (IsNumber(shape)) CARE_RETURN_IF_ERROR(CheckNumbers(column, shape, info, name, offsets));
    if (share.bits) {
      if (shape.kind == ValueKind::kCode) CARE_RETURN_IF_ERROR(EncodeCodes(column, shape, name, offsets));
      if (shape.kind == ValueKind::kBytes || shape.kind == ValueKind::kHash) {
        CARE_RETURN_IF_ERROR(EncodeBytes(column, shape, rows, name, encoded.bits, plane));
      } else {
        CopyPlanes(mpc::BitPlanes::FromIntegers(offsets, shape.width), encoded.bits, plane);
      }
      plane += shape.width;
    }
    if (share.ring) {
      if (!IsNumber(shape)) return absl::InternalError("text has no ring form");
      std::vector<std::uint64_t> stored(rows, 0);
      for (std::size_t row = 0; row < batch.rows; ++row)
        stored[row] = column.IsNull(row) ? 0 : static_cast<std::uint64_t>(column.integers[row]);
      encoded.rings.push_back(std::move(stored));
    }
    if (info.nullable) {
      for (std::size_t row = 0; row < batch.rows; ++row)
        if (!column.IsNull(row)) encoded.bits.Set(row, plane, true);
      ++plane;
    }
  }
  return encoded;
}

absl::Status TakeEncoded(const planner::PhysicalPlan& plan, const std::vector<ShareColumn>& columns,
                         const mpc::BitColumn& bits, std::vector<mpc::RingColumn> rings, SharedTable& table) {
  unsigned plane = 0;
  std::size_t ring = 0;
  for (const ShareColumn& share : columns) {
    if (!share.bits && !share.ring) continue;
    const planner::ColumnInfo& info = plan.columns[share.column];
    SharedValue& value = table.columns[share.column];
    if (share.bits) {
      CARE_ASSIGN_OR_RETURN(const SharedValueShape shape, planner::ShapeOfColumn(info));
      value.bits = bits.Planes(plane, shape.width);
      plane += shape.width;
    }
    if (info.nullable) value.not_null = bits.Planes(plane++, 1);
    if (share.ring) value.ring = std::move(rings[ring++]);
  }
  return absl::OkStatus();
}

absl::StatusOr<EncodedTable> EncodeShare(const planner::PhysicalPlan& plan, const planner::ShareTableNode& node,
                                         const ColumnBatch& batch, const ColumnTitle& title) {
  const std::size_t slots = planner::SlotsOf(plan, node);
  CARE_ASSIGN_OR_RETURN(EncodedTable encoded, EncodeTable(plan, node.columns, batch, slots, title));
  mpc::BitPlanes valid(slots, 1);
  for (std::size_t row = 0; row < batch.rows; ++row) valid.Set(row, 0, true);
  const mpc::BitPlanes* const parts[] = {&valid, &encoded.bits};
  mpc::BitPlanes planes = mpc::BitPlanes::JoinPlanes(parts);
  encoded.bits = std::move(planes);
  return encoded;
}

absl::StatusOr<SharedTable> ShareTable(mpc::Protocol& protocol, const planner::PhysicalPlan& plan,
                                       const planner::ShareTableNode& node, std::shared_ptr<const ColumnBatch> batch,
                                       const ColumnTitle& title) {
  const auto& local = std::get<planner::LocalNode>(plan.nodes[node.local]);
  SharedTable table;
  table.slots = planner::SlotsOf(plan, node);
  // What nobody among the three knows is no order to look things up by.
  if (!local.outside) table.order = local.party;
  CARE_ASSIGN_OR_RETURN(const EncodedShape shape, EncodedShapeOf(plan, node.columns));
  EncodedTable encoded;
  if (batch != nullptr) {
    CARE_ASSIGN_OR_RETURN(encoded, EncodeShare(plan, node, *batch, title));
    if (!local.outside) table.batch = batch;
  }
  CARE_ASSIGN_OR_RETURN(const mpc::BitColumn bits,
                        protocol.InputBits(local.party, batch == nullptr ? nullptr : &encoded.bits, table.slots, shape.planes + 1));
  encoded.bits = {};
  std::vector<mpc::RingColumn> rings;
  for (unsigned i = 0; i < shape.rings; ++i) {
    CARE_ASSIGN_OR_RETURN(mpc::RingColumn ring,
                          protocol.InputRing(local.party, batch == nullptr ? nullptr : &encoded.rings[i], table.slots));
    rings.push_back(std::move(ring));
  }
  table.valid = bits.Planes(0, 1);
  CARE_RETURN_IF_ERROR(TakeEncoded(plan, node.columns, bits.Planes(1, shape.planes), std::move(rings), table));
  return table;
}

}  // namespace care::engine
