//! What was published, or is served, audited as the file is; and what an audit tells beside its findings.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;

use byline::ledger::{Entry, EntryBody, KeyIncept, LookupMode};

use super::audit::{publish, studio};
use super::ledger::{Bench, forged_with, later, registration};
use super::proofs::copy_all;
use super::run::{Home, both, code};
use super::tsa::{Answer, Authority};

#[test]
fn arbiters_are_named_when_a_ledger_is_made_and_travel_with_what_is_published() {
    let home = Home::with_key();
    home.ok(["key", "new", "--name", "guild", "--as", "Guild", "--unencrypted"]);
    home.ok(["key", "export", "guild", "--public", "-o", "guild.pub"]);
    home.ok(["trust", "add", "guild.pub", "--name", "guild"]);
    let unknown = home.run(["ledger", "init", "--arbiter", "nobody"]);
    assert_eq!(code(&unknown), 2, "{}", both(&unknown));
    let made = home.json(
        ["ledger", "init", "--arbiter", "guild", "--arbiter", "guild.pub"],
        0,
    );
    assert_eq!(made["notes"].as_array().unwrap().len(), 1, "{made}");
    home.fixture("images/lighthouse.jpg");
    home.ok([
        "sign",
        "lighthouse.jpg",
        "-o",
        "signed.jpg",
        "--source",
        "ai",
        "--key",
        "ada",
    ]);
    home.ok([
        "ledger",
        "dispute",
        "open",
        "1",
        "--ground",
        "authorship",
        "--key",
        "ada",
    ]);
    let by_party = home.run([
        "ledger",
        "dispute",
        "close",
        "2",
        "--outcome",
        "upheld",
        "--key",
        "ada",
    ]);
    assert_eq!(code(&by_party), 1, "{}", both(&by_party));
    home.ok([
        "ledger",
        "dispute",
        "close",
        "2",
        "--outcome",
        "upheld",
        "--key",
        "guild",
    ]);
    home.ok(["ledger", "publish", "www"]);
    let other = Home::new();
    copy_all(&home.path("www"), &other.path("www"));
    assert_eq!(
        other.json(["audit", "www"], 0)["findings"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    // Without its header nobody knows the arbiter: that is said first, and the closing is what then breaks a rule.
    std::fs::remove_file(other.path("www/log.header")).unwrap();
    let report = Home::json(&other, ["audit", "www"], 1);
    let rules: Vec<&str> = (0..2)
        .map(|n| report["findings"][n]["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["ledger.published.header", "ledger.dispute.arbiter"]);
}

/// Serves a folder on the loopback address until the test ends; what is changed there is served changed.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map_while(Result::ok);
            let Some(first) = lines.next() else { continue };
            let _ = lines.by_ref().take_while(|line| !line.is_empty()).count();
            let path = first
                .split(' ')
                .nth(1)
                .unwrap_or_default()
                .trim_start_matches('/');
            let answer = match std::fs::read(folder.join(path)) {
                Ok(bytes) => [
                    format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        bytes.len()
                    )
                    .as_bytes(),
                    &bytes,
                ]
                .concat(),
                Err(_) => {
                    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec()
                }
            };
            let _ = stream.write_all(&answer);
        }
    });
    url
}

#[cfg(feature = "online")]
#[test]
fn what_is_served_is_audited_as_the_directory_is() {
    let bench = Bench::new();
    let mut ledger = bench.create(LookupMode::Public);
    let batch: Vec<Entry> = (0..700)
        .map(|n| if n == 0 { bench.incept() } else { bench.register(n) })
        .collect();
    ledger.append(&batch, later(2000)).unwrap();
    let home = Home::new();
    let www = home.path("www");
    publish(&ledger, &www);
    let url = format!("{}/", serve(www.clone()));
    // Plain http and private addresses only when asked for.
    let refused = home.run(["audit", &url]);
    assert_eq!(code(&refused), 2, "{}", both(&refused));
    let forget = || {
        let _ = std::fs::remove_dir_all(home.path("home/state"));
    };
    let same = |wanted: i32| {
        forget();
        let mut of_folder = home.json(["audit", "www"], wanted);
        forget();
        let mut of_web = home.json(["audit", &url, "--private"], wanted);
        for (report, place) in [(&mut of_folder, "www"), (&mut of_web, url.trim_end_matches('/'))] {
            report["ledger"] = serde_json::Value::Null;
            report["at"] = serde_json::Value::Null;
            for finding in report["findings"].as_array_mut().unwrap() {
                let what = finding["what"]
                    .as_str()
                    .unwrap()
                    .replace(&format!("`{place}/"), "`");
                finding["what"] = what.into();
            }
        }
        assert_eq!(of_folder, of_web);
        of_web
    };
    let report = same(0);
    assert_eq!(
        (report["counts"]["entries"].as_u64(), report["sound"].as_bool()),
        (Some(700), Some(true))
    );
    for path in ["tile/0/001", "tile/entries/000", "tile/0/002.p/188", "log.header"] {
        let good = std::fs::read(www.join(path)).unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        std::fs::write(www.join(path), bad).unwrap();
        same(1);
        std::fs::remove_file(www.join(path)).unwrap();
        same(1);
        std::fs::write(www.join(path), good).unwrap();
    }
    // A history that was seen by the file is compared on the web.
    forget();
    home.json(["audit", bench.path.to_str().unwrap()], 0);
    home.json(["audit", &url, "--private", "--since", "last"], 0);
    std::fs::remove_file(www.join("checkpoint")).unwrap();
    assert_eq!(code(&home.run(["audit", &url, "--private"])), 4);
    // Where no log is, no key is missing.
    std::fs::create_dir(home.path("empty")).unwrap();
    let none = home.run(["audit", &serve(home.path("empty")), "--private"]);
    assert_eq!(code(&none), 4, "{}", both(&none));
    assert!(both(&none).contains("is no published log"), "{}", both(&none));
    let nobody = home.run(["audit", "http://127.0.0.1:9/", "--private"]);
    assert_eq!(code(&nobody), 4, "{}", both(&nobody));
}

