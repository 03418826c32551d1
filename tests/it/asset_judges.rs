//! Foreign judges of what the asset room writes: exiftool reads every field back, where it is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use byline::asset::{Asset, AssetError, Format};

const XMP: &str = "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:creator><rdf:Seq><rdf:li>Alice of the packet</rdf:li></rdf:Seq>\
</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";

/// A TIFF block with Artist.
fn exif() -> Vec<u8> {
    let artist = b"Alice of the block\0";
    let mut out = b"II\x2A\0\x08\0\0\0\x01\0\x3B\x01\x02\0".to_vec();
    out.extend_from_slice(&u32::try_from(artist.len()).unwrap().to_le_bytes());
    out.extend_from_slice(&26u32.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(artist);
    out
}

fn exiftool(path: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("exiftool").args(args).arg(path).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn exiftool_reads_back_what_was_written() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/images");
    let folder = tempfile::tempdir().unwrap();
    let mut judged = 0;
    for entry in fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let asset = Asset::parse(fs::read(&path).unwrap()).unwrap();
        let block = exif();
        let block = asset.format().carries_exif().then_some(block.as_slice());
        let patched = match asset.with_metadata(block, Some(XMP)) {
            Err(AssetError::Unsupported { .. }) if name == "bigtiff.tif" => continue,
            patched => patched.unwrap(),
        };
        let target = folder.path().join(&name);
        fs::write(&target, patched.bytes()).unwrap();
        let Some(warnings) = exiftool(&target, &["-s3", "-Warning", "-Error"]) else {
            eprintln!("skipped: exiftool is not installed");
            return;
        };
        assert_eq!(warnings, "", "{name}");
        if block.is_some() {
            assert_eq!(
                exiftool(&target, &["-s3", "-IFD0:Artist"]).unwrap().trim(),
                "Alice of the block",
                "{name}"
            );
        }
        // exiftool 12 takes a short SVG that opens with a packet for a bare packet and prefixes the tag's name.
        let creator = if asset.format() == Format::Svg {
            "-XMP-dc:*Creator"
        } else {
            "-XMP-dc:Creator"
        };
        assert_eq!(
            exiftool(&target, &["-s3", creator]).unwrap().trim(),
            "Alice of the packet",
            "{name}"
        );
        judged += 1;
    }
    assert!(judged >= 18, "{judged} files judged");
}
