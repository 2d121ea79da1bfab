// mpc/share/alternate_rows.h
//
// Every other row, and back: what tree-shaped scans over neighbouring rows are made of. Local rearrangements
// of public shape, the same for every protocol.
#pragma once

#include "mpc/share/bit_column.h"
#include "mpc/share/ring_column.h"

namespace care::mpc {

// Rows 0, 2, 4 ..
BitColumn EvenRows(const BitColumn& column);
RingColumn EvenRows(const RingColumn& column);
// Rows 1, 3, 5 ..
BitColumn OddRows(const BitColumn& column);
RingColumn OddRows(const RingColumn& column);

// Rows of both in turn, beginning with `even`, which has as many rows as `odd` or one more.
BitColumn AlternateRows(const BitColumn& even, const BitColumn& odd);
RingColumn AlternateRows(const RingColumn& even, const RingColumn& odd);

}  // namespace care::mpc
