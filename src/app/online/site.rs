//! Files of a published log on the web, asked for one by one.

use std::io::{self, Read as _};
use std::path::PathBuf;

use ureq::Agent;

use super::{Reach, Unanswered, agent, explain, is_askable};
use crate::store::published::Shelf;

/// A directory on a web server. Only what is asked for is read, each file in one exchange and within its own limit.
#[derive(Debug)]
pub(crate) struct Site {
    agent: Agent,
    base: String,
}

impl Site {
    /// Takes the address of the directory; nothing is asked yet.
    ///
    /// # Errors
    /// Why an address may not be asked: `https` only, but in one's own network.
    pub(crate) fn new(url: &str, reach: Reach) -> Result<Self, &'static str> {
        let schemes: &[&str] = match reach {
            Reach::Anywhere => &["http", "https"],
            Reach::Public => &["https"],
        };
        is_askable(url, schemes)?;
        if url.contains(['?', '#']) {
            return Err("it names no directory: it has a query or a fragment");
        }
        Ok(Self {
            agent: agent(reach),
            base: url.trim_end_matches('/').to_owned(),
        })
    }

    fn address(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    fn get(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, Unanswered> {
        let mut response = self
            .agent
            .get(self.address(name))
            .call()
            .map_err(|error| explain(&error))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(None),
            status => return Err(Unanswered::Status { status }),
        }
        let mut bytes = Vec::new();
        let body = response.body_mut().as_reader();
        let read = body.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| Unanswered::Unreachable {
            why: error.to_string().into(),
        })?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len <= limit) {
            Ok(Some(bytes))
        } else {
            Err(Unanswered::TooLarge { limit })
        }
    }
}

impl Shelf for Site {
    fn file(&self, name: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.get(name, limit).map_err(|error| match error {
            Unanswered::TooLarge { .. } => io::Error::new(io::ErrorKind::InvalidData, error),
            error => io::Error::other(error),
        })
    }

    fn place(&self, name: &str) -> PathBuf {
        PathBuf::from(self.address(name))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{response, server};
    use super::*;

    #[test]
    fn a_file_is_read_within_its_limit_and_one_that_is_absent_is_none() {
        let ask = |answer: Vec<u8>, limit| {
            let site = Site::new(&server(answer), Reach::Anywhere).unwrap();
            site.file("checkpoint", limit)
        };
        assert_eq!(ask(response("200 OK", b"abc"), 3).unwrap(), Some(b"abc".to_vec()));
        assert!(ask(response("200 OK", b"abc"), 2).is_err());
        assert_eq!(ask(response("404 Not Found", b"no"), 9).unwrap(), None);
        // A redirect is not followed, and an answer that ends early is no file.
        for other in ["301 Moved", "500 Oops", "206 Partial Content"] {
            assert!(ask(response(other, b""), 9).is_err(), "{other}");
        }
        let short = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".to_vec();
        assert!(ask(short, 9).is_err());
    }

    #[test]
    fn the_public_internet_is_asked_by_https_and_no_private_address_at_all() {
        for url in [
            "http://example.org/log",
            "https://a@example.org/",
            "https://example.org/?x",
            "x",
        ] {
            assert!(Site::new(url, Reach::Public).is_err(), "{url}");
        }
        let site = Site::new("https://127.0.0.1:9/log/", Reach::Public).unwrap();
        assert_eq!(
            site.place("tile/0/000"),
            PathBuf::from("https://127.0.0.1:9/log/tile/0/000")
        );
        let refused = site.file("checkpoint", 9).unwrap_err();
        assert!(refused.to_string().contains("not public"), "{refused}");
    }
}
