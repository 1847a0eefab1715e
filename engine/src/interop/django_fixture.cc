#include "interop/django_fixture.h"

#include <sys/wait.h>

#include <cstdio>

namespace djcache::interop {

namespace {

std::string caches_json(const std::string& backend, const std::string& location,
                        const std::string& options, const std::string& more) {
  return R"({"default": {"BACKEND": ")" + backend + R"(", "LOCATION": ")" + location +
         R"(", "OPTIONS": )" + options + more + "}}";
}

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

Sides pickle() { return {"pickle", "any", "{}", "{}"}; }
Sides msgpack() {
  return {"msgpack", "plain", R"({"serializer": "msgpack"})",
          R"({"serializer": "django_turn.MsgpackSerializer"})"};
}

void DjangoTest::SetUp() {
  EngineTest::SetUp();
  begin(GetParam());
}

void DjangoTest::begin(const Sides& sides, const std::string& more, const std::string& django_more,
                       KeyFunction key_function) {
  const std::string url = server().unix_url();
  django_caches_ = caches_json(sides.django_backend, url, sides.django_options, more + django_more);
  auto settings =
      Settings::from_json(caches_json(sides.django_backend, url, sides.djcache_options, more));
  ASSERT_TRUE(settings.ok()) << to_string(settings.error());
  settings->caches["default"].key_function = std::move(key_function);
  cache_.emplace(wait_for(start(std::move(*settings)).cache()));
}

std::string DjangoTest::django(const std::string& words) {
  const std::string command = "DJCACHE_CACHES=" + shell_quoted(django_caches_) +
                              " " DJCACHE_DJANGO_TURN " " + words + " 2>&1";
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot run " << command;
    return {};
  }
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << words << ":\n" << output;
  while (output.ends_with('\n')) output.pop_back();
  return output;
}

}  // namespace djcache::interop
