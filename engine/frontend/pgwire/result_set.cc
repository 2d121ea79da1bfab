#include "engine/frontend/pgwire/result_set.h"

#include <algorithm>

#include "engine/frontend/pgwire/catalogue_types.h"

namespace care::engine::pgwire {

WireType WireTypeOf(const DataType& type) {
  constexpr std::int32_t kHeader = 4;  // PostgreSQL's VARHDRSZ, which modifiers include
  switch (type.kind) {
    case TypeKind::kBoolean:
      return WireTypeNamed("bool");
    case TypeKind::kSmallInt:
      return WireTypeNamed("int2");
    case TypeKind::kInteger:
      return WireTypeNamed("int4");
    case TypeKind::kBigInt:
      return WireTypeNamed("int8");
    case TypeKind::kNumeric: {
      WireType numeric = WireTypeNamed("numeric");
      if (type.precision > 0) numeric.modifier = (type.precision << 16 | type.scale) + kHeader;
      return numeric;
    }
    case TypeKind::kDate:
      return WireTypeNamed("date");
    case TypeKind::kTimestamp:
      return WireTypeNamed("timestamp");
    case TypeKind::kTimestampTz:
      return WireTypeNamed("timestamptz");
    case TypeKind::kDouble:
      return WireTypeNamed("float8");
    case TypeKind::kReal:
      return WireTypeNamed("float4");
    case TypeKind::kInterval:
      return WireTypeNamed("interval");
    case TypeKind::kText: {
      if (type.max_length == 0) return WireTypeNamed("text");
      WireType varying = WireTypeNamed("varchar");
      varying.modifier = type.max_length + kHeader;
      return varying;
    }
    case TypeKind::kUnknown:
      break;
  }
  return WireTypeNamed("text");
}

WireType WireTypeNamed(const std::string& name) {
  for (const CatalogueType& type : kCatalogueTypes) {
    if (type.name == name) return {type.oid, type.length, -1};
  }
  return {};
}

}  // namespace care::engine::pgwire
