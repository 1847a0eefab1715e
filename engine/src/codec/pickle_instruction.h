// One instruction of a pickle and its argument, not executed.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/pickle_opcodes.h"

namespace djcache::codec::pickle {

struct Instruction {
  Op op{};
  std::size_t size = 0;         // of the whole instruction
  std::string_view argument{};  // a payload's bytes; of lines both, with the newline between them
  std::uint64_t number = 0;     // a fixed argument, or the number its digits give
};

// The instruction at `at`. False: it is truncated, or unknown to CPython.
bool read_instruction(std::string_view pickle, std::size_t at, Instruction& out);

}  // namespace djcache::codec::pickle
