#include "url.h"

#include <gtest/gtest.h>

namespace djcache::harness {
namespace {

TEST(Url, CredentialsArePercentEncoded) {
  EXPECT_EQ(tcp_url({.username = "an@a", .password = "p:/? %"}, "127.0.0.1", 6379, 3),
            "redis://an%40a:p%3A%2F%3F%20%25@127.0.0.1:6379/3");
}

TEST(Url, WithoutCredentialsThereIsNoUserinfo) {
  EXPECT_EQ(tcp_url({}, "[::1]", 1, 0), "redis://[::1]:1/0");
  EXPECT_EQ(tcp_url({.password = "x"}, "127.0.0.1", 1, 0), "redis://:x@127.0.0.1:1/0");
}

TEST(Url, AUnixSocketNamesItsDbInTheQuery) {
  EXPECT_EQ(unix_socket_url({}, "/tmp/a b/s.sock", 2), "unix:///tmp/a%20b/s.sock?db=2");
  EXPECT_EQ(unix_socket_url({.password = "x"}, "/s", 0), "unix://:x@/s?db=0");
}

}  // namespace
}  // namespace djcache::harness
