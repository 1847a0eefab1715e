#include "net/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace djcache::net {
namespace {

using ::testing::ElementsAre;

std::vector<Address> addresses(std::initializer_list<const char*> texts) {
  std::vector<Address> all;
  for (const char* text : texts) all.push_back(numeric_address(text, 1));
  return all;
}

std::vector<std::string> ordered(std::vector<Address> all, const char* preferred = "x") {
  put_in_order(all, numeric_address(preferred, 1));
  std::vector<std::string> texts;
  for (const Address& each : all) texts.push_back(to_string(each));
  return texts;
}

TEST(Addresses, FamiliesTakeTurnsAndEachKeepsItsOrder) {
  EXPECT_THAT(ordered(addresses({"::1", "::2", "::3", "1.1.1.1", "2.2.2.2"})),
              ElementsAre("::1", "1.1.1.1", "::2", "2.2.2.2", "::3"));
  EXPECT_THAT(ordered(addresses({"1.1.1.1", "2.2.2.2", "3.3.3.3", "::1"})),
              ElementsAre("1.1.1.1", "::1", "2.2.2.2", "3.3.3.3"));
  EXPECT_THAT(ordered(addresses({"1.1.1.1"})), ElementsAre("1.1.1.1"));
  EXPECT_THAT(ordered({}), ElementsAre());
}

TEST(Addresses, ThePreferredOneComesFirstAndItsFamilyWithIt) {
  EXPECT_THAT(ordered(addresses({"::1", "::2", "1.1.1.1", "2.2.2.2"}), "2.2.2.2"),
              ElementsAre("2.2.2.2", "::1", "1.1.1.1", "::2"));
  EXPECT_THAT(ordered(addresses({"::1", "1.1.1.1"}), "9.9.9.9"), ElementsAre("::1", "1.1.1.1"));
}

TEST(Addresses, ANameIsNoNumericAddress) {
  EXPECT_EQ(numeric_address("localhost", 1).size, 0u);
  EXPECT_EQ(numeric_address("127.0.0.1", 1).family(), AF_INET);
  EXPECT_EQ(numeric_address("::1", 1).family(), AF_INET6);
}

TEST(Addresses, APathMustFitTheSystem) {
  EXPECT_EQ(unix_address(std::string(107, 'p')).family(), AF_UNIX);
  EXPECT_EQ(unix_address(std::string(108, 'p')).size, 0u);
}

TEST(Addresses, OfALongListTheFirstOnesAreTaken) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::vector<addrinfo> list(addresses_max + 1);
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i].ai_addr = reinterpret_cast<sockaddr*>(&address);
    list[i].ai_addrlen = sizeof address;
    list[i].ai_next = i + 1 < list.size() ? &list[i + 1] : nullptr;
  }
  const auto taken = addresses_in(list.data(), 6379);
  ASSERT_EQ(taken.size(), addresses_max);
  EXPECT_EQ(reinterpret_cast<const sockaddr_in*>(taken[0].get())->sin_port, htons(6379));
  address.sin_family = AF_UNIX;
  EXPECT_TRUE(addresses_in(list.data(), 6379).empty());
}

}  // namespace
}  // namespace djcache::net
