// engine/frontend/pgwire/worker_pool.h
//
// Threads for the sessions that have something to do: as many as are busy, none while all are idle. A question of
// the federation blocks its thread until it is answered, so there may be as many threads as connections; the joint
// queue decides what really runs.
//
// When the last thread has nothing to do any more, memory that big answers left behind goes back to the system.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace care::engine::pgwire {

class WorkerPool {
 public:
  explicit WorkerPool(std::size_t most_threads) : most_threads_(most_threads) {}
  // Returns when all work has been done.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void Submit(std::function<void()> work);

 private:
  void Run();

  const std::size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace care::engine::pgwire
