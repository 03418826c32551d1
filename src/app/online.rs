//! The network: the only module that reaches it, and only when a flag asks. Everything else is offline by construction.
//!
//! Rules (threats W4): `https` only, but for time stamps and for answers about certificates, which are signed and whose authorities often
//! speak plain `http`, and for witnesses in one's own network; public addresses only, judged after the name was resolved and for the very address that is connected to; no redirects, no proxy,
//! no cookies; 64 KiB of answer, 16 MiB of a manifest, of a published log as much as each file may have; 10 seconds for the whole exchange.

mod internet;
mod site;

use std::fmt;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

pub(crate) use self::internet::Internet;
pub(crate) use self::site::Site;
use crate::base::Untrusted;
use crate::manifest::{TimestampError, TimestampSource};

/// Which addresses may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Any address, as an explicit flag asks: a time-stamping authority in one's own network.
    Anywhere,
    /// Addresses of the public internet.
    Public,
}

/// What was answered to a POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, at most 64 KiB.
    pub(crate) body: Vec<u8>,
}

/// Why nothing was answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    /// The address may not be asked.
    #[error("{why}")]
    Forbidden {
        /// Why not.
        why: &'static str,
    },
    /// Another status than one that answers.
    #[error("it answers with HTTP status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The answer is longer than the limit.
    #[error("the answer has more than {limit} bytes")]
    TooLarge {
        /// The limit, bytes.
        limit: u64,
    },
    /// No connection, or it broke.
    #[error("it cannot be reached")]
    Unreachable {
        /// What the transport said.
        why: Untrusted,
    },
}

/// An agent that keeps the rules.
fn agent(reach: Reach) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None)
        .user_agent(concat!("byline/", env!("CARGO_PKG_VERSION")))
        .build();
    let guard = Guard {
        reach,
        inner: DefaultResolver::default(),
    };
    Agent::with_parts(config, DefaultConnector::default(), guard)
}

/// Whether a URL is one that may be asked, by its form alone.
fn is_askable(url: &str, schemes: &[&str]) -> Result<(), &'static str> {
    let Ok(uri) = url.parse::<Uri>() else {
        return Err("it is not a URL");
    };
    if !uri.scheme_str().is_some_and(|scheme| schemes.contains(&scheme)) {
        return Err(if schemes.contains(&"http") {
            "it is neither http nor https"
        } else {
            "it is not https"
        });
    }
    match uri.authority() {
        None => Err("it names no host"),
        Some(authority) if authority.as_str().contains('@') => Err("it carries a user name"),
        Some(_) => Ok(()),
    }
}

/// Asks by POST. In the public internet only `https` is spoken, in one's own network `http` too.
pub(crate) fn post(url: &str, reach: Reach, body: &[u8]) -> Result<Answered, Unanswered> {
    let schemes: &[&str] = match reach {
        Reach::Anywhere => &["http", "https"],
        Reach::Public => &["https"],
    };
    is_askable(url, schemes).map_err(|why| Unanswered::Forbidden { why })?;
    exchange(
        &agent(reach),
        url,
        &[("content-type", "text/plain; charset=utf-8")],
        body,
    )
}

