// engine/types/status_macros.h
//
// Early return on error. Debian's Abseil has no status macros, so these are ours; they are the only
// macros of the project that hide control flow.
//
//   CARE_RETURN_IF_ERROR(channel.Send(frame));
//   CARE_ASSIGN_OR_RETURN(ColumnBatch batch, connector.Run(fragment));
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CARE_RETURN_IF_ERROR(expression)                         \
  do {                                                           \
    if (absl::Status care_status_ = (expression); !care_status_.ok()) { \
      return care_status_;                                       \
    }                                                            \
  } while (false)

#define CARE_STATUS_CONCAT_INNER(a, b) a##b
#define CARE_STATUS_CONCAT(a, b) CARE_STATUS_CONCAT_INNER(a, b)

#define CARE_ASSIGN_OR_RETURN(declaration, expression) \
  CARE_ASSIGN_OR_RETURN_IMPL(CARE_STATUS_CONCAT(care_or_, __LINE__), declaration, expression)

#define CARE_ASSIGN_OR_RETURN_IMPL(result, declaration, expression) \
  auto result = (expression);                                       \
  if (!result.ok()) return result.status();                         \
  declaration = std::move(result).value()
