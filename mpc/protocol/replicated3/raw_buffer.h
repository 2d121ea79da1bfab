// mpc/protocol/replicated3/raw_buffer.h
//
// An array that starts uninitialised. A vector writes zeroes first, and for columns of millions of rows that
// are then written in full, once, that pass over memory costs as much as the work.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

namespace care::mpc {

template <typename T>
class RawBuffer {
 public:
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_default_constructible_v<T>);

  RawBuffer() = default;
  explicit RawBuffer(std::size_t size) : items_(size > 0 ? new T[size] : nullptr), size_(size) {}

  std::size_t size() const { return size_; }
  T* data() { return items_.get(); }
  const T* data() const { return items_.get(); }
  T& operator[](std::size_t i) { return items_[i]; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  std::span<T> span() { return {items_.get(), size_}; }
  std::span<const T> span() const { return {items_.get(), size_}; }
  void Free() {
    items_.reset();
    size_ = 0;
  }

 private:
  std::unique_ptr<T[]> items_;
  std::size_t size_ = 0;
};

}  // namespace care::mpc
