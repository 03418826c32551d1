//! From the request's words and the file's own metadata to the statement that is signed.

use super::against::{MANIFEST, SIGNER, Signed};
use super::{Shared, taken};
use crate::app::request::{SourceChoice, Words};
use crate::app::{Error, Kind};
use crate::base::statement::{Ids, Role};
use crate::base::{Authorship, SourceType, Statement};
use crate::metadata::Metadata;
use crate::metadata::generator::Generated;

/// A statement and who says how the picture came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    /// The statement.
    pub(super) statement: Statement,
    /// `signer`, or the place in the file that was taken over.
    pub(super) basis: String,
    /// What was taken over beside the source type, in a sentence.
    pub(super) taken: Option<String>,
}

/// Makes the statement for one picture.
pub(super) fn state(
    shared: &Shared<'_>,
    signed: Option<Signed>,
    (found, generated): (&Metadata, &Generated),
) -> Result<Stated, Error> {
    let app = shared.app;
    let choice = shared.request.source;
    let (source, basis) = match choice {
        SourceChoice::Stated(term) => (term, SIGNER.to_owned()),
        // Signed before unsigned, declared before implied; what does not hold any more is no evidence.
        SourceChoice::FromMetadata => signed
            .filter(|signed| signed.holds)
            .map(|signed| (signed.term, MANIFEST.to_owned()))
            .or_else(|| found.source_type())
            .or_else(|| implied(generated))
            .ok_or_else(|| nothing_stated(signed))?,
    };
    let mut words = shared.request.words.clone();
    let taken = taken::fill(&mut words, choice, source, generated);
    let statement = Statement {
        source,
        role: words
            .role
            .or_else(|| words.by.as_ref().map(|_| default_role(source))),
        by: words.by,
        title: words.title,
        description: words.description,
        credit: words.credit,
        copyright: words.copyright,
        copyright_owner: words.copyright_owner,
        usage_terms: words.usage_terms,
        web_statement: words.web_statement,
        licensor_url: words.licensor_url,
        mining: words.mining,
        software: words.software,
        ai_system: words.ai_system,
        ai_version: words.ai_version,
        model: words.model,
        family: words.family,
        seed: words.seed,
        prompt: words.prompt,
        prompt_writer: words.prompt_writer,
        created: words.created,
        ids: Ids {
            document: app.random()?,
            instance: app.random()?,
            registry: app.random()?,
        },
        all_actions: words.all_actions,
    };
    Ok(Stated {
        statement,
        basis,
        taken,
    })
}

/// What a generator's text implies, and where it stands.
fn implied(generated: &Generated) -> Option<(SourceType, String)> {
    let (term, record) = generated.source_type()?;
    Some((term, format!("{}, text of a generator", record.found_in.words())))
}

/// What somebody is who is named without a role: of generated work never the creator. Where nobody is named, nobody is anything
/// by default (`metadata.md` 7.1, "No default authorship").
const fn default_role(source: SourceType) -> Role {
    match source.authorship() {
        Authorship::AiMixed => Role::Editor,
        Authorship::Capture | Authorship::Human => Role::Creator,
        Authorship::Ai | Authorship::Algorithmic | Authorship::MaybeAi | Authorship::Unknown => {
            Role::Producer
        }
    }
}

/// That a creator is named of a picture that a model made, in a sentence: it is signed all the same, for the word is the signer's.
pub(super) fn creator_of_a_models(source: SourceType, role: Option<Role>) -> Option<String> {
    let is_odd = source.authorship() == Authorship::Ai && role == Some(Role::Creator);
    is_odd.then(|| {
        format!(
            "--role creator claims the work of a person, and {} that a model made the picture: both are signed, and receivers are shown \
             the contradiction (--role producer or editor claims no such thing)",
            source.term()
        )
    })
}

/// Refuses words that contradict the source type, before any file is touched.
pub(super) fn check(source: SourceChoice, words: &Words) -> Result<(), Error> {
    let SourceChoice::Stated(term) = source else {
        return Ok(());
    };
    let ai_words = [
        ("--ai-system", words.ai_system.is_some()),
        ("--ai-version", words.ai_version.is_some()),
        ("--model", words.model.is_some()),
        ("--seed", words.seed.is_some()),
        ("--prompt", words.prompt.is_some()),
        ("--prompt-writer", words.prompt_writer.is_some()),
    ];
    match ai_words.iter().find(|(_, given)| *given) {
        Some((flag, _)) if matches!(term.authorship(), Authorship::Human | Authorship::Capture) => {
            Err(Error::new(
                Kind::Request,
                "sign.contradiction",
                format!("{flag} speaks of a model, --source {} of none", term.term()),
            )
            .fix("use --source ai, ai-edited or ai-composite, or leave the flag out"))
        }
        _ => Ok(()),
    }
}

/// A word that does not fit this file: the command has to say it instead.
fn nothing_stated(signed: Option<Signed>) -> Error {
    let error = Error::new(
        Kind::Request,
        "sign.no-source",
        "the file does not say how the picture came to be",
    );
    let error = match signed {
        Some(_) => error.why(
            "--source from-metadata takes a digital source type from a signed manifest that holds, from XMP or from the text of a \
             generator; the manifest in the file says one, but the picture is not what was signed, and there is no other",
        ),
        None => error.why(
            "--source from-metadata takes a digital source type from a signed manifest, from XMP or from the text of a generator, and \
             there is none",
        ),
    };
    error.fix("say it: --source ai, ai-edited, human, camera, ... (byline sign --help lists them)")
}
