#include "engine/frontend/shell/progress_line.h"

#include <algorithm>
#include <cstdio>

namespace care::engine {
namespace {
constexpr int kBarWidth = 30;
constexpr int kStepWidth = 44;
}  // namespace

void ProgressLine::Draw(double fraction, const std::string& step) {
  if (!on_) return;
  const double part = std::clamp(fraction, 0.0, 1.0);
  const int full = static_cast<int>(part * kBarWidth);
  std::string bar(static_cast<std::size_t>(full), '#');
  bar.resize(kBarWidth, '.');
  std::fprintf(stderr, "\r\033[K[%s] %3d %%  %.*s", bar.c_str(), static_cast<int>(part * 100), kStepWidth,
               step.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressLine::Clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace care::engine
