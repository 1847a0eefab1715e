#include "settings/closest_name.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace djcache::settings {
namespace {

constexpr std::array<std::string_view, 4> names = {"connect_limit", "command_limit", "TIMEOUT",
                                                   "db"};

TEST(ClosestName, FindsTheNameThatWasMisspelt) {
  EXPECT_EQ(closest_name("conect_limit", names), "connect_limit");
  EXPECT_EQ(closest_name("comand_limit", names), "command_limit");
  EXPECT_EQ(closest_name("connectlimits", names), "connect_limit");
  EXPECT_EQ(closest_name("timeout", names), "TIMEOUT");
  EXPECT_EQ(closest_name("dbb", names), "db");
}

TEST(ClosestName, SuggestsNothingThatIsNotClose) {
  EXPECT_EQ(closest_name("colour", names), "");
  EXPECT_EQ(closest_name("x", names), "");
  EXPECT_EQ(closest_name("", names), "");
  EXPECT_EQ(closest_name("connect", names), "");
  EXPECT_EQ(closest_name(std::string(1'000'000, 'a'), names), "");
}

TEST(ClosestName, SuggestionIsASentenceOrNothing) {
  EXPECT_EQ(suggestion("tiemout", names), "; did you mean 'TIMEOUT'?");
  EXPECT_EQ(suggestion("colour", names), "");
}

}  // namespace
}  // namespace djcache::settings
