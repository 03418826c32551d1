//! The files that are attacked: each format signed by byline, and by another tool through the SDK, with a signer the judge trusts.

use crate::run::{Home, fixtures, signed_by_sdk};

/// A signed picture nobody touched.
pub struct Good {
    /// `jpg-byline`.
    pub name: String,
    pub ending: &'static str,
    pub bytes: Vec<u8>,
}

const FORMATS: [(&str, &str, &str); 9] = [
    ("jpg", "gradient.jpg", "image/jpeg"),
    ("png", "gradient.png", "image/png"),
    ("webp", "lossy.webp", "image/webp"),
    ("tif", "deflate.tif", "image/tiff"),
    ("gif", "gradient.gif", "image/gif"),
    ("svg", "gradient.svg", "image/svg+xml"),
    ("avif", "gradient.avif", "image/avif"),
    ("heic", "gradient.heic", "image/heic"),
    ("jxl", "container.jxl", "image/jxl"),
];

/// All of them, by a home that has the key `ada` and trusts it.
pub fn all(home: &Home) -> Vec<Good> {
    home.ok([
        "key",
        "export",
        "ada",
        "--secret",
        "--unencrypted",
        "-o",
        "ada.key",
    ]);
    home.ok(["key", "export", "ada", "--chain", "-o", "ada.chain"]);
    let mut out = Vec::new();
    for (ending, fixture_name, mime) in FORMATS {
        let source = std::fs::read(fixtures().join("images").join(fixture_name)).unwrap();
        let (input, output) = (format!("in.{ending}"), format!("out.{ending}"));
        std::fs::write(home.path(&input), &source).unwrap();
        home.ok([
            "sign",
            &input,
            "-o",
            &output,
            "--source",
            "human",
            "--key",
            "ada",
            "--no-ledger",
            "--force",
        ]);
        out.push(Good {
            name: format!("{ending}-byline"),
            ending,
            bytes: std::fs::read(home.path(&output)).unwrap(),
        });
        out.push(Good {
            name: format!("{ending}-other"),
            ending,
            bytes: by_sdk(home, &source, mime, ("another tool", 0)),
        });
    }
    let source = std::fs::read(fixtures().join("images/gradient.jpg")).unwrap();
    out.push(Good {
        name: "jpg-large".to_owned(),
        ending: "jpg",
        bytes: by_sdk(home, &source, "image/jpeg", ("another tool", 90_000)),
    });
    let source = std::fs::read(fixtures().join("images/progressive.jpg")).unwrap();
    out.push(Good {
        name: "jpg-older-byline".to_owned(),
        ending: "jpg",
        bytes: by_sdk(home, &source, "image/jpeg", ("byline", 0)),
    });
    out
}

/// Signed through the SDK as its users do, in the name of a tool; `ballast` is the size of an assertion of no meaning. Signatures of byline,
/// too, were once filled up with zeros.
fn by_sdk(home: &Home, source: &[u8], mime: &str, (tool, ballast): (&str, usize)) -> Vec<u8> {
    let key = std::fs::read(home.path("ada.key")).unwrap();
    let chain = std::fs::read(home.path("ada.chain")).unwrap();
    let definition = serde_json::json!({
        "claim_generator_info": [{"name": tool, "version": "1.0"}],
        "title": "a picture",
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [{
                "action": "c2pa.created",
                "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
            }]}},
            {"label": "org.example.ballast", "data": {"text": "b".repeat(ballast)}}
        ]
    });
    let settings = serde_json::json!({"builder": {"thumbnail": {"enabled": false}}});
    signed_by_sdk((&chain, &key), (mime, source), definition, settings)
}
