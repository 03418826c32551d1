//! A foreign judge: exiftool reads every field that was written, as it was written, without a warning.
//!
//! Passes with a message where exiftool is absent. Images go through its standard input, so no file is made.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::samples::{every_format, full, image, now};
use super::{PatchOptions, Registry, Source, Written, check_written, patch, patch_with, read};
use crate::asset::{Asset, Format};
use crate::base::statement::Role;

/// Runs exiftool with an image at its standard input; `None` where it is not installed.
fn exiftool(arguments: &[&str], image: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new("exiftool");
    command
        .args(arguments)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let image = image.to_vec();
    // It may answer before it has read all: a broken pipe is no failure.
    let feeder = std::thread::spawn(move || stdin.write_all(&image));
    let output = child.wait_with_output().unwrap();
    let _ = feeder.join().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    Some(output.stdout)
}

fn skipped() {
    let _ = writeln!(std::io::stderr(), "skipped: exiftool is not installed");
}

fn fields(asset: &Asset) -> Option<Value> {
    let json = exiftool(&["-j", "-G1", "-struct", "-n", "-api", "struct=1"], asset.bytes())?;
    let list: Value = serde_json::from_slice(&json).unwrap();
    Some(list[0].clone())
}

/// exiftool's key of the first part of a path: `XMP-dc:Creator`.
fn key(written: &Written) -> Vec<String> {
    let groups = [
        ("Iptc4xmpExt", "XMP-iptcExt"),
        ("dc", "XMP-dc"),
        ("photoshop", "XMP-photoshop"),
        ("plus", "XMP-plus"),
        ("xmp", "XMP-xmp"),
        ("xmpMM", "XMP-xmpMM"),
        ("xmpRights", "XMP-xmpRights"),
    ];
    // exiftool has its own word for two of them.
    let upper = |name: &str| match name {
        "DigImageGUID" => "DigitalImageGUID".to_owned(),
        "RegistryId" => "RegistryID".to_owned(),
        _ => format!("{}{}", name[..1].to_uppercase(), &name[1..]),
    };
    let mut parts = written.name.split('/').map(|part| part.split_once(':').unwrap());
    let (prefix, name) = parts.next().unwrap();
    if written.source == Source::Exif {
        let primary = ["ImageDescription", "Software", "Artist", "Copyright"].contains(&name);
        return vec![format!("{}:{name}", if primary { "IFD0" } else { "ExifIFD" })];
    }
    let group = groups.iter().find(|row| row.0 == prefix).unwrap().1;
    let mut out = vec![format!("{group}:{}", upper(name.split('[').next().unwrap()))];
    out.extend(parts.map(|(_, name)| upper(name.split('[').next().unwrap())));
    out
}

/// The value at a path; arrays of one item may be written as the item.
fn at<'a>(fields: &'a Value, path: &[String]) -> Option<&'a Value> {
    let mut here = fields;
    for part in path {
        while let Value::Array(items) = here {
            here = items.last()?;
        }
        here = here.get(part)?;
    }
    while let Value::Array(items) = here {
        here = items.last()?;
    }
    Some(here)
}

/// exiftool's spelling of a value written.
fn spelled(written: &Written) -> String {
    let value = written.value.as_str();
    match written.name.as_str() {
        "photoshop:DateCreated" | "xmp:CreateDate" | "xmp:MetadataDate" => {
            value.replacen('-', ":", 2).replace('T', " ")
        }
        "xmpRights:Marked" => value.to_lowercase(),
        _ => value.to_owned(),
    }
}

fn judge(name: &str, asset: &Asset, written: &[Written]) -> bool {
    let Some(fields) = fields(asset) else {
        skipped();
        return false;
    };
    for bad in ["ExifTool:Warning", "ExifTool:Error"] {
        assert_eq!(fields.get(bad), None, "{name}");
    }
    for one in written {
        let found = at(&fields, &key(one)).unwrap_or_else(|| panic!("{name} {} in {fields:#}", one.name));
        let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        assert_eq!(text, spelled(one), "{name} {}", one.name);
    }
    true
}

