// The dictionaries of fixtures/settings/people resolve to what Django, django-redis and redis-py
// make of them, as recorded by people.py. Options without effect cause warnings, and a broken alias
// affects no other.
#include <djcache/settings.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "built.h"
#include "settings/resolve.h"

namespace djcache {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const fs::path folder = fs::path(DJCACHE_FIXTURES) / "settings" / "people";

std::vector<std::string> people() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string shown(const std::string& text) { return text.empty() ? "-" : text; }

constexpr const char* serializers[] = {"msgpack", "pickle", "json", "raw"};

// In the format of people.py.
std::string line_of(const std::string& name, const settings::ServerPlan& server,
                    const settings::AliasPlan& plan, const CacheSettings& cache) {
  const Options& options = cache.options;
  const std::string client_name = server.client_name.value_or(options.client_name);
  const Ttl& timeout = cache.timeout;
  const std::string columns[] = {
      server.host + server.path,
      server.port == 0 ? "-" : std::to_string(server.port),
      std::to_string(server.db),
      shown(server.username),
      shown(server.password),
      std::to_string(plan.command_limit.count()),
      std::to_string(server.connect_limit.count()),
      client_name == Options().client_name ? "-" : client_name,
      timeout.is_forever() ? "-" : std::to_string(timeout.milliseconds() / 1000),
      serializers[static_cast<int>(options.serializer)],
      std::string(to_string(options.compressor)),
      cache.key_prefix + ':' +
          (cache.version_text.empty() ? std::to_string(cache.version) : cache.version_text) +
          ":probe"};
  std::string line = name;
  for (const std::string& column : columns) line += '\t' + column;
  return line + '\n';
}

std::string one_line(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
    text.replace(at, 1, " | ");
  }
  return text;
}

// One line per server, or the error of the alias.
std::string verdict_of(const std::string& alias, const Settings& settings,
                       const settings::AliasPlan& plan) {
  if (plan.broken) return alias + "\trefused: " + one_line(plan.broken->detail) + '\n';
  std::string lines;
  for (std::size_t i = 0; i < plan.servers.size(); ++i) {
    const std::string name = i == 0 ? alias : alias + '#' + std::to_string(i + 1);
    lines += line_of(name, plan.servers[i], plan, settings.caches.at(alias));
  }
  return lines;
}

// `text` with the column filled in where Python has nothing.
void fill(std::string& text, int column, milliseconds fallback) {
  std::size_t at = 0;
  while (column-- > 0 && at != std::string::npos) at = text.find('\t', at + 1);
  if (at != std::string::npos && text.substr(at, 3) == "\t-\t") {
    text.replace(at + 1, 1, std::to_string(fallback.count()));
  }
}

std::map<std::string, std::string> verdicts_in(const fs::path& file) {
  std::map<std::string, std::string> verdicts;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    fill(line, 6, settings::command_limit_default);
    fill(line, 7, settings::connect_limit_default);
    std::string& verdict = verdicts[line.substr(0, line.find_first_of("\t#"))];
    verdict.append(line) += '\n';
  }
  return verdicts;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) { return info.param; }

std::string content(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Differences from Python are in a .djcache file: the text of an error, or what is served where
// Python raises. DJCACHE_RECORD=1 writes these files; check the diff.
class People : public testing::TestWithParam<std::string> {};
TEST_P(People, SettingsResolveAsInPythonOrAreRefusedInWords) {
  const fs::path file = folder / (GetParam() + ".djcache");
  const auto settings = Settings::from_json_file((folder / (GetParam() + ".json")).string());
  ASSERT_TRUE(settings);
  auto python = verdicts_in(folder / (GetParam() + ".django"));
  ASSERT_FALSE(python.empty());
  std::string otherwise;
  for (const auto& [alias, plan] : settings::resolve(*settings).aliases) {
    const std::string verdict = verdict_of(alias, *settings, plan);
    if (verdict != python[alias]) otherwise += verdict;
  }
  if (std::getenv("DJCACHE_RECORD") && !otherwise.empty()) std::ofstream(file) << otherwise;
  EXPECT_EQ(otherwise, content(file));
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
  "tls": {"BACKEND": "redis", "LOCATION": "rediss://a?ssl_keyfile=/k"}})";

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

TEST(SettingsFindings, ALimitThatLooksLikeMillisecondsIsAWarning) {
  const Settings settings = read(
      R"({"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
               "LOCATION": "redis://a", "OPTIONS": {"command_limit": 500,
               "stall_limit": 59, "connect_limit": 60.0, "pending_max": 500}}})");
  EXPECT_EQ(settings.caches.at("default").options.command_limit, std::chrono::seconds(500));
  ASSERT_EQ(settings.findings().size(), 1u);
  EXPECT_EQ(settings.findings()[0].severity, SettingsFinding::Severity::warning);
  EXPECT_EQ(settings.findings()[0].place, "CACHES['default']['OPTIONS']['command_limit']");
  EXPECT_EQ(settings.findings()[0].text, "is 500 seconds; 500 milliseconds are written 0.5");
}

