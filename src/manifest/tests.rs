//! Signing and reading together: what one writes the other must find, and nothing changed may pass.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]

use image::ImageFormat;

use super::facts::{Binding, Chain, Links, Signature, SigningTime, State, StatusKind, Validity};
use super::samples::{by_older_byline, claim, drawn, identity, now, reader, signer};
use super::{HardBinding, ManifestEvidence, ManifestFacts, Parent, SOFT_BINDING_ALG, iscc_image_body};
use crate::asset::{Asset, StorePlace};
use crate::base::SourceType;

fn facts(evidence: ManifestEvidence) -> ManifestFacts {
    match evidence {
        ManifestEvidence::Read(facts) => *facts,
        other => panic!("{other:?}"),
    }
}

fn again(asset: &Asset) -> Asset {
    Asset::parse(asset.bytes().to_vec()).unwrap()
}

const OURS: [ImageFormat; 3] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];

#[test]
fn what_is_signed_reads_back_valid_without_and_trusted_with_the_root() {
    let alice = identity(1);
    for format in OURS {
        let signed = signer(&alice)
            .sign(&drawn(format), &claim(SourceType::TrainedAlgorithmicMedia))
            .unwrap();
        let unknown = facts(reader(None).read(&signed.asset, now()));
        let failures: Vec<_> = unknown
            .statuses
            .iter()
            .filter(|one| one.kind == StatusKind::Failure)
            .collect();
        assert_eq!(unknown.state, State::Valid, "{format:?} {failures:?}");
        assert_eq!(unknown.chain, Chain::Unlisted);
        let known = facts(reader(Some(&alice)).read(&signed.asset, now()));
        let failures: Vec<_> = known
            .statuses
            .iter()
            .filter(|one| one.kind == StatusKind::Failure)
            .collect();
        assert_eq!(known.state, State::Trusted, "{format:?} {failures:?}");
        assert_eq!(
            known.chain,
            Chain::Anchored {
                set: "alice".to_owned()
            }
        );
        assert_eq!(known.binding, Binding::Match);
        assert_eq!(known.links, Links::Hold);
        assert_eq!(known.signature, Signature::Good);
        assert_eq!(known.validity, Validity::InsideNow);
        assert_eq!(known.time, SigningTime::None);
        assert_eq!(known.active.label.raw(), signed.manifest_label);
        assert_eq!(known.manifest_digest, Some(signed.manifest_digest));
        assert!(
            known.coverage.findings.is_empty(),
            "{format:?} {:?}",
            known.coverage
        );
        assert!(matches!(
            known.coverage.binding,
            HardBinding::Data { exact: true, .. }
        ));
        assert!(known.ingredient_faults.is_empty());
    }
}

#[test]
fn a_store_of_odd_length_is_bound_in_every_container() {
    let alice = identity(1);
    for format in OURS {
        let mut lengths = [0, 0];
        for title in ["a", "ab", "abc", "abcd"] {
            let mut claim = claim(SourceType::DigitalCapture);
            claim.title = Some(title.to_owned());
            let signed = signer(&alice).sign(&drawn(format), &claim).unwrap();
            let StorePlace::Found { jumbf, .. } = &signed.asset.layout().store else {
                panic!("no store");
            };
            lengths[jumbf.len() % 2] += 1;
            let known = facts(reader(Some(&alice)).read(&signed.asset, now()));
            assert_eq!(known.state, State::Trusted, "{format:?} {title}");
            assert!(known.coverage.findings.is_empty(), "{:?}", known.coverage);
        }
        assert!(lengths[0] > 0 && lengths[1] > 0, "{format:?} {lengths:?}");
    }
}

#[test]
fn a_store_whose_size_is_foretold_is_as_large_as_one_that_is_laid_out() {
    let alice = identity(1);
    let practised = signer(&alice);
    for format in OURS {
        // Titles around the lengths at which CBOR's own heads grow: there the forecast is wrong by a byte or two.
        for (title, thumbnail) in [(3, 0), (23, 900), (24, 901), (255, 64), (256, 70_000), (1, 4)] {
            let mut claim = claim(SourceType::TrainedAlgorithmicMedia);
            claim.title = Some("t".repeat(title));
            claim.thumbnail = (thumbnail > 0).then(|| vec![7; thumbnail]);
            let size = |signed: &Asset| match &signed.layout().store {
                StorePlace::Found { jumbf, .. } => jumbf.len(),
                _ => panic!("no store"),
            };
            let told = practised.sign(&drawn(format), &claim).unwrap();
            let laid_out = signer(&alice).sign(&drawn(format), &claim).unwrap();
            assert_eq!(size(&told.asset), size(&laid_out.asset), "{format:?} {title}");
            let known = facts(reader(Some(&alice)).read(&told.asset, now()));
            assert_eq!(known.state, State::Trusted, "{format:?} {title}");
            assert!(known.coverage.findings.is_empty(), "{:?}", known.coverage);
        }
    }
}

