//! Keys, pictures and claims for the tests of this room.

use std::sync::Arc;

use super::{Basis, Claim, ManifestReader, ManifestSigner, Parent, TrustAnchors};
use crate::asset::Asset;
use crate::base::statement::{Family, Ids, Mining, Role};
use crate::base::{SourceType, Statement, Timestamp};
use crate::keys::bundle::Parts;
use crate::keys::x509::{Names, Serials, self_made};
use crate::keys::{CreatorKey, Identity, LocalName, SignerKeys};

/// The moment tests sign and read at. The SDK's own state follows the system clock, so tests rest on the facts.
pub(super) fn now() -> Timestamp {
    Timestamp::from_unix_ms(
        i64::try_from(
            std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap()
                .as_millis(),
        )
        .unwrap(),
    )
}

pub(super) fn identity(seed: u8) -> Arc<Identity> {
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

pub(super) fn signer(identity: &Arc<Identity>) -> ManifestSigner {
    ManifestSigner::new(Arc::clone(identity), &TrustAnchors::default(), None).unwrap()
}

pub(super) fn reader(identity: Option<&Identity>) -> ManifestReader {
    let trust = identity.map_or_else(TrustAnchors::default, |one| {
        TrustAnchors::root("alice", one.root_pem().unwrap())
    });
    ManifestReader::new(&trust).unwrap()
}

pub(super) fn statement(source: SourceType) -> Statement {
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

pub(super) fn claim(source: SourceType) -> Claim {
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
pub(super) fn drawn(format: image::ImageFormat) -> Asset {
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
