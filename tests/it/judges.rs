//! Foreign judges of the whole command: exiftool reads what was written, c2patool validates what was signed, openssl makes the CA.
//!
//! Where a judge is not installed its part says so and is passed over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::run::{Home, both, corpus, fixtures};

/// Words that every case states.
const RIGHTS: [&str; 22] = [
    "--by",
    "Ada Painter",
    "--title",
    "A title",
    "--description",
    "A description, with \u{fc}",
    "--credit",
    "Studio Ada",
    "--rights",
    "(c) 2026 Ada Painter",
    "--copyright-owner",
    "Ada Painter",
    "--usage-terms",
    "Ask first",
    "--web-statement",
    "https://example.org/rights",
    "--licensor-url",
    "https://example.org/licence",
    "--mining",
    "no-training",
    "--created",
    "2026-01-02T03:04:05Z",
];

/// Words about a model.
pub const MODEL: [&str; 12] = [
    "--ai-system",
    "Flux",
    "--ai-version",
    "2",
    "--model",
    "flux-2-dev",
    "--seed",
    "42",
    "--prompt",
    "a lighthouse at dusk",
    "--prompt-writer",
    "Bob",
];

/// Runs a judge; `None`, said aloud, where it is not installed.
pub fn judge(name: &str, args: &[&str], folder: &Path) -> Option<Output> {
    let cargo_bin = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")))
        .map(|home| home.join("bin").join(name))
        .filter(|path| path.exists());
    let program = cargo_bin.unwrap_or_else(|| name.into());
    let output = Command::new(program)
        .args(args)
        .current_dir(folder)
        // Its own settings file stays out of the test.
        .env("XDG_CONFIG_HOME", folder)
        .output();
    if output.is_err() {
        eprintln!("SKIPPED: {name} is not installed");
    }
    output.ok()
}

fn parse(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", both(output)))
}

/// c2patool's report of a file; `settings` is a settings file in the folder.
pub fn c2pa(home: &Home, file: &str, settings: Option<&str>) -> Option<Value> {
    let mut args = vec![file];
    args.extend(settings.iter().flat_map(|file| ["--settings", *file]));
    judge("c2patool", &args, home.dir.path()).map(|output| parse(&output))
}

fn failures(report: &Value) -> Vec<(String, String)> {
    let list = report["validation_results"]["activeManifest"]["failure"].as_array();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.into_iter()
        .flatten()
        .map(|one| (text(&one["code"]), text(&one["url"])))
        .collect()
}

/// Writes c2patool settings that trust a root for claims and for named identities. Its command line (0.27) has a flag for the
/// former alone, and one identity that it cannot anchor takes `Trusted` from the whole file.
pub fn trust_settings(home: &Home, root: &str) {
    let text = format!(
        "version = 1\n[trust]\ntrust_anchors = \"\"\"{root}\"\"\"\n[cawg_trust]\ntrust_anchors = \"\"\"{root}\"\"\"\n"
    );
    std::fs::write(home.path("trust.toml"), text).unwrap();
}

/// The root certificate in a creator's public file.
pub fn exported_root(home: &Home) -> String {
    let text = std::fs::read_to_string(home.path("ada.pub")).unwrap();
    let from = text.find("[root]").unwrap();
    let section = text[from..].split("[chain]").next().unwrap();
    section[section.find("-----BEGIN").unwrap()..].trim().to_owned() + "\n"
}

