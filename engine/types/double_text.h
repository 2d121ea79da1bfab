// engine/types/double_text.h
//
// Double precision as PostgreSQL prints it (extra_float_digits = 1): the shortest digits that read back as the same number.
#pragma once

#include <string>

namespace care {

std::string FormatDouble(double value);

}  // namespace care
