//! Timestamps (RFC 3161) end to end: asked for, checked, carried, and believed only where their authority is trusted for time.

use super::run::{Home, both, code};
use super::tsa::{Answer, Authority};

const LATER: &str = "2050-01-01T00:00:00Z";
const DAY_S: i64 = 86_400;

fn stamped(answer: Answer) -> (Home, std::process::Output) {
    stamped_with(answer, &[])
}

fn stamped_with(answer: Answer, more: &[&str]) -> (Home, std::process::Output) {
    stamped_by(Authority::new(), answer, more)
}

fn stamped_by(authority: Authority, answer: Answer, more: &[&str]) -> (Home, std::process::Output) {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    std::fs::write(home.path("time.pem"), &authority.root_pem).unwrap();
    let url = authority.serve(answer);
    let sign = [
        "sign",
        "gradient.jpg",
        "-o",
        "out.jpg",
        "--source",
        "ai",
        "--timestamp",
        &url,
        "--timestamp-private",
        "--format",
        "json",
    ];
    let output = home.run([&sign, more].concat());
    (home, output)
}

fn entries(home: &Home) -> u64 {
    // Without a ledger, nothing is registered.
    let output = home.run(["ledger", "show", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    report["tree_size"].as_u64().unwrap_or(0)
}

#[test]
fn a_timestamp_outlives_the_certificate_for_those_who_trust_its_authority() {
    let (home, output) = stamped(Answer::Honest);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let report: serde_json::Value = serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter()
        .next()
        .unwrap()
        .unwrap();
    let at = report["timestamp"].as_str().unwrap().to_owned();
    let bytes = std::fs::read(home.path("out.jpg")).unwrap();
    assert!(bytes.windows(7).any(|found| found == b"sigTst2"));

    let now = home.json(["verify", "out.jpg"], 0);
    assert_eq!(now["result"], "TRUSTED");
    assert_eq!(now["signer"]["timestamp"]["at"], at.as_str());
    assert_eq!(now["signer"]["timestamp"]["authority"], "Clock");
    assert_eq!(now["signer"]["timestamp"]["trusted"], false);
    assert!(now["signer"]["signed_at"].is_null());

    // The certificate has expired by then.
    assert_eq!(
        home.json(["verify", "out.jpg", "--at", LATER], 3)["result"],
        "NOT CONFIRMED"
    );
    let given = home.json(["verify", "out.jpg", "--at", LATER, "--trust", "time.pem"], 0);
    assert_eq!(given["result"], "TRUSTED");
    assert_eq!(given["signer"]["signed_at"], at.as_str());

    // Somebody one knows is not by that an authority for time.
    home.ok(["trust", "add", "time.pem", "--name", "time"]);
    assert_eq!(
        home.json(["verify", "out.jpg", "--at", LATER], 3)["result"],
        "NOT CONFIRMED"
    );
    home.ok(["trust", "remove", "time"]);

    // On a list of authorities for time it is believed, and said apart; on one for signers it is not.
    home.ok(["trust", "import", "time.pem", "--as", "c2pa"]);
    assert_eq!(
        home.json(["verify", "out.jpg", "--at", LATER], 3)["result"],
        "NOT CONFIRMED"
    );
    home.ok([
        "trust",
        "import",
        "time.pem",
        "--as",
        "tsa",
        "--dated",
        "2026-11-01",
    ]);
    let listed = home.json(["verify", "out.jpg", "--at", LATER], 0);
    let says = "the C2PA time-stamp list of 2026-11-01, imported by you";
    assert_eq!(listed["result"], "TRUSTED");
    assert_eq!(listed["signer"]["timestamp"]["listed_on"], says);
    assert_eq!(listed["signer"]["known_as"], "ada");
    let note = listed["checks"]["time"]["note"].as_str().unwrap();
    assert!(note.ends_with(&format!("its authority is on {says}")), "{note}");
    let apart = ["verify", "out.jpg", "--at", LATER, "--no-shipped-trust"];
    assert_eq!(home.json(apart, 3)["result"], "NOT CONFIRMED");
    home.ok(["trust", "import", "--reset"]);
    assert_eq!(
        home.json(["verify", "out.jpg", "--at", LATER], 3)["result"],
        "NOT CONFIRMED"
    );

    home.ok(["trust", "add", "time.pem", "--name", "time", "--timestamps"]);
    assert_eq!(
        home.json(["verify", "out.jpg", "--at", LATER], 0)["result"],
        "TRUSTED"
    );
}

/// Who believes the authority finds in the picture what to believe it by.
#[test]
fn the_authority_of_a_timestamp_is_taken_out_of_the_picture() {
    let (home, output) = stamped(Answer::Honest);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let report = home.json(["verify", "out.jpg", "--at", LATER], 3);
    let chain = report["signer"]["timestamp"]["chain"].as_array().unwrap().clone();
    let names: Vec<_> = chain
        .iter()
        .map(|one| (&one["subject"], &one["issuer"], &one["root"]))
        .collect();
    assert_eq!(
        serde_json::json!(names),
        serde_json::json!([
            ["Clock", "Root of time", false],
            ["Root of time", "Root of time", true]
        ])
    );
    let sha256 = chain[1]["sha256"].as_str().unwrap();
    let add = format!("byline trust add --from out.jpg --timestamps --sha256 {sha256}");
    let told = |report: &serde_json::Value| report["open"].to_string();
    assert!(told(&report).contains(&add), "{report}");
    let text = both(&home.run(["verify", "out.jpg", "--at", LATER]));
    let top = format!("topmost certificate in the file: the root Root of time, SHA-256 {sha256}");
    assert!(
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(&top),
        "{text}"
    );

    // Without a fingerprint they are listed, and one of them is no signer's.
    let listed = home.run(["trust", "add", "--from", "out.jpg"]);
    assert_eq!(code(&listed), 2);
    assert!(both(&listed).contains(sha256), "{}", both(&listed));
    let as_signer = home.run(["trust", "add", "--from", "out.jpg", "--sha256", sha256]);
    assert_ne!(code(&as_signer), 0);
    assert!(both(&as_signer).contains("--timestamps"), "{}", both(&as_signer));
    let signer = report["signer"]["certificate_sha256"].as_str().unwrap();
    let as_stamp = home.run([
        "trust",
        "add",
        "--from",
        "out.jpg",
        "--timestamps",
        "--sha256",
        signer,
    ]);
    assert_ne!(code(&as_stamp), 0);

    home.ok(add.split(' ').skip(1));
    let believed = home.json(["verify", "out.jpg", "--at", LATER], 0);
    assert_eq!(believed["result"], "TRUSTED");
    assert_eq!(believed["signer"]["timestamp"]["trusted"], true);
    let text = home.ok(["trust", "list"]);
    assert!(
        text.contains("Timestamps below") && text.contains("Root of time"),
        "{text}"
    );
}

/// The C2PA library asks no authority what its own may do, and believed it.
#[test]
fn a_timestamp_is_not_believed_against_the_words_of_its_certificates() {
    let mut other = rcgen::DistinguishedName::new();
    other.push(rcgen::DnType::OrganizationName, "Another");
    let elsewhere = rcgen::NameConstraints {
        permitted_subtrees: vec![rcgen::GeneralSubtree::DirectoryName(other)],
        excluded_subtrees: vec![],
    };
    let (home, output) = stamped_by(Authority::with(8, Some(elsewhere)), Answer::Honest, &[]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let verify = ["verify", "out.jpg", "--at", LATER, "--trust", "time.pem"];
    let report = home.json(verify, 3);
    assert_eq!(report["result"], "NOT CONFIRMED");
    assert_eq!(report["signer"]["timestamp"]["trusted"], false);
    let note = report["checks"]["time"]["note"].as_str().unwrap();
    assert!(
        note.contains("its authority may not issue to this name"),
        "{note}"
    );
    // To believe its root would not help.
    assert!(!report["open"].to_string().contains("trust add"), "{report}");
}

/// A certificate for mail that stamps is no authority for time, whoever is trusted.
#[test]
fn a_certificate_for_mail_stamps_nothing() {
    let email = 4;
    let (_home, output) = stamped_by(Authority::with(email, None), Answer::Honest, &[]);
    assert_eq!(code(&output), 4, "{}", both(&output));
}

#[test]
fn who_is_trusted_for_time_vouches_for_no_picture_and_no_name() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok(["sign", "gradient.jpg", "-o", "out.jpg", "--source", "ai"]);
    let public = std::fs::read_to_string(home.path("ada.pub")).unwrap();
    let mut certificates = public.split("-----BEGIN CERTIFICATE-----").skip(1).map(|rest| {
        let end = "-----END CERTIFICATE-----";
        let body = &rest[..rest.find(end).unwrap() + end.len()];
        format!("-----BEGIN CERTIFICATE-----{body}\n")
    });
    std::fs::write(home.path("root.pem"), certificates.next().unwrap()).unwrap();
    std::fs::write(home.path("leaf.pem"), certificates.next().unwrap()).unwrap();
    home.ok(["trust", "remove", "ada"]);
    home.ok(["trust", "add", "root.pem", "--name", "ada", "--timestamps"]);
    let report = home.json(["verify", "out.jpg"], 3);
    assert_eq!(report["result"], "UNKNOWN ISSUER");
    assert_eq!(report["c2pa"]["state"], "Valid");
    assert_eq!(report["identities"][0]["check"]["outcome"], "unknown");
    home.ok(["trust", "remove", "ada"]);
    home.ok(["trust", "add", "root.pem", "--name", "ada"]);
    assert_eq!(home.json(["verify", "out.jpg"], 0)["result"], "TRUSTED");
    home.ok(["trust", "remove", "ada"]);
    home.ok(["trust", "add", "leaf.pem", "--name", "ada"]);
    // The certificate itself, and not its root, is as good.
    let report = home.json(["verify", "out.jpg"], 0);
    assert_eq!(
        (&report["result"], &report["signer"]["known_as"]),
        (&"TRUSTED".into(), &"ada".into())
    );
    assert_eq!(report["identities"][0]["check"]["outcome"], "pass");
}

#[test]
fn an_answer_that_is_no_timestamp_of_this_request_leaves_nothing_behind() {
    for answer in [
        Answer::Garbage,
        Answer::OtherNonce,
        Answer::NoNonce,
        Answer::OtherImprint,
        Answer::Rejection,
        Answer::Fault,
        Answer::SignedApart(-3 * DAY_S),
        Answer::SignedApart(3 * DAY_S),
    ] {
        let (home, output) = stamped(answer);
        assert_eq!(code(&output), 4, "{answer:?} {}", both(&output));
        assert!(!home.path("out.jpg").exists(), "{answer:?}");
        assert_eq!(entries(&home), 0, "{answer:?}");
        let text = both(&output);
        assert!(
            text.contains("sign.timestamp") && text.contains("no time stamp"),
            "{text}"
        );
        let left: Vec<_> = std::fs::read_dir(home.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("out"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// The C2PA library takes the attribute signingTime for the time of a token: a trusted authority's picture of a year ago was one of today.
#[test]
fn the_time_of_a_timestamp_is_that_of_its_own_statement() {
    let message = b"what is stamped";
    // TimeStampReq (RFC 3161, 2.4.1), as far as the authority reads it: the imprint, and the nonce after it.
    let imprint = byline::base::Digest::of(message);
    let request = [&[4, 32], &imprint.as_bytes()[..], &[2, 1, 9]].concat();
    let told = |answer| {
        let reply = Authority::new().reply(&request, answer);
        byline::manifest::stamped(&reply, message).map(byline::base::Timestamp::unix_s)
    };
    let now = told(Answer::Honest).unwrap();
    for apart in [-3 * DAY_S, 3 * DAY_S] {
        assert_eq!(told(Answer::SignedApart(apart)), None, "{apart}");
    }
    // A clock may be a little off; what counts is the statement all the same.
    for apart in [-DAY_S / 2, 0, DAY_S / 2] {
        let at = told(Answer::SignedApart(apart)).unwrap();
        assert!((0..60).contains(&(at - now)), "{apart} {at}");
    }
}

#[test]
fn an_authority_that_is_down_or_private_is_said_so() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    let sign = |url: &str, more: &[&str]| {
        let words = [
            "sign",
            "gradient.jpg",
            "-o",
            "out.jpg",
            "--source",
            "ai",
            "--timestamp",
            url,
        ];
        let output = home.run([&words, more].concat());
        assert!(!home.path("out.jpg").exists());
        (code(&output), both(&output).replace("\n       ", " "))
    };
    let (exit, text) = sign("http://127.0.0.1:1/", &["--timestamp-private"]);
    assert!(exit == 4 && text.contains("could not be reached"), "{text}");
    assert_eq!(text.matches("could not be reached").count(), 1, "{text}");
    let (exit, text) = sign("http://127.0.0.1:1/", &[]);
    assert!(
        exit == 4 && text.contains("not public") && text.contains("--timestamp-private"),
        "{text}"
    );
    let (exit, text) = sign("ftp://127.0.0.1:1/", &[]);
    assert!(exit == 2 && text.contains("neither http nor https"), "{text}");
}

#[test]
fn a_picture_said_to_be_made_after_it_was_signed_is_a_conflict_and_stays_what_it_is() {
    for (created, is_late) in [("2035-06-01T10:00:00Z", true), ("2020-06-01T10:00:00Z", false)] {
        let (home, output) = stamped_with(Answer::Honest, &["--created", created]);
        assert_eq!(code(&output), 0, "{}", both(&output));
        let report = home.json(["verify", "out.jpg"], 0);
        let conflicts = report["made"]["conflicts"].as_array().unwrap();
        let told = conflicts
            .iter()
            .any(|one| one.as_str().unwrap().contains("says 2035-06-01T10:00:00Z"));
        assert_eq!(told, is_late, "{conflicts:?}");
        assert_eq!(report["made"]["authorship"], "ai");
        assert!(!report["made"]["words"].as_str().unwrap().contains("contradict"));
    }
}
