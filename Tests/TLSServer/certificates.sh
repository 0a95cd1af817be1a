#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes certificates for the tests of TLS in a folder: authorities, servers of every kind of fault, clients.
set -euo pipefail
cd "$1"
mkdir -p known other
for authority in known other; do
  : >"$authority/index"
  echo 01 >"$authority/serial"
  echo 01 >"$authority/crlnumber"
  cat >"$authority/ca.conf" <<CONF
[ca]
default_ca = here
[here]
database = $authority/index
serial = $authority/serial
crlnumber = $authority/crlnumber
new_certs_dir = $authority
certificate = $authority.pem
private_key = $authority.key
default_md = sha256
default_crl_days = 30
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
[middle]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
[leaf]
basicConstraints = CA:false
CONF
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Terrace $authority authority" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout "$authority.key" -out "$authority.pem" 2>/dev/null
done

# sign NAME AUTHORITY ALT-NAME BEGIN END EXTENSIONS
sign() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -addext "subjectAltName=$3" \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl ca -batch -notext -config "$2/ca.conf" -extensions "$6" -startdate "$4" -enddate "$5" \
    -in "$1.csr" -out "$1.pem" 2>/dev/null
}
day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
past=$(day "-2 years") soon=$(day "+10 days") later=$(day "+1 year") yesterday=$(day "-1 day")
sign good known IP:127.0.0.1 "$past" "$later" leaf
sign soon known IP:127.0.0.1 "$past" "$soon" leaf
sign expired known IP:127.0.0.1 "$past" 20260102030405Z leaf
sign not-yet known IP:127.0.0.1 "$(day "+30 days")" "$later" leaf
sign wrong-host known DNS:other.example "$past" "$later" leaf
sign stranger other IP:127.0.0.1 "$past" "$later" leaf
sign middle known DNS:middle "$past" "$later" middle
sign client known DNS:client "$yesterday" "$later" leaf
sign revoked known DNS:revoked "$yesterday" "$later" leaf
sign foreign other DNS:foreign "$yesterday" "$later" leaf
openssl ca -config known/ca.conf -revoke revoked.pem 2>/dev/null
openssl ca -config known/ca.conf -gencrl -out revoked.crl 2>/dev/null
cat other.pem >>stranger.pem
# A certificate of an authority in between, which the server does not send.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=incomplete -keyout incomplete.key \
  -out incomplete.csr 2>/dev/null
openssl x509 -req -in incomplete.csr -CA middle.pem -CAkey middle.key -days 90 -set_serial 7 \
  -extfile <(echo subjectAltName=IP:127.0.0.1) -out incomplete.pem 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=self-signed \
  -addext subjectAltName=IP:127.0.0.1 -keyout self-signed.key -out self-signed.pem 2>/dev/null
openssl ec -in client.key -aes256 -passout pass:canary-passphrase -out locked.key 2>/dev/null
openssl pkcs12 -export -in client.pem -inkey client.key -passout pass:canary-passphrase -out client.p12
openssl x509 -in good.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64 >good.pin
chmod 600 ./*.key ./*.p12
