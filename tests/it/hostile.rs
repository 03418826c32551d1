//! Hostile text stays text: whatever a file, a name, a key or the environment says, no output holds a raw control, bidi or
//! zero-width character, and JSON is JSON.

mod carriers;
mod fields;
mod markup;
mod strings;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::process::Output;

use super::run::{Home, both, code};

/// Escapes of both kinds, a title change, bidi, zero width, DEL, C1, line separators, soft hyphen, backspace, tab.
const EVIL: &str = "x\u{1b}[31mred\u{1b}]0;t\u{7}\u{202e}evil\u{2066}\u{200b}\u{200d}\u{7f}\u{9b}2J\u{2028}\u{feff}\r\nY\tZ\u{8}\u{ad}";

fn is_raw(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn judge(what: &str, output: &Output) {
    assert!((0..=4).contains(&code(output)), "{what}: {}", both(output));
    for bytes in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        if let Some(c) = text.chars().find(|c| is_raw(*c)) {
            panic!("{what}: raw {c:?} in {text:?}");
        }
        assert!(!text.contains("panicked"), "{what}: {text}");
    }
}

fn run<S: AsRef<OsStr>>(home: &Home, args: &[S]) {
    let what = format!("{:?}", args.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    judge(&what, &home.run(args));
    let mut json: Vec<OsString> = args.iter().map(|arg| arg.as_ref().to_owned()).collect();
    json.extend(["--format".into(), "json".into()]);
    let output = home.run(&json);
    judge(&what, &output);
    for value in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<serde_json::Value>() {
        value.unwrap_or_else(|error| panic!("{what}: {error}: {}", both(&output)));
    }
}

/// Every command that reads a picture.
fn look(home: &Home, name: &OsStr) {
    let os = OsStr::new;
    run(home, &[os("verify"), name]);
    run(home, &[os("verify"), os("--full"), name]);
    run(home, &[os("inspect"), os("--full"), name]);
    let sign = [
        os("sign"),
        os("--source"),
        os("from-metadata"),
        os("--force"),
        os("-o"),
        os("out.bin"),
    ];
    run(home, &[&sign[..], &[name]].concat());
    run(home, &[&sign[..], &[os("--dry-run"), name]].concat());
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], body].concat()
}

fn picture(home: &Home, name: &str, segments: &[Vec<u8>]) {
    let whole = fs::read(super::run::fixtures().join("images/gradient.jpg")).unwrap();
    let bytes = [&whole[..2], &segments.concat(), &whole[2..]].concat();
    fs::write(home.path(name), bytes).unwrap();
}

#[test]
fn comments_exif_and_xmp_are_shown_as_text() {
    let home = Home::with_key();
    let raw = b"A\0\x1b[31m\xff\xfe\x9b2J\xe2\x80\xae".repeat(50);
    picture(&home, "com.jpg", &[segment(0xfe, &raw)]);
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    for (tag, at) in [(0x013bu16, 38u32), (0x8298, 38)] {
        exif.extend(tag.to_le_bytes());
        exif.extend(2u16.to_le_bytes());
        exif.extend(u32::try_from(EVIL.len()).unwrap().to_le_bytes());
        exif.extend(at.to_le_bytes());
    }
    exif.extend([0; 4]);
    exif.extend(EVIL.as_bytes());
    picture(&home, "exif.jpg", &[segment(0xe1, &exif)]);
    let escaped = EVIL.replace('\u{1b}', "&#x1b;").replace(['\u{7}', '\u{8}'], "");
    let legal = escaped.replace("&#x1b;", "");
    for (name, text) in [
        ("xmp.jpg", escaped),
        ("legal.jpg", legal),
        ("long.jpg", "L".repeat(10_000)),
    ] {
        let xmp = format!(
            "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
             xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:e=\"http://e\u{202e}vil/\" e:k=\"{text}\">\
             <dc:rights><rdf:Alt><rdf:li xml:lang=\"x-default\">{text}</rdf:li></rdf:Alt></dc:rights>\
             <dc:creator><rdf:Seq><rdf:li>{text}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
        );
        picture(&home, name, &[segment(0xe1, xmp.as_bytes())]);
    }
    for name in ["com.jpg", "exif.jpg", "xmp.jpg", "legal.jpg", "long.jpg"] {
        look(&home, OsStr::new(name));
    }
}

#[test]
fn a_manifest_and_a_certificate_are_shown_as_text() {
    let home = Home::with_key();
    for name in ["claim.jpg", "ca.pem"] {
        fs::copy(super::run::fixtures().join("hostile").join(name), home.path(name)).unwrap();
    }
    look(&home, OsStr::new("claim.jpg"));
    run(&home, &["verify", "claim.jpg", "--trust", "ca.pem"]);
    run(&home, &["trust", "add", "ca.pem", "--name", "somebody"]);
    run(&home, &["trust", "list"]);
    run(&home, &["verify", "claim.jpg", "--full"]);
}

