//! Keys, pictures and claims for tests.

use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use super::signer::{ClaimSigner, Keys};
use super::trust::settings;
use super::{Basis, Claim, ManifestReader, ManifestSigner, Parent, TrustAnchors};
use crate::asset::Asset;
use crate::base::statement::{Family, Ids, Mining, Role};
use crate::base::{Digest, SourceType, Statement, Timestamp};
use crate::keys::bundle::Parts;
use crate::keys::x509::{Names, Serials, self_made};
use crate::keys::{CreatorKey, Identity, LocalName, SignerKeys};

/// The moment tests sign and read at, one for all of them. The SDK's own state follows the system clock, so tests rest on the facts.
pub(crate) fn now() -> Timestamp {
    static NOW: OnceLock<Timestamp> = OnceLock::new();
    *NOW.get_or_init(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_unix_ms(i64::try_from(since.as_millis()).unwrap())
    })
}

pub(crate) fn identity(seed: u8) -> Arc<Identity> {
    let leaf = CreatorKey::from_seed(&[seed; 32]);
    let root = CreatorKey::from_seed(&[seed + 100; 32]);
    let names = Names::try_new(Some("Alice Example"), None, None, &leaf.public()).unwrap();
    let serials = Serials {
        leaf: [seed; 16],
        root: [seed + 1; 16],
    };
    let made = self_made(&leaf, &root, &names, now(), serials).unwrap();
    let parts = Parts {
        chain: vec![made.leaf],
        commitments: crate::keys::Commitments::default(),
        keys: SignerKeys::Creator(leaf),
        root: Some(made.root),
        root_key: Some(root),
    };
    Arc::new(Identity::assemble(&LocalName::parse("alice").unwrap(), parts).unwrap())
}

pub(crate) fn signer(identity: &Arc<Identity>) -> ManifestSigner {
    ManifestSigner::new(Arc::clone(identity), &TrustAnchors::default(), None).unwrap()
}

pub(crate) fn reader(identity: Option<&Identity>) -> ManifestReader {
    let trust = identity.map_or_else(TrustAnchors::default, |one| {
        TrustAnchors::root("alice", one.root_pem().unwrap())
    });
    ManifestReader::new(&trust).unwrap()
}

pub(crate) fn statement(source: SourceType) -> Statement {
    Statement {
        source,
        by: Some("Alice Example".to_owned()),
        role: Some(Role::Producer),
        title: Some("A sunset".to_owned()),
        description: None,
        credit: Some("Alice".to_owned()),
        copyright: Some("(c) Alice".to_owned()),
        copyright_owner: Some("Alice".to_owned()),
        usage_terms: Some("ask first".to_owned()),
        web_statement: Some("https://example.org/rights".to_owned()),
        licensor_url: None,
        mining: Some(Mining::NoTraining),
        software: Some("Painter 3".to_owned()),
        ai_system: Some("Imaginer".to_owned()),
        ai_version: Some("2.1".to_owned()),
        model: Some("imaginer-xl".to_owned()),
        family: Some(Family::Diffusion),
        seed: Some("18446744073709551615".to_owned()),
        prompt: Some("a sunset over hills".to_owned()),
        prompt_writer: None,
        created: None,
        ids: Ids {
            document: [1; 16],
            instance: [2; 16],
            registry: [3; 16],
        },
        all_actions: true,
    }
}

pub(crate) fn claim(source: SourceType) -> Claim {
    Claim {
        statement: statement(source),
        basis: Basis::Signer,
        title: Some("sunset.jpg".to_owned()),
        thumbnail: None,
        soft_binding: Some([7; 32]),
        parent: Parent::None,
        now: now(),
        metadata: serde_json::Map::new(),
        run: None,
    }
}

/// A gradient as a file of one format.
pub(crate) fn drawn(format: image::ImageFormat) -> Asset {
    let picture = image::RgbImage::from_fn(64, 48, |x, y| {
        image::Rgb([u8::try_from(x * 4).unwrap(), u8::try_from(y * 5).unwrap(), 90])
    });
    let mut out = std::io::Cursor::new(Vec::new());
    if format == image::ImageFormat::Gif {
        image::DynamicImage::ImageRgb8(picture)
            .to_rgba8()
            .write_to(&mut out, format)
            .unwrap();
    } else {
        picture.write_to(&mut out, format).unwrap();
    }
    Asset::parse(out.into_inner()).unwrap()
}

/// Signs as another tool does, with the issuer's answer about the certificate beside the signature: file and store, of which the file
/// holds the latter unless it is to lie beside.
pub(crate) fn by_other_tool(
    identity: &Arc<Identity>,
    asset: &Asset,
    answer: Option<Vec<u8>>,
    beside: bool,
) -> (Vec<u8>, Vec<u8>) {
    let mut builder = other_tool(asset);
    builder.set_no_embed(beside);
    built(builder, identity, asset, answer)
}

/// As [`by_other_tool`] into the file, with the answer in a certificate-status assertion.
pub(crate) fn with_status_assertion(identity: &Arc<Identity>, asset: &Asset, answer: Vec<u8>) -> Vec<u8> {
    let answers = ciborium::Value::Array(vec![ciborium::Value::Bytes(answer)]);
    let status = ciborium::Value::Map(vec![("ocspVals".into(), answers)]);
    with_assertion(identity, asset, "c2pa.certificate-status", &status)
}

