//! Provenance and copyright of images: signs, registers, verifies and audits.
//!
//! # Bird's eye
//!
//! Data flows one way. Signing: bytes -> [`asset::Asset`] -> EXIF and XMP written ([`metadata`]) -> pixels looked at once
//! ([`asset::pixels`], [`similar`]) -> claim signed and read back ([`manifest`]) -> file made durable beside its place
//! ([`store`]) -> entry appended to the ledger ([`ledger`]) -> rename -> report. Verifying: bytes -> asset -> facts of the
//! manifest, metadata, ledger entries -> four checks -> one word -> report. Auditing: bytes of a ledger -> findings -> report.
//!
//! The deeds are in [`app`]: [`app::sign`], [`app::verify`], [`app::inspect`], [`app::compare`], [`app::find`],
//! [`app::audit`], [`app::ledger`], [`app::key`], [`app::trust`], [`app::explain`], [`app::proof`], [`app::publish`], [`app::witness`].
//! Each takes an [`app::App`] (folders, clock, randomness, passphrases, progress) and a request, and gives a
//! report of plain data ([`report`]) that [`render`] draws.
//!
//! # Code map
//!
//! | room | what is in it | what it must not know |
//! |---|---|---|
//! | [`base`] | digests, times, limits, source types, a creator's statement, text of strangers | any other room |
//! | [`asset`] | an image as bytes in a container; pixels | keys, claims, ledger |
//! | [`metadata`] | EXIF, XMP, IPTC, text chunks: read, patched; what generators wrote | keys, claims |
//! | [`keys`] | creator keys, certificates, key containers, trust | images |
//! | [`manifest`] | C2PA: sign, read, our own structural check. Door to `c2pa` | ledger, disk, network |
//! | [`ledger`] | RFC 6962 log, C2SP notes and checkpoints, entries, audit: pure | images, disk |
//! | [`similar`] | perceptual fingerprints, the index of them, what a distance says | identity |
//! | [`report`] | what a deed found, and its JSON Schema | everything but `base` |
//! | [`store`] | the only disk | images, reports |
//! | [`app`] | the deeds; clock and randomness; the network behind `--timestamp` and `--online` | how reports are drawn |
//! | [`render`] | reports as characters; the only way out for [`base::Untrusted`] | everything but reports |
//! | `serve` | HTTP around deeds, behind a command. Door to `axum` | how deeds are done |
//!
//! The command line is in the binary and sees this library as any outsider does.
//!
//! # Invariants
//!
//! `tests/it/tidy.rs` holds the first four.
//!
//! - Rooms import only what the table of that test allows; each foreign crate has one door.
//! - The disk is in `store`, the clock and randomness in `app`, the network in `app::online` and, listening, in `serve`.
//! - No file is longer than 600 lines, no function than 70; no `unsafe` but in one kernel.
//! - Text that came out of a file has no `Display`.
//! - A picture is renamed into place only after the ledger acknowledged its entry; an entry is acknowledged only after it was
//!   read back, signed and synced.
//! - The result word is a total, pure function of four answers; taking evidence away never raises it.
//! - A changed byte of a file that byline signed is never `TRUSTED`: the hash covers everything but the manifest store, and
//!   what the store may hold is checked beside the SDK.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::format_collect,
        clippy::single_range_in_vec_init,
        clippy::zero_repeat_side_effects,
        clippy::trivially_copy_pass_by_ref,
        reason = "tests may fail loudly and say things the plain way"
    )
)]

pub mod app;
pub mod asset;
pub mod base;
pub mod keys;
pub mod ledger;
pub mod manifest;
pub mod metadata;
pub mod render;
pub mod report;
#[cfg(feature = "serve")]
pub mod serve;
pub mod similar;
pub mod store;
