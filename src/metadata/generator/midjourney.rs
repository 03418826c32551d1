//! Midjourney's description: the prompt, parameters that begin with two hyphens, and a job id.
//!
//! ```text
//! a cat in the rain --no dog --ar 3:2 --seed 7 --v 6.1 Job ID: 01234567-89ab-cdef-0123-456789abcdef
//! ```

use super::{Dialect, FoundIn, Record, Settings, said};

/// Longest description tried, bytes.
const TEXT_BYTES_MAX: usize = 1 << 16;

/// Reads one description; one without a job id is none.
pub(super) fn read(text: &str, found_in: &FoundIn) -> Option<Record> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let (words, job) = text.rsplit_once("Job ID:")?;
    let job = job.split_whitespace().next().filter(|job| is_uuid(job))?;
    let (prompt, parameters) = match words.find(" --") {
        Some(at) => words.split_at(at),
        None => (words, ""),
    };
    let value = |names: &[&str]| {
        let mut all = parameters.split(" --").map(str::trim);
        all.find_map(|one| {
            let (name, value) = one.split_once(' ').unwrap_or((one, ""));
            names.contains(&name).then(|| said(value)).flatten()
        })
    };
    let settings = Settings {
        negative_prompt: value(&["no"]),
        prompt: said(prompt),
        seed: value(&["seed"]),
        ..Settings::default()
    };
    let mut record = Record::new(Dialect::Midjourney, found_in, "Midjourney", settings);
    record.tool_version = value(&["v", "version"]).or_else(|| {
        let niji = value(&["niji"])?;
        said(&format!("niji {}", niji.raw()))
    });
    record.job_id = said(job);
    Some(record)
}

/// `8-4-4-4-12` hexadecimal digits.
pub(super) fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(|group| {
        let hex = group.chars().all(|c| c.is_ascii_hexdigit());
        if hex { group.len() } else { 0 }
    });
    groups.eq([8, 4, 4, 4, 12])
}
