//! From facts to report lines, unjudged; `inspect` uses the same.

use crate::app::explain;
use crate::asset::{Asset, Oddity};
use crate::base::{Timestamp, Untrusted};
use crate::keys::LeafInfo;
use crate::manifest::{
    Chain, Finding, IngredientFacts, ManifestFacts, Signature, SigningTime, State, StatusKind,
};
use crate::report::verify::{
    C2paDetail, CodeLine, ImageFacts, IngredientLine, Signer, StampCertificate, TimestampLine,
};

/// Facts of the file.
pub(crate) fn image(asset: &Asset) -> ImageFacts {
    let (width, height) = asset.layout().size.unzip();
    ImageFacts {
        format: asset.format().name().to_owned(),
        bytes: u64::try_from(asset.bytes().len()).unwrap_or(u64::MAX),
        width,
        height,
        content_sha256: None,
    }
}

/// What the validation said.
pub(super) fn c2pa(facts: &ManifestFacts) -> C2paDetail {
    C2paDetail {
        state: match facts.state {
            State::Invalid => "Invalid",
            State::Valid => "Valid",
            State::Trusted => "Trusted",
        }
        .to_owned(),
        manifest: Some(facts.active.label.clone()),
        generator: generator(facts),
        title: facts.active.title.clone(),
        codes: codes(facts),
        ingredients: ingredients(facts),
        assertions: facts.active.assertions.clone(),
    }
}

/// Name and version of the first claim generator.
pub(crate) fn generator(facts: &ManifestFacts) -> Option<Untrusted> {
    let (name, version) = facts.active.generators.first()?;
    Some(match version {
        Some(version) => Untrusted::new(format!("{} {}", name.raw(), version.raw())),
        None => name.clone(),
    })
}

/// Every status code, then the findings of our own structural check.
pub(crate) fn codes(facts: &ManifestFacts) -> Vec<CodeLine> {
    let statuses = facts.statuses.iter().map(|status| CodeLine {
        kind: match status.kind {
            StatusKind::Success => "success",
            StatusKind::Informational => "informational",
            StatusKind::Failure => "failure",
        }
        .to_owned(),
        code: Untrusted::from(status.code.raw()),
        url: status.url.clone(),
        means: explain::means(status.code.raw()),
        explanation: status.explanation.clone(),
    });
    let findings = facts.coverage.findings.iter().map(|finding| CodeLine {
        kind: if finding.is_silent() {
            "failure"
        } else {
            "informational"
        }
        .to_owned(),
        code: Untrusted::from(finding.name()),
        url: None,
        means: explain::means(finding.name()),
        explanation: match finding {
            Finding::BoxesLeftOut { names } => Some(listed(names)),
            _ => None,
        },
    });
    statuses.chain(findings).collect()
}

/// The boxes that a hash leaves out, in its own words.
fn listed(names: &[Untrusted]) -> Untrusted {
    let names: Vec<&str> = names.iter().map(Untrusted::raw).collect();
    Untrusted::new(names.join(" "))
}

/// Ingredients with what is wrong with each.
pub(crate) fn ingredients(facts: &ManifestFacts) -> Vec<IngredientLine> {
    facts.ingredients.iter().map(ingredient).collect()
}

/// One of them.
pub(super) fn ingredient(part: &IngredientFacts) -> IngredientLine {
    let faults = part.recorded_failures.iter().chain(&part.found_failures);
    IngredientLine {
        depth: u32::try_from(part.depth).unwrap_or(u32::MAX),
        title: part.title.clone(),
        relationship: Untrusted::from(part.relationship),
        manifest: part.manifest.clone(),
        signed_by: part.signed_by.clone(),
        actions: super::actions(&part.actions),
        faults: faults.map(|code| Untrusted::from(code.raw())).collect(),
    }
}

