// The dictionaries of fixtures/settings/people resolve to what Django, django-redis and redis-py make of
// them, as recorded by people.py; what has no effect is warned of, and a broken alias spoils itself alone.
#include <djcache/settings.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "settings/resolve.h"

namespace djcache {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const fs::path folder = fs::path(DJCACHE_FIXTURES_DIR) / "settings" / "people";

std::vector<std::string> people() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string shown(const std::string& text) { return text.empty() ? "-" : text; }

// Python's limit, or "-" for none of its own.
void expect_limit(const std::string& python, std::chrono::milliseconds ours,
                  std::chrono::milliseconds fallback) {
  const double seconds = python == "-" ? 0 : std::stod(python);
  const auto theirs = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  EXPECT_EQ(ours, python == "-" ? fallback : theirs);
}

void expect_alias(const std::string& line, const Settings& settings, const settings::Plan& plan) {
  SCOPED_TRACE(line);
  std::istringstream words(line);
  std::string alias, host, port, db, user, password, command_limit, connect_limit, key;
  words >> alias >> host;
  const settings::AliasPlan& mine = plan.aliases.at(alias);
  if (host == "refused") {
    EXPECT_TRUE(mine.broken.has_value());
    return;
  }
  words >> port >> db >> user >> password >> command_limit >> connect_limit >> key;
  ASSERT_FALSE(mine.broken) << mine.broken->detail;
  const settings::ServerUrl& server = mine.servers.at(0);
  EXPECT_EQ(server.host + server.path, host);
  EXPECT_EQ(server.port == 0 ? "-" : std::to_string(server.port), port);
  EXPECT_EQ(std::to_string(server.db), db);
  EXPECT_EQ(shown(server.username), user);
  EXPECT_EQ(shown(server.password), password);
  const CacheSettings& cache = settings.caches.at(alias);
  expect_limit(command_limit, mine.command_limit, Options().command_limit);
  expect_limit(connect_limit, server.connect_limit.value_or(cache.options.connect_limit),
               Options().connect_limit);
  const std::string version =
      cache.version_text.empty() ? std::to_string(cache.version) : cache.version_text;
  EXPECT_EQ(cache.key_prefix + ':' + version + ":probe", key);
}

std::string test_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

class People : public testing::TestWithParam<std::string> {};
TEST_P(People, SettingsResolveAsInPython) {
  const auto settings = Settings::from_json_file((folder / (GetParam() + ".json")).string());
  ASSERT_TRUE(settings);
  const settings::Plan plan = settings::resolve(*settings);
  std::ifstream verdicts(folder / (GetParam() + ".django"));
  ASSERT_TRUE(verdicts);
  for (std::string line; std::getline(verdicts, line);) expect_alias(line, *settings, plan);
}
INSTANTIATE_TEST_SUITE_P(Fixtures, People, testing::ValuesIn(people()), test_name);

Settings read(const std::string& json, const Settings::ReadOptions& names = {}) {
  auto settings = Settings::from_json(json, names);
  EXPECT_TRUE(settings);
  return settings ? *std::move(settings) : Settings{};
}

constexpr const char* mixed = R"({
  "default": {"BACKEND": "redis", "LOCATION": "redis://a"},
  "files": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "/x",
            "OPTIONS": {"whatever": 1}},
  "odd": {"BACKEND": "redis", "LOCATION": "redis://a:x", "OPTIONS": {"dbb": 1, "stall_limit": -1}},
  "tls": {"BACKEND": "redis", "LOCATION": "rediss://a"}})";

TEST(SettingsFindings, ABrokenAliasBreaksItselfAlone) {
  const settings::Plan plan = settings::resolve(read(mixed));
  EXPECT_FALSE(plan.aliases.at("default").broken);
  for (const char* alias : {"files", "odd", "tls"}) {
    const auto& broken = plan.aliases.at(alias).broken;
    ASSERT_TRUE(broken) << alias;
    EXPECT_THAT(broken->detail, HasSubstr("CACHES['" + std::string(alias) + "']"));
    EXPECT_THAT(broken->detail, Not(HasSubstr("default")));
  }
}

TEST(SettingsFindings, AllProblemsOfAllAliasesAreToldAtOnce) {
  std::vector<std::string> places;
  for (const SettingsFinding& finding : read(mixed).findings()) {
    EXPECT_EQ(finding.severity, SettingsFinding::Severity::error);
    places.push_back(finding.place);
  }
  EXPECT_THAT(places, ElementsAre("CACHES['files']['BACKEND']", "CACHES['odd']['OPTIONS']['dbb']",
                                  "CACHES['odd']['OPTIONS']['stall_limit']",
                                  "CACHES['odd']['LOCATION']", "CACHES['tls']['LOCATION']"));
}

TEST(SettingsFindings, WhatHasNoEffectIsAWarningThatSaysWhereToWriteIt) {
  const auto found =
      read(R"({"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://a",
                           "OPTIONS": {"db": 1, "DB": 2, "password": "S3cret"}}})")
          .findings();
  ASSERT_EQ(found.size(), 3u);
  for (const SettingsFinding& finding : found) {
    EXPECT_EQ(finding.severity, SettingsFinding::Severity::warning);
    EXPECT_THAT(finding.text, HasSubstr("written in LOCATION"));
    EXPECT_THAT(finding.text, Not(HasSubstr("S3cret")));
  }
}

TEST(SettingsFindings, DjangoRedisNamesHaveNoEffectWithStockDjango) {
  const Settings settings =
      read(R"({"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
               "LOCATION": "redis://a", "OPTIONS": {"PASSWORD": "p", "SOCKET_TIMEOUT": 9}}})");
  EXPECT_EQ(settings.caches.at("default").options, Options{});
  EXPECT_EQ(settings.findings().size(), 2u);
  EXPECT_TRUE(settings.check().ok());
}

TEST(SettingsFindings, AMisspeltOptionOfDjangoRedisStaysAnError) {
  EXPECT_FALSE(read(R"({"default": {"BACKEND": "django_redis.cache.RedisCache",
                        "LOCATION": "redis://a", "OPTIONS": {"PASWORD": "p"}}})")
                   .check()
                   .ok());
}

TEST(SettingsNames, OfAProjectAreGivenToFromJson) {
  const Settings settings =
      read(R"({"default": {"BACKEND": "shop.Cache", "LOCATION": "redis://a",
               "KEY_FUNCTION": "shop.key", "OPTIONS": {"SERIALIZER": "shop.Json", "db": 1}}})",
           {.backends = {{"shop.Cache", "django_redis.cache.RedisCache"}},
            .key_functions = {{"shop.key", [](auto key, auto, auto) { return std::string(key); }}},
            .serializers = {{"shop.Json", Serializer::json}}});
  EXPECT_TRUE(settings.check().ok());
  const CacheSettings& cache = settings.caches.at("default");
  EXPECT_EQ(cache.options.serializer, Serializer::json);
  EXPECT_EQ(cache.options.db, std::nullopt);  // by django-redis' rules
  EXPECT_EQ(cache.key_function("k", "", 1), "k");
}

TEST(SettingsNames, AKeyFunctionThatIsSetInCodeSettlesTheComplaint) {
  Settings settings = read(R"({"default": {"BACKEND": "memory", "KEY_FUNCTION": "shop.key"}})");
  EXPECT_FALSE(settings.check().ok());
  settings.caches["default"].key_function = [](auto key, auto, auto) { return std::string(key); };
  EXPECT_TRUE(settings.check().ok());
}

}  // namespace
}  // namespace djcache
