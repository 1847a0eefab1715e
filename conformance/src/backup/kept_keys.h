// Shared by the tests of the backup: stores keys of every type on a server, and reads them back.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <djcache/harness/inspector.h>
#include <djcache/harness/redis_server.h>

namespace djcache::conformance {

inline std::unique_ptr<harness::Inspector> look_at(harness::RedisServer& server, int db) {
  auto opened = harness::Inspector::open(server.endpoint(db));
  EXPECT_TRUE(opened) << opened.problem;
  return std::move(opened.value);
}

// More keys than a page of SCAN, and more members than the small encodings allow.
inline constexpr int many_keys = 600, few_keys = 5;

// Keys of every type, with and without a ttl, with bytes that are not text, and many of them.
inline void store_keys(harness::RedisServer& server, int db, int keys) {
  const std::string binary("\0\r\n\xff key", 8);
  std::vector<std::vector<std::string>> commands{
      {"SET", "text", "a value"},
      {"SET", binary, binary},
      {"SET", "number", "42"},
      {"SET", "of ten minutes", "v", "PX", "600000"},
      {"SET", "", "of the empty key"},
      {"SET", ":1:a", "a key that cases use, too"},
      {"SET", "large", std::string(3 << 20, 'x')},
      {"RPUSH", "list", "a", "b", binary},
      {"HSET", "hash", "field", "value", binary, binary},
      {"PEXPIRE", "hash", "700000"},
      {"SADD", "set", "a", "b", binary},
      {"SADD", "numbers", "1", "2", "3"},
      {"ZADD", "zset", "1.5", "a", "-inf", binary},
      {"XADD", "stream", "1-1", "field", "value"},
      {"XADD", "stream", "1-2", "field", binary},
      {"XGROUP", "CREATE", "stream", "readers", "1-1"},
      {"SETBIT", "bits", "1000", "1"},
      {"PFADD", "loglog", "a", "b"},
  };
  std::vector<std::string> many{"MSET"}, hash{"HSET", "wide hash"}, set{"SADD", "wide set"},
      zset{"ZADD", "wide zset"}, list{"RPUSH", "long list"};
  for (int i = 0; i < keys; ++i) {
    const std::string n = std::to_string(i);
    many.insert(many.end(), {"many:" + n, n});
    hash.insert(hash.end(), {"f" + n, n});
    set.push_back("m" + n);
    zset.insert(zset.end(), {n, "m" + n});
    list.push_back(n);
  }
  commands.insert(commands.end(), {many, hash, set, zset, list});
  auto inspector = look_at(server, db);
  for (const auto& command : commands) {
    const auto reply = inspector->command(command);
    ASSERT_FALSE(reply.is_error()) << command[0] << " " << command[1] << ": " << reply;
  }
}

// Each key's content as text, in an order independent of its encoding.
inline std::map<std::string, std::string> contents(harness::RedisServer& server, int db) {
  static const std::map<std::string, std::vector<std::string>> reads{
      {"list", {"LRANGE", "", "0", "-1"}},
      {"hash", {"HGETALL", ""}},
      {"set", {"SMEMBERS", ""}},
      {"zset", {"ZRANGE", "", "0", "-1", "WITHSCORES"}},
      {"stream", {"XRANGE", "", "-", "+"}}};
  auto inspector = look_at(server, db);
  std::map<std::string, std::string> all;
  const auto keys = inspector->keys();
  if (!keys) return all;
  for (const std::string& key : *keys) {
    const std::string type = inspector->type(key).value_or("?");
    std::vector<std::string> read{"GET", ""};
    if (const auto found = reads.find(type); found != reads.end()) read = found->second;
    read[1] = key;
    auto reply = inspector->command(read);
    if (type == "set" || type == "hash") {
      std::sort(reply.elements.begin(), reply.elements.end(),
                [](const auto& a, const auto& b) { return a.text < b.text; });
    }
    all[key] = type + " " + harness::format(reply);
    if (type == "stream") {
      all[key] += harness::format(inspector->command({"XINFO", "GROUPS", key}));
    }
  }
  return all;
}

// When each key expires, in milliseconds since 1970; keys without a ttl are left out.
inline std::map<std::string, std::int64_t> expiries(harness::RedisServer& server, int db) {
  auto inspector = look_at(server, db);
  std::map<std::string, std::int64_t> all;
  for (const std::string& key : inspector->keys().value_or(std::vector<std::string>())) {
    const auto reply = inspector->command({"PEXPIRETIME", key});
    if (reply.integer >= 0) all[key] = reply.integer;
  }
  return all;
}

struct KeptKeys {
  KeptKeys(harness::RedisServer& server, int the_db)
      : db(the_db), before(contents(server, db)), expiry(expiries(server, db)) {}

  void expect_kept(harness::RedisServer& server) const {
    const auto after = contents(server, db);
    EXPECT_EQ(after.size(), before.size());
    EXPECT_TRUE(after == before) << "a key of database " << db << " is another than before";
    const auto now = expiries(server, db);
    EXPECT_EQ(now.size(), expiry.size());
    for (const auto& [key, at] : expiry) {
      ASSERT_TRUE(now.count(key)) << key << " does not expire any more";
      EXPECT_NEAR(static_cast<double>(now.at(key)), static_cast<double>(at), 1000) << key;
    }
  }

  int db;
  std::map<std::string, std::string> before;
  std::map<std::string, std::int64_t> expiry;
};

}  // namespace djcache::conformance
