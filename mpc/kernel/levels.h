// mpc/kernel/levels.h
//
// The tables of the levels, each in a source file of its own because each is compiled with options of its
// own. On other processors than x86-64 only the portable one exists.
#pragma once

#include "mpc/kernel/kernels.h"

namespace care::mpc {

const Kernels& PortableKernels();
#if defined(__x86_64__)
const Kernels& Avx2Kernels();
const Kernels& Avx512Kernels();
#endif

}  // namespace care::mpc
