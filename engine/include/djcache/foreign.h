/// @file
/// Foreign: how objects of classes that djcache does not know are read.
#pragma once

#include <djcache/export.h>

#include <cstdint>

namespace djcache {

/// How an object in a pickle is read if its class is not on the list of engine/docs/pickle.md: a
/// model instance, an enum, an exception or a response, for example.
enum class Foreign : std::uint8_t {
  refuse,  ///< the entry is decode_failed, which names the class
  opaque,  ///< Kind::opaque: not parsed, and written back unchanged

  /// enums, namedtuples, dataclasses and subclasses of str, int, tuple, list, dict and set as their
  /// data; other classes as opaque. After writing the value back, Python finds only the data
  data,
};

}  // namespace djcache