/// As [`by_other_tool`] into the file, with one assertion more.
pub(crate) fn with_assertion(
    identity: &Arc<Identity>,
    asset: &Asset,
    label: &str,
    value: &ciborium::Value,
) -> Vec<u8> {
    let mut builder = other_tool(asset);
    builder.add_assertion(label, value).unwrap();
    built(builder, identity, asset, None).0
}

/// Signs as byline did before it made the signature's envelope itself: filled up with zeros by the SDK.
pub(crate) fn by_older_byline(identity: &Arc<Identity>, asset: &Asset) -> Vec<u8> {
    let mut builder = other_tool(asset);
    let named = serde_json::json!({"name": "byline", "version": "0.1.0"});
    builder.definition.claim_generator_info = vec![serde_json::from_value(named).unwrap()];
    built(builder, identity, asset, None).0
}

fn other_tool(asset: &Asset) -> c2pa::Builder {
    let context = c2pa::Context::new()
        .with_settings(settings(Some(&TrustAnchors::default()), false))
        .unwrap()
        .into_shared();
    let source = SourceType::DigitalCapture.uri();
    let definition = serde_json::json!({
        "claim_version": 2,
        "claim_generator_info": [{"name": "Other Tool", "version": "1"}],
        "format": asset.format().mime(),
        "assertions": [{
            "label": "c2pa.actions.v2",
            "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": source}]},
        }],
    });
    c2pa::Builder::from_shared_context(&context)
        .with_definition(definition)
        .unwrap()
}

fn built(
    mut builder: c2pa::Builder,
    identity: &Arc<Identity>,
    asset: &Asset,
    answer: Option<Vec<u8>>,
) -> (Vec<u8>, Vec<u8>) {
    let keys = Arc::new(Keys::new(Arc::clone(identity), None).unwrap());
    let signer = Stapling(keys, answer);
    let mut out = std::io::Cursor::new(Vec::new());
    let mime = asset.format().mime();
    let store = builder.sign(&signer, mime, &mut std::io::Cursor::new(asset.bytes()), &mut out);
    let store = store.unwrap();
    (out.into_inner(), store)
}

/// A JPEG signed as another tool does by a hash of each segment up to the `last`, but for those left out.
pub(crate) fn boxes_by_other_tool(
    identity: &Arc<Identity>,
    asset: &Asset,
    left_out: &[&str],
    last: &str,
) -> Vec<u8> {
    let bytes = asset.bytes();
    let mut boxes = Vec::new();
    let mut app0_end = 2;
    for (name, range) in segments(bytes) {
        boxes.push(serde_json::json!({
            "names": [name],
            "alg": "sha256",
            "hash": Digest::of(&bytes[range.clone()]).as_bytes(),
            "pad": [],
            "excluded": left_out.contains(&name),
        }));
        if name == "APP0" {
            app0_end = range.end;
            boxes.push(serde_json::json!({"names": ["C2PA"], "hash": [0], "pad": [], "excluded": true}));
        }
        if name == last {
            break;
        }
    }
    let mut builder = other_tool(asset);
    let hash = serde_json::json!({"boxes": boxes});
    builder.add_assertion("c2pa.hash.boxes", &hash).unwrap();
    let signer = ClaimSigner::plain(Arc::new(Keys::new(Arc::clone(identity), None).unwrap()));
    #[expect(
        deprecated,
        reason = "the way that replaced it hashes by itself, and leaves out nothing"
    )]
    let store = builder.sign_box_hashed_embeddable(&signer, asset.format().mime());
    let (before, after) = bytes.split_at(app0_end);
    [before, &store.unwrap(), after].concat()
}

/// The segments of a JPEG of one scan, named as C2PA names them.
fn segments(bytes: &[u8]) -> Vec<(&'static str, std::ops::Range<usize>)> {
    let end = bytes.len() - 2;
    let mut found = vec![("SOI", 0..2)];
    while let Some((_, last)) = found.last()
        && last.end < end
    {
        let at = last.end;
        let len = 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        found.push(match bytes[at + 1] {
            0xda => ("SOS", at..end),
            0xe0 => ("APP0", at..at + len),
            0xc0 => ("SOF0", at..at + len),
            0xc4 => ("DHT", at..at + len),
            _ => ("DQT", at..at + len),
        });
    }
    found.push(("EOI", end..bytes.len()));
    found
}

/// A signer with an answer of its issuer.
struct Stapling(Arc<Keys>, Option<Vec<u8>>);

impl c2pa::Signer for Stapling {
    fn sign(&self, data: &[u8]) -> c2pa::Result<Vec<u8>> {
        self.0.sign(data)
    }

    fn alg(&self) -> c2pa::SigningAlg {
        ClaimSigner::plain(Arc::clone(&self.0)).alg()
    }

    fn certs(&self) -> c2pa::Result<Vec<Vec<u8>>> {
        Ok(self.0.identity.chain_der().to_vec())
    }

    fn reserve_size(&self) -> usize {
        ClaimSigner::plain(Arc::clone(&self.0)).reserve_size() + self.1.as_ref().map_or(0, Vec::len) + 512
    }

    fn ocsp_val(&self) -> Option<Vec<u8>> {
        self.1.clone()
    }
}