fn images() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(fixtures().join("images"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// Every fixture signed in three ways: by a model, edited with one (from the former), by a person. Name to report.
fn signed_fixtures(home: &Home) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    // BigTIFF is not signed.
    for name in images().into_iter().filter(|name| name != "bigtiff.tif") {
        home.fixture(&format!("images/{name}"));
        let cases: [(&str, &str, &[&str], String); 3] = [
            ("ai", "ai", &MODEL, name.clone()),
            ("ed", "ai-edited", &MODEL, format!("ai-{name}")),
            ("hu", "camera", &["--software", "Darkroom 9"], name.clone()),
        ];
        for (case, source, more, input) in cases {
            let output = format!("{case}-{name}");
            // A ledger for each case: one that knew a picture as a model's work would speak against the camera.
            let ledger = format!("{case}.ledger");
            let mut args = vec![
                "sign", &input, "-o", &output, "--source", source, "--ledger", &ledger,
            ];
            args.extend(RIGHTS);
            args.extend(more);
            let report = home.json(args, 0);
            out.insert(output, report);
        }
    }
    out
}

#[test]
fn every_format_and_case_passes_every_judge() {
    let home = Home::with_key();
    let signed = signed_fixtures(&home);
    assert!(signed.len() >= 57, "{} files", signed.len());

    let names: Vec<&str> = signed.keys().map(String::as_str).collect();
    let verdicts = home.ok([&["verify", "--format", "json"], &names[..]].concat());
    let mut trusted = 0;
    for line in verdicts.lines() {
        let report: Value = serde_json::from_str(line).unwrap();
        if report["schema"] == "verify-report.v1" {
            assert_eq!(report["result"], "TRUSTED", "{}", report["input"]);
            assert_eq!(
                report["made"]["conflicts"],
                serde_json::json!([]),
                "{}",
                report["input"]
            );
            trusted += 1;
        }
    }
    assert_eq!(trusted, signed.len());

    exiftool_agrees(&home, &signed);
    trust_settings(&home, &exported_root(&home));
    for name in names {
        let Some(alone) = c2pa(&home, name, None) else {
            return;
        };
        assert_eq!(
            alone["validation_state"],
            "Valid",
            "{name}: {:?}",
            failures(&alone)
        );
        let known = c2pa(&home, name, Some("trust.toml")).unwrap();
        assert_eq!(
            known["validation_state"],
            "Trusted",
            "{name}: {:?}",
            failures(&known)
        );
        assert_eq!(failures(&known), [], "{name}");
    }
}

#[test]
fn a_manifest_behind_several_pages_is_told_of() {
    let home = Home::with_key();
    for (name, told) in [
        ("two-pages.tif", true),
        ("deflate.tif", false),
        ("animated.gif", false),
    ] {
        home.fixture(&format!("images/{name}"));
        for report in [
            sign(&home, name, "out", &["--source", "scan", "--dry-run"]),
            sign(&home, name, "out", &["--source", "scan"]),
            sign(
                &home,
                &format!("out-{name}"),
                "again",
                &["--source", "human-edited"],
            ),
        ] {
            let notes = report["notes"].to_string();
            assert_eq!(notes.contains("several pages"), told, "{name}: {notes}");
        }
        std::fs::remove_file(home.path(&format!("out-{name}"))).unwrap();
    }
}

/// What the flag of c2patool can and cannot do: if this fails, one flag is enough and [`trust_settings`] can go.
#[test]
fn the_flag_of_c2patool_anchors_the_claim_but_not_the_named_identity() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "out.jpg", "--source", "ai"]);
    std::fs::write(home.path("root.pem"), exported_root(&home)).unwrap();
    let args = ["out.jpg", "trust", "--trust_anchors", "root.pem"];
    let Some(output) = judge("c2patool", &args, home.dir.path()) else {
        return;
    };
    let report = parse(&output);
    assert_eq!(report["validation_state"], "Valid");
    let left = failures(&report);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].1.ends_with("c2pa.assertions/cawg.identity"), "{left:?}");
}

/// exiftool's name of the XMP group of a prefix.
fn group(prefix: &str) -> &'static str {
    match prefix {
        "Iptc4xmpExt" => "XMP-iptcExt",
        "dc" => "XMP-dc",
        "photoshop" => "XMP-photoshop",
        "plus" => "XMP-plus",
        "xmp" => "XMP-xmp",
        "xmpMM" => "XMP-xmpMM",
        "xmpRights" => "XMP-xmpRights",
        other => panic!("no group for {other}"),
    }
}

