// What the tests of TLS share: an authority, servers with its certificates, settings that trust it.
#pragma once

#include <djcache/harness/certificates.h>

#include "engine/raw_fixture.h"

namespace djcache {

class TlsTest : public RawTest {
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

}  // namespace djcache
