//! Reports for people who were not there and for pipelines: pages, contact sheets, CSV, JUnit, crJSON, and where they go.

use std::fs;

use super::run::{Home, both, code};

/// A home with `good.jpg`, signed by `ada`, and `bad.jpg`, of which a byte of the picture was changed.
fn home() -> Home {
    let home = Home::with_key();
    home.fixture("images/lighthouse.jpg");
    home.ok([
        "sign",
        "lighthouse.jpg",
        "--source",
        "ai",
        "--rights",
        "(c) 2026 Ada",
        "-o",
        "good.jpg",
    ]);
    let mut bytes = fs::read(home.path("good.jpg")).unwrap();
    let at = bytes.len() - 1000;
    bytes[at] ^= 1;
    fs::write(home.path("bad.jpg"), bytes).unwrap();
    home
}

#[test]
fn a_picture_has_a_page_with_both_pictures_drawn_anew() {
    let home = home();
    let page = home.ok(["verify", "good.jpg", "--format", "html"]);
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<h1>TRUSTED</h1>"));
    assert_eq!(page.matches("<img src=\"data:image/jpeg;base64,").count(), 2);
    assert!(page.contains("its hash is in the signed claim"));
    assert!(page.contains("(c) 2026 Ada"));
    assert!(page.contains("this very file is entry 1"));
    let changed = home.run(["verify", "bad.jpg", "--format", "html"]);
    assert_eq!(code(&changed), 1);
    let changed = String::from_utf8(changed.stdout).unwrap();
    assert!(changed.contains("<h1>CHANGED</h1>") && changed.contains("the file was changed since"));
}

#[test]
fn a_page_shows_where_part_of_a_picture_changed_and_the_signals_of_its_making() {
    use byline::asset::{Asset, StorePlace};
    let home = Home::with_key();
    let mut picture = super::find::drawn(3).to_rgb8();
    super::find::put(&home, "a.png", &super::find::png(&picture.clone().into()));
    home.ok(["sign", "a.png", "--source", "ai", "-o", "good.png"]);
    let good = home.ok(["verify", "good.png", "--format", "html"]);
    assert!(
        good.contains("fullyGenAIMedia") && !good.contains("data:image/png"),
        "no heat map of what is as signed"
    );
    let signed = Asset::parse(fs::read(home.path("good.png")).unwrap()).unwrap();
    let StorePlace::Found { jumbf, .. } = &signed.layout().store else {
        panic!("no store")
    };
    for pixel in (60..120).flat_map(|y| (60..140).map(move |x| (x, y))) {
        picture.put_pixel(pixel.0, pixel.1, image::Rgb([250, 20, 20]));
    }
    let other = Asset::parse(super::find::png(&picture.into())).unwrap();
    let edited = other.embed_store(jumbf).unwrap().asset;
    super::find::put(&home, "edited.png", edited.bytes());
    let page = home.run(["verify", "edited.png", "--format", "html"]);
    assert_eq!(code(&page), 1, "{}", both(&page));
    let page = String::from_utf8(page.stdout).unwrap();
    assert_eq!(page.matches("src=\"data:image/png;base64,").count(), 1);
    assert!(page.contains("<b>What differs</b>") && page.contains("part of the picture changed"));
    if let Some(to) = std::env::var_os("BYLINE_PAGES") {
        let to = std::path::Path::new(&to);
        fs::write(to.join("edited.html"), page).unwrap();
        fs::write(to.join("good.html"), good).unwrap();
    }
}

#[test]
fn pictures_in_a_page_are_not_bytes_of_the_file() {
    use base64::Engine as _;
    let home = home();
    let page = home.ok(["verify", "good.jpg", "--format", "html"]);
    for part in page.split("data:image/jpeg;base64,").skip(1) {
        let text = part.split('"').next().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        let look = byline::asset::pixels::look_bytes(&bytes, byline::asset::Format::Jpeg, 1).unwrap();
        assert!(look.size.0.max(look.size.1) <= 512, "{:?}", look.size);
        for marker in [&b"Exif"[..], b"jumb", b"http://ns.adobe.com"] {
            assert!(!bytes.windows(marker.len()).any(|window| window == marker));
        }
    }
}

