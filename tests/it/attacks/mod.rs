//! Attacks with one fault each on files of every format, signed by byline and by another tool, whose signer the judge trusts: each
//! gets a word that warns, and no file that nobody touched does. The rows are those of the threat table: V1 exclusions, V2 freed
//! padding, V3 unsigned bytes of the signature, V4 labels, V5 split and several stores, V6 stores that lead nowhere, V7 hashes that
//! are none, V8 payloads, V9 algorithms, V11 bytes around the picture, V12 swapped stores, V13 assertions, V14 claims, V16
//! certificates, V19 stripped files, B1 boxes.

mod container;
mod cose;
mod good;
pub mod jumbf;
mod on_picture;
mod on_store;

use std::collections::BTreeMap;
use std::path::Path;

use crate::run::{Home, both};
use good::Good;
use jumbf::Node;
use on_picture::Victim;

/// A file to be judged, and the words that are right for it.
struct Vector {
    row: &'static str,
    name: String,
    bytes: Vec<u8>,
    words: &'static [&'static str],
}

fn vectors(good: &[Good]) -> Vec<Vector> {
    let mut out = Vec::new();
    for (at, one) in good.iter().enumerate() {
        // Of the same format where there are two, else any.
        let other = good.get(at ^ 1).unwrap_or(one);
        for (row, what, words, attack) in on_store::ATTACKS {
            let old = container::store(&one.bytes);
            let mut store = Node::parse(&old);
            attack(&mut store);
            let new = store.bytes();
            if new == old {
                continue;
            }
            let Some(bytes) = container::with_store(&one.bytes, one.ending, &new) else {
                continue;
            };
            let name = format!("{row}-{what}-{}.{}", one.name, one.ending);
            out.push(Vector {
                row,
                name,
                bytes,
                words,
            });
        }
        for (row, what, words, attack) in on_picture::ATTACKS {
            let victim = Victim {
                bytes: &one.bytes,
                ending: one.ending,
                other: &other.bytes,
            };
            if let Some(bytes) = attack(&victim) {
                let name = format!("{row}-{what}-{}.{}", one.name, one.ending);
                out.push(Vector {
                    row,
                    name,
                    bytes,
                    words,
                });
            }
        }
    }
    out
}

/// The word that `verify` has for each file of a folder.
fn words(home: &Home, folder: &str) -> BTreeMap<String, String> {
    let output = home.run(["verify", folder, "--format", "json", "--no-ledger", "--jobs", "2"]);
    let mut out = BTreeMap::new();
    for report in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<serde_json::Value>() {
        let report = report.unwrap_or_else(|error| panic!("{error}: {}", both(&output)));
        if let (Some(file), Some(result)) = (report["file"].as_str(), report["result"].as_str()) {
            let name = Path::new(file).file_name().unwrap().to_str().unwrap();
            out.insert(name.to_owned(), result.to_owned());
        }
    }
    out
}

#[test]
fn every_attack_gets_a_word_that_warns_and_no_good_file_does() {
    let home = Home::with_key();
    let good = good::all(&home);
    let vectors = vectors(&good);
    std::fs::create_dir(home.path("good")).unwrap();
    std::fs::create_dir(home.path("attacked")).unwrap();
    for one in &good {
        let name = format!("good/{}.{}", one.name, one.ending);
        std::fs::write(home.path(&name), &one.bytes).unwrap();
    }
    for one in &vectors {
        std::fs::write(home.path(&format!("attacked/{}", one.name)), &one.bytes).unwrap();
    }
    for (name, word) in words(&home, "good") {
        assert_eq!(word, "TRUSTED", "{name}");
    }
    let found = words(&home, "attacked");
    let mut wrong = Vec::new();
    for one in &vectors {
        let word = found.get(&one.name).map_or("(nothing)", String::as_str);
        if !one.words.contains(&word) {
            wrong.push(format!("{}: {word}, not {:?}", one.name, one.words));
        }
    }
    let rows: std::collections::BTreeSet<_> = vectors.iter().map(|one| one.row).collect();
    eprintln!(
        "{} attacks of {} rows on {} files",
        vectors.len(),
        rows.len(),
        good.len()
    );
    assert!(vectors.len() >= 120, "{}", vectors.len());
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        vectors.len(),
        wrong.join("\n")
    );
}
