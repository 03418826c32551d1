//! Every hostile text in every field, through every output.

use std::fs;
use std::process::{Command, Output};

use super::carriers::pictures;
use super::{judge, markup, strings};
use crate::run::{Home, both};

/// Texts that share one file: each field holds all of them.
const TOGETHER: usize = 24;

/// A folder `in` of pictures that say everything everywhere; two for each group of texts.
fn folder(home: &Home) -> Vec<String> {
    fs::create_dir(home.path("in")).unwrap();
    let mut names = Vec::new();
    for (at, texts) in strings::all().chunks(TOGETHER).enumerate() {
        for (ending, bytes) in pictures(&texts.join(" ")) {
            let name = format!("in/{at:02}.{ending}");
            fs::write(home.path(&name), bytes).unwrap();
            names.push(name);
        }
    }
    names
}

fn run(home: &Home, args: &[&str]) -> Output {
    let mut output = home.run(args);
    // Rows of CSV end with CR LF (RFC 4180), which is no text of anybody.
    if args.contains(&"csv") {
        let text = String::from_utf8(output.stdout).unwrap();
        output.stdout = text.replace("\r\n", "\n").into_bytes();
    }
    judge(&format!("{args:?}"), &output);
    output
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Values of a stream of JSON documents.
fn json(output: &Output) -> Vec<serde_json::Value> {
    serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter()
        .map(|value| value.unwrap_or_else(|error| panic!("{error}: {}", both(output))))
        .collect()
}

#[test]
fn hostile_text_in_every_field_stays_text_in_every_output() {
    let home = Home::with_key();
    let names = folder(&home);
    let verify = |format: &str| run(&home, &["verify", "in", "--no-ledger", "--format", format]);
    // What was put in is there, so it is really shown.
    let reports = json(&verify("json"));
    assert_eq!(reports.len(), names.len() + 1);
    for report in reports.iter().filter(|report| report["file"].is_string()) {
        assert_eq!(report["result"], "UNKNOWN ISSUER", "{report}");
        assert!(report["c2pa"]["title"].is_string(), "{report}");
        assert!(report["signer"]["name"].is_string(), "{report}");
        assert!(
            report["rights"].as_array().is_some_and(|lines| lines.len() > 1),
            "{report}"
        );
    }
    run(&home, &["verify", "in", "--no-ledger", "--full"]);
    for store in json(&verify("crjson")) {
        assert!(store["manifests"].is_array(), "{store}");
    }
    rows(&out(&verify("csv")), names.len());
    cases(&out(&verify("junit")), names.len());
    markup::judge(&out(&verify("html")));
    for name in names.iter().step_by(5) {
        run(&home, &["inspect", name]);
        json(&run(&home, &["inspect", name, "--format", "json"]));
        let page = out(&run(&home, &["verify", name, "--no-ledger", "--format", "html"]));
        markup::judge(&page);
        run_no_script(&home, &page);
    }
    run_no_script(&home, &out(&verify("html")));
}

/// As many rows as files, as many cells in each, and no cell that a spreadsheet would run.
fn rows(text: &str, files: usize) {
    let mut lines = text.lines();
    let columns = lines.next().unwrap().split(',').count();
    let rows: Vec<Vec<String>> = lines.map(cells).collect();
    assert_eq!(rows.len(), files);
    for row in rows {
        assert_eq!(row.len(), columns, "{row:?}");
        for cell in row {
            let start = cell.trim_start_matches([' ', '"']);
            assert!(!start.starts_with(['=', '+', '-', '@', '\u{ff1d}']), "{cell}");
        }
    }
}

fn cells(line: &str) -> Vec<String> {
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    assert!(!quoted, "{line}");
    row.push(cell);
    row
}

/// Well-formed, and a test case for each file.
fn cases(text: &str, files: usize) {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut cases = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(start) => {
                let name = start.name();
                let known: [&[u8]; 4] = [b"testsuites", b"testsuite", b"testcase", b"failure"];
                assert!(known.contains(&name.as_ref()), "{name:?}");
                cases += usize::from(name.as_ref() == b"testcase");
                assert!(start.attributes().all(|attribute| attribute.is_ok()));
            }
            _ => {}
        }
    }
    assert_eq!(cases, files);
}

fn run_no_script(home: &Home, page: &str) {
    if let Some(told) = opened(home, page) {
        assert_eq!(told, "runs 0 handlers 0 scripts 2");
    }
}

/// Opens a page in headless Chromium, without the policy that forbids scripts, and counts what ran, what would, and the
/// scripts with the two that count; `None`, said aloud, where there is no Chromium.
fn opened(home: &Home, page: &str) -> Option<String> {
    let (before, after) = page.split_once("<meta http-equiv").unwrap();
    let (_, after) = after.split_once('>').unwrap();
    let counter = "<script>window.runs=0;window.alert=()=>{window.runs++}</script>";
    let told = "<script>setTimeout(()=>{document.body.dataset.told='runs '+window.runs+' handlers '+\
                [...document.querySelectorAll('*')].filter(e=>[...e.attributes].some(a=>a.name.startsWith('on'))).length+\
                ' scripts '+document.scripts.length},50)</script>";
    fs::write(home.path("page.html"), format!("{before}{counter}{after}{told}")).unwrap();
    let shown = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=500",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", home.path("browser").display()))
        .arg(format!("file://{}", home.path("page.html").display()))
        .output();
    let Ok(shown) = shown else {
        eprintln!("SKIPPED: no chromium to open the page in");
        return None;
    };
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    let told = text
        .split_once("data-told=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .unwrap_or_else(|| {
            panic!(
                "the page did not open: {}",
                String::from_utf8_lossy(&shown.stderr)
            )
        });
    Some(told.0.to_owned())
}

#[test]
fn the_browser_tells_what_runs() {
    let home = Home::new();
    let evil = "<html><head><meta http-equiv=\"x\"></head><body onload=\"alert(1)\"><img src=x onerror=alert(1)>\
                <script>alert(1)</script></body></html>";
    if let Some(told) = opened(&home, evil) {
        assert_eq!(told, "runs 3 handlers 2 scripts 3");
    }
}
