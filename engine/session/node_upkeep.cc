#include "engine/session/node_upkeep.h"

#include "engine/types/status_macros.h"

namespace care::engine {

NodeUpkeep::~NodeUpkeep() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status NodeUpkeep::Begin() {
  CARE_RETURN_IF_ERROR(versions_.Begin());
  return identity_.Begin(versions_.Authorities());
}

void NodeUpkeep::Start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      wake_.wait_for(lock, interval_, [this] { return stopping_ || again_; });
      if (stopping_) return;
      const bool again = again_;
      again_ = false;
      lock.unlock();
      versions_.Check(again);
      identity_.Check(versions_.Authorities(), again);
      lock.lock();
    }
  });
}

void NodeUpkeep::CheckNow() {
  std::lock_guard lock(mutex_);
  again_ = true;
  wake_.notify_all();
}

}  // namespace care::engine
