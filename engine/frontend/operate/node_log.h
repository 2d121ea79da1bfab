// engine/frontend/operate/node_log.h
//
// The node's log, on standard error: text for people, or JSON with an object a line. Where standard error is
// systemd's journal, which keeps the time itself, lines begin with the level that the journal reads ("<6>")
// instead of a time. Control characters are escaped, so that what a peer or a file says cannot pretend to be
// a line of its own.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace care::engine {

struct LogOptions {
  std::string name;             // the party
  std::string level = "info";   // trace, debug, info, warn, error or off
  std::string format = "text";  // text or json
  bool to_journal = false;
};

// True if standard error is connected to the journal: JOURNAL_STREAM names its device and inode.
bool StandardErrorIsJournal();

std::shared_ptr<spdlog::logger> MakeNodeLog(const LogOptions& options);
// To another sink, for tests.
std::shared_ptr<spdlog::logger> MakeNodeLog(const LogOptions& options, spdlog::sink_ptr sink);

}  // namespace care::engine
