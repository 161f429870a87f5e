#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A web server that behaves as badly as real ones, for the tests of downloads.

server.py FOLDER: makes FOLDER/content.safetensors and FOLDER/other.safetensors (as long, other numbers), serves the first
under /BEHAVIOUR/NAME, prints its port, and writes one line "METHOD PATH RANGE" per request to FOLDER/requests.txt.
It ends when its standard input does.
"""
import json
import os
import struct
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = sys.argv[1]
LOCK = threading.Lock()
SEEN = {}  # requests by path


def safetensors(seed):
    values = 100_000
    header = json.dumps({"dense/kernel": {"dtype": "F32", "shape": [values], "data_offsets": [0, 4 * values]}}).encode()
    header += b" " * (-len(header) % 8)
    numbers = struct.pack("<%df" % values, *[((i * 7 + seed) % 1000) / 1000 for i in range(values)])
    return struct.pack("<Q", len(header)) + header + numbers


CONTENT = safetensors(1)
OTHER = safetensors(2)
HALF = len(CONTENT) // 2


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.note()
        self.answer(405, b"")

    def do_GET(self):
        number = self.note()
        path = urllib.parse.urlsplit(self.path).path  # a proxy is asked for a whole address
        behaviour = path.split("/")[1].replace("-", "_")
        getattr(self, "serve_" + behaviour)(number)

    def note(self):
        """Writes the request down; returns how many of this path there were before."""
        with LOCK:
            with open(os.path.join(FOLDER, "requests.txt"), "a") as log:
                log.write("%s %s %s\n" % (self.command, self.path, self.headers.get("Range", "-")))
            number = SEEN.get(self.path, 0)
            SEEN[self.path] = number + 1
            return number

    def first_byte(self):
        wanted = self.headers.get("Range")
        return int(wanted[len("bytes="):].split("-")[0]) if wanted else 0

    def answer(self, status, body, **headers):
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def send(self, content, etag='"one"', most=None):
        """The content, or the part that was asked for where the version is still that of If-Range."""
        begin = self.first_byte()
        same = self.headers.get("If-Range", etag) == etag
        if begin and same:
            body = content[begin:]
            extra = {"Content_Range": "bytes %d-%d/%d" % (begin, len(content) - 1, len(content))}
            status = 206
        else:
            body, extra, status = content, {}, 200
        length = str(len(body))
        if most is not None:
            body = body[:most]
        self.answer(status, body, Content_Length=length, ETag=etag, **extra)
        if most is not None:
            self.close_connection = True

    def serve_plain(self, number):
        self.send(CONTENT)

    def serve_breaks_off(self, number):
        self.send(CONTENT, most=HALF if number == 0 else None)

    def serve_breaks_off_always(self, number):
        self.send(CONTENT, most=0)

    def serve_claims_more(self, number):
        self.answer(200, CONTENT, Content_Length=str(len(CONTENT) + 100), ETag='"one"')
        self.close_connection = True

    def serve_claims_less(self, number):
        self.answer(200, CONTENT[:-100], ETag='"one"')

    def serve_wrong_content(self, number):
        self.send(OTHER)

    def serve_page(self, number):
        self.answer(200, b"<html><body>Please log in to the network.</body></html>", Content_Type="text/html")

    def serve_redirects(self, number):
        self.answer(302, b"moved", Location="/plain/" + self.path.split("/")[2])

    def serve_redirects_forever(self, number):
        self.answer(302, b"moved", Location=self.path)

    def serve_redirects_to_a_file(self, number):
        self.answer(302, b"moved", Location="file:///etc/passwd")

    def serve_throttles(self, number):
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        for at in range(0, len(CONTENT), HALF // 4):
            self.wfile.write(CONTENT[at:at + HALF // 4])
            self.wfile.flush()
            time.sleep(0.1)

    def send_half_and_wait(self, seconds):
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.send_header("ETag", '"one"')
        self.end_headers()
        self.wfile.write(CONTENT[:HALF])
        self.wfile.flush()
        time.sleep(seconds)

    def serve_stalls(self, number):
        if number > 0:
            self.send(CONTENT)
            return
        self.send_half_and_wait(5)
        self.close_connection = True

    def serve_refuses_ranges(self, number):
        most = HALF if number == 0 else None
        self.answer(200, CONTENT[:most], Content_Length=str(len(CONTENT)), ETag='"one"')
        self.close_connection = True

    def serve_changes_the_etag(self, number):
        if number == 0:
            self.send(OTHER, etag='"old"', most=HALF)
        else:
            self.send(CONTENT, etag='"new"')

    def serve_changes_the_etag_within(self, number):
        """Ignores If-Range: the rest of another version."""
        if number == 0:
            self.send(OTHER, etag='"old"', most=HALF)
            return
        begin = self.first_byte()
        extra = {"Content_Range": "bytes %d-%d/%d" % (begin, len(CONTENT) - 1, len(CONTENT))} if begin else {}
        self.answer(206 if begin else 200, CONTENT[begin:], ETag='"new"', **extra)

    def serve_sends_another_part(self, number):
        if number == 0:
            self.send(CONTENT, most=HALF)
        elif self.first_byte():
            self.answer(206, CONTENT[10:], ETag='"one"',
                        Content_Range="bytes 10-%d/%d" % (len(CONTENT) - 1, len(CONTENT)))
        else:
            self.send(CONTENT)

    def serve_no_length(self, number):
        self.answer(200, CONTENT, Content_Length=None, Connection="close")
        self.close_connection = True

    def serve_no_length_broken(self, number):
        self.answer(200, CONTENT[:HALF], Content_Length=None, Connection="close")
        self.close_connection = True

    def serve_no_version(self, number):
        """No ETag and no date: parts cannot be known to belong together."""
        most = HALF if number == 0 else None
        self.send(CONTENT, etag=None, most=most)

    def serve_403(self, number):
        self.answer(403, b"not from your country")

    def serve_404(self, number):
        self.answer(404, b"gone")

    def serve_416(self, number):
        if number == 0:
            self.send(CONTENT, most=HALF)
        elif self.first_byte():
            self.answer(416, b"", Content_Range="bytes */%d" % len(CONTENT))
        else:
            self.send(CONTENT)

    def serve_429(self, number):
        if number < 2:
            self.answer(429, b"slow down", Retry_After="0")
        else:
            self.send(CONTENT)

    def serve_429_always(self, number):
        self.answer(429, b"slow down")

    def serve_503(self, number):
        if number < 2:
            self.answer(503, b"busy")
        else:
            self.send(CONTENT)

    def serve_slow_at_first(self, number):
        """Time to be interrupted."""
        if number > 0:
            return self.send(CONTENT)
        self.send_half_and_wait(20)

    def serve_slow(self, number):
        """Slow enough that two processes meet."""
        self.serve_throttles(number)


def main():
    for name, content in (("content", CONTENT), ("other", OTHER)):
        with open(os.path.join(FOLDER, name + ".safetensors"), "wb") as out:
            out.write(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *about: None  # connections that the client ends are no news here
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
