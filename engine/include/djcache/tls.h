/// @file
/// TlsOptions: encryption and trust of connections to rediss:// servers; TlsPeer: the server at the
/// other end.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <compare>
#include <string>

namespace djcache {

/// The TLS of an alias: Options::tls, engine/docs/tls.md. Files are in PEM.
///
/// In CACHES the options have redis-py's names, which are given for each field. The defaults verify
/// the server's certificate, and that it is for the host of the URL.
struct TlsOptions {
  bool verify = true;          ///< `ssl_cert_reqs`; false: any certificate is accepted
  bool check_hostname = true;  ///< `ssl_check_hostname`; no effect unless `verify`

  std::string ca_file{};   ///< `ssl_ca_certs`: authorities to trust instead of the system's
  std::string ca_path{};   ///< `ssl_ca_path`: a folder of such files under their hashes (c_rehash)
  std::string ca_data{};   ///< `ssl_ca_data`: the certificates themselves
  std::string crl_file{};  ///< `tls_crl_file`: revoked certificates

  std::string cert_file{};     ///< `ssl_certfile`: the client's own certificate
  std::string key_file{};      ///< `ssl_keyfile`; empty: the key is in cert_file
  std::string key_password{};  ///< `ssl_password` of an encrypted key; secret

  std::string server_name{};  ///< `tls_server_name`: for SNI and verification; empty: the host
  int min_version = 0x0303;   ///< `ssl_min_version`: 0x0303 is TLS 1.2, 0x0304 is TLS 1.3
  std::string ciphers{};      ///< `ssl_ciphers` of TLS 1.2, in OpenSSL's notation

  friend auto operator<=>(const TlsOptions&, const TlsOptions&) = default;
};

/// The server at the other end of an encrypted connection: PoolInfo::tls.
struct TlsPeer {
  std::string version{};  ///< "TLSv1.3"
  std::string cipher{};   ///< "TLS_AES_256_GCM_SHA384"

  /// The issuer of its certificate: the common name, or else the organisation; at most 64 printable
  /// ASCII characters, "?" for others.
  std::string issuer{};
  std::chrono::system_clock::time_point valid_until{};  ///< the end of its certificate

  bool verified = false;  ///< the certificate is from a trusted authority
  std::string name{};     ///< the verified name in the certificate; empty: any name is accepted
};

}  // namespace djcache