#[test]
fn every_statement_of_the_claim_is_found_again() {
    let alice = identity(1);
    let mut claim = claim(SourceType::TrainedAlgorithmicMedia);
    claim.thumbnail = Some(vec![0xff, 0xd8, 0xff, 0xd9]);
    let signed = signer(&alice).sign(&drawn(ImageFormat::Jpeg), &claim).unwrap();
    let facts = facts(reader(Some(&alice)).read(&signed.asset, now()));
    assert_eq!(facts.active.claim_version, Some(2));
    assert_eq!(facts.active.generators[0].0.raw(), "byline");
    assert_eq!(facts.active.all_actions, Some(true));
    let created = &facts.active.actions[0];
    assert_eq!(created.action.raw(), "c2pa.created");
    assert_eq!(
        created.source_type.as_ref().unwrap().raw(),
        SourceType::TrainedAlgorithmicMedia.uri()
    );
    assert!(created.description.is_none());
    assert_eq!(created.software_agent.as_ref().unwrap().0.raw(), "Imaginer");
    assert_eq!(created.ingredients.len(), 3);
    let inputs: Vec<_> = facts
        .ingredients
        .iter()
        .map(|one| one.data_types[0].raw().to_owned())
        .collect();
    assert!(
        inputs.contains(&"c2pa.types.generator.seed".to_owned()),
        "{inputs:?}"
    );
    assert_eq!(
        facts.active.metadata.as_ref().unwrap()["photoshop:Credit"],
        "Alice"
    );
    assert!(
        facts
            .active
            .mining
            .iter()
            .any(|one| one.name.raw() == "cawg.ai_training" && one.answer.raw() == "notAllowed")
    );
    assert_eq!(facts.active.soft_bindings[0].alg.raw(), SOFT_BINDING_ALG);
    assert_eq!(
        iscc_image_body(&facts.active.soft_bindings[0].values[0]),
        Some([7; 32])
    );
    let thumbnail = facts.active.thumbnail.as_ref().unwrap();
    assert_eq!(
        (thumbnail.bytes.as_slice(), thumbnail.holds),
        (&[0xff, 0xd8, 0xff, 0xd9][..], Some(true))
    );
    let named = &facts.identities[0];
    assert!(named.holds && named.trusted, "{named:?}");
    assert_eq!(named.roles[0].raw(), "cawg.producer");
    assert!(named.references.iter().any(|one| one.raw() == "cawg.metadata"));
    assert_eq!(facts.content_digest, Some(again(&signed.asset).content_digest()));
}

#[test]
fn a_prompt_not_disclosed_is_nowhere_in_the_file() {
    let alice = identity(1);
    let mut claim = claim(SourceType::TrainedAlgorithmicMedia);
    claim.statement.prompt = None;
    let signed = signer(&alice).sign(&drawn(ImageFormat::Png), &claim).unwrap();
    let facts = facts(reader(None).read(&signed.asset, now()));
    assert!(
        facts
            .ingredients
            .iter()
            .all(|one| one.data_types[0].raw() != "c2pa.types.generator.prompt")
    );
}

#[test]
fn a_signed_picture_is_opened_and_never_created_again() {
    let alice = identity(1);
    let first = signer(&alice)
        .sign(
            &drawn(ImageFormat::Jpeg),
            &claim(SourceType::TrainedAlgorithmicMedia),
        )
        .unwrap();
    let second = signer(&alice)
        .sign(&first.asset, &claim(SourceType::TrainedAlgorithmicMedia))
        .unwrap();
    let facts = facts(reader(Some(&alice)).read(&second.asset, now()));
    assert_eq!(facts.state, State::Trusted, "{:?}", facts.statuses);
    let actions: Vec<_> = facts
        .active
        .actions
        .iter()
        .map(|one| one.action.raw().to_owned())
        .collect();
    assert_eq!(actions, ["c2pa.opened"]);
    assert_eq!(facts.active.actions[0].source_type, None);
    assert_eq!(facts.ingredients[0].relationship, "parentOf");
    assert_eq!(
        facts.ingredients[0].manifest.as_ref().unwrap().raw(),
        first.manifest_label
    );
    assert!(
        facts.ingredient_faults.is_empty(),
        "{:?}",
        facts.ingredient_faults
    );
}

