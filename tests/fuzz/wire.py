"""Requests that are wrong as HTTP: methods, addresses, headers and bodies that no library would send."""

from hypothesis import strategies as st

from fuzz.exchange import Sent

QUERY = b"ASK { ?s ?p ?o }"
METHODS = (
    [b"GET"] * 6 + [b"POST"] * 4 + [b"HEAD", b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"PATCH", b"TRACE", b"CONNECT"]
)
ODD_METHODS = [b"get", b"G\x00T", b"", b"QUERY", b"X" * 300, b"GET\t", b"\xff"]
PATHS = [
    b"/", b"/sparql", b"/sparql/", b"/sparql?query=ASK%20%7B%7D", b"/queries", b"/queries/masks-total.csv",
    b"/queries/records-of-place?place=country/palau", b"/id/country/palau", b"/id/country/palau.html",
    b"/ontology.ttl", b"/dump", b"/dump.nt", b"/shapes", b"/validation.json", b"/graph-store?default",
    b"/graph/shapes", b"/health", b"/openapi.json", b"/static/style.css", b"/nowhere",
]  # fmt: skip
PIECES = [
    b"%", b"%0", b"%zz", b"%00", b"%FF", b"%ED%A0%80", b"%0d%0aX:y", b"%2e%2e%2f", b"../", b"//", b";", b"?", b"&",
    b"=", b"#", b"+", b"\x00", b"\xe8\x87\xba", b" ", b"\\", b"<>", b"a" * 4000, b"a" * 9000, b"&query=" * 200,
    b".ttl", b".", b"&format=", b"&format=%00", b"&timeout=1e9", b"&default-graph-uri=x", b"&named-graph-uri=%20",
    b"&place=%00", b"%25",
]  # fmt: skip
NAMES = [
    b"Accept", b"Accept", b"Accept", b"Content-Type", b"Content-Type", b"Range", b"If-Range", b"If-None-Match",
    b"If-Match", b"If-Modified-Since", b"Accept-Encoding", b"Accept-Language", b"Cookie", b"Authorization", b"Origin",
    b"Host", b"Expect", b"Upgrade", b"Connection", b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Host",
    b"SCRIPT_NAME", b"Trailer", b"Content-Encoding", b"Access-Control-Request-Method", b"X-HTTP-Method-Override",
    b"Te", b"X y", b"", b"X\x00",
]  # fmt: skip
VALUES = [
    b"*/*", b"text/html", b"text/html;q=0.5, */*;q=0", b"text/*;q=1.5", b"a/b;;;q=,,/;", b"text/turtle;q=0", b",",
    b";", b"", b"application/sparql-query", b"application/sparql-query; charset=utf-16",
    b"application/x-www-form-urlencoded", b"application/sparql-update", b"multipart/form-data; boundary=",
    b"text/plain", b"*", b'"', b'W/"x', b'"x", *', b"\xff\xfe", b"bytes=0-0", b"bytes=5-2", b"bytes=-",
    b"bytes=0-1,3-4", b"lines=1-2", b"bytes=" + b"9" * 400 + b"-", b"bytes=--1", b"Thu, 01 Jan 1970 00:00:00 GMT",
    b"Thu, 99 Foo 99999 99:99:99", b"gzip, br;q=0", b"100-continue", b"the unexpected", b"h2c", b"websocket",
    b"chunked", b"a\x00b", b"a\r b", b"x" * 5000, b"x" * 9000, b"a=b; " * 300, b"evil.example", b"[::1", b"PUT",
    b"https", b"/x", b"en;q=0.0001, zh-Hant, *;q=x", b"\t", b"q=" + b"1" * 3000, b"text/csv," * 500,
]  # fmt: skip


@st.composite
def targets(draw: st.DrawFn) -> bytes:
    """Return a path of the service, as it is or with pieces put in."""
    target = draw(st.sampled_from(PATHS))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        place = draw(st.integers(0, len(target)))
        piece = draw(st.sampled_from(PIECES) if draw(st.integers(0, 5)) else st.binary(max_size=3))
        target = target[:place] + piece + target[place:]
    return target


@st.composite
def bodies(draw: st.DrawFn) -> tuple[list[bytes], bytes, bool]:
    """Return headers that frame a body, the body, and whether it ends too early."""
    content = draw(
        st.sampled_from([QUERY, b"query=ASK%7B%7D", b"", b"\x1f\x8b\x08", QUERY + b"#" * 1_100_000, b"a=&" * 2000])
    )
    chunk = b"%x\r\n%s\r\n" % (len(content), content)
    right, typed = b"Content-Length: %d" % len(content), b"Content-Type: application/sparql-query"
    chunked = b"Transfer-Encoding: chunked"
    headers, body, cut = draw(
        st.sampled_from(
            [
                ([right, typed], content, False),
                ([right], content, False),
                ([typed], b"", False),
                ([b"Content-Length: %d" % (len(content) + 9), typed], content, True),
                ([b"Content-Length: -5", typed], content, True),
                ([b"Content-Length: five", typed], content, True),
                ([b"Content-Length: " + b"9" * 30, typed], content, True),
                ([right, b"Content-Length: 1", typed], content, True),
                ([chunked, typed], chunk + b"0\r\n\r\n", False),
                ([chunked, typed], chunk, True),
                ([chunked, typed], b"zz\r\n" + content + b"\r\n0\r\n\r\n", True),
                ([chunked, typed], b"-1\r\n" + content + b"\r\n0\r\n\r\n", True),
                ([chunked, typed], b"f" * 40 + b"\r\n" + content, True),
                ([chunked, right, typed], chunk + b"0\r\n\r\n", True),
                ([chunked, typed], chunk[:-2] + b"XX0\r\n\r\n", True),
                ([b"Transfer-Encoding: gzip, chunked", typed], chunk + b"0\r\n\r\n", True),
                ([b"Transfer-Encoding: nonsense", typed], content, True),
                ([right, typed, b"Expect: 100-continue"], content, False),
            ]
        )
    )
    return list(headers), body, cut


@st.composite
def wire_requests(draw: st.DrawFn) -> Sent:
    """Return a request with some of its parts wrong; one in six is then damaged in a few bytes."""
    method = draw(st.sampled_from(METHODS * 5 + ODD_METHODS))
    version = draw(st.sampled_from([b"HTTP/1.1"] * 40 + [b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"", b"http/1.1"]))
    headers = [b"Connection: close"]
    if draw(st.integers(0, 9)):
        headers.append(b"Host: localhost")
    fields = st.builds(lambda name, value: name + b": " + value, st.sampled_from(NAMES), st.sampled_from(VALUES))
    headers += draw(st.lists(fields, max_size=2))
    framing, body, cut = draw(bodies()) if method in (b"POST", b"PUT", b"PATCH") else ([], b"", False)
    line = method + b" " + draw(targets()) + b" " + version
    content = b"\r\n".join([line, *headers, *framing, b"", b""]) + body
    if not draw(st.integers(0, 5)):
        place = draw(st.integers(0, min(len(content), 400)))
        content = content[:place] + draw(st.binary(max_size=3)) + content[place + draw(st.integers(0, 3)) :]
        cut = cut or bool(body)
    # Where the head has no end, or the body not the length announced, the server would wait for more.
    return Sent(method.decode("latin-1"), content, cut or b"\r\n\r\n" not in content)
