//! A small CA of openssl's making: which certificates byline signs with, and which rule it names for those it refuses.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::judges::{judge, trust_settings};
use super::run::{Home, both, code};

/// Extensions by name: the CA's own, two good profiles, then one profile for each mistake.
const PROFILES: &str = "\
[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nO=Test CA\nCN=Test CA root\n\
[root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n\
[middle]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n\
[good]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\nauthorityKeyIdentifier=keyid\n\
[no_eku]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nauthorityKeyIdentifier=keyid\n\
[code_signing]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=codeSigning\nauthorityKeyIdentifier=keyid\n\
[any_eku]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=emailProtection,2.5.29.37.0\nauthorityKeyIdentifier=keyid\n\
[time_stamping]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=emailProtection,timeStamping\nauthorityKeyIdentifier=keyid\n\
[no_aki]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=emailProtection\nauthorityKeyIdentifier=none\n\
[no_ku]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=emailProtection\nauthorityKeyIdentifier=keyid\n\
[key_encipherment]\nbasicConstraints=CA:FALSE\nkeyUsage=keyEncipherment\nextendedKeyUsage=emailProtection\nauthorityKeyIdentifier=keyid\n\
[cert_sign]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyCertSign\nextendedKeyUsage=emailProtection\nauthorityKeyIdentifier=keyid\n\
[ca]\nbasicConstraints=CA:TRUE\nkeyUsage=digitalSignature\nextendedKeyUsage=emailProtection\nauthorityKeyIdentifier=keyid\n";

/// Runs openssl in the home's folder; `None` where it is not installed.
fn openssl(home: &Home, line: &str) -> Option<()> {
    let output = Command::new("openssl")
        .args(line.split_whitespace())
        .current_dir(home.dir.path())
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: openssl is not installed");
        return None;
    };
    assert!(output.status.success(), "openssl {line}\n{}", both(&output));
    Some(())
}

/// A root in `root.pem` and `root.key`.
fn root(home: &Home) -> Option<()> {
    std::fs::write(home.path("ca.cnf"), PROFILES).unwrap();
    openssl(
        home,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out root.key",
    )?;
    openssl(
        home,
        "req -x509 -new -key root.key -config ca.cnf -extensions root -days 30 -out root.pem",
    )
}

/// A key and a request for it in `NAME.key` and `NAME.csr`.
fn request(home: &Home, name: &str, algorithm: &str, subject: &str) -> Option<()> {
    openssl(home, &format!("genpkey {algorithm} -out {name}.key"))?;
    openssl(
        home,
        &format!("req -new -key {name}.key -config ca.cnf -subj {subject} -out {name}.csr"),
    )
}

/// The certificate of a request under a profile, in `OUT.pem`.
fn issue(home: &Home, csr: &str, profile: &str, days: i32, out: &str) -> Option<()> {
    openssl(
        home,
        &format!(
            "x509 -req -in {csr}.csr -CA root.pem -CAkey root.key -CAcreateserial -days {days} \
             -extfile ca.cnf -extensions {profile} -out {out}.pem"
        ),
    )
}

const ED25519: &str = "-algorithm ed25519";
const P256: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
const P384: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-384";

fn import(home: &Home, key: &str, chain: &str) -> std::process::Output {
    let (key, chain) = (format!("{key}.key"), format!("{chain}.pem"));
    home.run([
        "key",
        "import",
        "--key",
        &key,
        "--chain",
        &chain,
        "--name",
        "it",
        "--unencrypted",
    ])
}

/// Signs with a key; byline and c2patool must both know it by the root, and by nothing else.
fn signs_and_is_known_by_the_root(home: &Home, key: &str) {
    let output = format!("{key}.jpg");
    let args = [
        "sign",
        "gradient.jpg",
        "-o",
        &output,
        "--key",
        key,
        "--source",
        "human",
    ];
    let signed = home.json(args, 0);
    let stranger = home.json(["verify", &output], 3);
    assert_eq!(stranger["result"], "UNKNOWN ISSUER", "{key}");
    // Nothing on this machine vouches for the CA, unless the chain came with its root.
    assert_eq!(signed["read_back"], "UNKNOWN ISSUER", "{key}");
    assert_eq!(
        home.json(["verify", &output, "--trust", "root.pem"], 0)["result"],
        "TRUSTED",
        "{key}"
    );
    for (settings, wanted) in [(&[][..], "Valid"), (&["--settings", "trust.toml"], "Trusted")] {
        let args = [&[output.as_str()], settings].concat();
        let Some(judged) = judge("c2patool", &args, home.dir.path()) else {
            return;
        };
        let report: Value = serde_json::from_slice(&judged.stdout).unwrap();
        assert_eq!(report["validation_state"], wanted, "{key}");
    }
}