/// Who signed, as the certificate says; `known_as` where the chain is anchored at one of the user's own sets.
pub(crate) fn signer(facts: &ManifestFacts) -> Option<Signer> {
    let signer = facts.signer.as_ref()?;
    let leaf = signer.leaf.as_ref();
    // Who did not sign is nobody you know, whatever certificate lies beside.
    let chain = match facts.signature {
        Signature::Bad => &Chain::Unlisted,
        _ => &facts.chain,
    };
    Some(Signer {
        name: signer.common_name.clone().or_else(|| leaf?.subject_cn.clone()),
        organization: signer.organisation.clone().or_else(|| leaf?.subject_o.clone()),
        issuer: leaf.and_then(|leaf| leaf.issuer_o.clone().or_else(|| leaf.issuer_cn.clone())),
        known_as: match chain {
            Chain::Anchored { set } => Some(set.clone()),
            Chain::Listed { .. } | Chain::Refused { .. } | Chain::Unlisted => None,
        },
        listed_on: match chain {
            Chain::Listed { list, .. } => Some(list.clone()),
            Chain::Anchored { .. } | Chain::Refused { .. } | Chain::Unlisted => None,
        },
        certificate_sha256: leaf.map_or_else(String::new, |leaf| leaf.sha256.hex()),
        algorithm: signer.algorithm.clone().unwrap_or_default(),
        signed_at: match &facts.time {
            SigningTime::Trusted { at, .. } => Some(at.rfc3339()),
            _ => None,
        },
        timestamp: timestamp(&facts.time, &facts.stamp_chain),
        not_before: leaf.map(|leaf| leaf.validity.not_before.rfc3339()),
        not_after: leaf.map(|leaf| leaf.validity.not_after.rfc3339()),
    })
}

fn timestamp(time: &SigningTime, chain: &[Vec<u8>]) -> Option<TimestampLine> {
    let (at, authority, trusted, list) = match time {
        SigningTime::None => return None,
        SigningTime::Broken { .. } => (None, None, false, None),
        SigningTime::Unlisted { at, authority } => (*at, authority.clone(), false, None),
        SigningTime::Trusted { at, authority, list } => (Some(*at), authority.clone(), true, list.clone()),
    };
    Some(TimestampLine {
        at: at.map(Timestamp::rfc3339),
        authority,
        trusted,
        listed_on: list,
        chain: chain.iter().filter_map(|der| stamp_certificate(der)).collect(),
    })
}

fn stamp_certificate(der: &[u8]) -> Option<StampCertificate> {
    let info = LeafInfo::parse(der).ok()?;
    Some(StampCertificate {
        subject: info.display_name().cloned(),
        sha256: info.sha256.hex(),
        root: info.self_issued,
        issuer: info.issuer_cn.or(info.issuer_o),
    })
}

/// A fact about the container in a sentence.
pub(crate) fn oddity(oddity: &Oddity) -> String {
    match oddity {
        Oddity::AfterEnd { offset } => format!("a part follows the end of the image at byte {offset}"),
        Oddity::DataInPadding { offset, .. } => {
            format!("picture data at byte {offset} lies in a box that no hash covers (free, skip, ftyp)")
        }
        Oddity::Elsewhere { offset } => {
            format!(
                "a script runs or another address is asked when it is shown, first at byte {offset}: what they bring is not in the file, and no signature covers it"
            )
        }
        Oddity::Padding { offset, len, .. } => {
            format!(
                "{len} bytes stand in boxes that hold no picture (free, skip, mfra), from byte {offset}; decoders pass over them"
            )
        }
        Oddity::PictureAndSequence { .. } => {
            "there are a still picture and a sequence in the file, and they may differ; which one is shown the file type box (ftyp) says, which C2PA leaves out of its hash".to_owned()
        }
        Oddity::PlacesInTracks { offset } => {
            format!(
                "a track's box at byte {offset} holds offsets that the C2PA library does not move (meta, saio)"
            )
        }
        Oddity::TagTwice { tag, offset } => {
            format!("the directory at byte {offset} has tag {tag} twice; programs differ in which they take")
        }
        Oddity::Unreadable { what, offset } => format!("{what} at byte {offset} cannot be read"),
        Oddity::Several { what, offset } => {
            format!("there is more than one {what}; the first was taken, another begins at byte {offset}")
        }
        Oddity::PiecesFrom { number } => {
            format!(
                "the pieces of the manifest store are numbered from {number}; the standard has them from 1"
            )
        }
        Oddity::SeveralStores { offset } => format!("a second manifest store begins at byte {offset}"),
        Oddity::Stray { offset, len } => {
            format!("{len} bytes at byte {offset} belong to no part of the file; decoders pass over them")
        }
        Oddity::StoreNotContiguous { offset } => {
            format!("the manifest store is interrupted at byte {offset}")
        }
        Oddity::TrailingBytes { from, len } => {
            format!(
                "{len} bytes follow the end of the image at byte {from}; most viewers do not show them (phones keep a second picture there)"
            )
        }
        Oddity::Truncated { offset } => {
            format!("the file is cut off: the image does not end (byte {offset})")
        }
        Oddity::WrongExifPrefix { offset } => {
            format!("the EXIF block at byte {offset} has a prefix it should not have")
        }
    }
}
