// Foreign: objects of classes that djcache does not know.
#pragma once

#include <djcache/export.h>

#include <cstdint>

namespace djcache {

// What becomes of an object in a pickle whose class is not on the list of engine/docs/pickle.md, such as a model
// instance, an enum, an exception or a response.
enum class Foreign : std::uint8_t {
  refuse,  // the entry is decode_failed, which names the class
  opaque,  // Kind::opaque: not looked into, and written back as it was
  data,  // enums, namedtuples, dataclasses and subclasses of str, int, tuple, list, dict, set as their data;
  // the others opaque. Written back, Python finds the data alone
};

}  // namespace djcache
