// Shared by tests of pickles that call classes and functions.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/codec_fixture.h"
#include "codec/pickle.h"

namespace djcache::codec {

inline std::string unpickled(std::string_view bytes, const Limits& limits = {}) {
  return read(bytes, Serializer::pickle, limits);
}
// A call in protocol 0: a global, and pickles of the arguments.
inline std::string call(std::string_view global, std::string_view arguments) {
  return std::string("c").append(global).append("\n(").append(arguments).append("tR");
}
// bytes, as a call that protocol 0 can write.
inline std::string bytes_of(std::string_view escaped) {
  return call("_codecs\nencode", std::string("V").append(escaped).append("\nVlatin1\n"));
}
inline std::string little(std::uint32_t number) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}
inline void expect_refused(const std::string& pickle, std::string_view why) {
  EXPECT_NE(unpickled(pickle + ".").find(why), std::string::npos) << pickle << "\n"
                                                                  << unpickled(pickle + ".");
}

inline constexpr std::string_view other_arguments =
    " is called with arguments that its pickles do not have";

}  // namespace djcache::codec