#[test]
fn keys_of_a_ca_sign_and_its_root_makes_them_trusted() {
    let home = Home::new();
    if root(&home).is_none() {
        return;
    }
    home.fixture("images/gradient.jpg");
    trust_settings(&home, &std::fs::read_to_string(home.path("root.pem")).unwrap());
    for (name, algorithm) in [("ed", ED25519), ("es256", P256), ("es384", P384)] {
        request(&home, name, algorithm, "/O=Leaf/CN=Leaf").unwrap();
        issue(&home, name, "good", 20, name).unwrap();
        let (key, chain) = (format!("{name}.key"), format!("{name}.pem"));
        home.ok([
            "key",
            "import",
            "--key",
            &key,
            "--chain",
            &chain,
            "--name",
            name,
            "--unencrypted",
        ]);
        signs_and_is_known_by_the_root(&home, name);
    }
}

#[test]
fn a_ca_answers_the_request_that_byline_writes() {
    let home = Home::with_key();
    if root(&home).is_none() {
        return;
    }
    home.fixture("images/gradient.jpg");
    trust_settings(&home, &std::fs::read_to_string(home.path("root.pem")).unwrap());
    home.ok(["key", "csr", "ada", "--organization", "Ada Ltd", "-o", "ada.csr"]);
    openssl(&home, "req -in ada.csr -noout -verify").unwrap();
    issue(&home, "ada", "good", 20, "answer").unwrap();
    home.ok([
        "key",
        "export",
        "ada",
        "--secret",
        "--unencrypted",
        "-o",
        "ada.key",
    ]);
    let args = [
        "key",
        "import",
        "--key",
        "ada.key",
        "--chain",
        "answer.pem",
        "--name",
        "ltd",
        "--unencrypted",
    ];
    home.ok(args);
    signs_and_is_known_by_the_root(&home, "ltd");
}

#[test]
fn a_chain_with_an_intermediate_is_followed_to_the_root() {
    let home = Home::new();
    if root(&home).is_none() {
        return;
    }
    home.fixture("images/gradient.jpg");
    trust_settings(&home, &std::fs::read_to_string(home.path("root.pem")).unwrap());
    request(&home, "middle", P256, "/O=Test/CN=Middle").unwrap();
    issue(&home, "middle", "middle", 25, "middle").unwrap();
    request(&home, "leaf", P256, "/O=Leaf/CN=Leaf").unwrap();
    openssl(
        &home,
        "x509 -req -in leaf.csr -CA middle.pem -CAkey middle.key -CAcreateserial -days 20 -extfile ca.cnf \
         -extensions good -out leaf.pem",
    )
    .unwrap();
    let read = |name: &str| std::fs::read_to_string(home.path(name)).unwrap();
    std::fs::write(home.path("chain.pem"), read("leaf.pem") + &read("middle.pem")).unwrap();
    home.ok([
        "key",
        "import",
        "--key",
        "leaf.key",
        "--chain",
        "chain.pem",
        "--name",
        "leaf",
        "--unencrypted",
    ]);
    signs_and_is_known_by_the_root(&home, "leaf");
}

