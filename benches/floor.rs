//! Signing in process, without thumbnail and fingerprints, against its floor: read, hash, one Ed25519 signature, write.
//!
//! `cargo bench --ignore-rust-version --bench floor`. Both sides read the same file and write the same folder, in turns, without
//! fsync; our side also parses, builds the claim with a named identity (a second signature), puts the store in and reads it
//! back (a third, that must be the first again). Medians of 60 (1 MP) and 20 (12 MP) rounds.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::similar_names,
    reason = "a program for the developer's eyes: it may fail loudly"
)]

use std::path::Path;
use std::sync::Arc;

use byline::app::key::{self, NewKey, Protection};
use byline::app::{Clock as _, SystemClock};
use byline::asset::Asset;
use byline::base::statement::Ids;
use byline::base::{Digest, SourceType, Statement};
use byline::keys::CreatorKey;
use byline::manifest::{Basis, Claim, ManifestSigner, Parent, TrustAnchors};

mod inside;

use inside::{median, timed};

fn main() {
    // As the binary begins: the allocator keeps buffers of a picture's size for both sides.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(16 << 20)));
    let dir = tempfile::tempdir().unwrap();
    let signer = signer(dir.path());
    let key = CreatorKey::from_seed(&[7; 32]);
    println!(
        "{:<10}{:>10}{:>12}{:>12}{:>9}   wanted at most 1.5",
        "", "bytes", "floor ms", "sign ms", "ratio"
    );
    for (name, width, height, rounds) in [("1 MP", 1152, 864, 60), ("12 MP", 4000, 3000, 20)] {
        let input = dir.path().join("in.jpg");
        draw(&input, width, height);
        let output = dir.path().join("out.jpg");
        let (mut floor, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            floor.push(timed(|| {
                let bytes = std::fs::read(&input).unwrap();
                let signature = key.sign(Digest::of(&bytes).as_bytes());
                assert_eq!(signature.len(), 64);
                std::fs::write(&output, bytes).unwrap();
            }));
            ours.push(timed(|| {
                let asset = Asset::parse(std::fs::read(&input).unwrap()).unwrap();
                let signed = signer.sign(&asset, &claim()).unwrap();
                std::fs::write(&output, signed.asset.bytes()).unwrap();
            }));
        }
        let bytes = std::fs::metadata(&input).unwrap().len();
        let (floor, ours) = (median(floor), median(ours));
        println!(
            "{name:<10}{bytes:>10}{:>12.3}{:>12.3}{:>9.2}",
            floor.as_secs_f64() * 1e3,
            ours.as_secs_f64() * 1e3,
            ours.as_secs_f64() / floor.as_secs_f64()
        );
    }
}

fn claim() -> Claim {
    let ids = Ids {
        document: [1; 16],
        instance: [2; 16],
        registry: [3; 16],
    };
    Claim {
        statement: Statement::of(SourceType::TrainedAlgorithmicMedia, ids),
        basis: Basis::Signer,
        title: None,
        thumbnail: None,
        soft_binding: None,
        parent: Parent::None,
        now: SystemClock.now(),
        metadata: serde_json::Map::new(),
        run: None,
    }
}

fn signer(home: &Path) -> ManifestSigner {
    let app = inside::app(home, SystemClock);
    let new = NewKey {
        name: None,
        display: Some("Bench".to_owned()),
        organization: None,
        email: None,
        protection: Protection::Unencrypted,
        recovery: None,
    };
    key::new(&app, &new).unwrap();
    let identity = Arc::new(key::open(&app, None).unwrap());
    ManifestSigner::new(identity, &TrustAnchors::default(), None).unwrap()
}

/// Film grain on gradients: compresses like a photograph.
fn draw(path: &Path, width: u32, height: u32) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let grain = (state % 25) as i32 - 12;
            let light = [
                x * 200 / width,
                y * 180 / height,
                90 + (x + y) * 60 / (width + height),
            ];
            pixels.extend(light.map(|light| (light as i32 + grain).clamp(0, 255) as u8));
        }
    }
    let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(file, 88);
    image::ImageEncoder::write_image(encoder, &pixels, width, height, image::ExtendedColorType::Rgb8)
        .unwrap();
}
