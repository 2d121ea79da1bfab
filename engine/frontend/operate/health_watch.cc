#include "engine/frontend/operate/health_watch.h"

#include <string>

namespace care::engine {

HealthWatch::HealthWatch(NodeResources& node, std::chrono::milliseconds interval)
    : node_(node), interval_(interval), thread_([this] { Run(); }) {}

HealthWatch::~HealthWatch() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

HealthSeen HealthWatch::seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

void HealthWatch::LookNow() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++wanted_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return done_ >= mine || stopping_; });
}

void HealthWatch::Run() {
  while (true) {
    std::uint64_t doing = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, interval_, [this] { return stopping_ || wanted_ > done_; });
      if (stopping_) return;
      doing = wanted_;
    }
    Look();
    std::lock_guard lock(mutex_);
    done_ = doing;
    changed_.notify_all();
  }
}

void HealthWatch::Look() {
  HealthSeen now;
  now.database = node_.federation()->engine->CheckDatabase();
  now.ledger = node_.ledger->CheckWritable();
  now.at = node_.clock();
  const HealthSeen before = seen();
  const auto tell = [&](const char* what, const absl::Status& then, const absl::Status& status) {
    if (!status.ok() && (then.ok() || before.at == 0)) {
      node_.log->warn("{}: {}", what, std::string(status.message()));
    } else if (status.ok() && !then.ok()) {
      node_.log->info("{}: works again", what);
    }
  };
  tell("the database", before.database, now.database);
  tell("the ledger", before.ledger, now.ledger);
  std::lock_guard lock(mutex_);
  seen_ = now;
}

}  // namespace care::engine