#[test]
fn names_of_files_and_folders_are_shown_as_text() {
    let home = Home::with_key();
    let source = home.fixture("images/gradient.jpg");
    let names: [&[u8]; 6] = [
        b"n\x1b[31m.jpg",
        "n\u{202e}gpj.exe.jpg".as_bytes(),
        b"n\nnl.jpg",
        b"n\xff\xfe.jpg",
        "n\u{9b}2J.jpg".as_bytes(),
        b"n'`$(id).jpg",
    ];
    for name in names {
        let name = OsStr::from_bytes(name);
        fs::copy(&source, home.dir.path().join(name)).unwrap();
        look(&home, name);
        run(
            &home,
            &[
                OsStr::new("sign"),
                name,
                OsStr::new("--source"),
                OsStr::new("ai"),
                OsStr::new("--in-place"),
            ],
        );
        run(&home, &[OsStr::new("ledger"), OsStr::new("history"), name]);
    }
    let folder = OsString::from_vec(b"d\x1b[31m\xe2\x80\xae".to_vec());
    fs::create_dir(home.dir.path().join(&folder)).unwrap();
    fs::copy(&source, home.dir.path().join(&folder).join("a.jpg")).unwrap();
    run(
        &home,
        &[OsStr::new("verify"), &folder, OsStr::new("gradient.jpg")],
    );
    run(
        &home,
        &[
            OsStr::new("sign"),
            &folder,
            OsStr::new("--source"),
            OsStr::new("ai"),
        ],
    );
}

#[test]
fn what_is_typed_is_shown_as_text() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    for text in [EVIL, &"a".repeat(10_000), "", "..", "a\nb"] {
        run(&home, &["key", "new", "--unencrypted", "--name", text]);
        run(
            &home,
            &["key", "new", "--unencrypted", "--name", "k1", "--as", text],
        );
        run(
            &home,
            &[
                "key",
                "new",
                "--unencrypted",
                "--name",
                "k2",
                "--as",
                "A",
                "--organization",
                text,
            ],
        );
        run(&home, &["key", "show", text]);
        run(&home, &["trust", "add", "ada.pub", "--name", text]);
        run(&home, &["trust", "remove", text]);
        run(&home, &["ledger", "init", "l.ledger", "--origin", text]);
        run(&home, &["audit", text]);
        let words = ["--by", text, "--rights", text, "--model", text, "--prompt", text];
        let sign = [
            "sign",
            "gradient.jpg",
            "--source",
            "ai",
            "--key",
            "ada",
            "--force",
            "-o",
            "o.jpg",
        ];
        run(&home, &[&sign[..], &words[..]].concat());
        run(&home, &[&sign[..], &words[..], &["--dry-run"]].concat());
        if home.path("o.jpg").exists() {
            look(&home, OsStr::new("o.jpg"));
            fs::remove_file(home.path("o.jpg")).unwrap();
        }
        run(&home, &[text]);
        for name in [
            "HOME",
            "COLUMNS",
            "TERM",
            "LANG",
            "CREDENTIALS_DIRECTORY",
            "XDG_DATA_HOME",
        ] {
            let output = home
                .command(["verify", "gradient.jpg"])
                .env(name, text)
                .output()
                .unwrap();
            judge(name, &output);
        }
        judge(
            "BYLINE_HOME",
            &home
                .command(["key", "list"])
                .env("BYLINE_HOME", format!("h{text}"))
                .output()
                .unwrap(),
        );
    }
    run(&home, &["key", "list"]);
    run(&home, &["ledger", "show"]);
    for page in [&["man"][..], &["--help"], &["sign", "--help"]] {
        judge("pages", &home.run(page));
    }
}

#[test]
fn names_of_keys_and_trusted_people_on_disk_are_shown_as_text() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    let trust = home.path("home/config/trust");
    let text = fs::read_to_string(trust.join("ada.trust")).unwrap();
    fs::write(trust.join("e\u{1b}[31m\u{202e}.trust"), &text).unwrap();
    run(&home, &["trust", "list"]);
    run(&home, &["verify", "gradient.jpg"]);
    fs::write(
        trust.join("e.trust"),
        text.replace("ada", "a\u{1b}[31m\u{202e}da"),
    )
    .unwrap();
    run(&home, &["trust", "list"]);
    let public = fs::read_to_string(home.path("ada.pub")).unwrap();
    fs::write(
        home.path("evil.pub"),
        public.replace("Ada", "A\u{1b}[31m\u{202e}"),
    )
    .unwrap();
    run(&home, &["trust", "add", "evil.pub", "--name", "z"]);
    let keys = home.path("home/data/keys");
    fs::copy(
        keys.join("ada.key.unencrypted"),
        keys.join("x\u{1b}[31m\u{202e}.key.unencrypted"),
    )
    .unwrap();
    run(&home, &["key", "list"]);
    run(&home, &["sign", "gradient.jpg", "--source", "ai"]);
}
