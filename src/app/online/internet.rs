//! What `verify --online` may ask of the public internet: a manifest that a file names, and an issuer's answer about a certificate.
//!
//! A manifest comes by `https` alone. An issuer's answer is signed and nearly every certificate names a plain `http` address for it
//! (RFC 5019, 5): both schemes are asked. The addresses are a stranger's words, so no private address is ever asked and no redirect
//! followed; who runs the server learns that somebody looks at the picture.

use std::io::Read as _;

use ureq::Agent;

use super::{Answered, Reach, Unanswered, agent, exchange, explain, is_askable};
use crate::app::verify::Fetch;

/// The public internet.
pub(crate) struct Internet {
    agent: Agent,
    reach: Reach,
}

impl Internet {
    /// Nothing is asked yet.
    pub(crate) fn new() -> Self {
        Self {
            agent: agent(Reach::Public),
            reach: Reach::Public,
        }
    }

    /// One's own network by plain http, for tests: servers on this machine have no certificate.
    #[cfg(test)]
    fn of_tests() -> Self {
        Self {
            agent: agent(Reach::Anywhere),
            reach: Reach::Anywhere,
        }
    }

    fn may(url: &str, schemes: &[&str]) -> Result<(), Unanswered> {
        if url.len() > URL_BYTES_MAX {
            let why = "it is longer than an address may be";
            return Err(Unanswered::Forbidden { why });
        }
        is_askable(url, schemes).map_err(|why| Unanswered::Forbidden { why })
    }

    fn get(&self, url: &str) -> Result<Vec<u8>, Unanswered> {
        let schemes: &[&str] = match self.reach {
            Reach::Anywhere => &["http", "https"],
            Reach::Public => &["https"],
        };
        Self::may(url, schemes)?;
        let mut response = self.agent.get(url).call().map_err(|error| explain(&error))?;
        match response.status().as_u16() {
            200 => {}
            status => return Err(Unanswered::Status { status }),
        }
        let mut bytes = Vec::new();
        let body = response.body_mut().as_reader();
        let read = body
            .take(MANIFEST_FETCHED_MAX.saturating_add(1))
            .read_to_end(&mut bytes);
        read.map_err(|error| Unanswered::Unreachable {
            why: error.to_string().into(),
        })?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len <= MANIFEST_FETCHED_MAX) {
            Ok(bytes)
        } else {
            Err(Unanswered::TooLarge {
                limit: MANIFEST_FETCHED_MAX,
            })
        }
    }

    fn ask(&self, url: &str, question: &[u8]) -> Result<Vec<u8>, Unanswered> {
        Self::may(url, &["http", "https"])?;
        let headers = [
            ("content-type", "application/ocsp-request"),
            ("accept", "application/ocsp-response"),
        ];
        match exchange(&self.agent, url, &headers, question)? {
            Answered { status: 200, body } => Ok(body),
            Answered { status, .. } => Err(Unanswered::Status { status }),
        }
    }
}

impl Fetch for Internet {
    fn manifest(&self, url: &str) -> Result<Vec<u8>, String> {
        self.get(url).map_err(|why| why.to_string())
    }

    fn answer(&self, url: &str, question: &[u8]) -> Result<Vec<u8>, String> {
        self.ask(url, question).map_err(|why| why.to_string())
    }
}

/// Largest manifest fetched, bytes: real ones have up to some MiB, with thumbnails.
const MANIFEST_FETCHED_MAX: u64 = 16 << 20;
/// Longest address asked, bytes.
const URL_BYTES_MAX: usize = 2048;

#[cfg(test)]
mod tests {
    use super::super::tests::{response, server};
    use super::*;

    #[test]
    fn a_manifest_comes_by_https_from_public_addresses_alone() {
        let net = Internet::new();
        for url in [
            "http://example.org/a.c2pa",
            "file:///etc/passwd",
            "https://user@example.org/a.c2pa",
            "//example.org/a",
            "a.c2pa",
            "",
        ] {
            assert!(net.manifest(url).is_err(), "{url}");
        }
        for url in [
            "https://127.0.0.1:9/a",
            "https://localhost:9/a",
            "https://[::1]:9/a",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:10.0.0.1]/a",
            "https://100.64.0.1/a",
        ] {
            let why = net.manifest(url).unwrap_err();
            assert!(why.contains("not public"), "{url}: {why}");
            let why = net.answer(&url.replace("https", "http"), b"q").unwrap_err();
            assert!(why.contains("not public"), "{url}: {why}");
        }
        let long = format!("https://example.org/{}", "a".repeat(URL_BYTES_MAX));
        assert!(net.manifest(&long).unwrap_err().contains("longer"));
        assert!(net.answer("ftp://example.org/", b"q").is_err());
    }

    #[test]
    fn what_is_there_comes_back_as_sent_and_nothing_else_does() {
        let net = Internet::of_tests();
        let url = server(response("200 OK", b"store"));
        assert_eq!(net.manifest(&url).unwrap(), b"store");
        let url = server(response("200 OK", b"answer"));
        assert_eq!(net.answer(&url, b"q").unwrap(), b"answer");
        let away =
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n".to_vec();
        assert!(net.manifest(&server(away.clone())).unwrap_err().contains("302"));
        assert!(net.answer(&server(away), b"q").unwrap_err().contains("302"));
        let short = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".to_vec();
        assert!(net.manifest(&server(short)).is_err());
        let long = response("200 OK", &vec![7; 65_537]);
        assert!(net.answer(&server(long), b"q").unwrap_err().contains("65536"));
    }

    #[test]
    fn a_manifest_beyond_the_limit_is_not_taken() {
        let net = Internet::of_tests();
        let most = usize::try_from(MANIFEST_FETCHED_MAX).unwrap();
        let url = server(response("200 OK", &vec![7; most + 1]));
        assert!(net.manifest(&url).unwrap_err().contains("16777216"));
    }
}