TEST(SettingsFindings, ALimitOutOfRangeSaysItsUnit) {
  const Settings settings = read(
      R"({"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
               "LOCATION": "redis://a", "OPTIONS": {"command_limit": 5000}}})");
  ASSERT_EQ(settings.findings().size(), 1u);
  EXPECT_EQ(
      settings.findings()[0].text,
      "must be from 1 millisecond to 1 hour; it is 5000 seconds; 5000 milliseconds are written 5");
}

TEST(SettingsFindings, ANameBesideOptionsIsAWarning) {
  const Settings settings = read(R"({"default": {"BACKEND": "django_redis.cache.RedisCache",
                                     "LOCATION": "redis://a", "SOCKET_TIMEOUT": 5}})");
  ASSERT_EQ(settings.findings().size(), 1u);
  EXPECT_EQ(settings.findings()[0].severity, SettingsFinding::Severity::warning);
  EXPECT_THAT(settings.findings()[0].text, HasSubstr("written in OPTIONS"));
}

TEST(SettingsLimits, OwnOptionsCountMoreThanAUrlAndAUrlMoreThanRedisPysOptions) {
  using namespace std::chrono_literals;
  CacheSettings cache{.location = {"redis://a?socket_timeout=3"}};
  cache.options.socket_timeout = 2s;
  EXPECT_EQ(settings::command_limit(cache), 3s);
  cache.options.command_limit = 1s;
  EXPECT_EQ(settings::command_limit(cache), 1s);
  EXPECT_EQ(settings::command_limit({.location = {"not a URL"}}), 500ms);
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
               "KEY_FUNCTION": "shop.key", "OPTIONS": {"SERIALIZER": "shop.Json",
               "COMPRESSOR": "shop.Zlib", "db": 1}}})",
           {.backends = {{"shop.Cache", "django_redis.cache.RedisCache"}},
            .key_functions = {{"shop.key", [](auto key, auto, auto) { return std::string(key); }}},
            .serializers = {{"shop.Json", Serializer::json}},
            .compressors = {{"shop.Zlib", Compressor::zlib}}});
  EXPECT_TRUE(settings.check().ok());
  const CacheSettings& cache = settings.caches.at("default");
  EXPECT_EQ(cache.options.serializer, Serializer::json);
  EXPECT_EQ(cache.options.compressor, Compressor::zlib);
  EXPECT_EQ(cache.options.db, std::nullopt);  // under django-redis' rules
  EXPECT_EQ(cache.key_function("k", "", 1), "k");
}

TEST(SettingsNames, OfDjangoCachexAreKnownWithTheirListsOfSerializers) {
  const Settings settings = read(R"({"default": {"BACKEND": "django_cachex.cache.ValkeyCache",
      "LOCATION": "valkey://h:7001/2", "OPTIONS": {"username": "u",
      "serializer": ["django_cachex.serializers.json.JSONSerializer",
                     "django_cachex.serializers.pickle.PickleSerializer"],
      "compressor": "django_cachex.compressors.zlib.ZlibCompressor"}}})");
  EXPECT_TRUE(settings.findings().empty());
  const Options& options = settings.caches.at("default").options;
  EXPECT_EQ(options.serializer, Serializer::json);
  EXPECT_THAT(options.serializer_fallbacks, ElementsAre(Serializer::pickle));
  EXPECT_EQ(options.compressor, Compressor::zlib);
  const settings::Plan plan = settings::resolve(settings);
  const settings::ServerUrl& server = plan.aliases.at("default").servers.at(0);
  EXPECT_EQ(server.endpoint() + server.username, "h:7001/2u");
}

TEST(SettingsNames, OfDjangoValkeyAreRefusedUntilTheyAreMapped) {
  constexpr const char* json = R"({"default": {"BACKEND": "django_valkey.cache.ValkeyCache",
      "LOCATION": "valkey://h/2", "OPTIONS": {"PASSWORD": "p",
      "CLIENT_CLASS": "django_valkey.client.DefaultClient",
      "SERIALIZER": "django_valkey.serializers.json.JSONSerializer",
      "COMPRESSOR": "django_valkey.compressors.identity.IdentityCompressor"}}})";
  ASSERT_FALSE(read(json).check());
  EXPECT_THAT(read(json).check().error().detail, HasSubstr("map its name"));
  const Settings mapped = read(
      json, {.backends = {{"django_valkey.cache.ValkeyCache", "django_redis.cache.RedisCache"}}});
  EXPECT_TRUE(mapped.findings().empty());
  EXPECT_EQ(mapped.caches.at("default").options.serializer, Serializer::json);
}

TEST(SettingsNames, AKeyFunctionThatIsSetInCodeSettlesTheComplaint) {
  Settings settings = read(R"({"default": {"BACKEND": "memory", "KEY_FUNCTION": "shop.key"}})");
  EXPECT_FALSE(settings.check().ok());
  settings.caches["default"].key_function = [](auto key, auto, auto) { return std::string(key); };
  EXPECT_TRUE(settings.check().ok());
}

}  // namespace
}  // namespace djcache
