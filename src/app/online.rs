//! Temporary.
use std::sync::Arc;
use super::{Error, Kind};
use crate::manifest::TimestampSource;

pub(crate) fn timestamps(_url: &str) -> Result<Arc<dyn TimestampSource>, Error> {
    Err(Error::new(Kind::Request, "online.none", "no network in this build"))
}