/// exiftool's path of a field written: `XMP-plus:Licensor`, `LicensorURL`.
fn path_of(source: &str, name: &str) -> Vec<String> {
    let word = |name: &str| match name {
        "DigImageGUID" => "DigitalImageGUID".to_owned(),
        "RegistryId" => "RegistryID".to_owned(),
        name => format!("{}{}", name[..1].to_uppercase(), &name[1..]),
    };
    let mut parts = name.split('/').map(|part| {
        let (prefix, rest) = part.split_once(':').unwrap();
        (prefix, rest.split('[').next().unwrap())
    });
    let (prefix, first) = parts.next().unwrap();
    if source == "EXIF" {
        let primary = ["ImageDescription", "Software", "Artist", "Copyright"].contains(&first);
        return vec![format!("{}:{first}", if primary { "IFD0" } else { "ExifIFD" })];
    }
    let mut out = vec![format!("{}:{}", group(prefix), word(first))];
    out.extend(parts.map(|(_, name)| word(name)));
    out
}

/// The value at a path, the last item of each array: what is written into an array that was there comes last.
fn value_at<'a>(fields: &'a Value, path: &[String]) -> Option<&'a Value> {
    let last = |mut here: &'a Value| {
        while let Value::Array(items) = here {
            here = items.last()?;
        }
        Some(here)
    };
    let mut here = fields;
    for part in path {
        here = last(here)?.get(part)?;
    }
    last(here)
}

fn spelled(name: &str, value: &str) -> String {
    match name {
        "photoshop:DateCreated" | "xmp:CreateDate" | "xmp:MetadataDate" => {
            value.replacen('-', ":", 2).replace('T', " ")
        }
        "xmpRights:Marked" => value.to_lowercase(),
        _ => value.to_owned(),
    }
}

/// All that exiftool reads of one file.
fn exiftool(home: &Home, file: &str) -> Option<Value> {
    let output = judge("exiftool", &["-j", "-G1", "-struct", "-n", file], home.dir.path())?;
    Some(parse(&output)[0].clone())
}

fn exiftool_agrees(home: &Home, signed: &BTreeMap<String, Value>) {
    let mut args = vec!["-j", "-G1", "-struct", "-n"];
    args.extend(signed.keys().map(String::as_str));
    let Some(output) = judge("exiftool", &args, home.dir.path()) else {
        return;
    };
    let list = parse(&output);
    assert_eq!(list.as_array().unwrap().len(), signed.len());
    for fields in list.as_array().unwrap() {
        let name = fields["SourceFile"].as_str().unwrap();
        every_field_is_there(name, &signed[name], fields);
    }
}

fn every_field_is_there(name: &str, report: &Value, fields: &Value) {
    for (key, value) in fields.as_object().unwrap() {
        assert!(
            !key.ends_with(":Warning") && !key.ends_with(":Error"),
            "{name}: {key} {value}"
        );
    }
    let written = report["written"].as_array().unwrap();
    // What cannot take metadata says so.
    assert!(
        written.len() > 4 || report["not_carried"][0].is_string(),
        "{name}: {report:#}"
    );
    for one in written {
        let (source, field) = (one["source"].as_str().unwrap(), one["name"].as_str().unwrap());
        let found = value_at(fields, &path_of(source, field));
        let found = found.unwrap_or_else(|| panic!("{name}: no {field} in {fields:#}"));
        let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        assert_eq!(
            text,
            spelled(field, one["value"].as_str().unwrap()),
            "{name}: {field}"
        );
    }
}

