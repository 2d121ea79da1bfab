// engine/bin/memory.h
//
// How the program takes memory from the system. A joint query makes and drops columns of many megabytes in
// every step; with the usual settings each of them is mapped, cleared page by page and unmapped again, which
// costs a third of the processor time. So freed memory is kept for the next step, and large blocks are asked
// for in huge pages. A node gives it back a second after its last query (engine/session).
#pragma once

namespace care::bin {

void KeepFreedMemory();

}  // namespace care::bin
