//! What a signer states, flag by flag.

use byline::app::request::{SourceChoice, Words};
use byline::app::{Error, Kind};
use byline::base::source_type::WORDS;
use byline::base::statement::{Family, Mining, Role};
use byline::base::{Moment, SourceType};
use clap::{Args, ValueEnum};

/// What the signer states about the picture.
#[derive(Debug, Args)]
#[command(next_help_heading = "What you state about the picture")]
pub(crate) struct WordFlags {
    /// How the picture came to be: ai, ai-edited, ai-composite, human, human-edited, camera, phone, scan, negative,
    /// slide, collage, screenshot, data, algorithm; an IPTC term or URI; or from-metadata, what the file itself states
    #[arg(long, value_name = "WORD", value_parser = source)]
    pub(crate) source: Option<SourceChoice>,
    /// Who is named: a person or an organisation
    #[arg(long, value_name = "NAME", value_parser = words)]
    by: Option<String>,
    /// What that person is to the picture [default: with --by producer of AI work, creator of other work; else none]
    #[arg(long, value_enum)]
    role: Option<RoleWord>,
    /// Title
    #[arg(long, value_name = "TEXT", value_parser = words)]
    title: Option<String>,
    /// Description
    #[arg(long, value_name = "TEXT", value_parser = words)]
    description: Option<String>,
    /// Credit line
    #[arg(long, value_name = "TEXT", value_parser = words)]
    credit: Option<String>,
    /// Copyright notice, like "(c) 2026 Alice Example"
    #[arg(long, value_name = "TEXT", value_parser = words)]
    rights: Option<String>,
    /// Who you state holds the copyright
    #[arg(long, value_name = "NAME", value_parser = words)]
    copyright_owner: Option<String>,
    /// What may be done with the picture
    #[arg(long, value_name = "TEXT", value_parser = words)]
    usage_terms: Option<String>,
    /// Where the rights statement is
    #[arg(long, value_name = "URL", value_parser = url)]
    web_statement: Option<String>,
    /// Where a licence is had
    #[arg(long, value_name = "URL", value_parser = url)]
    licensor_url: Option<String>,
    /// Reserve training: the same as --mining no-training
    #[arg(long, conflicts_with = "mining")]
    no_training: bool,
    /// Data mining and training: what you allow
    #[arg(long, value_enum, value_name = "WORD")]
    mining: Option<MiningWord>,
    /// The program that made or edited the picture
    #[arg(long, value_name = "NAME", value_parser = words)]
    software: Option<String>,
    /// The AI system
    #[arg(long, value_name = "NAME", value_parser = words)]
    ai_system: Option<String>,
    /// Its version
    #[arg(long, value_name = "VERSION", value_parser = words)]
    ai_version: Option<String>,
    /// The model
    #[arg(long, value_name = "NAME", value_parser = words)]
    model: Option<String>,
    /// The algorithm family of the model
    #[arg(long, value_parser = family, value_name = "diffusion|gan|vae|autoregressive|other")]
    family: Option<Family>,
    /// The seed
    #[arg(long, value_parser = words)]
    seed: Option<String>,
    /// The prompt, or @FILE that holds it; it is disclosed to everyone who gets the picture
    #[arg(long, value_name = "TEXT|@FILE")]
    pub(crate) prompt: Option<String>,
    /// Who wrote the prompt
    #[arg(long, value_name = "NAME", value_parser = words)]
    prompt_writer: Option<String>,
    /// When the picture was made: RFC 3339 with the offset of the place, or a day
    #[arg(long, value_name = "TIME", value_parser = moment)]
    created: Option<Moment>,
    /// You know every step the picture went through
    #[arg(long)]
    all_actions_known: bool,
}

/// Role of the named person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RoleWord {
    /// Claims human authorship
    Creator,
    /// Edited an existing work
    Editor,
    /// Had the work made
    Producer,
    /// Publishes the work
    Publisher,
}

/// Reservation of data mining.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MiningWord {
    /// All uses
    Allowed,
    /// No training of any model
    NoTraining,
    /// No training of generative models
    NoGenerativeTraining,
    /// No data mining at all
    None,
}

