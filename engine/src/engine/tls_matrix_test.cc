// Which servers are accepted, and the words for those that are not: redis, valkey, stunnel and
// OpenSSL's s_server. CPython's ssl, where it is installed, is asked for its decision.
#include <array>
#include <cstdio>

#include "engine/tls_ends_fixture.h"
#include "engine/tls_fixture.h"

namespace djcache {
namespace {

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
  const char* version = "";
  bool wants_clients = false;
};

// The parameter is the kind of server; stunnel stands in front of a redis-server.
class TlsMatrix : public TlsTest, public testing::WithParamInterface<const char*> {
 protected:
  // Its port; 0: it is not installed.
  std::uint16_t open(const Row& row, const harness::Certificate& shows) {
    const std::string end = GetParam();
    const TlsEndOptions options{shows, row.version, row.wants_clients};
    if (end == "openssl") {
      end_ = TlsEnd::openssl(options);
    } else if (end == "stunnel") {
      end_ = TlsEnd::stunnel(options, server().port());
    } else {
      std::vector<std::string> config;
      if (*row.version != '\0') config = {"tls-protocols \"" + std::string(row.version) + '"'};
      server_ = &own_server({.binary = server_binary(end),
                             .tls = shows,
                             .tls_clients = row.wants_clients ? "yes" : "no",
                             .extra_config = std::move(config)});
      return server_->tls_port();
    }
    return end_ != nullptr ? end_->port() : std::uint16_t{0};
  }
  void close() {
    if (server_ != nullptr) server_->kill9();
    end_ = nullptr;
  }
  static bool is_installed() {
    const std::string end = GetParam();
    if (end == "openssl") return ::access("/usr/bin/openssl", X_OK) == 0;
    if (end == "stunnel") return ::access("/usr/bin/stunnel4", X_OK) == 0;
    return !server_binary(end).empty();
  }

  std::unique_ptr<TlsEnd> end_;
  harness::RedisServer* server_ = nullptr;
};

TEST_P(TlsMatrix, ServersAreAcceptedAsPythonAcceptsThem) {
  if (!is_installed()) GTEST_SKIP() << GetParam() << " is not installed";
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
      {.claim = "TLS 1.2", .version = "TLSv1.2"},
      {.claim = "TLS 1.3", .version = "TLSv1.3"},
      {.claim = "an old version",
       .client = [](TlsOptions& tls, Authority&, Shown) { tls.min_version = 0x0304; },
       .words = "none of the versions of TLS that ssl_min_version allows",
       .version = "TLSv1.2"},
      {.claim = "a client with a certificate, 1.2",
       .client = own,
       .version = "TLSv1.2",
       .wants_clients = true},
      {.claim = "a client with a certificate, 1.3",
       .client = own,
       .version = "TLSv1.3",
       .wants_clients = true},
      {.claim = "a client without, 1.2",
       .words = "may want a client certificate",
       .version = "TLSv1.2",
       .wants_clients = true},
      {.claim = "a client without, 1.3",
       .words = wants,
       .version = "TLSv1.3",
       .wants_clients = true},
      {.claim = "a strange client, 1.2",
       .client = foreign,
       .words = "does not trust the authority of the client certificate",
       .version = "TLSv1.2",
       .wants_clients = true},
      {.claim = "a strange client, 1.3",
       .client = foreign,
       .words = "does not trust the authority of the client certificate",
       .version = "TLSv1.3",
       .wants_clients = true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.claim);
    const harness::Certificate shown = authority_->issue(row.shows);
    const std::uint16_t port = open(row, shown);
    ASSERT_NE(port, 0);
    TlsOptions tls = trusting();
    if (row.client) row.client(tls, *authority_, shown);
    const std::string url = "rediss://" + std::string(row.host) + ":" + std::to_string(port);
    Verbs verbs = this->verbs(settings(url, tls));
    const Result<std::optional<Value>> got = verbs.get("k");
    if (row.words == nullptr) {
      EXPECT_TRUE(got.ok()) << detail_of(got);
    } else {
      EXPECT_EQ(got, Errc::tls_failed);
      EXPECT_THAT(got.ok() ? "" : got.error().detail, HasSubstr(row.words));
    }
    disconnect(engine());
    if (const auto accepted = python_accepts(row.host, port, tls)) {
      EXPECT_EQ(*accepted, row.words == nullptr) << "what Python's ssl says";
    }
    close();
  }
}

INSTANTIATE_TEST_SUITE_P(Ends, TlsMatrix,
                         testing::Values("redis_server", "valkey_server", "stunnel", "openssl"),
                         [](const auto& of) { return std::string(of.param); });

}  // namespace
}  // namespace djcache
