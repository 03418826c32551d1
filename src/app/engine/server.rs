//! Which server, which table, and by which password: never one from the command line, which everybody on the machine can read.

use std::path::PathBuf;
use std::{fmt, io};

use postgres::Config;
use postgres::config::Host;
use zeroize::Zeroizing;

use super::EngineError;
use crate::store::passphrase_input;

/// A PostgreSQL server and the table on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// As libpq has it, without a password: `host=/run/postgresql dbname=byline`, or `postgresql://host/byline`.
    pub connection: String,
    /// The table of codes; those beside it begin with its name.
    pub table: String,
    /// The host, where the connection string names none.
    pub host: Option<String>,
    /// The port, where it names none.
    pub port: Option<u16>,
    /// The user, where it names none.
    pub user: Option<String>,
    /// The database, where it names none.
    pub database: Option<String>,
    /// How this user is let in.
    pub password: Password,
}

/// Where a password comes from.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Password {
    /// It is this.
    Given(Zeroizing<String>),
    /// A file, if it is there, as libpq reads it (PostgreSQL manual, "The Password File"): `host:port:database:user:password`, mode 0600.
    File(PathBuf),
    /// None is sent.
    #[default]
    None,
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => out.write_str("Given"),
            Self::File(path) => write!(out, "File({})", path.display()),
            Self::None => out.write_str("None"),
        }
    }
}

impl Server {
    /// A server that asks for no password.
    #[must_use]
    pub fn new(connection: &str, table: &str) -> Self {
        Self {
            connection: connection.to_owned(),
            table: table.to_owned(),
            host: None,
            port: None,
            user: None,
            database: None,
            password: Password::None,
        }
    }

    /// What to connect by.
    pub(super) fn config(&self) -> Result<Config, EngineError> {
        let mut config: Config = self.connection.parse()?;
        if config.get_password().is_some() {
            return Err(EngineError::OpenPassword);
        }
        if let Some(host) = self.host.as_ref().filter(|_| config.get_hosts().is_empty()) {
            config.host(host);
        }
        if let Some(port) = self.port.filter(|_| config.get_ports().is_empty()) {
            config.port(port);
        }
        if let Some(user) = self.user.as_ref().filter(|_| config.get_user().is_none()) {
            config.user(user);
        }
        if let Some(database) = self.database.as_ref().filter(|_| config.get_dbname().is_none()) {
            config.dbname(database);
        }
        match &self.password {
            Password::Given(password) => {
                config.password(password.as_bytes());
            }
            Password::File(path) => {
                let text = match passphrase_input::private_text(path) {
                    Ok(text) => text,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Zeroizing::default(),
                    Err(source) => {
                        let path = path.clone();
                        return Err(EngineError::PasswordFile { path, source });
                    }
                };
                if let Some(password) = in_file(&text, &config) {
                    config.password(password.as_bytes());
                }
            }
            Password::None => {}
        }
        config.application_name("byline");
        Ok(config)
    }
}

/// The password of the first line that fits.
fn in_file(text: &str, config: &Config) -> Option<Zeroizing<String>> {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        // A socket in the server's own folder goes by this name.
        _ => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let user = config.get_user().unwrap_or_default();
    let database = config.get_dbname().unwrap_or(user);
    let wanted = [host.as_str(), &port, database, user];
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(fields).find_map(|fields| {
        let [found @ .., password] = fields.as_slice() else {
            return None;
        };
        let fits = found.len() == wanted.len()
            && found
                .iter()
                .zip(wanted)
                .all(|(found, wanted)| found.as_str() == "*" || found.as_str() == wanted);
        fits.then(|| password.clone())
    })
}

/// The fields of a line; a backslash makes the next character plain.
fn fields(line: &str) -> Vec<Zeroizing<String>> {
    // Sized at once: growing would leave copies of the secret behind.
    let empty = || Zeroizing::new(String::with_capacity(line.len()));
    let mut fields = vec![empty()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let plain = match letter {
            '\\' => letters.next(),
            ':' => {
                fields.push(empty());
                None
            }
            other => Some(other),
        };
        if let (Some(plain), Some(field)) = (plain, fields.last_mut()) {
            field.push(plain);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_connection_string_is_refused() {
        for open in [
            "host=localhost password=secret",
            "postgresql://ada:secret@localhost/byline",
        ] {
            let refused = Server::new(open, "codes").config();
            assert!(matches!(refused, Err(EngineError::OpenPassword)), "{open}");
        }
        assert!(
            Server::new("postgresql://ada@localhost/byline", "codes")
                .config()
                .is_ok()
        );
    }

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let config: Config = "host=db.example user=ada dbname=byline".parse().unwrap();
        let text = "# a comment\n\
                    db.example:5433:*:*:other port\n\
                    db.example:5432:byline:eve:other user\n\
                    db.example:5432:*:ada:a\\:b\\\\c\n\
                    *:*:*:*:too late\n";
        assert_eq!(in_file(text, &config).unwrap().as_str(), "a:b\\c");
        let socket: Config = "host=/run/postgresql user=ada".parse().unwrap();
        assert_eq!(
            in_file("localhost:5432:ada:ada:x", &socket).unwrap().as_str(),
            "x"
        );
        assert!(in_file("db.example:5432:byline:ada\n\n", &socket).is_none());
    }

    #[test]
    fn no_password_is_ever_shown() {
        let server = Server {
            password: Password::Given(Zeroizing::new("secret".to_owned())),
            ..Server::new("host=localhost", "codes")
        };
        assert!(!format!("{server:?}").contains("secret"));
    }
}