#[test]
fn a_work_edited_with_ai_opens_its_parent_and_says_so() {
    let alice = identity(1);
    let parent = signer(&alice)
        .sign(&drawn(ImageFormat::Png), &claim(SourceType::DigitalCapture))
        .unwrap()
        .asset;
    let mut edit = claim(SourceType::CompositeWithTrainedAlgorithmicMedia);
    edit.parent = Parent::File {
        asset: Box::new(parent),
        title: Some("before.png".to_owned()),
    };
    let signed = signer(&alice).sign(&drawn(ImageFormat::Jpeg), &edit).unwrap();
    let facts = facts(reader(Some(&alice)).read(&signed.asset, now()));
    assert_eq!(facts.state, State::Trusted, "{:?}", facts.statuses);
    let actions: Vec<_> = facts
        .active
        .actions
        .iter()
        .map(|one| one.action.raw().to_owned())
        .collect();
    assert_eq!(actions, ["c2pa.opened", "c2pa.edited"]);
    assert!(
        facts.active.actions[1]
            .source_type
            .as_ref()
            .unwrap()
            .raw()
            .ends_with("compositeWithTrainedAlgorithmicMedia")
    );
}

#[test]
fn an_edit_of_a_broken_parent_reports_the_parent() {
    let alice = identity(1);
    let parent = signer(&alice)
        .sign(&drawn(ImageFormat::Jpeg), &claim(SourceType::DigitalCapture))
        .unwrap()
        .asset;
    let mut bytes = parent.into_bytes();
    let at = bytes.len() - 40;
    bytes[at] ^= 1;
    let mut edit = claim(SourceType::HumanEdits);
    edit.parent = Parent::File {
        asset: Box::new(Asset::parse(bytes).unwrap()),
        title: None,
    };
    let signed = signer(&alice).sign(&drawn(ImageFormat::Jpeg), &edit).unwrap();
    let facts = facts(reader(Some(&alice)).read(&signed.asset, now()));
    assert!(!facts.ingredient_faults.is_empty());
    assert!(
        facts.ingredient_faults.iter().any(|fault| fault.recorded),
        "{:?}",
        facts.ingredient_faults
    );
}

#[test]
fn an_expired_certificate_without_timestamp_is_told_from_a_valid_one() {
    let alice = identity(1);
    let signed = signer(&alice)
        .sign(&drawn(ImageFormat::Jpeg), &claim(SourceType::DigitalCapture))
        .unwrap();
    let years = |count: i64| crate::base::Timestamp::from_unix_s(now().unix_s() + count * 366 * 86_400);
    let later = facts(reader(Some(&alice)).read(&signed.asset, years(30)));
    assert_eq!(later.validity, Validity::ExpiredWithoutTimestamp);
    assert_eq!(
        later.chain,
        Chain::Anchored {
            set: "alice".to_owned()
        }
    );
    let before = facts(reader(Some(&alice)).read(&signed.asset, years(-3)));
    assert_eq!(before.validity, Validity::NotYetValid);
    // Somebody's stamp from within its time does not make that an expired one.
    let stamp = SigningTime::Unlisted {
        at: Some(now()),
        authority: None,
    };
    let leaf = before.signer.and_then(|signer| signer.leaf).unwrap();
    let found = |at| super::judge::validity(Some(&leaf), &stamp, at);
    assert_eq!(found(years(-3)), Validity::NotYetValid);
    assert_eq!(found(years(30)), Validity::InsideAtUnlistedTimestamp);
}

#[test]
fn an_unsigned_picture_has_no_manifest() {
    assert!(matches!(
        reader(None).read(&drawn(ImageFormat::Jpeg), now()),
        ManifestEvidence::Absent
    ));
}

/// What the SDK writes itself: read back valid, and trusted with the root.
#[test]
fn formats_that_the_sdk_writes_read_back_too() {
    let alice = identity(1);
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/images");
    for name in [
        "gradient.avif",
        "gradient.heic",
        "gradient.gif",
        "gradient.svg",
        "container.jxl",
        "deflate.tif",
    ] {
        let asset = Asset::parse(std::fs::read(folder.join(name)).unwrap()).unwrap();
        let signed = signer(&alice).sign(&asset, &claim(SourceType::TrainedAlgorithmicMedia));
        let signed = signed.unwrap_or_else(|error| panic!("{name}: {error} {error:?}"));
        let found = facts(reader(Some(&alice)).read(&signed.asset, now()));
        assert_eq!(found.state, State::Trusted, "{name} {:?}", found.statuses);
        assert_eq!(
            (found.binding, found.links),
            (Binding::Match, Links::Hold),
            "{name}"
        );
        assert!(found.coverage.findings.is_empty(), "{name} {:?}", found.coverage);
        let again = signer(&alice).sign(&signed.asset, &claim(SourceType::TrainedAlgorithmicMedia));
        let again = again.unwrap_or_else(|error| panic!("{name} again: {error} {error:?}"));
        let found = facts(reader(Some(&alice)).read(&again.asset, now()));
        assert_eq!(found.active.actions[0].action.raw(), "c2pa.opened", "{name}");
    }
}

