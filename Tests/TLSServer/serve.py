# SPDX-License-Identifier: Apache-2.0
"""Serves `rr` by TLS on loopback, as the words after the folder of certificates say; ends with its standard input."""

import http.server
import socket
import ssl
import sys
import threading

folder, name, *options = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"rr")

    def log_message(self, *words):
        print("request", flush=True)


class Server(http.server.ThreadingHTTPServer):
    def finish_request(self, connection, address):
        connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        connection.settimeout(5)
        try:
            connection.do_handshake()
        except OSError:
            # What came behind the handshake is read first: else its reset could overtake our alert.
            connection.shutdown(socket.SHUT_WR)
            while socket.socket.recv(connection, 4096):
                pass
            return
        try:
            super().finish_request(connection, address)
            connection.unwrap()
        except OSError:
            pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
if "old" in options:
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
if "1.2" in options:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
if "client" in options:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(f"{folder}/known.pem")
    context.load_verify_locations(f"{folder}/revoked.crl")
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF

server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
