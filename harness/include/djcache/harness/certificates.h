// CertificateAuthority: certificates for TLS tests, generated in a temporary folder.
//
//   auto authority = djcache::harness::CertificateAuthority::make();
//   auto server = RedisServer::start({.tls = authority->issue({.names = {"cache.test"}})});
//   options.tls.ca_file = authority->ca_file();
//
// The keys are P-256, generated in under a millisecond each. Absent from builds without TLS
// (DJCACHE_WITH_TLS).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <djcache/harness/outcome.h>

namespace djcache::harness {

struct Certificate {
  std::string cert_file = {}, key_file = {};  // PEM
  std::string ca_file = {};                   // of the issuing authority
  bool empty() const { return cert_file.empty(); }
};

struct CertificateRequest {
  std::vector<std::string> names = {"localhost"};      // in the certificate, as DNS names
  std::vector<std::string> addresses = {"127.0.0.1"};  // also in the certificate, as IP addresses
  std::string common_name = "djcache test";
  std::chrono::hours valid_from{-1};  // from now
  std::chrono::hours valid_to{24};
  bool self_signed = false;  // instead of by the authority
  std::string key_password = {};
};

class CertificateAuthority {
 public:
  static Opened<CertificateAuthority> make();
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  // Returns an empty certificate on failure; problem() has the reason.
  Certificate issue(const CertificateRequest& request = {});
  // Adds the certificate to the revocation list.
  Outcome revoke(const Certificate& certificate);
  // The revocation list; initially empty.
  std::string crl_file() const;
  std::string ca_file() const;
  const std::string& folder() const;
  const std::string& problem() const { return problem_; }

 private:
  struct Parts;
  explicit CertificateAuthority(std::unique_ptr<Parts> parts);
  Outcome write_list();

  std::unique_ptr<Parts> parts_;
  std::string problem_;
};

}  // namespace djcache::harness
