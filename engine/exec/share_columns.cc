#include "engine/exec/share_columns.h"

#include "absl/strings/str_cat.h"
#include "connectors/connector.h"
#include "engine/exec/domain_coder.h"
#include "engine/types/check.h"

namespace care::engine {
namespace {

using planner::Form;
using planner::SharedForm;

const Column& ColumnOf(const ColumnBatch& batch, planner::ColumnId id) {
  const int position = batch.FindColumn(connectors::ColumnName(id));
  CARE_CHECK(position >= 0);
  return batch.columns[position];
}

void CopyPlane(const mpc::BitPlanes& from, unsigned source, mpc::BitPlanes& to, unsigned target) {
  for (std::size_t word = 0; word < from.words_per_plane(); ++word)
    to.plane(target)[word] = from.plane(source)[word];
}

absl::Status OutOfRange(const planner::ColumnInfo& info) {
  return absl::OutOfRangeError(absl::StrCat("a value of ", info.name,
                                            " is outside the range that the federation file declares; "
                                            "correct the value, or declare a wider range"));
}

}  // namespace

unsigned PlanesOf(const SharedForm& form) {
  const bool in_ring = form.form == Form::kRing || form.form == Form::kOwned;
  return (in_ring ? 0 : form.width) + (form.null_plane ? 1 : 0);
}

FormShape ShapeOf(const std::vector<SharedForm>& forms) {
  FormShape shape;
  for (const SharedForm& form : forms) {
    shape.planes += PlanesOf(form);
    shape.rings += form.form == Form::kRing ? 1 : 0;
  }
  return shape;
}

absl::StatusOr<EncodedColumns> EncodeColumns(const ColumnBatch& batch,
                                             const std::vector<std::int32_t>& row_of_slot,
                                             const std::vector<SharedForm>& forms,
                                             const std::map<planner::ColumnId, planner::GroupDomain>& domains,
                                             const std::vector<planner::ColumnInfo>& columns) {
  const std::size_t slots = row_of_slot.size();
  EncodedColumns encoded;
  encoded.bits = mpc::BitPlanes(slots, ShapeOf(forms).planes);
  unsigned plane = 0;
  for (const SharedForm& form : forms) {
    if (form.form == Form::kOwned) continue;  // stays where it is
    const Column& column = ColumnOf(batch, form.column);
    std::vector<std::uint64_t> values(slots, 0);
    if (form.form == Form::kOneHot) {
      const DomainCoder coder(domains.at(form.column));
      for (std::size_t slot = 0; slot < slots; ++slot) {
        const std::int32_t row = row_of_slot[slot];
        if (row == kNoRow) continue;
        const int code = coder.CodeOf(column, row);
        if (code < 0) return OutOfRange(columns[form.column]);
        // The NULL code has no plane: it is the absence of the others.
        if (static_cast<unsigned>(code) < form.width) encoded.bits.Set(slot, plane + code, true);
      }
      plane += form.width;
    } else {
      for (std::size_t slot = 0; slot < slots; ++slot) {
        const std::int32_t row = row_of_slot[slot];
        if (row == kNoRow || column.IsNull(row)) continue;
        const auto stored = static_cast<std::uint64_t>(column.integers[row]);
        values[slot] = form.form == Form::kRing ? stored : stored - static_cast<std::uint64_t>(form.base);
        const bool fits = form.form == Form::kRing || form.width >= 64 || values[slot] >> form.width == 0;
        if (!fits) return OutOfRange(columns[form.column]);
      }
      if (form.form == Form::kRing) {
        encoded.rings.push_back(std::move(values));
      } else {
        const mpc::BitPlanes planes = mpc::BitPlanes::FromIntegers(values, form.width);
        for (unsigned p = 0; p < form.width; ++p) CopyPlane(planes, p, encoded.bits, plane++);
      }
    }
    if (form.null_plane) {
      for (std::size_t slot = 0; slot < slots; ++slot) {
        const std::int32_t row = row_of_slot[slot];
        if (row != kNoRow && !column.IsNull(row)) encoded.bits.Set(slot, plane, true);
      }
      ++plane;
    }
  }
  return encoded;
}

std::vector<std::uint64_t> OwnedValues(const ColumnBatch& batch, const std::vector<std::int32_t>& row_of_slot,
                                       planner::ColumnId id) {
  const Column& column = ColumnOf(batch, id);
  std::vector<std::uint64_t> values(row_of_slot.size(), 0);
  for (std::size_t slot = 0; slot < row_of_slot.size(); ++slot) {
    const std::int32_t row = row_of_slot[slot];
    if (row != kNoRow && !column.IsNull(row)) values[slot] = static_cast<std::uint64_t>(column.integers[row]);
  }
  return values;
}

}  // namespace care::engine
