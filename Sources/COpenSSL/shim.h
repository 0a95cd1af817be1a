// SPDX-License-Identifier: Apache-2.0
// What Swift cannot call of OpenSSL: macros and varargs. Used by the sandbox only.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline EVP_PKEY *terrace_tls_key(void) { return EVP_EC_gen("P-256"); }

static inline int terrace_tls_extend(X509 *certificate, X509V3_CTX *context, int nid, const char *value) {
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
  if (!extension) return 0;
  int done = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return done;
}

// A certificate of `key`, valid from and to so many seconds from now. `issuer` NULL: signed by itself.
static inline X509 *terrace_tls_certificate(
    const char *name, const char *hosts, int is_authority, long from, long to, EVP_PKEY *key, X509 *issuer,
    EVP_PKEY *issuer_key) {
  X509 *certificate = X509_new();
  if (!certificate) return NULL;
  long serial = 0;
  RAND_bytes((unsigned char *)&serial, 7);
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial & 0x7fffffffffffL);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), to);
  X509_set_pubkey(certificate, key);
  X509_NAME *subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
  X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : subject);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer ? issuer : certificate, certificate, NULL, NULL, 0);
  terrace_tls_extend(
      certificate, &context, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  terrace_tls_extend(certificate, &context, NID_subject_key_identifier, "hash");
  if (is_authority) terrace_tls_extend(certificate, &context, NID_key_usage, "critical,keyCertSign,cRLSign");
  if (hosts) terrace_tls_extend(certificate, &context, NID_subject_alt_name, hosts);
  if (!X509_sign(certificate, issuer_key, EVP_sha256())) {
    X509_free(certificate);
    return NULL;
  }
  return certificate;
}

static inline int terrace_tls_save_certificate(const char *path, X509 *certificate) {
  FILE *file = fopen(path, "w");
  if (!file) return 0;
  int done = PEM_write_X509(file, certificate);
  return fclose(file) == 0 && done;
}

static inline int terrace_tls_save_key(const char *path, EVP_PKEY *key) {
  FILE *file = fopen(path, "w");
  if (!file) return 0;
  int done = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
  return fclose(file) == 0 && done;
}

static inline int terrace_tls_send_also(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

// TLS 1.0 and nothing newer, as on machines that were never renewed.
static inline int terrace_tls_only_oldest(SSL_CTX *context) {
  return SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") && SSL_CTX_set_min_proto_version(context, TLS1_VERSION)
         && SSL_CTX_set_max_proto_version(context, TLS1_VERSION);
}
