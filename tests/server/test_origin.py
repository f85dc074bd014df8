"""Who may open a WebSocket, and whose headers are believed."""

from __future__ import annotations

import pytest

from lona_sync.server.http.origin import is_secure, origin_allowed, peer_address, peer_is_trusted


def allowed(origin, host="example.org", *, scheme="http", peer="192.0.2.7", also=(), proxies=(), **headers):
    environ = {"wsgi.url_scheme": scheme, "REMOTE_ADDR": peer, **headers}
    if origin is not None:
        environ["HTTP_ORIGIN"] = origin
    if host is not None:
        environ["HTTP_HOST"] = host
    return origin_allowed(environ, allowed_origins=also, trusted_proxies=proxies)


@pytest.mark.parametrize(("origin", "host", "scheme"), [
    ("http://example.org", "example.org", "http"),
    ("http://example.org:80", "example.org", "http"),
    ("http://example.org", "example.org:80", "http"),
    ("http://example.org:8080", "example.org:8080", "http"),
    ("https://example.org", "example.org", "https"),
    ("https://example.org:443", "example.org", "https"),
    ("https://example.org", "example.org:443", "https"),
    ("http://EXAMPLE.org", "example.ORG", "http"),
    ("http://localhost:8080", "localhost:8080", "http"),
    ("http://[::1]:8080", "[::1]:8080", "http"),
    ("http://[0:0::1]:8080", "[::1]:8080", "http"),
    ("http://[2001:DB8::1]", "[2001:db8::1]", "http"),
    ("http://127.0.0.1:8080", "127.0.0.1:8080", "http"),
    # A proxy that speaks HTTPS and that nobody has told us of.
    ("https://example.org", "example.org", "http"),
    ("https://example.org:8443", "example.org:8443", "http"),
])
def test_a_page_of_the_same_host_may_connect(origin, host, scheme):
    assert allowed(origin, host, scheme=scheme)


@pytest.mark.parametrize(("origin", "host", "scheme"), [
    ("http://evil.org", "example.org", "http"),
    ("http://example.org.evil.org", "example.org", "http"),
    ("http://sub.example.org", "example.org", "http"),
    ("http://example.org:8080", "example.org", "http"),
    ("http://example.org", "example.org:8080", "http"),
    ("http://example.org:8080", "example.org:8081", "http"),
    ("http://example.org", "example.org", "https"),
    ("https://example.org:80", "example.org", "https"),
    ("http://[::1]", "[::2]", "http"),
    ("http://example.org", None, "http"),
    ("http://example.org", "", "http"),
])
def test_a_page_of_another_host_may_not(origin, host, scheme):
    assert not allowed(origin, host, scheme=scheme)


@pytest.mark.parametrize("origin", [
    "null", "", "example.org", "//example.org", "http:example.org", "http://", "http://example.org/",
    "http://example.org/path", "http://example.org?x", "http://user@example.org", "http://example.org:", "http://example.org:x",
    "http://example.org:99999", "http://example.org, http://example.org", "http://example.org\n", " http://example.org",
    "http://[::1", "http://::1", "http://[zz]", "http://[1.2.3.4]", "http://exa mple.org", "http://example.org:80:80",
    "ftp://example.org", "file://example.org",
])
def test_a_malformed_origin_may_not(origin):
    assert not allowed(origin, "example.org")
    assert not allowed(origin, origin)


def test_no_browser_sends_no_origin_and_may_connect():
    assert allowed(None)


@pytest.mark.parametrize("host", ["example.org/", "exa mple.org", "a@example.org", "[::1", "[zz]", "example.org:x"])
def test_a_malformed_host_fits_no_page(host):
    assert not allowed("http://example.org", host)


@pytest.mark.parametrize(("origin", "entry"), [
    ("https://other.org", "https://other.org"),
    ("https://other.org", "HTTPS://Other.org:443"),
    ("http://other.org:8080", "http://other.org:8080"),
    ("capacitor://localhost", "capacitor://localhost"),
])
def test_a_listed_origin_may_connect(origin, entry):
    assert allowed(origin, also=["https://first.org", entry])


@pytest.mark.parametrize("origin", ["http://other.org", "https://other.org:8443", "https://sub.other.org", "null"])
def test_an_origin_is_listed_with_its_scheme_and_port(origin):
    assert not allowed(origin, also=["https://other.org"])


@pytest.mark.parametrize("entry", ["other.org", "https://other.org/", "*", "", "null"])
def test_a_list_that_cannot_work_says_so(entry):
    with pytest.raises(ValueError, match="ALLOWED_ORIGINS holds origins like"):
        allowed("https://other.org", also=[entry])


def test_a_trusted_proxy_tells_the_host():
    assert allowed(
        "http://public.org", "backend:8000", peer="10.1.2.3", proxies=["10.0.0.0/8"], HTTP_X_FORWARDED_HOST="public.org",
    )


