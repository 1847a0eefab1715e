// TLS against real servers: who is accepted and who is not, in which words, and that everything
// else works on top of it. What CPython's ssl decides is asked of it, where there is one.
#include <djcache/harness/certificates.h>
#include <djcache/lock.h>
#include <djcache/sync_cache.h>

#include <array>
#include <cstdio>
#include <set>

#include "engine/raw_fixture.h"

namespace djcache {
namespace {

class Tls : public RawTest {
 protected:
  void SetUp() override {
    RawTest::SetUp();
    ASSERT_TRUE(authority_) << authority_.problem;
  }
  harness::RedisServer& tls_server(const harness::Certificate& shows,
                                   std::vector<std::string> config = {},
                                   const std::string& clients = "no") {
    return own_server({.tls = shows, .tls_clients = clients, .extra_config = std::move(config)});
  }
  CacheSettings settings(const std::string& url, const TlsOptions& tls) {
    CacheSettings settings{.location = {url}};
    settings.options.tls = tls;
    settings.options.connect_limit = 2s;
    settings.options.command_limit = 4s;
    return settings;
  }
  TlsOptions trusting() { return {.ca_file = authority_->ca_file()}; }
  Verbs on(harness::RedisServer& server) { return verbs(settings(server.tls_url(), trusting())); }

