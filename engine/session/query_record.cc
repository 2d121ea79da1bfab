#include "engine/session/query_record.h"

#include <spdlog/logger.h>

#include "engine/types/owner_detail.h"

namespace care::engine {
namespace {

constexpr std::size_t kLongestReason = 400;

// Whether an outcome is a matter of databases, networks and files, whose messages are what the operator needs. All
// others are logged by their code alone: their messages may quote the query.
bool TellsOperator(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

}  // namespace

QueryRecord::QueryRecord(NodeResources& node, std::string short_id, QueryKind kind, std::string_view what)
    : node_(node), short_id_(std::move(short_id)), kind_(kind), begin_(std::chrono::steady_clock::now()) {
  node_.metrics.Began(kind_);
  node_.log->info("query {}: begins: {}", short_id_, what);
}

QueryRecord::~QueryRecord() {
  if (!ended_) End(absl::CancelledError(""), 0);
}

void QueryRecord::End(const absl::Status& outcome, std::uint64_t bytes_sent, std::string_view more) {
  ended_ = true;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  node_.metrics.Ended(kind_, outcome.code(), seconds);
  std::string reason;
  if (TellsOperator(outcome.code())) {
    // Its own detail whole: a long message is cut before it.
    reason = ": " + TextForOwner(WithMessage(outcome, std::string(outcome.message().substr(0, kLongestReason))));
  }
  node_.log->log(outcome.ok() ? spdlog::level::info : spdlog::level::warn,
                 "query {}: ends: {}, {}, {:.2f} s, {} bytes sent{}{}{}", short_id_, NameOf(kind_),
                 NameOfOutcome(outcome.code()), seconds, bytes_sent, more.empty() ? "" : ", ", more, reason);
}

}  // namespace care::engine