#[test]
fn exiftool_reads_every_field_of_every_format_as_written() {
    for (name, asset) in every_format() {
        for role in [Role::Creator, Role::Producer] {
            let mut statement = full();
            statement.role = Some(role);
            let options = PatchOptions {
                registry: Registry::Named("example.org/ledger"),
                ..PatchOptions::default()
            };
            let patched = patch_with(&asset, &statement, now(), options).unwrap();
            if !judge(name, &patched.asset, &patched.written) {
                return;
            }
        }
    }
}

#[test]
fn what_exiftool_wrote_stays_and_the_statement_joins_it() {
    let tags = [
        "-o",
        "-",
        "-q",
        "-EXIF:Make=Camera",
        "-EXIF:Model=One",
        "-EXIF:Orientation#=6",
        "-GPSLatitude=10.5",
        "-GPSLatitudeRef=N",
        "-EXIF:UserComment=hello",
        "-XMP-dc:Subject=cat",
        "-XMP-dc:Subject=dog",
        "-XMP-photoshop:City=Bern",
        "-XMP-dc:Title-de=Katze",
        "-XMP-xmpMM:DocumentID=xmp.did:found",
        "-XMP-xmpMM:InstanceID=xmp.iid:found",
    ];
    for format in [Format::Jpeg, Format::Png, Format::WebP] {
        let Some(bytes) = exiftool(&tags, image(format).bytes()) else {
            return skipped();
        };
        let before = Asset::parse(bytes).unwrap();
        let old = fields(&before).unwrap();
        let mut statement = full();
        statement.title = None;
        let patched = patch(&before, &statement, now()).unwrap();
        assert!(patched.conflicts.is_empty(), "{:?}", patched.conflicts);
        assert_eq!(patched.not_carried, [String::new(); 0]);
        judge(format.name(), &patched.asset, &patched.written);
        let new = fields(&patched.asset).unwrap();
        for (name, value) in old.as_object().unwrap() {
            let group = name.split(':').next().unwrap();
            if (name.starts_with("XMP-") || ["IFD0", "IFD1", "ExifIFD", "GPS", "InteropIFD"].contains(&group))
                && name != "XMP-xmpMM:InstanceID"
            {
                assert_eq!(new.get(name), Some(value), "{format:?} {name}");
            }
        }
        let found = read(&patched.asset);
        assert_eq!(found.first("xmpMM:DocumentID").unwrap().raw(), "xmp.did:found");
        assert_eq!(
            found.first("xmpMM:OriginalDocumentID").unwrap().raw(),
            "xmp.did:found"
        );
        assert_eq!(found.orientation, 6);
        assert_eq!(check_written(&patched.asset, &patched.written), Ok(()));
    }
}
#[test]
fn exiftool_reads_exif_and_store_of_one_png() {
    // exiftool passes over a box that begins where a directory of the EXIF block does, and the other way round; so the
    // store has many small boxes.
    let jumbf = |kind: &[u8], content: &[u8]| {
        let len = u32::try_from(content.len() + 8).unwrap();
        [&len.to_be_bytes()[..], kind, content].concat()
    };
    let described = |kind: &[u8; 4], label: &str, content: &[u8]| {
        let uuid = [
            kind,
            &b"\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03"[..],
            label.as_bytes(),
            b"\0",
        ]
        .concat();
        jumbf(b"jumb", &[jumbf(b"jumd", &uuid), content.to_vec()].concat())
    };
    let small: Vec<u8> = (0..40)
        .flat_map(|n| described(b"cbor", &format!("a{n:02}"), &jumbf(b"cbor", b"\x61a")))
        .collect();
    let claim = described(b"c2ma", "urn:c2pa:01010101-0101-4101-8101-010101010101", &small);
    let store = described(b"c2pa", "c2pa", &claim);
    let patched = patch(&image(Format::Png), &full(), now()).unwrap();
    let signed = patched.asset.embed_store(&store).unwrap().asset;
    assert_eq!(check_written(&signed, &patched.written), Ok(()));
    if !judge("PNG with store", &signed, &patched.written) {
        return;
    }
    let labels = exiftool(&["-a", "-s3", "-JUMBF:JUMDLabel"], signed.bytes()).unwrap();
    assert_eq!(String::from_utf8(labels).unwrap().lines().count(), 42);
}