  harness::Opened<harness::CertificateAuthority> authority_ = harness::CertificateAuthority::make();
};

// Whether Python's ssl takes the server; nullopt: there is no Python.
std::optional<bool> python_accepts(const std::string& host, std::uint16_t port,
                                   const TlsOptions& tls) {
  std::string script =
      "import socket,ssl\n"
      "c=ssl.create_default_context(" +
      (tls.ca_file.empty() ? "" : "cafile='" + tls.ca_file + "'") + ")\n";
  if (!tls.check_hostname || !tls.verify) script += "c.check_hostname=False\n";
  if (!tls.verify) script += "c.verify_mode=ssl.CERT_NONE\n";
  if (!tls.crl_file.empty()) {
    script += "c.load_verify_locations('" + tls.crl_file +
              "')\nc.verify_flags|=ssl.VERIFY_CRL_CHECK_LEAF\n";
  }
  if (!tls.cert_file.empty()) {
    script += "c.load_cert_chain('" + tls.cert_file + "','" + tls.key_file + "')\n";
  }
  if (tls.min_version == 0x0304) script += "c.minimum_version=ssl.TLSVersion.TLSv1_3\n";
  const std::string name = tls.server_name.empty() ? host : tls.server_name;
  script += "try:\n s=c.wrap_socket(socket.create_connection(('" + host + "'," +
            std::to_string(port) + "),3),server_hostname='" + name +
            "')\n s.sendall(b'PING\\r\\n')\n print('yes' if s.recv(99) else 'no')\n"
            "except OSError: print('no')\n";
  const std::string command = "/usr/bin/python3 -c \"" + script + "\" 2>/dev/null";
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::array<char, 16> said{};
  const bool read = std::fgets(said.data(), said.size(), pipe) != nullptr;
  ::pclose(pipe);
  if (!read) return std::nullopt;
  return std::string(said.data()).starts_with("yes");
}

struct Row {
  const char* claim;
  harness::CertificateRequest shows{};
  std::function<void(TlsOptions&, harness::CertificateAuthority&, const harness::Certificate&)>
      client{};
  const char* words = nullptr;  // of the refusal; null: accepted
  const char* host = "127.0.0.1";
  std::vector<std::string> config = {};
  const char* clients = "no";
};

TEST_F(Tls, ServersAreAcceptedAsPythonAcceptsThem) {
  using Authority = harness::CertificateAuthority;
  using Shown = const harness::Certificate&;
  const auto other = Authority::make();
  const harness::Certificate strange = other->issue();
  const auto show = [](TlsOptions& tls, const harness::Certificate& certificate) {
    tls.cert_file = certificate.cert_file;
    tls.key_file = certificate.key_file;
  };
  const auto own = [&](TlsOptions& tls, Authority& authority, Shown) {
    show(tls, authority.issue());
  };
  const auto foreign = [&](TlsOptions& tls, Authority&, Shown) { show(tls, strange); };
  const std::vector<std::string> tls12 = {"tls-protocols \"TLSv1.2\""};
  const std::vector<std::string> tls13 = {"tls-protocols \"TLSv1.3\""};
  const char* untrusted = "comes from an authority that is not trusted";
  const char* other_name = "the server's certificate is not for '";
  const char* wants = "wants a client certificate";
  const std::vector<Row> rows = {
      {.claim = "an address in the certificate"},
      {.claim = "a name in the certificate", .host = "localhost"},
      {.claim = "another address", .shows = {.addresses = {"127.0.0.9"}}, .words = other_name},
      {.claim = "another name",
       .shows = {.names = {"other.test"}},
       .words = other_name,
       .host = "localhost"},
      {.claim = "an address among the names",
       .shows = {.names = {"127.0.0.1"}, .addresses = {}},
       .words = other_name},
      {.claim = "the name as common name beside others",
       .shows = {.names = {"other.test"}, .common_name = "localhost"},
       .words = other_name,
       .host = "localhost"},
      {.claim = "the name as common name alone",
       .shows = {.names = {}, .addresses = {}, .common_name = "localhost"},
       .host = "localhost"},
      {.claim = "a name given",
       .shows = {.names = {"a.cache.test"}},
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.server_name = "a.cache.test"; }},
      {.claim = "a wildcard",
       .shows = {.names = {"*.cache.test"}},
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.server_name = "a.cache.test"; }},
      {.claim = "a wildcard over two labels",
       .shows = {.names = {"*.test"}},
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.server_name = "a.cache.test"; },
       .words = other_name},
      {.claim = "a part of a label as wildcard",
       .shows = {.names = {"a*.cache.test"}},
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.server_name = "ab.cache.test"; },
       .words = other_name},
      {.claim = "another name, which nobody looks at",
       .shows = {.names = {"other.test"}, .addresses = {}},
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.check_hostname = false; }},
      {.claim = "expired", .shows = {.valid_from = -48h, .valid_to = -24h}, .words = "has expired"},
      {.claim = "not yet valid",
       .shows = {.valid_from = 24h, .valid_to = 48h},
       .words = "is not valid yet"},
      {.claim = "signed by itself", .shows = {.self_signed = true}, .words = "is signed by itself"},
      {.claim = "signed by itself, and trusted",
       .shows = {.self_signed = true},
       .client = [](TlsOptions& tls, Authority&, Shown shown) { tls.ca_file = shown.cert_file; }},
      {.claim = "of an unknown authority",
       .client = [&](TlsOptions& tls, Authority&, Shown) { tls.ca_file = other->ca_file(); },
       .words = untrusted},
      {.claim = "of no authority of the system's",
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.ca_file.clear(); },
       .words = untrusted},
      {.claim = "anybody",
       .shows = {.names = {"x.test"}, .valid_from = -48h, .valid_to = -24h, .self_signed = true},
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.verify = false; }},
      {.claim = "revoked",
       .client =
           [](TlsOptions& tls, Authority& authority, Shown shown) {
             ASSERT_TRUE(authority.revoke(shown));
             tls.crl_file = authority.crl_file();
           },
       .words = "was revoked"},
      {.claim = "revoked, and nobody looks",
       .client = [](TlsOptions&, Authority& authority,
                    Shown shown) { ASSERT_TRUE(authority.revoke(shown)); }},
      {.claim = "not revoked",
       .client = [](TlsOptions& tls, Authority& authority,
                    Shown) { tls.crl_file = authority.crl_file(); }},
      {.claim = "TLS 1.2", .config = tls12},
      {.claim = "TLS 1.3", .config = tls13},
      {.claim = "an old version",
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.min_version = 0x0304; },
       .words = "none of the versions of TLS that ssl_min_version allows",
       .config = tls12},
      {.claim = "a client with a certificate, 1.2",
       .client = own,
       .config = tls12,
       .clients = "yes"},
      {.claim = "a client with a certificate, 1.3",
       .client = own,
       .config = tls13,
       .clients = "yes"},
      {.claim = "a client without, 1.2",
       .words = "may want a client certificate",
       .config = tls12,
       .clients = "yes"},
      {.claim = "a client without, 1.3", .words = wants, .config = tls13, .clients = "yes"},
      {.claim = "a strange client, 1.2",
       .client = foreign,
       .words = "does not trust the authority of the client certificate",
       .config = tls12,
       .clients = "yes"},
      {.claim = "a strange client, 1.3",
       .client = foreign,
       .words = "does not trust the authority of the client certificate",
       .config = tls13,
       .clients = "yes"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.claim);
    const harness::Certificate shown = authority_->issue(row.shows);
    harness::RedisServer& server = tls_server(shown, row.config, row.clients);
    TlsOptions tls = trusting();
    if (row.client) row.client(tls, *authority_, shown);
    Verbs verbs = this->verbs(settings(server.tls_url(0, row.host), tls));
    const Result<std::optional<Value>> got = verbs.get("k");
    if (row.words == nullptr) {
      EXPECT_EQ(got, miss);
    } else {
      EXPECT_EQ(got, Errc::tls_failed);
      EXPECT_THAT(got.ok() ? "" : got.error().detail, HasSubstr(row.words));
    }
    if (const auto accepted = python_accepts(row.host, server.tls_port(), tls)) {
      EXPECT_EQ(*accepted, row.words == nullptr) << "what Python's ssl says";
    }
    disconnect(engine());
    server.kill9();
  }
}

