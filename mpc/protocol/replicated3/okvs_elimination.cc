#include "mpc/protocol/replicated3/okvs_elimination.h"

#include <algorithm>
#include <vector>

namespace care::mpc {
namespace {

using Words = std::vector<std::uint64_t>;

bool HasDense(const Placement& placement, unsigned cell) {
  return (placement.dense[cell / 16] >> (cell % 16)) & 1;
}

// sum -= coefficient * value, where only the coefficient's parity matters to the XOR words.
void TakeMultiple(const OkvsRecord& record, std::uint64_t* sum, std::uint64_t coefficient,
                  const std::uint64_t* value) {
  const std::uint64_t parity = ~((coefficient & 1) - 1);
  for (unsigned w = 0; w < record.xor_words; ++w) sum[w] ^= parity & value[w];
  for (unsigned w = record.xor_words; w < record.words(); ++w) sum[w] -= coefficient * value[w];
}

// The inverse of an odd number modulo 2^64, by Newton's iteration: each step doubles the correct bits.
std::uint64_t InverseOfOdd(std::uint64_t odd) {
  std::uint64_t inverse = odd;  // correct to 3 bits
  for (int step = 0; step < 5; ++step) inverse *= 2 - odd * inverse;
  return inverse;
}

}  // namespace

bool SolveCore(const OkvsRecord& record, std::size_t third, std::span<const Placement> rows,
               std::span<const std::size_t> core, std::span<const std::uint64_t> core_values,
               std::span<std::uint64_t> cells) {
  const unsigned words = record.words();
  std::vector<std::size_t> columns;  // cell of each column: the core's own sparse cells, then the dense ones
  for (const std::size_t row : core)
    columns.insert(columns.end(), rows[row].cell.begin(), rows[row].cell.end());
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  const std::size_t sparse_columns = columns.size();
  for (std::size_t d = 0; d < kOkvsDenseCells; ++d) columns.push_back(3 * third + d);
  const std::size_t width = columns.size();

  Words matrix(core.size() * width, 0);
  Words right(core_values.begin(), core_values.end());
  for (std::size_t r = 0; r < core.size(); ++r) {
    const Placement& placement = rows[core[r]];
    for (const std::uint16_t cell : placement.cell) {
      const auto at = std::lower_bound(columns.begin(), columns.begin() + sparse_columns, cell);
      matrix[r * width + (at - columns.begin())] = 1;
    }
    for (unsigned d = 0; d < kOkvsDenseCells; ++d) {
      matrix[r * width + sparse_columns + d] = HasDense(placement, d) ? 1 : 0;
    }
  }

  std::vector<std::size_t> pivot(core.size());
  std::vector<std::uint8_t> is_pivot(width, 0);
  for (std::size_t r = 0; r < core.size(); ++r) {
    std::uint64_t* row = matrix.data() + r * width;
    std::size_t column = 0;
    while (column < width && (row[column] & 1) == 0) ++column;
    if (column == width) return false;
    pivot[r] = column;
    is_pivot[column] = 1;
    const std::uint64_t inverse = InverseOfOdd(row[column]);
    for (std::size_t c = 0; c < width; ++c) row[c] *= inverse;
    for (unsigned w = record.xor_words; w < words; ++w) right[r * words + w] *= inverse;
    for (std::size_t q = 0; q < core.size(); ++q) {
      std::uint64_t* other = matrix.data() + q * width;
      const std::uint64_t factor = other[column];
      if (q == r || factor == 0) continue;
      for (std::size_t c = 0; c < width; ++c) other[c] -= factor * row[c];
      TakeMultiple(record, right.data() + q * words, factor, right.data() + r * words);
    }
  }
  for (std::size_t r = 0; r < core.size(); ++r) {
    std::uint64_t* solved = right.data() + r * words;
    for (std::size_t c = 0; c < width; ++c) {
      const std::uint64_t coefficient = matrix[r * width + c];
      if (is_pivot[c] || coefficient == 0) continue;
      TakeMultiple(record, solved, coefficient, cells.data() + columns[c] * words);
    }
  }
  for (std::size_t r = 0; r < core.size(); ++r) {
    std::copy_n(right.data() + r * words, words, cells.data() + columns[pivot[r]] * words);
  }
  return true;
}

}  // namespace care::mpc
