// TlsOptions: how connections of a rediss:// server are encrypted, and whom they trust.
//
// The names in CACHES are those of redis-py (ssl_ca_certs, ssl_certfile, ...), see
// engine/docs/settings.md. The defaults verify the server's certificate and its name.
#pragma once

#include <compare>
#include <string>

namespace djcache {

struct TlsOptions {
  // False: any certificate is taken, also that of somebody in between. One PoolEvent says so.
  bool verify = true;          // ssl_cert_reqs
  bool check_hostname = true;  // ssl_check_hostname; without effect unless `verify`
  // Whom to trust, instead of the system's authorities. A file of certificates in PEM, a folder of
  // such files under their hashes (c_rehash), or the certificates themselves.
  std::string ca_file{};   // ssl_ca_certs
  std::string ca_path{};   // ssl_ca_path
  std::string ca_data{};   // ssl_ca_data
  std::string crl_file{};  // tls_crl_file: certificates that were revoked, in PEM
  // The client's own certificate, with those between it and its authority, and its key, in PEM.
  std::string cert_file{};     // ssl_certfile
  std::string key_file{};      // ssl_keyfile; "": in cert_file
  std::string key_password{};  // ssl_password. Secret
  // The name to ask for (SNI) and to find in the certificate; "": the host of the URL.
  std::string server_name{};  // tls_server_name
  int min_version = 0x0303;   // ssl_min_version: 771 (TLS 1.2) or 772 (TLS 1.3)
  std::string ciphers{};      // ssl_ciphers, of TLS 1.2, as OpenSSL writes them

  friend auto operator<=>(const TlsOptions&, const TlsOptions&) = default;
};

}  // namespace djcache
