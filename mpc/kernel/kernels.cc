#include "mpc/kernel/kernels.h"

#include "engine/types/check.h"
#include "mpc/kernel/levels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace care::mpc {
namespace {

#if defined(__x86_64__)
// Bits of CPUID leaf 7, register ECX; not all compilers' __builtin_cpu_supports knows these names.
constexpr unsigned kGfni = 1u << 8;
constexpr unsigned kVaes = 1u << 9;

bool HasGfniAndVaes() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  return (ecx & kGfni) != 0 && (ecx & kVaes) != 0;
}
#endif

}  // namespace

bool HasKernels(KernelLevel level) {
  if (level == KernelLevel::kPortable) return true;
#if defined(__x86_64__)
  // The built-in also asks whether the operating system saves the wide registers.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("aes");
  if (level == KernelLevel::kAvx2) return avx2;
  return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vbmi") && HasGfniAndVaes();
#else
  return false;
#endif
}

const Kernels& KernelsOf(KernelLevel level) {
  CARE_CHECK(HasKernels(level));
#if defined(__x86_64__)
  if (level == KernelLevel::kAvx512) return Avx512Kernels();
  if (level == KernelLevel::kAvx2) return Avx2Kernels();
#endif
  return PortableKernels();
}

const Kernels& BestKernels() {
  static const Kernels& best = KernelsOf(HasKernels(KernelLevel::kAvx512) ? KernelLevel::kAvx512
                                         : HasKernels(KernelLevel::kAvx2) ? KernelLevel::kAvx2
                                                                          : KernelLevel::kPortable);
  return best;
}

}  // namespace care::mpc