#[test]
fn what_a_camera_and_an_editor_wrote_stays_as_exiftool_wrote_it() {
    let home = Home::with_key();
    let tags = [
        "-q",
        "-overwrite_original",
        "-EXIF:Make=Camera Works",
        "-EXIF:Model=One",
        "-EXIF:Artist=Carol",
        "-EXIF:Orientation#=6",
        "-EXIF:GPSLatitude=48.2",
        "-EXIF:GPSLatitudeRef=N",
        "-EXIF:GPSLongitude=16.4",
        "-EXIF:GPSLongitudeRef=E",
        "-EXIF:ExposureTime=1/125",
        "-EXIF:UserComment=a comment",
        "-XMP-dc:Rights=(c) Carol",
        "-XMP-dc:Subject=sea",
        "-XMP-dc:Subject=light",
        "-XMP-xmp:Rating=4",
        "-XMP-lr:HierarchicalSubject=a|b",
    ];
    for name in [
        "gradient.jpg",
        "gradient.png",
        "lossy.webp",
        "deflate.tif",
        "gradient.avif",
        "gradient.heic",
    ] {
        home.fixture(&format!("images/{name}"));
        let Some(done) = judge("exiftool", &[&tags[..], &[name]].concat(), home.dir.path()) else {
            return;
        };
        assert!(done.status.success(), "{name}: {}", both(&done));
        let before = exiftool(&home, name).unwrap();
        let words = ["--by", "Ada", "--rights", "(c) Ada", "--source", "human"];
        let kept = sign(&home, name, "kept", &words);
        let after = exiftool(&home, &format!("kept-{name}")).unwrap();
        for (key, value) in before.as_object().unwrap() {
            if key.starts_with("XMP-")
                || (key.contains("IFD") && !key.contains("Offset"))
                || key.starts_with("GPS")
            {
                // exiftool names itself as the packet's writer; the packet is byline's now.
                let ours = key.contains("XMPToolkit");
                assert!(
                    ours || after.get(key) == Some(value),
                    "{name}: {key} was {value}, is {:?}",
                    after.get(key)
                );
            }
        }
        assert_eq!(
            conflicts(&kept),
            [("EXIF Exif:Artist".into(), true), ("XMP dc:rights".into(), true)],
            "{name}"
        );

        let replaced = sign(
            &home,
            name,
            "new",
            &[&words[..], &["--replace-metadata"]].concat(),
        );
        assert_eq!(
            conflicts(&replaced),
            [
                ("EXIF Exif:Artist".into(), false),
                ("XMP dc:rights".into(), false)
            ],
            "{name}"
        );
        let after = exiftool(&home, &format!("new-{name}")).unwrap();
        assert_eq!(after["IFD0:Artist"], "Ada", "{name}");
        assert_eq!(after["XMP-dc:Rights"], "(c) Ada", "{name}");
        assert_eq!(after["XMP-xmp:Rating"], 4, "{name}");
        every_field_is_there(name, &replaced, &after);
        home.ok(["verify", &format!("new-{name}"), &format!("kept-{name}")]);
    }
}

/// Signs a file into `PREFIX-NAME` and gives the report.
pub fn sign(home: &Home, name: &str, prefix: &str, words: &[&str]) -> Value {
    let output = format!("{prefix}-{name}");
    home.json([&["sign", name, "-o", &output], words].concat(), 0)
}

/// Source and name of each conflict, and whether the file's value stays.
fn conflicts(report: &Value) -> Vec<(String, bool)> {
    let list = report["conflicts"].as_array().unwrap();
    let name = |one: &Value| {
        format!(
            "{} {}",
            one["source"].as_str().unwrap(),
            one["name"].as_str().unwrap()
        )
    };
    list.iter()
        .map(|one| (name(one), one["kept"].as_bool().unwrap()))
        .collect()
}

/// Labels of a manifest's assertions without instance numbers, as c2patool lists them.
fn labels(home: &Home, file: &str) -> Option<BTreeSet<String>> {
    let output = judge("c2patool", &["-d", file], home.dir.path())?;
    let report = parse(&output);
    let active = report["active_manifest"].as_str().unwrap();
    let store = report["manifests"][active]["assertion_store"]
        .as_object()
        .unwrap();
    Some(
        store
            .keys()
            .map(|label| label.split("__").next().unwrap().to_owned())
            .collect(),
    )
}

