//! The `AIGC` label of China's measures of 2025 (GB 45438-2025): JSON of texts, in XMP, a text chunk or EXIF.
//!
//! ```text
//! {"Label":"1","ContentProducer":"...","ProduceID":"...","ContentPropagator":"...","PropagateID":"..."}
//! ```
//! Source: `metadata.md` 5.2; TC260-PG-20258A.

use serde_json::Value;

use super::{Dialect, FoundIn, Record, Settings, json};
use crate::base::{SourceType, Untrusted};

/// Fewest digits of a producer's number; a name seldom has more than a year's.
const CODE_DIGITS_MIN: usize = 6;

/// What the label's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelMeaning {
    /// `1`: it is made by AI.
    Is,
    /// `2`: it may be.
    May,
    /// `3`: it is suspected.
    Suspected,
    /// Any other number or word.
    Unknown,
}

impl LabelMeaning {
    /// The words in reports.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Is => "AI-generated",
            Self::May => "possibly AI-generated",
            Self::Suspected => "suspected to be AI-generated",
            Self::Unknown => "a label of no meaning in the standard",
        }
    }
}

/// One label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What it says.
    pub meaning: LabelMeaning,
    /// The service that produced the content: a name or a code.
    pub producer: Option<Untrusted>,
    /// Its number of the content.
    pub produce_id: Option<Untrusted>,
    /// The service that spread it.
    pub propagator: Option<Untrusted>,
    /// That one's number of the content.
    pub propagate_id: Option<Untrusted>,
}

/// Reads a label out of a JSON object: its own keys, or those below `AIGC`, where it may be a text of JSON again.
pub(super) fn read(object: &Value, found_in: &FoundIn) -> Option<Record> {
    let below = object.get("AIGC");
    let unpacked = below
        .and_then(Value::as_str)
        .and_then(|text| json::parse(text).ok());
    let object = unpacked.as_ref().or(below).unwrap_or(object);
    let number = json::pick(object, &["Label", "label"])?;
    let label = Label {
        meaning: match number.raw() {
            "1" => LabelMeaning::Is,
            "2" => LabelMeaning::May,
            "3" => LabelMeaning::Suspected,
            _ => LabelMeaning::Unknown,
        },
        producer: json::pick(object, &["ContentProducer"]),
        produce_id: json::pick(object, &["ProduceID"]),
        propagator: json::pick(object, &["ContentPropagator"]),
        propagate_id: json::pick(object, &["PropagateID"]),
    };
    let mut record = Record::new(Dialect::Aigc, found_in, "", Settings::default());
    record.tool = label.producer.clone().filter(|producer| !is_code(producer.raw()));
    record.job_id.clone_from(&label.produce_id);
    record.source_type = (label.meaning == LabelMeaning::Is).then_some(SourceType::TrainedAlgorithmicMedia);
    record.label = Some(label);
    Some(record)
}

/// Whether a producer is given by its number in the register and not by a name: it is somebody's, and names no tool.
fn is_code(producer: &str) -> bool {
    let digits = producer.chars().filter(char::is_ascii_digit).count();
    let is_of_codes = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '-';
    producer.chars().all(is_of_codes) && digits >= CODE_DIGITS_MIN
}
