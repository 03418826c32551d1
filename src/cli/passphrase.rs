//! Where passphrases come from: a file descriptor, the service manager, the terminal; never a command line.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use byline::app::{Ask, Error, Kind, Passphrases};
use byline::store::passphrase_input;
use zeroize::Zeroizing;

use super::env::Env;

/// Asks for passphrases; what came by a descriptor is kept for the next question, since it can be read once.
pub(crate) struct Asker {
    descriptor: Option<u32>,
    credential: Option<PathBuf>,
    read: Mutex<Option<Zeroizing<String>>>,
}

impl Asker {
    /// Takes the descriptor of `--passphrase-fd`, else the credential of the service manager, else the terminal.
    pub(crate) fn new(descriptor: Option<u32>, env: &Env) -> Self {
        let credential = env.credentials.as_ref().map(|folder| folder.join(CREDENTIAL));
        Self {
            descriptor,
            credential: credential.filter(|file| byline::store::folder::exists(file)),
            read: Mutex::new(None),
        }
    }
}

impl Passphrases for Asker {
    fn passphrase(&self, ask: &Ask) -> Result<Zeroizing<String>, Error> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*read {
            return Ok(known.clone());
        }
        let passphrase = match (self.descriptor, &self.credential) {
            (Some(number), _) => passphrase_input::from_descriptor(number).map_err(|error| {
                Error::new(
                    Kind::Key,
                    "passphrase.descriptor",
                    format!("cannot read a passphrase from descriptor {number}"),
                )
                .why(match error.kind() {
                    std::io::ErrorKind::NotFound => format!("descriptor {number} is not open"),
                    _ => error.to_string(),
                })
                .fix(format!(
                    "open it: byline ... --passphrase-fd {number} {number}<FILE"
                ))
            })?,
            (None, Some(file)) => passphrase_input::first_line(file).map_err(|error| {
                Error::new(
                    Kind::Key,
                    "passphrase.credential",
                    "cannot read the credential `byline-passphrase`",
                )
                .why(error.to_string())
            })?,
            (None, None) => return terminal(ask),
        };
        *read = Some(passphrase.clone());
        Ok(passphrase)
    }
}

fn terminal(ask: &Ask) -> Result<Zeroizing<String>, Error> {
    match ask {
        Ask::Open(name) => prompt(&format!("Passphrase of key {name}: ")),
        Ask::New(name) => twice(name, prompt),
    }
}

/// Asks twice for a new passphrase until both entries agree; why it asks once more stands in the question.
fn twice(
    name: &str,
    mut prompt: impl FnMut(&str) -> Result<Zeroizing<String>, Error>,
) -> Result<Zeroizing<String>, Error> {
    let mut why = "";
    for _ in 0..TRIES {
        let first = prompt(&format!("{why}New passphrase for key {name}: "))?;
        if first.is_empty() || *first == *prompt("The same again: ")? {
            return Ok(first);
        }
        why = "The two entries differ. ";
    }
    Err(
        Error::new(Kind::Key, "passphrase.differs", "the two entries differ")
            .why(format!("tried {TRIES} times"))
            .fix("try again; nothing was written"),
    )
}

fn prompt(text: &str) -> Result<Zeroizing<String>, Error> {
    rpassword::prompt_password(text)
        .map(Zeroizing::new)
        .map_err(|error| {
            Error::new(Kind::Key, "passphrase.none", "no passphrase")
                .why(format!("there is no terminal to ask on: {error}"))
                .fix("give it with --passphrase-fd N N<FILE, or as systemd credential `byline-passphrase`")
        })
}

const CREDENTIAL: &str = "byline-passphrase";
const TRIES: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_differ_are_asked_again_with_the_reason() {
        let mut answers = ["one", "two", "three", "three"].iter();
        let mut asked = Vec::new();
        let given = twice("ada", |question| {
            asked.push(question.to_owned());
            Ok(Zeroizing::new((*answers.next().unwrap()).to_owned()))
        });
        assert_eq!(given.unwrap().as_str(), "three");
        assert_eq!(asked[0], "New passphrase for key ada: ");
        assert_eq!(asked[2], "The two entries differ. New passphrase for key ada: ");
    }

    #[test]
    fn entries_that_never_agree_are_an_error() {
        let mut number = 0;
        let given = twice("ada", |_| {
            number += 1;
            Ok(Zeroizing::new(number.to_string()))
        });
        assert_eq!(given.unwrap_err().code, "passphrase.differs");
    }
}
