// What Sentinels say, and what somebody else might.
#include "sentinel/replies.h"

#include <gtest/gtest.h>

namespace djcache::sentinel {
namespace {

Reply text(const char* of) { return {.type = Reply::Type::string, .text = of}; }
Reply array(std::vector<Reply> elements) {
  Reply reply;
  reply.type = Reply::Type::array;
  reply.elements = std::move(elements);
  return reply;
}
Reply replica(const char* host, const char* port, const char* flags, const char* link = "ok",
              const char* announced = "1") {
  return array({text("name"), text("n"), text("ip"), text(host), text("port"), text(port),
                text("flags"), text(flags), text("master-link-status"), text(link),
                text("replica-announced"), text(announced)});
}

TEST(SentinelReplies, APrimaryIsTwoWords) {
  EXPECT_EQ(primary_in(array({text("10.0.0.1"), text("6379")})), (Address{"10.0.0.1", 6379}));
  EXPECT_EQ(primary_in(array({text("::1"), text("1")})), (Address{"::1", 1}));
  Reply nil;
  nil.type = Reply::Type::nil;
  for (const Reply& odd :
       {nil, text("10.0.0.1"), array({}), array({text("h")}), array({text("h"), text("0")}),
        array({text("h"), text("65536")}), array({text("h"), text("x")}),
        array({text(""), text("1")}), array({text("h"), text("1"), text("2")}),
        array({array({}), array({})})}) {
    EXPECT_EQ(primary_in(odd), std::nullopt);
  }
}

TEST(SentinelReplies, ReplicasThatCannotServeArePassedOver) {
  const Reply all =
      array({replica("a", "1", "slave"), replica("b", "2", "s_down,slave"),
             replica("c", "3", "slave,o_down"), replica("d", "4", "slave,disconnected"),
             replica("e", "5", "slave", "err"), replica("f", "6", "slave", "ok", "0"),
             replica("g", "x", "slave"), text("odd"), array({text("ip")}),
             replica("h", "8", "slave,reconf_done")});
  EXPECT_EQ(replicas_in(all), (std::vector<Address>{{"a", 1}, {"h", 8}}));
  EXPECT_TRUE(replicas_in(text("odd")).empty());
}

TEST(SentinelReplies, OtherSentinelsAreThoseThatCanBeReached) {
  const Reply all =
      array({replica("a", "1", "sentinel"), replica("b", "2", "s_down,sentinel"),
             replica("c", "3", "sentinel,disconnected"), replica("d", "0", "sentinel"),
             replica("", "5", "sentinel"), text("odd"), array({})});
  EXPECT_EQ(sentinels_in(all), (std::vector<Address>{{"a", 1}}));
  EXPECT_TRUE(sentinels_in(text("odd")).empty());
}

TEST(SentinelReplies, ASwitchSpeaksOfOneService) {
  EXPECT_TRUE(speaks_of("mymaster 127.0.0.1 1 127.0.0.1 2", "mymaster"));
  EXPECT_FALSE(speaks_of("mymaster2 127.0.0.1 1 127.0.0.1 2", "mymaster"));
  EXPECT_FALSE(speaks_of("mymaster", "mymaster"));
  EXPECT_FALSE(speaks_of("", "mymaster"));
}

}  // namespace
}  // namespace djcache::sentinel