#[test]
fn exiftool_reads_the_exif_of_a_signed_png() {
    let mut block = b"II\x2A\0\x08\0\0\0\x01\0\x3B\x01\x02\0\x0e\0\0\0\x1a\0\0\0\0\0\0\0".to_vec();
    block.extend_from_slice(b"Alice Example\0");
    let asset = drawn(ImageFormat::Png).with_metadata(Some(&block), None).unwrap();
    let signed = signer(&identity(1))
        .sign(&asset, &claim(SourceType::DigitalCreation))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signed.png");
    std::fs::write(&path, signed.asset.bytes()).unwrap();
    let Ok(told) = std::process::Command::new("exiftool")
        .args(["-s3", "-Artist"])
        .arg(&path)
        .output()
    else {
        println!("skipped: exiftool is not installed");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&told.stdout).trim(), "Alice Example");
}

struct Stamps(Result<Vec<u8>, super::TimestampError>);

impl super::TimestampSource for Stamps {
    fn token(&self, _: &[u8]) -> Result<Vec<u8>, super::TimestampError> {
        self.0.clone()
    }
}

#[test]
fn a_timestamp_that_cannot_be_had_is_an_error_that_says_why() {
    let alice = identity(1);
    for answer in [
        Err(super::TimestampError::Refused { status: 503 }),
        Ok(b"no token".to_vec()),
    ] {
        let wanted = answer.clone().err().unwrap_or(super::TimestampError::Malformed);
        let stamps = std::sync::Arc::new(Stamps(answer));
        let signer = super::ManifestSigner::new(
            std::sync::Arc::clone(&alice),
            &super::TrustAnchors::default(),
            Some(stamps),
        )
        .unwrap();
        match signer.sign(&drawn(ImageFormat::Jpeg), &claim(SourceType::DigitalCreation)) {
            Err(super::SignError::Timestamp(found)) => assert_eq!(found, wanted),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_store_made_smaller_with_bytes_put_in_its_place_is_changed() {
    let alice = identity(1);
    let signed = Asset::parse(by_older_byline(&alice, &drawn(ImageFormat::Jpeg))).unwrap();
    // The zero padding of the signature's box ends the store: a comment segment takes the place of its last bytes.
    let store = signed.store_ranges()[0].clone();
    let mut bytes = signed.bytes().to_vec();
    let cut = 64;
    bytes[store.end - cut..store.end - cut + 4].copy_from_slice(&[0xff, 0xfe, 0, 62]);
    let length = u16::from_be_bytes([bytes[store.start + 2], bytes[store.start + 3]]) - 64;
    bytes[store.start + 2..store.start + 4].copy_from_slice(&length.to_be_bytes());
    let Ok(asset) = Asset::parse(bytes) else { return };
    match reader(Some(&alice)).read(&asset, now()) {
        ManifestEvidence::Read(found) => assert_eq!(found.binding, Binding::Mismatch, "{:?}", found.coverage),
        ManifestEvidence::Unreadable { .. } => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn at_a_time_when_the_certificate_is_not_valid_nothing_is_signed() {
    let alice = identity(1);
    let mut late = claim(SourceType::DigitalCapture);
    late.now = crate::base::Timestamp::from_unix_s(alice.leaf_validity().not_after.unix_s() + 1);
    let found = signer(&alice).sign(&drawn(ImageFormat::Jpeg), &late);
    assert!(
        matches!(found, Err(super::SignError::CertificateTime)),
        "{found:?}"
    );
}

/// What byline laid out is made again, what the SDK did is verified; both find a changed signature.
#[test]
fn a_signature_is_read_back_whoever_laid_it_out() {
    let alice = identity(1);
    let keys = |stamps| super::signer::Keys::new(std::sync::Arc::clone(&alice), stamps).unwrap();
    let stamps: std::sync::Arc<dyn super::TimestampSource> = std::sync::Arc::new(Stamps(Ok(Vec::new())));
    let ours = signer(&alice).sign(&drawn(ImageFormat::Jpeg), &claim(SourceType::DigitalCapture));
    let theirs = Asset::parse(by_older_byline(&alice, &drawn(ImageFormat::Jpeg))).unwrap();
    for (signed, keys) in [(ours.unwrap().asset, keys(None)), (theirs, keys(Some(stamps)))] {
        let StorePlace::Found { jumbf, .. } = &signed.layout().store else {
            panic!("no store")
        };
        let mut active = super::store::Active::parse(jumbf).unwrap();
        assert!(keys.made(&active));
        let mut changed = active.signature.to_vec();
        // It stands last: COSE_Sign1 ends with it.
        *changed.last_mut().unwrap() ^= 1;
        active.signature = &changed;
        assert!(!keys.made(&active));
    }
}

/// Hidden behind many ordinary edits, the first one still counts.
#[test]
fn a_model_at_the_bottom_of_many_edits_is_found() {
    let alice = identity(1);
    let signer = signer(&alice);
    let first = claim(SourceType::TrainedAlgorithmicMedia);
    let mut asset = signer.sign(&drawn(ImageFormat::Jpeg), &first).unwrap().asset;
    for _ in 0..18 {
        asset = signer.sign(&asset, &claim(SourceType::HumanEdits)).unwrap().asset;
    }
    let ManifestEvidence::Read(facts) = reader(Some(&alice)).read(&asset, now()) else {
        panic!("unread")
    };
    let parents = facts
        .ingredients
        .iter()
        .filter(|one| one.relationship == "parentOf");
    let deepest = parents.max_by_key(|one| one.depth).unwrap();
    assert_eq!(deepest.depth, 17);
    let ai = SourceType::TrainedAlgorithmicMedia.uri();
    assert!(
        deepest.stated_types.iter().any(|one| one.raw() == ai),
        "{deepest:?}"
    );
}

/// A word of AI counts wherever a signed manifest has a place for one.
#[test]
fn a_model_is_named_in_related_actions_templates_and_any_metadata() {
    let text = |text: &str| ciborium::Value::Text(text.to_owned());
    let map = |entries: Vec<(&str, ciborium::Value)>| {
        let entries = entries.into_iter().map(|(name, value)| (text(name), value));
        ciborium::Value::Map(entries.collect())
    };
    let list = |one: ciborium::Value| ciborium::Value::Array(vec![one]);
    let ai = || text(&SourceType::TrainedAlgorithmicMedia.uri());
    let edit = |more: Vec<(&'static str, ciborium::Value)>| {
        map([vec![("action", text("c2pa.edited"))], more].concat())
    };
    let made = || edit(vec![("digitalSourceType", ai())]);
    let related = edit(vec![("related", list(made()))]);
    let context = map(vec![("x", text("http://iptc.org/std/Iptc4xmpExt/2008-02-29/"))]);
    let metadata = map(vec![("@context", context), ("x:DigitalSourceType", list(ai()))]);
    for (label, value) in [
        ("c2pa.actions.v2", map(vec![("actions", list(related))])),
        (
            "c2pa.actions.v2",
            map(vec![
                ("actions", list(edit(Vec::new()))),
                ("templates", list(made())),
            ]),
        ),
        ("cawg.metadata", metadata.clone()),
        ("org.example.metadata", metadata),
    ] {
        let signed = super::samples::with_assertion(&identity(1), &drawn(ImageFormat::Jpeg), label, &value);
        let asset = Asset::parse(signed).unwrap();
        let ManifestEvidence::Read(facts) = reader(None).read(&asset, now()) else {
            panic!("unread: {label}")
        };
        let active = &facts.active;
        let told = active.actions.iter().filter_map(|one| one.source_type.as_ref());
        let mut told = told.chain(&active.metadata_type);
        assert!(
            told.any(|one| one.raw() == SourceType::TrainedAlgorithmicMedia.uri()),
            "{label}: {active:?}"
        );
        // As a parent, it says the same.
        let child = signer(&identity(2))
            .sign(&asset, &claim(SourceType::HumanEdits))
            .unwrap();
        let ManifestEvidence::Read(facts) = reader(None).read(&child.asset, now()) else {
            panic!("unread: {label}")
        };
        let mut ingredients = facts.ingredients.iter();
        let parent = ingredients.find(|one| one.relationship == "parentOf").unwrap();
        let mut told = parent.stated_types.iter();
        assert!(
            told.any(|one| one.raw() == SourceType::TrainedAlgorithmicMedia.uri()),
            "{label}: {parent:?}"
        );
    }
}
