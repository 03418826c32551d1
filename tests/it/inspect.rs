//! Inspect says all that a file says: every manifest, every assertion.

use super::run::Home;

#[test]
fn every_assertion_of_every_manifest_is_told() {
    let home = Home::with_key();
    home.fixture("images/gradient.jpg");
    home.ok([
        "sign",
        "gradient.jpg",
        "-o",
        "one.jpg",
        "--source",
        "ai",
        "--model",
        "Brush 2",
        "--no-training",
    ]);
    home.ok(["sign", "one.jpg", "-o", "two.jpg", "--source", "human-edited"]);
    let report = home.json(["inspect", "two.jpg"], 0);
    let manifests = report["c2pa"]["manifests"].as_array().unwrap();
    assert_eq!(manifests.len(), 2);
    assert_eq!(manifests[0]["active"], true);
    assert_eq!(manifests[0]["label"], report["c2pa"]["manifest"]);
    assert_eq!(manifests[1]["active"], false);
    assert_eq!(manifests[1]["signer"], "Ada Painter");
    assert_eq!(manifests[0]["actions"][0]["action"], "c2pa.opened");
    assert_eq!(manifests[1]["actions"][0]["action"], "c2pa.created");
    for manifest in manifests {
        assert!(manifest["claim"]["instanceID"].is_string());
        for part in manifest["assertions"].as_array().unwrap() {
            let label = part["label"].as_str().unwrap();
            let told = part["content"].is_object() || part["media_type"] == "image/jpeg";
            assert!(told && part["bytes"].as_u64().unwrap() > 0, "{label}");
        }
    }
    let binding = manifests[0]["assertions"].as_array().unwrap().iter();
    let binding = binding
        .into_iter()
        .find(|part| part["label"] == "c2pa.hash.data")
        .unwrap();
    assert_eq!(binding["content"]["alg"], "sha256");
    assert_eq!(binding["content"]["hash"]["hex"].as_str().unwrap().len(), 64);

    let short = home.ok(["inspect", "two.jpg"]);
    let full = home.ok(["inspect", "two.jpg", "--full"]);
    assert!(
        short.contains("An earlier manifest") && short.contains("Ada Painter"),
        "{short}"
    );
    assert!(
        !short.contains("exclusions") && full.matches("exclusions").count() == 2,
        "{full}"
    );
    assert!(full.len() > 2 * short.len());
}
