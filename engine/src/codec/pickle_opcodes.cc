#include "codec/pickle_opcodes.h"

namespace djcache::codec::pickle {

std::string_view refusal(unsigned char op) {
  switch (op) {
    case 'P':
    case 'Q':
      return " (PERSID, BINPERSID) names an object outside of the pickle";
    case 'i':
    case 'o':
      return " (INST, OBJ) makes an object of an old Python 2 class";
    case 0x82:
    case 0x83:
    case 0x84:
      return " (EXT1, EXT2, EXT4) names a class by a number of the program that wrote it";
    case 0x92:
      return " (NEWOBJ_EX) makes an object of a class that is not built";
    case 0x97:
    case 0x98:
      return " (NEXT_BUFFER, READONLY_BUFFER) takes data from outside of the pickle";
    default:
      return {};
  }
}

}  // namespace djcache::codec::pickle