fn exchange(agent: &Agent, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answered, Unanswered> {
    let mut request = agent.post(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = request.send(body).map_err(|error| explain(&error))?;
    let status = response.status().as_u16();
    let mut answer = Vec::new();
    let read = response
        .body_mut()
        .as_reader()
        .take(ANSWER_BYTES_MAX.saturating_add(1))
        .read_to_end(&mut answer);
    match read {
        Ok(found) if u64::try_from(found).is_ok_and(|found| found <= ANSWER_BYTES_MAX) => {
            Ok(Answered { status, body: answer })
        }
        Ok(_) => Err(Unanswered::TooLarge {
            limit: ANSWER_BYTES_MAX,
        }),
        Err(error) => Err(Unanswered::Unreachable {
            why: Untrusted::new(error.to_string()),
        }),
    }
}

/// A time-stamping authority reached over HTTP (RFC 3161, 3.4).
pub struct HttpTimestamps {
    agent: Agent,
    url: String,
}

impl HttpTimestamps {
    /// Takes the authority's address; nothing is sent before the first signature.
    ///
    /// # Errors
    /// [`TimestampError::Forbidden`] if the address is neither `http` nor `https`, names no host, or carries a user name.
    pub fn new(url: &str, reach: Reach) -> Result<Self, TimestampError> {
        is_askable(url, &["http", "https"]).map_err(|why| TimestampError::Forbidden { why })?;
        Ok(Self {
            agent: agent(reach),
            url: url.to_owned(),
        })
    }
}

impl TimestampSource for HttpTimestamps {
    fn token(&self, request_der: &[u8]) -> Result<Vec<u8>, TimestampError> {
        let headers = [
            ("content-type", "application/timestamp-query"),
            ("accept", "application/timestamp-reply"),
        ];
        match exchange(&self.agent, &self.url, &headers, request_der) {
            Ok(Answered { status: 200, body }) => Ok(body),
            Ok(Answered { status, .. }) | Err(Unanswered::Status { status }) => {
                Err(TimestampError::Refused { status })
            }
            Err(Unanswered::Forbidden { why }) => Err(TimestampError::Forbidden { why }),
            Err(Unanswered::TooLarge { limit }) => Err(TimestampError::TooLarge { limit }),
            Err(Unanswered::Unreachable { why }) => Err(TimestampError::Unreachable { why }),
        }
    }
}

impl fmt::Debug for HttpTimestamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTimestamps")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Resolves names and lets no private address through, so that the address judged is the address connected to.
#[derive(Debug)]
struct Guard {
    reach: Reach,
    inner: DefaultResolver,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let private = |address: &SocketAddr| !is_public(address.ip());
        if self.reach == Reach::Public && found.iter().any(private) {
            return Err(Error::Io(io::Error::other(PrivateAddress)));
        }
        Ok(found)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name resolves to a private address")]
struct PrivateAddress;

fn explain(error: &Error) -> Unanswered {
    if let Error::Io(inner) = error
        && inner
            .get_ref()
            .is_some_and(<dyn std::error::Error + Send + Sync>::is::<PrivateAddress>)
    {
        return Unanswered::Forbidden {
            why: "its name resolves to an address that is not public",
        };
    }
    Unanswered::Unreachable {
        why: Untrusted::new(error.to_string()),
    }
}

/// Whether an address is one of the public internet (IANA special-purpose registries).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || address.is_unspecified();
    // "This network", shared (RFC 6598), IETF protocol assignments, benchmarking (RFC 2544), reserved.
    let reserved = a == 0
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18)
        || a >= 240;
    !special && !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Addresses that stand for an IPv4 address are judged as that: mapped, compatible, 6to4, NAT64.
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        [0x64, 0xff9b, ..] => false,
        // Global unicast, without documentation and IETF assignments (Teredo, benchmarking, ORCHID).
        [0x2001, second, ..] => second >= 0x0200 && second != 0x0db8,
        [first, ..] => first & 0xe000 == 0x2000 && first & 0xfff0 != 0x3ff0,
    }
}

/// Time for one exchange.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers one request on the loopback address and returns where.
    pub(super) fn server(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(&answer);
        });
        url
    }

    pub(super) fn response(status: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    }

    #[test]
    fn an_answer_comes_back_as_sent() {
        let url = server(response("200 OK", b"token"));
        let source = HttpTimestamps::new(&url, Reach::Anywhere).unwrap();
        assert_eq!(source.token(b"request").unwrap(), b"token");
    }

    #[test]
    fn a_private_address_is_not_asked() {
        let source = HttpTimestamps::new("http://127.0.0.1:9/", Reach::Public).unwrap();
        assert!(matches!(
            source.token(b"request"),
            Err(TimestampError::Forbidden { .. })
        ));
        let source = HttpTimestamps::new("http://localhost:9/", Reach::Public).unwrap();
        assert!(matches!(
            source.token(b"request"),
            Err(TimestampError::Forbidden { .. })
        ));
    }

    #[test]
    fn a_redirect_is_not_followed() {
        let mut answer =
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n".to_vec();
        answer.extend_from_slice(b"");
        let source = HttpTimestamps::new(&server(answer), Reach::Anywhere).unwrap();
        assert_eq!(
            source.token(b"request"),
            Err(TimestampError::Refused { status: 302 })
        );
    }

    #[test]
    fn an_answer_beyond_the_limit_is_refused() {
        let source =
            HttpTimestamps::new(&server(response("200 OK", &vec![7; 65_537])), Reach::Anywhere).unwrap();
        assert_eq!(
            source.token(b"request"),
            Err(TimestampError::TooLarge { limit: 65_536 })
        );
    }

    #[test]
    fn only_http_without_user_names_is_spoken() {
        for url in [
            "ftp://example.org/",
            "file:///etc/passwd",
            "example.org",
            "https://a:b@example.org/",
            "http:///x",
        ] {
            assert!(
                matches!(
                    HttpTimestamps::new(url, Reach::Public),
                    Err(TimestampError::Forbidden { .. })
                ),
                "{url}"
            );
        }
    }

    #[test]
    fn witnesses_are_asked_by_https_unless_they_are_in_ones_own_network() {
        let url = server(response("409 Conflict", b"12\n"));
        assert!(matches!(
            post(&url, Reach::Public, b"old 0\n"),
            Err(Unanswered::Forbidden { .. })
        ));
        let answered = post(&url, Reach::Anywhere, b"old 0\n").unwrap();
        assert_eq!((answered.status, answered.body.as_slice()), (409, &b"12\n"[..]));
        assert!(matches!(
            post("https://127.0.0.1:9/", Reach::Public, b""),
            Err(Unanswered::Forbidden { .. })
        ));
        let url = server(response("200 OK", &vec![7; 65_537]));
        assert_eq!(
            post(&url, Reach::Anywhere, b""),
            Err(Unanswered::TooLarge { limit: 65_536 })
        );
    }

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001:0:1::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "9.9.9.9",
            "172.32.0.1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "2001:4860::8888",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