impl WordFlags {
    /// Who says how the picture came to be; there is no default.
    pub(crate) fn source(&self) -> Result<SourceChoice, Error> {
        self.source.ok_or_else(|| {
            Error::new(Kind::Request, "source.missing", "`--source` is missing")
                .why("nobody but you can say how the picture came to be, so there is no default")
                .fix(format!("add --source and one of: {}", source_words()))
        })
    }

    /// The words as the deed takes them; `prompt` was read already.
    pub(crate) fn words(&self, prompt: Option<String>) -> Words {
        Words {
            by: self.by.clone(),
            role: self.role.map(|role| match role {
                RoleWord::Creator => Role::Creator,
                RoleWord::Editor => Role::Editor,
                RoleWord::Producer => Role::Producer,
                RoleWord::Publisher => Role::Publisher,
            }),
            title: self.title.clone(),
            description: self.description.clone(),
            credit: self.credit.clone(),
            copyright: self.rights.clone(),
            copyright_owner: self.copyright_owner.clone(),
            usage_terms: self.usage_terms.clone(),
            web_statement: self.web_statement.clone(),
            licensor_url: self.licensor_url.clone(),
            mining: self.mining(),
            software: self.software.clone(),
            ai_system: self.ai_system.clone(),
            ai_version: self.ai_version.clone(),
            model: self.model.clone(),
            family: self.family,
            seed: self.seed.clone(),
            prompt,
            prompt_writer: self.prompt_writer.clone(),
            created: self.created,
            all_actions: self.all_actions_known,
        }
    }

    fn mining(&self) -> Option<Mining> {
        if self.no_training {
            return Some(Mining::NoTraining);
        }
        self.mining.map(|word| match word {
            MiningWord::Allowed => Mining::Allowed,
            MiningWord::NoTraining => Mining::NoTraining,
            MiningWord::NoGenerativeTraining => Mining::NoGenerativeTraining,
            MiningWord::None => Mining::None,
        })
    }
}

/// Every word `--source` takes.
pub(crate) fn source_words() -> String {
    let mut words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
    words.push("from-metadata");
    words.join(", ")
}

fn source(text: &str) -> Result<SourceChoice, String> {
    if text == "from-metadata" {
        return Ok(SourceChoice::FromMetadata);
    }
    SourceType::from_word(text)
        .map(SourceChoice::Stated)
        .ok_or_else(|| format!("wanted one of {}, or an IPTC digital source type", source_words()))
}

/// Text that goes into files for others to read: it must say something and hold no control characters.
fn words(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it is empty; leave the flag away to state nothing".to_owned());
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err("it holds control characters".to_owned());
    }
    Ok(text.to_owned())
}

fn url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && text.chars().all(|c| c.is_ascii_graphic()) => Ok(text.to_owned()),
        _ => Err("wanted a URL that begins with https:// or http:// and holds no spaces".to_owned()),
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| {
        "wanted RFC 3339, like 2026-05-01T12:00:00+02:00, or a day, like 2026-05-01".to_owned()
    })
}

fn family(text: &str) -> Result<Family, String> {
    Family::from_word(text).ok_or_else(|| {
        let words: Vec<&str> = Family::ALL.iter().map(|row| row.1).collect();
        format!("wanted one of {}", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn friendly_words_terms_and_uris_are_sources() {
        for text in [
            "ai",
            "trainedAlgorithmicMedia",
            "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        ] {
            assert_eq!(
                source(text),
                Ok(SourceChoice::Stated(SourceType::TrainedAlgorithmicMedia))
            );
        }
        assert_eq!(source("from-metadata"), Ok(SourceChoice::FromMetadata));
        let refused = source("robot").unwrap_err();
        for (word, _) in WORDS {
            assert!(refused.contains(word), "{word} is taught: {refused}");
        }
    }

    #[test]
    fn help_names_every_source_word() {
        use clap::CommandFactory as _;
        let mut sign = super::super::args::Cli::command();
        let help = sign
            .find_subcommand_mut("sign")
            .unwrap()
            .render_long_help()
            .to_string();
        for (word, _) in WORDS {
            assert!(help.contains(word), "{word}");
        }
    }

    #[test]
    fn urls_and_texts_are_looked_at() {
        assert!(url("https://example.org/r").is_ok());
        assert!(url("javascript:alert(1)").is_err());
        assert!(url("https://").is_err());
        assert!(words("  ").is_err());
        assert!(words("a\u{1b}b").is_err());
    }
}