#[test]
fn a_dry_run_shows_what_is_then_written() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "signed.jpg", "--source", "camera"]);
    for (name, source, more) in [
        ("gradient.jpg", "ai", &MODEL[..]),
        ("gradient.jpg", "human", &[]),
        ("signed.jpg", "ai-edited", &MODEL[..]),
    ] {
        let words = [&["--source", source], &RIGHTS[..], more].concat();
        let dry = sign(&home, name, source, &[&words[..], &["--dry-run"]].concat());
        assert!(!home.path(&format!("{source}-{name}")).exists());
        assert_eq!(dry["outcome"], "dry-run");
        let wet = sign(&home, name, source, &words);
        for part in ["assertions", "written", "conflicts", "not_carried"] {
            let names = |report: &Value| -> Vec<String> {
                let list = report[part].as_array().unwrap().iter();
                // The file's own date of its metadata is renewed only when the second has changed since.
                list.filter(|one| one["name"] != "xmp:MetadataDate")
                    .map(|one| format!("{} {}", one["label"], one["name"]))
                    .collect()
            };
            assert_eq!(names(&dry), names(&wet), "{source} {part}");
        }
        let shown: BTreeSet<String> = dry["assertions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["label"].as_str().unwrap().to_owned())
            // These two are members of the claim.
            .filter(|label| label != "claim_generator_info" && label != "dc:title")
            .collect();
        let Some(mut found) = labels(&home, &format!("{source}-{name}")) else {
            return;
        };
        // The hard binding says nothing, and the texts of inputs are shown with their ingredients.
        found.retain(|label| !label.starts_with("c2pa.hash.") && label != "c2pa.embedded-data");
        assert_eq!(shown, found, "{source}");
    }
}

#[test]
fn the_prompt_is_written_only_when_it_is_given() {
    let home = Home::with_key();
    home.fixture("images/gradient.png");
    home.ok([
        &["sign", "gradient.png", "-o", "out.png", "--source", "ai"],
        &MODEL[..8],
    ]
    .concat());
    let bytes = std::fs::read(home.path("out.png")).unwrap();
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds(&bytes, "flux-2-dev") && !holds(&bytes, "prompt"));
    home.ok([
        &["sign", "gradient.png", "-o", "told.png", "--source", "ai"],
        &MODEL[..],
    ]
    .concat());
    assert!(holds(
        &std::fs::read(home.path("told.png")).unwrap(),
        "a lighthouse at dusk"
    ));
}

/// exiftool's groups of metadata, and the words of `inspect` for them; texts of PNG and comments have groups of their own.
#[test]
fn inspect_shows_every_source_that_exiftool_finds_in_real_files() {
    let Some(corpus) = corpus() else { return };
    let home = Home::new();
    let mut seen = 0;
    for folder in ["c2pa-public-testfiles", "example-assets"] {
        let paths = std::fs::read_dir(corpus.join(folder)).unwrap();
        for path in paths
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
        {
            let name = path.to_str().unwrap();
            let Some(output) = judge("exiftool", &["-j", "-G0", name], home.dir.path()) else {
                return;
            };
            let fields = parse(&output)[0].clone();
            let theirs: BTreeSet<String> = ["EXIF", "IPTC", "XMP"]
                .into_iter()
                .filter(|group| {
                    fields
                        .as_object()
                        .unwrap()
                        .keys()
                        .any(|key| key.starts_with(&format!("{group}:")))
                })
                .map(str::to_owned)
                .collect();
            let report = home.json(["inspect", name], 0);
            let ours: BTreeSet<String> = report["metadata"]
                .as_array()
                .unwrap()
                .iter()
                .map(|source| source["source"].as_str().unwrap().to_owned())
                .filter(|source| source != "text")
                .collect();
            assert_eq!(ours, theirs, "{name}");
            let shown = home.ok(["inspect", name, "--full"]);
            let harmful = |c: char| c != '\n' && byline::base::Untrusted::is_harmful(c);
            assert!(!shown.chars().any(harmful), "{name}");
            seen += 1;
        }
    }
    assert!(seen >= 32, "{seen} files");
}