#[test]
fn evidence_of_time_is_recorded_for_a_checkpoint_of_this_history() {
    let home = studio();
    home.ok(["ledger", "publish", "www"]);
    let checkpoint = std::fs::read(home.path("www/checkpoint")).unwrap();
    let head = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01\x08";
    let digest = byline::base::Digest::of(&checkpoint);
    let proof = [head.as_slice(), digest.as_bytes(), b"calendar"].concat();
    std::fs::write(home.path("cp.ots"), &proof).unwrap();
    let report = home.json(["ledger", "anchor", "www/checkpoint", "cp.ots"], 0);
    assert_eq!(
        (report["done"].as_str(), report["tree_size"].as_u64()),
        (Some("anchored"), Some(3))
    );
    let shown = home.json(["ledger", "show"], 0);
    let fields = &shown["entries"][2];
    assert_eq!(fields["kind"], "anchor");
    assert!(
        fields
            .to_string()
            .contains(&byline::base::Digest::of(&proof).hex()),
        "{fields}"
    );
    home.json(["audit", "home/data/default.ledger"], 0);
    // What an authority was asked is no evidence, its answer is; neither is its answer about other bytes.
    let question = |digest: &byline::base::Digest| {
        let sha256 = [0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
        [
            &[0x30, 56, 2, 1, 1, 0x30, 47],
            &sha256[..],
            &[4, 32],
            digest.as_bytes(),
            &[2, 1, 9],
        ]
        .concat()
    };
    let answer = |asked: &[u8]| Authority::new().reply(asked, Answer::Honest);
    let asked = question(&digest);
    std::fs::write(home.path("cp.tsq"), &asked).unwrap();
    std::fs::write(home.path("cp.tsr"), answer(&asked)).unwrap();
    std::fs::write(
        home.path("other.tsr"),
        answer(&question(&byline::base::Digest::of(b""))),
    )
    .unwrap();
    for file in ["cp.tsq", "other.tsr"] {
        assert_eq!(
            code(&home.run(["ledger", "anchor", "www/checkpoint", file])),
            4,
            "{file}"
        );
    }
    let stamped = home.json(["ledger", "anchor", "www/checkpoint", "cp.tsr"], 0);
    let sentence = stamped["sentence"].as_str().unwrap();
    assert!(sentence.contains("a time stamp of 20"), "{sentence}");
    // Evidence about something else, a checkpoint of another log, one of another history.
    std::fs::write(home.path("other.ots"), [head.as_slice(), &[7; 32]].concat()).unwrap();
    assert_eq!(
        code(&home.run(["ledger", "anchor", "www/checkpoint", "other.ots"])),
        4
    );
    assert_eq!(code(&home.run(["ledger", "anchor", "cp.ots", "cp.ots"])), 4);
    assert_eq!(home.json(["ledger", "show"], 0)["tree_size"], 4);
}

/// An entry of each kind of thing that an auditor looks at, so that the page has something to escape and to lay out.
#[test]
fn a_key_that_enters_twice_is_found_with_what_would_satisfy_the_rule() {
    let bench = Bench::new();
    let body = KeyIncept {
        key: bench.key.public(),
        next: None,
        recovery: None,
    };
    let again = Entry::sign(EntryBody::KeyIncept(body), &bench.key, later(1000)).unwrap();
    let register = Entry::sign(EntryBody::AssetRegister(registration(1)), &bench.key, later(1000)).unwrap();
    let file = bench.dir.path().join("twice.ledger");
    let entries = [bench.incept(), again, register].map(|entry| entry.bytes().to_vec());
    std::fs::write(&file, forged_with(&entries, &[], later(2000))).unwrap();
    let home = Home::new();
    let report = home.json(["audit", file.to_str().unwrap()], 1);
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "ledger.key.inceptTwice");
    assert_eq!(finding["remedy"], "use the key as it is; it entered with entry 0");
}

#[test]
fn the_report_is_a_page_that_stands_by_itself() {
    let home = studio();
    let ledger = "home/data/default.ledger";
    let page = home.ok(["audit", ledger, "--format", "html"]);
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("<h1>Sound</h1>"),
        "{page}"
    );
    let mut bytes = std::fs::read(home.path(ledger)).unwrap();
    bytes[5000] ^= 1;
    let name = "<img src=x onerror=alert(1)>.ledger";
    std::fs::write(home.path(name), bytes).unwrap();
    let output = home.run(["audit", name, "--format", "html"]);
    assert_eq!(code(&output), 1, "{}", both(&output));
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(
        page.contains("<h1>Broken</h1>") && page.contains("ledger."),
        "{page}"
    );
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;") && !page.contains("<img"),
        "{page}"
    );
    // Commands that have no page say so before they do anything.
    let none = home.run(["ledger", "init", "other.ledger", "--format", "html"]);
    assert_eq!(code(&none), 2, "{}", both(&none));
    assert!(none.stdout.is_empty() && !home.path("other.ledger").exists());
}