#[test]
fn many_pictures_have_a_contact_sheet_that_leads_to_each() {
    let home = home();
    let output = home.run(["verify", "good.jpg", "bad.jpg", "gone.jpg", "--format", "html"]);
    assert_eq!(code(&output), 4, "{}", both(&output));
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("<h1>2 pictures</h1>") && page.contains("NOT OPENED"));
    for place in ["picture-1", "picture-2"] {
        assert!(page.contains(&format!("href=\"#{place}\"")));
        assert!(page.contains(&format!("id=\"{place}\"")));
    }
}

#[test]
fn a_pipeline_gets_a_row_or_a_test_case_for_each_file() {
    let home = home();
    let all = ["verify", "good.jpg", "bad.jpg", "lighthouse.jpg", "gone.jpg"];
    let run = |format: &'static str| {
        let output = home.run(all.into_iter().chain(["--format", format]));
        assert_eq!(code(&output), 4, "{}", both(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let csv = run("csv");
    let starts: Vec<&str> = csv
        .lines()
        .map(|line| line.split(",unchanged,").next().unwrap())
        .collect();
    assert_eq!(starts.len(), 5);
    assert_eq!(starts[0], "file,result,met");
    assert!(starts[1].starts_with("good.jpg,TRUSTED,true,yes,yes,"), "{csv}");
    assert!(starts[2].starts_with("bad.jpg,CHANGED,false,no,"), "{csv}");
    assert!(
        starts[3].starts_with("lighthouse.jpg,NO CREDENTIALS,false,"),
        "{csv}"
    );
    assert!(starts[4].starts_with("gone.jpg,,,"), "{csv}");
    let junit = run("junit");
    assert!(
        junit.contains("tests=\"4\" failures=\"2\" errors=\"1\""),
        "{junit}"
    );
    assert!(
        junit.contains("name=\"bad.jpg\"><failure type=\"CHANGED\""),
        "{junit}"
    );
    assert!(junit.contains("name=\"good.jpg\"/>"), "{junit}");
}

#[test]
fn conformance_tools_get_crjson_and_null_where_there_is_no_store() {
    let home = home();
    let one: serde_json::Value =
        serde_json::from_str(&home.ok(["verify", "good.jpg", "--format", "crjson"])).unwrap();
    assert_eq!(one["@context"]["@vocab"], "https://c2pa.org/crjson");
    assert_eq!(one["manifests"][0]["claim.v2"]["dc:title"], "good.jpg", "{one}");
    let many = home.run(["verify", "good.jpg", "lighthouse.jpg", "--format", "crjson"]);
    assert_eq!(code(&many), 3, "{}", both(&many));
    let text = String::from_utf8(many.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[1]), (2, "null"));
}

#[test]
fn a_report_goes_into_a_file_and_never_over_a_picture() {
    let home = home();
    let before = fs::read(home.path("good.jpg")).unwrap();
    home.ok(["verify", "good.jpg", "--format", "html", "-o", "page.html"]);
    let page = fs::read_to_string(home.path("page.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    let again = home.run(["verify", "bad.jpg", "--format", "html", "-o", "page.html"]);
    assert_eq!(code(&again), 4, "{}", both(&again));
    assert_eq!(fs::read_to_string(home.path("page.html")).unwrap(), page);
    let forced = home.run([
        "verify",
        "bad.jpg",
        "--format",
        "csv",
        "-o",
        "page.html",
        "--force",
    ]);
    assert_eq!(code(&forced), 1, "{}", both(&forced));
    let text = fs::read_to_string(home.path("page.html")).unwrap();
    assert!(text.starts_with("file,result,"), "{text}");
    for target in ["good.jpg", "other.png"] {
        let refused = home.run(["verify", "good.jpg", "-o", target, "--force"]);
        assert_eq!(code(&refused), 2, "{}", both(&refused));
    }
    assert_eq!(fs::read(home.path("good.jpg")).unwrap(), before);
}

#[test]
fn a_format_that_a_command_does_not_have_is_refused_before_its_work() {
    let home = Home::new();
    for format in ["html", "csv", "junit", "crjson"] {
        let refused = home.run(["ledger", "init", "x.ledger", "--format", format]);
        assert_eq!(code(&refused), 2, "{}", both(&refused));
    }
    assert!(!home.path("x.ledger").exists());
}
