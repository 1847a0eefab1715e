#include "tls.h"

#include <djcache/harness/certificates.h>

#include <cstdio>

namespace demo {

using namespace djcache;

bool over_tls(bool (*play_all)(Stage&)) {
  const auto authority = harness::CertificateAuthority::make();
  const auto other = harness::CertificateAuthority::make();
  if (!authority || !other) {
    std::fprintf(stderr, "%s%s\n", authority.problem.c_str(), other.problem.c_str());
    return false;
  }
  const TlsOptions trusting{.ca_file = authority->ca_file()};
  Stage stage({.tls = authority->issue()}, trusting);
  if (!stage.good()) return false;
  std::printf(
      "djcache %s. The demo has made an authority and a certificate for 127.0.0.1; a redis-server\n"
      "of its own shows that at %s.\n",
      version_string(), stage.url().c_str());
  stage.heading("Who is trusted, and what is said of who is not");
  stage.try_out("ssl_ca_certs: the demo's authority", trusting, "TLSv1.3, ");
  stage.try_out("none: the system's authorities", {}, "an authority that is not trusted");
  stage.try_out("ssl_ca_certs: another authority", {.ca_file = other->ca_file()},
                "an authority that is not trusted");
  TlsOptions elsewhere = trusting;
  elsewhere.server_name = "cache.example";
  stage.try_out("tls_server_name: 'cache.example'", elsewhere,
                "the server's certificate is not for 'cache.example'");
  std::printf("\nNow Django's calls, by encrypted connections.\n\n");
  return play_all(stage);
}

}  // namespace demo
