#include <djcache/harness/certificates.h>

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <utility>

#include "temporary_folder.h"

namespace djcache::harness {
namespace {

// As in the engine's tls/context.cc, which the harness cannot include.
template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* of) const {
    Free(of);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freeing<Free>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Paper = Owned<X509, X509_free>;
using File = Owned<std::FILE, std::fclose>;

Key make_key() { return Key(EVP_EC_gen("P-256")); }

bool add(X509* paper, X509* issuer, int what, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, paper, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, text.c_str());
  const bool added = extension != nullptr && X509_add_ext(paper, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

void name(X509_NAME* who, const std::string& text) {
  X509_NAME_add_entry_by_txt(who, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()), -1, 0);
}

Paper make_paper(long serial, const CertificateRequest& request, EVP_PKEY* key) {
  Paper paper(X509_new());
  if (paper == nullptr) return paper;
  const auto seconds = [](std::chrono::hours hours) {
    return static_cast<long>(std::chrono::seconds(hours).count());
  };
  X509_set_version(paper.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(paper.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(paper.get()), seconds(request.valid_from));
  X509_gmtime_adj(X509_getm_notAfter(paper.get()), seconds(request.valid_to));
  X509_set_pubkey(paper.get(), key);
  name(X509_get_subject_name(paper.get()), request.common_name);
  return paper;
}

std::string alternatives(const CertificateRequest& request) {
  std::string all;
  for (const std::string& each : request.names) all += (all.empty() ? "DNS:" : ",DNS:") + each;
  for (const std::string& each : request.addresses) all += (all.empty() ? "IP:" : ",IP:") + each;
  return all;
}

bool write_paper(const std::string& path, X509* paper) {
  const File file(std::fopen(path.c_str(), "w"));
  return file != nullptr && PEM_write_X509(file.get(), paper) == 1;
}

bool write_key(const std::string& path, EVP_PKEY* key, const std::string& password) {
  const File file(std::fopen(path.c_str(), "w"));
  if (file == nullptr) return false;
  const EVP_CIPHER* const cipher = password.empty() ? nullptr : EVP_aes_128_cbc();
  return PEM_write_PrivateKey(file.get(), key, cipher,
                              reinterpret_cast<const unsigned char*>(password.data()),
                              static_cast<int>(password.size()), nullptr, nullptr) == 1;
}

}  // namespace

struct CertificateAuthority::Parts {
  std::unique_ptr<TemporaryFolder> folder;
  Key key;
  Paper paper;
  long serial = 1;
  std::vector<Paper> revoked{};
};

CertificateAuthority::CertificateAuthority(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}
CertificateAuthority::~CertificateAuthority() = default;

Opened<CertificateAuthority> CertificateAuthority::make() {
  auto folder = TemporaryFolder::make("djcache-tls-");
  if (!folder) return {nullptr, folder.problem};
  auto parts = std::make_unique<Parts>(Parts{std::move(folder.value), make_key(), nullptr});
  parts->paper = make_paper(parts->serial++,
                            {.common_name = "djcache test authority in " + parts->folder->path()},
                            parts->key.get());
  X509* const paper = parts->paper.get();
  const bool made = paper != nullptr && X509_set_issuer_name(paper, X509_get_subject_name(paper)) &&
                    add(paper, paper, NID_basic_constraints, "critical,CA:TRUE") &&
                    add(paper, paper, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add(paper, paper, NID_subject_key_identifier, "hash") &&
                    X509_sign(paper, parts->key.get(), EVP_sha256()) > 0 &&
                    write_paper(*parts->folder / "ca.pem", paper);
  if (!made) return {nullptr, "a certificate could not be made"};
  std::unique_ptr<CertificateAuthority> authority(new CertificateAuthority(std::move(parts)));
  if (auto written = authority->write_list(); !written) return {nullptr, written.problem};
  return {std::move(authority), ""};
}

Certificate CertificateAuthority::issue(const CertificateRequest& request) {
  const Key key = make_key();
  const long serial = parts_->serial++;
  const Paper paper = make_paper(serial, request, key.get());
  const std::string path = parts_->folder->path() + "/" + std::to_string(serial);
  Certificate made{path + ".pem", path + ".key", request.self_signed ? path + ".pem" : ca_file()};
  X509* const issuer = request.self_signed ? paper.get() : parts_->paper.get();
  EVP_PKEY* const signer = request.self_signed ? key.get() : parts_->key.get();
  const std::string names = alternatives(request);
  const bool good = paper != nullptr &&
                    X509_set_issuer_name(paper.get(), X509_get_subject_name(issuer)) == 1 &&
                    add(paper.get(), issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    add(paper.get(), issuer, NID_subject_key_identifier, "hash") &&
                    add(paper.get(), issuer, NID_authority_key_identifier, "keyid:always") &&
                    (names.empty() || add(paper.get(), issuer, NID_subject_alt_name, names)) &&
                    X509_sign(paper.get(), signer, EVP_sha256()) > 0 &&
                    write_paper(made.cert_file, paper.get()) &&
                    write_key(made.key_file, key.get(), request.key_password);
  if (good) return made;
  problem_ = "a certificate for '" + names + "' could not be made";
  return {};
}

Outcome CertificateAuthority::revoke(const Certificate& certificate) {
  const File file(std::fopen(certificate.cert_file.c_str(), "r"));
  if (file == nullptr) return {"no certificate to revoke"};
  Paper paper(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
  if (paper == nullptr) return {"no certificate to revoke"};
  parts_->revoked.push_back(std::move(paper));
  return write_list();
}

Outcome CertificateAuthority::write_list() {
  const Owned<X509_CRL, X509_CRL_free> list(X509_CRL_new());
  const Owned<ASN1_TIME, ASN1_TIME_free> from(X509_gmtime_adj(nullptr, -3600)),
      to(X509_gmtime_adj(nullptr, 24 * 3600L));
  X509_CRL_set_version(list.get(), 1);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(parts_->paper.get()));
  X509_CRL_set1_lastUpdate(list.get(), from.get());
  X509_CRL_set1_nextUpdate(list.get(), to.get());
  for (const Paper& paper : parts_->revoked) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(paper.get()));
    X509_REVOKED_set_revocationDate(entry, from.get());
    X509_CRL_add0_revoked(list.get(), entry);
  }
  X509_CRL_sort(list.get());
  const File file(std::fopen(crl_file().c_str(), "w"));
  const bool written = X509_CRL_sign(list.get(), parts_->key.get(), EVP_sha256()) > 0 &&
                       file != nullptr && PEM_write_X509_CRL(file.get(), list.get()) == 1;
  return {written ? "" : "a list of revoked certificates could not be made"};
}

std::string CertificateAuthority::crl_file() const { return *parts_->folder / "crl.pem"; }
std::string CertificateAuthority::ca_file() const { return *parts_->folder / "ca.pem"; }
const std::string& CertificateAuthority::folder() const { return parts_->folder->path(); }

}  // namespace djcache::harness
