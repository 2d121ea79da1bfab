# Writes OUTPUT, which defines SourceDigest(): one SHA-256 over the names and contents of the sources that LIST names, relative to
# ROOT. Two programs of the same sources have the same, wherever and whenever they were built.
file(STRINGS ${LIST} sources)
set(all "")
foreach(source ${sources})
  file(SHA256 ${ROOT}/${source} digest)
  string(APPEND all "${source} ${digest}\n")
endforeach()
string(SHA256 digest "${all}")
string(SUBSTRING ${digest} 0 12 digest)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "engine/session/build_identity.h"

namespace care::engine {

std::string_view SourceDigest() { return "@digest@"; }

}  // namespace care::engine
]] @ONLY)
