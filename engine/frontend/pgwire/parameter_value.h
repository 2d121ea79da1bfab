// engine/frontend/pgwire/parameter_value.h
//
// A value that a client binds to $1: checked against its type here, so that it can be nothing else than a literal
// of that type where it is used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::engine::pgwire {

struct ParameterValue {
  std::uint32_t type_oid = 0;       // 0: the client leaves it to the statement
  std::optional<std::string> text;  // nothing: NULL
};

// `format` 0: text, 1: binary, for bool, int2, int4, int8, oid, date, timestamps and texts.
absl::StatusOr<ParameterValue> ReadParameter(std::uint32_t type_oid, std::int16_t format, std::string_view bytes);

// 12, (-12), DATE '2024-01-31', TIMESTAMP '2024-01-31 10:00:00', 'text', TRUE, NULL: what the dialect reads as this value.
absl::StatusOr<std::string> ParameterLiteral(const ParameterValue& value);

// A result's cell in binary, from its text.
absl::StatusOr<std::string> BinaryCell(std::uint32_t type_oid, const std::string& text);

}  // namespace care::engine::pgwire
