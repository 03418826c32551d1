//! Anchors: the log records that a time-stamping authority or OpenTimestamps has vouched for one of its checkpoints.

use std::path::{Path, PathBuf};

use super::desk::Desk;
use crate::app::proof::checkpoint_in;
use crate::app::request::LedgerChoice;
use crate::app::{App, Error, Kind, fault};
use crate::base::Digest;
use crate::ledger::body::{Anchor, AnchorKind};
use crate::ledger::{EntryBody, VerifiedCheckpoint};
use crate::report::title::{TitleDeed, TitleReport};
use crate::store::files;

/// Record evidence that a checkpoint existed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorCheckpoint {
    /// The file that was time-stamped: a checkpoint of this log.
    pub checkpoint: PathBuf,
    /// What came back: an RFC 3161 time-stamp response or token, or an OpenTimestamps proof.
    pub evidence: PathBuf,
    /// The ledger.
    pub ledger: LedgerChoice,
}

/// Records an anchor entry, signed with the log's own key.
///
/// # Errors
/// When the checkpoint is none of this history, or the evidence does not speak of its bytes.
pub fn anchor(app: &App, request: &AnchorCheckpoint) -> Result<TitleReport, Error> {
    let mut desk = Desk::write(app, &request.ledger)?;
    let checkpoint = checkpoint_in(&request.checkpoint, desk.log_key())?;
    compare(&desk, &checkpoint)?;
    let stamped = read(&request.checkpoint)?;
    let evidence = read(&request.evidence)?;
    let kind = kind_of(&evidence, &Digest::of(&stamped)).ok_or_else(|| {
        let what = format!(
            "`{}` is no evidence about `{}`",
            request.evidence.display(),
            request.checkpoint.display()
        );
        Error::new(Kind::Input, "anchor.other-file", what)
            .why("it is neither an RFC 3161 time stamp nor an OpenTimestamps proof of the SHA-256 of that very file")
            .fix("time-stamp the checkpoint file as it is: openssl ts -query -data FILE -sha256 -cert, or ots stamp FILE")
    })?;
    let covers = checkpoint.size();
    let digest = Digest::of(&evidence);
    let body = EntryBody::Anchor(Anchor {
        evidence: digest,
        kind,
        covers,
    });
    let entry = desk
        .ledger
        .sign_as_log(body, app.clock.now())
        .map_err(|error| desk.fault(&error))?;
    let recorded = desk.append(app, &[entry])?;
    let sentence = format!(
        "the log records evidence ({}) that its checkpoint of {covers} entries existed",
        kind.word()
    );
    let mut report = desk.report((TitleDeed::Anchored, sentence), recorded, None)?;
    report
        .not_checked
        .push("whether the evidence is signed by somebody you trust, and what time it says".to_owned());
    report.notes.push(format!(
        "keep `{}` and `{}`: the log holds the SHA-256 of the evidence alone, {}",
        request.evidence.display(),
        request.checkpoint.display(),
        digest.hex()
    ));
    Ok(report)
}

/// Whether the checkpoint is of this very history.
fn compare(desk: &Desk, checkpoint: &VerifiedCheckpoint) -> Result<(), Error> {
    let size = checkpoint.size();
    let found = desk.ledger.size();
    if size > found {
        let what = format!("the checkpoint is of {size} entries, but the ledger has only {found}");
        return Err(Error::new(Kind::Contradicted, "ledger.rolled-back", what)
            .why("an older copy stands in the place of a newer one")
            .fix("put the newer ledger back"));
    }
    let root = desk.ledger.root_at(size).map_err(|error| desk.fault(&error))?;
    if root == checkpoint.root() {
        return Ok(());
    }
    let what = format!("the checkpoint of {size} entries is of another history than this ledger's");
    Err(Error::new(Kind::Contradicted, "ledger.forked", what)
        .why("the log's key signed both")
        .fix("keep both as evidence, and find out who wrote the other history"))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    files::read(path, EVIDENCE_BYTES_MAX).map_err(|error| fault::read(path, &error))
}

/// Of what kind evidence is that speaks of a SHA-256; `None` when it speaks of none, or of another.
fn kind_of(evidence: &[u8], digest: &Digest) -> Option<AnchorKind> {
    let digest = digest.as_bytes().as_slice();
    if let Some(rest) = evidence.strip_prefix(OTS_HEAD) {
        return rest.starts_with(digest).then_some(AnchorKind::OpenTimestamps);
    }
    // MessageImprint (RFC 3161, 2.4.1): the algorithm, its parameters or none, the hash as an OCTET STRING.
    let is_imprint = |at: usize| {
        let rest = evidence.get(at..).unwrap_or_default();
        let rest = rest.strip_prefix(SHA256_OID).unwrap_or_default();
        let rest = rest.strip_prefix(&[0x05, 0x00]).unwrap_or(rest);
        rest.strip_prefix(&[0x04, 0x20])
            .is_some_and(|rest| rest.starts_with(digest))
    };
    let is_der = evidence.first() == Some(&0x30);
    (is_der && (0..evidence.len()).any(is_imprint)).then_some(AnchorKind::Rfc3161)
}

/// Time-stamp tokens are some KiB, with chains; OpenTimestamps proofs less.
const EVIDENCE_BYTES_MAX: u64 = 1 << 20;
/// What an OpenTimestamps proof of a SHA-256 begins with: its magic, version 1, the operation.
const OTS_HEAD: &[u8] = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01\x08";
/// 2.16.840.1.101.3.4.2.1 in DER.
const SHA256_OID: &[u8] = &[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_told_by_what_it_is_and_by_the_hash_it_speaks_of() {
        let (ours, other) = (Digest::of(b"checkpoint"), Digest::of(b"another"));
        let ots = [OTS_HEAD, ours.as_bytes(), b"..."].concat();
        let imprint = |parameters: &[u8]| {
            let parts: [&[u8]; 6] = [
                &[0x30, 0x82, 1, 1],
                SHA256_OID,
                parameters,
                &[4, 32],
                ours.as_bytes(),
                &[1],
            ];
            parts.concat()
        };
        assert_eq!(kind_of(&ots, &ours), Some(AnchorKind::OpenTimestamps));
        assert_eq!(kind_of(&imprint(&[5, 0]), &ours), Some(AnchorKind::Rfc3161));
        assert_eq!(kind_of(&imprint(&[]), &ours), Some(AnchorKind::Rfc3161));
        for evidence in [
            &ots[..],
            &imprint(&[]),
            &imprint(&[])[1..],
            b"",
            b"0",
            ours.as_bytes(),
        ] {
            assert_eq!(kind_of(evidence, &other), None);
        }
        assert_eq!(kind_of(&imprint(&[])[1..], &ours), None);
        assert_eq!(kind_of(&ots[..60], &ours), None);
    }
}
