// grammar/upper_case_stream.h
//
// Shows letters to the lexer in upper case, so that keywords match in any; token texts stay as written.
#pragma once

#include "antlr4-runtime.h"

namespace care::sql {

class UpperCaseStream : public antlr4::ANTLRInputStream {
 public:
  using antlr4::ANTLRInputStream::ANTLRInputStream;

  std::size_t LA(ssize_t distance) override {
    const std::size_t symbol = antlr4::ANTLRInputStream::LA(distance);
    return symbol >= 'a' && symbol <= 'z' ? symbol - 'a' + 'A' : symbol;
  }
};

}  // namespace care::sql
