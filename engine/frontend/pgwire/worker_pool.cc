#include "engine/frontend/pgwire/worker_pool.h"

#include <malloc.h>

#include <chrono>
#include <system_error>
#include <thread>

namespace care::engine::pgwire {
namespace {
constexpr std::chrono::seconds kKeepThread{1};
}

WorkerPool::~WorkerPool() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return threads_ == 0 && waiting_.empty(); });
}

void WorkerPool::Submit(std::function<void()> work) {
  std::unique_lock lock(mutex_);
  waiting_.push_back(std::move(work));
  if (idle_ >= waiting_.size() || threads_ >= most_threads_) {
    changed_.notify_one();
    return;
  }
  ++threads_;
  try {
    std::thread([this] { Run(); }).detach();
  } catch (const std::system_error&) {
    --threads_;  // one of those that run takes it; without any, the next Submit tries again
  }
}

void WorkerPool::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (waiting_.empty() && !stopping_) {
      ++idle_;
      changed_.wait_for(lock, kKeepThread, [this] { return !waiting_.empty() || stopping_; });
      --idle_;
    }
    if (waiting_.empty()) break;
    {
      const std::function<void()> work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work();
    }
    lock.lock();
  }
  if (threads_ == 1 && !stopping_) {
    lock.unlock();
    malloc_trim(0);
    lock.lock();
  }
  --threads_;
  changed_.notify_all();
}

}  // namespace care::engine::pgwire