/// A certificate that is trusted as its holder's own vouches for nobody else: what its key certifies is a stranger's.
#[test]
fn who_is_trusted_by_a_certificate_of_their_own_certifies_nobody() {
    let home = Home::new();
    if root(&home).is_none() {
        return;
    }
    home.fixture("images/gradient.jpg");
    request(&home, "mallory", P256, "/O=Leaf/CN=Mallory").unwrap();
    issue(&home, "mallory", "good", 20, "mallory").unwrap();
    request(&home, "puppet", P256, "/O=Adobe/CN=Adobe").unwrap();
    openssl(
        &home,
        "x509 -req -in puppet.csr -CA mallory.pem -CAkey mallory.key -CAcreateserial -days 10 -extfile ca.cnf \
         -extensions good -out puppet.pem",
    )
    .unwrap();
    for name in ["mallory", "puppet"] {
        let output = import(&home, name, name);
        assert_eq!(code(&output), 0, "{}", both(&output));
        home.ok([
            "sign",
            "gradient.jpg",
            "-o",
            &format!("{name}.jpg"),
            "--key",
            "it",
            "--source",
            "human",
            "--no-ledger",
        ]);
        std::fs::remove_dir_all(home.path("home/data/keys")).unwrap();
    }
    let word = |file: &str, flags: &[&str], code: i32| {
        let args = [&["verify", file, "--no-ledger"], flags].concat();
        home.json(args, code)["result"].clone()
    };
    // For this call, and for good.
    let for_once = ["--trust", "mallory.pem"];
    assert_eq!(word("mallory.jpg", &for_once, 0), "TRUSTED");
    assert_eq!(word("puppet.jpg", &for_once, 3), "UNKNOWN ISSUER");
    home.ok(["trust", "add", "mallory.pem", "--name", "mallory"]);
    assert_eq!(word("mallory.jpg", &[], 0), "TRUSTED");
    let report = home.json(["verify", "puppet.jpg", "--no-ledger"], 3);
    assert_eq!(report["result"], "UNKNOWN ISSUER");
    assert_eq!(report["c2pa"]["state"], "Valid");
    assert_ne!(report["identities"][0]["check"]["outcome"], "pass");
    // The authority above does certify.
    home.ok(["trust", "remove", "mallory"]);
    assert_eq!(word("mallory.jpg", &["--trust", "root.pem"], 0), "TRUSTED");
}

#[test]
fn each_wrong_profile_is_refused_with_the_rule_it_breaks() {
    let home = Home::new();
    if root(&home).is_none() {
        return;
    }
    request(&home, "leaf", P256, "/O=Leaf/CN=Leaf").unwrap();
    request(&home, "plain", P256, "/CN=Leaf").unwrap();
    request(&home, "other", P256, "/O=Leaf/CN=Leaf").unwrap();
    let cases = [
        ("leaf", "no_eku", 20, "certificate.eku.missing"),
        ("leaf", "code_signing", 20, "certificate.eku.wrong"),
        ("leaf", "any_eku", 20, "certificate.eku.any"),
        ("leaf", "time_stamping", 20, "certificate.eku.mixed"),
        ("leaf", "no_aki", 20, "certificate.aki.missing"),
        ("leaf", "no_ku", 20, "certificate.ku.missing"),
        ("leaf", "key_encipherment", 20, "certificate.ku.wrong"),
        ("leaf", "cert_sign", 20, "certificate.ku.key-cert-sign"),
        ("leaf", "ca", 20, "certificate.leaf.ca"),
        ("leaf", "good", -1, "certificate.expired"),
        ("plain", "good", 20, "certificate.organization.missing"),
    ];
    for (csr, profile, days, rule) in cases {
        issue(&home, csr, profile, days, "wrong").unwrap();
        refused(&home, csr, "wrong", rule);
    }
    issue(&home, "leaf", "good", 20, "good").unwrap();
    refused(&home, "other", "good", "certificate.key.mismatch");
    let read = |name: &str| std::fs::read_to_string(home.path(name)).unwrap();
    std::fs::write(home.path("turned.pem"), read("root.pem") + &read("good.pem")).unwrap();
    refused(&home, "leaf", "turned", "certificate.order.root-first");
    openssl(
        &home,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521.key",
    )
    .unwrap();
    refused(&home, "p521", "good", "Ed25519, ECDSA P-256 or ECDSA P-384");
    // The same key with the right profile is taken: it was the profile each time.
    assert_eq!(code(&import(&home, "leaf", "good")), 0);
}

fn refused(home: &Home, key: &str, chain: &str, rule: &str) {
    let output = import(home, key, chain);
    assert_eq!(code(&output), 4, "{rule}: {}", both(&output));
    let said = String::from_utf8_lossy(&output.stderr)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(said.contains(rule), "{rule}: {said}");
    assert!(!Path::new(&home.path("home/data/keys/it.key.unencrypted")).exists());
}
