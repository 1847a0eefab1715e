// Shared by tests of pickles that call classes and functions.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "codec/codec_fixture.h"
#include "codec/pickle.h"

namespace djcache::codec {

inline std::string unpickled(std::string_view bytes, const Limits& limits = {}) {
  return read(bytes, Serializer::pickle, limits);
}
inline std::string call(std::string_view global, std::string_view arguments) {
  return std::string("c").append(global).append("\n(").append(arguments).append("tR");
}
inline void expect_refused(const std::string& pickle, std::string_view why) {
  EXPECT_NE(unpickled(pickle + ".").find(why), std::string::npos) << pickle << "\n"
                                                                  << unpickled(pickle + ".");
}

inline constexpr std::string_view other_arguments =
    " is called with arguments that its pickles do not have";

}  // namespace djcache::codec
