/// @file
/// Foreign: how objects of classes that djcache does not know are read.
#pragma once

#include <djcache/export.h>

#include <cstdint>

namespace djcache {

/// What an object in a pickle becomes whose class is not on the list of engine/docs/pickle.md: a
/// model instance, an enum, an exception or a response, for example.
enum class Foreign : std::uint8_t {
  refuse,  ///< the entry is decode_failed, which names the class
  opaque,  ///< Kind::opaque: not looked into, and written back as it was

  /// enums, namedtuples, dataclasses and subclasses of str, int, tuple, list, dict and set as their
  /// data; the others opaque. Written back, Python finds the data alone
  data,
};

}  // namespace djcache