TEST_F(Tls, EveryVerbWorksOverIt) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Cache cache = this->cache(settings(server.tls_url(), trusting()));
  int ended = 0;
  std::string failed;
  const int verbs = call_every_verb(cache, [&](std::string_view verb, const Error* error) {
    ++ended;
    if (error != nullptr && error->code != Errc::key_not_found) {
      failed += std::string(verb) + ": " + to_string(*error) + '\n';
    }
  });
  EXPECT_TRUE(run_until([&] { return ended == verbs; }));
  EXPECT_EQ(failed, "");
  EXPECT_EQ(disconnect(engine()).connections, statistics().connects);
  EXPECT_EQ(our_handles(), "");
}

TEST_F(Tls, ValuesOfEverySizePassBothWays) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Verbs verbs = on(server);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{4'095}, std::size_t{16'383},
        std::size_t{16'384}, std::size_t{16'385}, std::size_t{65'536}, std::size_t{120'000},
        std::size_t{262'144}, std::size_t{1'048'576}, std::size_t{20'000'000}}) {
    SCOPED_TRACE(size);
    std::string value(size, '.');
    for (std::size_t i = 0; i < size; ++i) value[i] = static_cast<char>('a' + i % 19);
    ASSERT_EQ(verbs.set("k", value, {.limit = 20s}), worked);
    EXPECT_EQ(verbs.get("k", {.limit = 20s}), value);
  }
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Tls, LargeTransactionsAndManyInFlightKeepTheirOrder) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Cache cache = this->cache(settings(server.tls_url(), trusting()));
  Entries large, many;
  for (int i = 0; i < 3; ++i)
    large.emplace_back("large" + std::to_string(i), std::string(1'000'000, 'x'));
  for (int i = 0; i < 4'000; ++i)
    many.emplace_back("many" + std::to_string(i), std::string(100, 'y'));
  int stored = 0, counted = 0;
  std::int64_t last = 0;
  for (int round = 0; round < 5; ++round) {
    for (const Entries* entries : {&large, &many}) {
      cache.set_many(*entries, {.limit = 20s},
                     [&](Result<std::vector<std::string>> r) { stored += r.ok() ? 1 : 0; });
    }
    cache.set("n", 0, {.limit = 20s}, nullptr);
    for (int i = 1; i <= 500; ++i) {
      cache.incr("n", {.limit = 20s}, [&, i](Result<std::int64_t> r) {
        ++counted;
        if (r.ok() && *r == i) ++last;
      });
    }
  }
  EXPECT_TRUE(run_until([&] { return counted == 2'500; }, 60s));
  EXPECT_EQ(stored, 10);
  EXPECT_EQ(last, 2'500) << "answers in the order of the calls";
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Tls, AServerThatClosesIsALossAndTheNextConnectionWorks) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Verbs verbs = on(server);
  const auto killer = inspect(server.endpoint());
  for (int round = 1; round <= 3; ++round) {
    ASSERT_EQ(verbs.set("k", round), worked);
    ASSERT_TRUE(killer->command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}).type !=
                harness::Reply::Type::error);
    EXPECT_EQ(verbs.get("k"), round);
  }
  ASSERT_TRUE(server.restart());
  EXPECT_EQ(verbs.get("k"), miss);
}

TEST_F(Tls, ThePortIsForSomethingElse) {
  harness::RedisServer& server = tls_server(authority_->issue());
  CacheSettings to_plain =
      settings("rediss://127.0.0.1:" + std::to_string(server.port()), trusting());
  to_plain.options.connect_limit = 300ms;
  Verbs encrypted = verbs(to_plain);
  const auto silent = encrypted.get("k");
  EXPECT_EQ(silent, Errc::tls_failed);
  EXPECT_THAT(silent.error().detail,
              HasSubstr("no answer to the TLS handshake; is this port for TLS?"));
  Verbs plain = verbs({.location = {"redis://127.0.0.1:" + std::to_string(server.tls_port())}});
  const auto refused = plain.get("k");
  EXPECT_EQ(refused, Errc::connect_failed);
  EXPECT_THAT(refused.error().detail, HasSubstr("TLS"));
}

TEST_F(Tls, NobodyLooksAtTheCertificateIsSaidOnce) {
  harness::RedisServer& server = tls_server(authority_->issue({.self_signed = true}));
  TlsOptions blind;
  blind.verify = false;
  CacheSettings settings = this->settings(server.tls_url(), blind);
  settings.options.connections_max = 3;
  Verbs verbs = this->verbs(settings);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(verbs.set("k" + std::to_string(i), i), worked);
  const auto said = std::count_if(events_.begin(), events_.end(), [](const PoolEvent& event) {
    return event.kind == PoolEvent::Kind::unverified;
  });
  EXPECT_EQ(said, 1);
}

TEST_F(Tls, LeasesLocksAndSubscribersWorkOverIt) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Cache cache = this->cache(settings(server.tls_url(), trusting()));
  Lock lock = cache.lock("l", {.ttl = 30s});
  Answer<bool> taken, released;
  lock.acquire(taken.callback());
  EXPECT_EQ(wait(taken), true);
  lock.release(released.callback());
  EXPECT_EQ(wait(released), true);
  std::vector<std::string> heard;
  Subscriber subscriber =
      cache.client({}).subscribe({.channels = {"news"}, .on_message = [&](const Message& message) {
                                    heard.emplace_back(message.payload);
                                  }});
  ASSERT_TRUE(run_until([&] { return subscriber.subscribed(); }));
  const auto publisher = inspect(server.endpoint());
  publisher->command({"PUBLISH", "news", std::string(50'000, 'n')});
  EXPECT_TRUE(run_until([&] { return !heard.empty(); }));
  EXPECT_EQ(heard.empty() ? "" : heard.front(), std::string(50'000, 'n'));
}

TEST_F(Tls, FilesThatCannotBeReadBreakTheirAliasAlone) {
  Settings settings;
  settings.caches["default"].location = {server().url()};
  settings.caches["secure"].location = {"rediss://127.0.0.1:1"};
  settings.caches["secure"].options.tls = TlsOptions{.ca_file = "/nowhere/ca.pem"};
  Engine& engine = start(std::move(settings));
  EXPECT_EQ(engine.check().error().code, Errc::invalid_settings);
  EXPECT_EQ(engine.check().error().detail,
            "CACHES['secure']['OPTIONS']: ssl_ca_certs: No such file or directory");
  EXPECT_EQ(wait_for(engine.cache("secure")).get("k"), Errc::invalid_settings);
  EXPECT_EQ(wait_for(engine.cache()).get("k"), miss);
}

TEST_F(Tls, BlockingCallersUseIt) {
  harness::RedisServer& server = tls_server(authority_->issue());
  Settings all;
  all.caches["default"] = settings(server.tls_url(0, "localhost"), trusting());
  SyncEngine engine(std::move(all));
  ASSERT_TRUE(engine.start().ok());
  SyncCache cache = engine.cache();
  ASSERT_TRUE(cache.set("k", std::string(300'000, 's')).ok());
  EXPECT_EQ(**cache.get("k"), Value(std::string(300'000, 's')));
  EXPECT_TRUE(engine.reload_tls().ok());
  EXPECT_TRUE(engine.stop().ok());
}

}  // namespace
}  // namespace djcache