def test_a_stranger_does_not():
    assert not allowed(
        "http://public.org", "backend:8000", peer="11.1.2.3", proxies=["10.0.0.0/8"], HTTP_X_FORWARDED_HOST="public.org",
    )


def test_of_several_forwarded_hosts_the_nearest_proxys_counts():
    forwarded = {"peer": "10.1.2.3", "proxies": ["10.0.0.0/8"], "HTTP_X_FORWARDED_HOST": "evil.org, public.org"}

    assert allowed("http://public.org", "backend", **forwarded)
    assert not allowed("http://evil.org", "backend", **forwarded)


def test_a_trusted_proxy_tells_the_scheme():
    forwarded = {"peer": "10.1.2.3", "proxies": ["10.0.0.0/8"], "HTTP_X_FORWARDED_PROTO": "https"}

    assert allowed("https://example.org", **forwarded)
    assert not allowed("http://example.org", **forwarded)


@pytest.mark.parametrize(("scheme", "peer", "said", "secure"), [
    ("http", "10.1.2.3", "https", True),
    ("http", "10.1.2.3", "HTTPS", True),
    ("http", "10.1.2.3", "http, https", True),
    ("http", "10.1.2.3", "https, http", False),
    ("https", "10.1.2.3", "http", False),
    ("http", "10.1.2.3", None, False),
    ("https", "10.1.2.3", None, True),
    ("http", "11.1.2.3", "https", False),
    ("https", "11.1.2.3", "http", True),
])
def test_a_request_is_secure_when_the_browser_speaks_https(scheme, peer, said, secure):
    environ = {"wsgi.url_scheme": scheme, "REMOTE_ADDR": peer}
    if said is not None:
        environ["HTTP_X_FORWARDED_PROTO"] = said

    assert is_secure(environ, ["10.0.0.0/8"]) is secure


@pytest.mark.parametrize(("address", "proxies"), [
    ("127.0.0.1", ["127.0.0.1"]),
    ("10.9.8.7", ["192.0.2.1", "10.0.0.0/8"]),
    ("10.9.8.7", ["10.1.1.1/8"]),
    ("::1", ["::1"]),
    ("2001:db8::5", ["2001:db8::/32"]),
    ("::ffff:127.0.0.1", ["127.0.0.1"]),
    ("", ["unix"]),
    ("/run/app.sock", ["unix"]),
    (None, ["unix"]),
])
def test_a_trusted_proxy_is_recognized(address, proxies):
    environ = {} if address is None else {"REMOTE_ADDR": address}

    assert peer_is_trusted(environ, proxies)


@pytest.mark.parametrize(("address", "proxies"), [
    ("127.0.0.1", []),
    ("127.0.0.2", ["127.0.0.1"]),
    ("127.0.0.1", ["unix"]),
    ("::1", ["127.0.0.1"]),
    ("", ["127.0.0.1", "0.0.0.0/0", "::/0"]),
    (None, ["127.0.0.1"]),
])
def test_others_are_not(address, proxies):
    environ = {} if address is None else {"REMOTE_ADDR": address}

    assert not peer_is_trusted(environ, proxies)


@pytest.mark.parametrize(("peer", "said", "address"), [
    ("192.0.2.7", None, "192.0.2.7"),
    ("::ffff:192.0.2.7", None, "192.0.2.7"),
    ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
    ("2001:db8:1:2:ffff::1", None, "2001:db8:1:2::/64"),
    ("192.0.2.7", "198.51.100.1", "192.0.2.7"),                            # nobody has asked him
    ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),             # who said so himself, and who was heard
    ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),   # through two proxies
    ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
    ("10.0.0.1", None, "10.0.0.1"),
    ("10.0.0.1", "", "10.0.0.1"),
    ("10.0.0.1", "unknown", ""),
    ("10.0.0.1", "fe80::1%eth0, 10.0.0.2", "fe80::/64"),
    ("10.0.0.1", f"fe80::1%{'x' * 60_000}, 10.0.0.2", ""),                 # it would be remembered, with each view
    ("/run/app.sock", "198.51.100.1", "198.51.100.1"),
    ("", None, ""),
])
def test_a_request_has_the_address_that_the_last_believed_proxy_heard(peer, said, address):
    environ = {"REMOTE_ADDR": peer}
    if said is not None:
        environ["HTTP_X_FORWARDED_FOR"] = said

    assert peer_address(environ, ["10.0.0.0/8", "unix"]) == address


def test_proxies_that_are_no_addresses_are_named():
    with pytest.raises(ValueError, match=r"TRUSTED_PROXIES holds addresses .* 'proxy.local'"):
        peer_is_trusted({"REMOTE_ADDR": "127.0.0.1"}, ["proxy.local"])
