//! Loading the key that signs.

use super::{App, Error};
use crate::keys::Identity;

/// Opens a key by its local name; without a name, the only one there is.
pub(crate) fn open(app: &App, name: Option<&str>) -> Result<Identity, Error> {
    super::key::open(app, name)
}
