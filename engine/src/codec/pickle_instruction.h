// One instruction of a pickle and its argument, without carrying it out.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/pickle_opcodes.h"

namespace djcache::codec::pickle {

struct Instruction {
  Op op{};
  std::size_t size = 0;         // of all of it
  std::string_view argument{};  // of a piece its bytes; of lines both with the newline between them
  std::uint64_t number = 0;     // of a fixed argument, or of digits
};

// The instruction at `at`. False: it does not end within the pickle, or is none of CPython's.
bool read_instruction(std::string_view pickle, std::size_t at, Instruction& out);

}  // namespace djcache::codec::pickle
