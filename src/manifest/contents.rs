//! What the active manifest says, taken out of the SDK's values into plain ones. Every text is a stranger's.

use c2pa::{Manifest, ManifestAssertion, Reader};
use ciborium::Value as Cbor;
use serde_json::Value;

use super::creative_work;
use super::facts::{
    ActionFacts, ActiveManifest, IdentityFacts, MiningFacts, SoftBindingFacts, Status, StatusKind, Thumbnail,
    Validity,
};
use super::generative;
use super::jsonld::SOURCE_TYPE;
use super::status::{Code, Concern};
use super::store::{Active, chain_of, decode, get, text};
use crate::base::limits::FIELD_BYTES_MAX;
use crate::base::{SourceType, Untrusted};

/// The words of the manifest that counts, under the label of the active one; `own` is our own look at its bytes.
pub(super) fn active(
    reader: &Reader,
    manifest: Option<&Manifest>,
    own: Option<&Active<'_>>,
) -> ActiveManifest {
    let Some(manifest) = manifest else {
        return unread(own);
    };
    let mut out = ActiveManifest {
        label: reader.active_label().map(Untrusted::from).unwrap_or_default(),
        title: manifest.title().map(short),
        generators: generators(manifest),
        claim_version: manifest.claim_version(),
        format: manifest.format().map(short),
        instance_id: Some(short(manifest.instance_id())),
        thumbnail: own.and_then(thumbnail),
        soft_bindings: own.map(soft_bindings).unwrap_or_default(),
        manifests: reader.manifests().len(),
        implied_type: generative::implied(manifest),
        ..ActiveManifest::default()
    };
    out.assertions = match own {
        Some(own) => labels(own),
        None => manifest
            .assertions()
            .iter()
            .map(|one| Untrusted::new(one.label_with_instance()))
            .collect(),
    };
    let mut types = Vec::new();
    for assertion in manifest.assertions() {
        let Ok(value) = assertion.value() else { continue };
        match base(assertion) {
            "c2pa.actions" | "c2pa.actions.v2" => {
                out.actions.extend(actions_in(value).map(action));
                out.all_actions = out.all_actions.or(value["allActionsIncluded"].as_bool());
            }
            label if is_metadata(label) => {
                types.extend(metadata_types(value));
                if label == "cawg.metadata" {
                    out.metadata = Some(value.clone());
                }
            }
            creative_work::LABEL => out.work.extend(creative_work::statements(value)),
            "c2pa.ai-disclosure" => {
                let name = value["modelName"].as_str();
                let name = name.filter(|name| !name.trim().is_empty());
                out.model = out.model.or_else(|| name.map(short));
                out.disclosures.push(value.clone());
            }
            "cawg.training-mining" | "c2pa.training-mining" => out.mining.extend(mining(value)),
            _ => {}
        }
    }
    // Of several, one that says AI counts.
    let of_ai = types.iter().position(is_ai);
    out.metadata_type = types.into_iter().nth(of_ai.unwrap_or(0));
    out
}

/// What is known of a manifest whose statements the SDK could not read.
fn unread(own: Option<&Active<'_>>) -> ActiveManifest {
    ActiveManifest {
        label: own
            .map(|own| Untrusted::from(own.label.as_str()))
            .unwrap_or_default(),
        assertions: own.map(labels).unwrap_or_default(),
        manifests: own.map_or(0, |own| own.manifest_labels.len()),
        unread: true,
        ..ActiveManifest::default()
    }
}

fn labels(own: &Active<'_>) -> Vec<Untrusted> {
    let assertions = own.assertions.iter();
    assertions
        .map(|one| Untrusted::from(one.label.as_str()))
        .collect()
}

/// The actions that a manifest states, of both versions, in order.
pub(super) fn stated_actions(manifest: &Manifest) -> impl Iterator<Item = &Value> {
    let assertions = manifest.assertions().iter();
    let lists = assertions.filter_map(|assertion| match (base(assertion), assertion.value()) {
        ("c2pa.actions" | "c2pa.actions.v2", Ok(value)) => Some(actions_in(value)),
        _ => None,
    });
    lists.flatten()
}

/// The actions of one assertion, each with those that it is said to belong to, and the templates that they follow (C2PA 2.2, 18.15).
fn actions_in(value: &Value) -> impl Iterator<Item = &Value> {
    let actions = value["actions"].as_array().into_iter().flatten();
    let each = actions.flat_map(|one| {
        let related = one["related"].as_array().into_iter().flatten();
        std::iter::once(one).chain(related)
    });
    each.chain(value["templates"].as_array().into_iter().flatten())
}

/// The first actions that a manifest states.
pub(super) fn actions(manifest: &Manifest) -> Vec<ActionFacts> {
    stated_actions(manifest)
        .take(EARLIER_ACTIONS_MAX)
        .map(action)
        .collect()
}

/// Most actions read of one ingredient's manifest.
const EARLIER_ACTIONS_MAX: usize = 64;

/// The source types that a manifest's actions state, in order, and those of its metadata.
pub(super) fn stated_types(manifest: &Manifest) -> Vec<Untrusted> {
    let mut out: Vec<Untrusted> = stated_actions(manifest)
        .map(action)
        .filter(|one| one.telling_type().is_some())
        .filter_map(|one| one.source_type)
        .collect();
    let metadata = manifest.assertions().iter().filter(|one| is_metadata(base(one)));
    for value in metadata.filter_map(|one| one.value().ok()) {
        out.extend(metadata_types(value));
    }
    out.extend(generative::implied(manifest).map(|term| Untrusted::new(term.uri())));
    out
}

/// Whether an assertion holds metadata: CAWG's, C2PA's, IPTC's or anybody's (C2PA 2.2, 18.13).
fn is_metadata(label: &str) -> bool {
    label.ends_with("metadata")
}

/// The digital source types that metadata state, under whatever prefix: where a picture was only opened, no action does.
fn metadata_types(metadata: &Value) -> Vec<Untrusted> {
    let is_type = |name: &str| name.rsplit([':', '/', '#']).next() == SOURCE_TYPE.rsplit(':').next();
    let members = metadata.as_object().into_iter().flatten();
    let stated = members.filter(|(name, _)| is_type(name)).map(|(_, value)| value);
    // JSON-LD writes an address as text or as a node, and several as a list.
    let each = stated.flat_map(|one| one.as_array().map_or(std::slice::from_ref(one), Vec::as_slice));
    let text = |one: &Value| {
        let nodes = ["@id", "@value"]
            .into_iter()
            .filter_map(|name| one[name].as_str());
        one.as_str().into_iter().chain(nodes).next().map(short)
    };
    each.take(METADATA_TYPES_MAX).filter_map(text).collect()
}

fn is_ai(stated: &Untrusted) -> bool {
    SourceType::parse(stated.raw()).is_some_and(SourceType::is_ai)
}

/// Most source types read of one assertion's metadata.
const METADATA_TYPES_MAX: usize = 64;

/// Named identities of a manifest; `in_time` judges the dates of a certificate chain, DER, leaf first.
pub(super) fn identities(
    manifest: Option<&Manifest>,
    own: Option<&Active<'_>>,
    statuses: &[Status],
    in_time: &dyn Fn(&[Vec<u8>]) -> Validity,
) -> Vec<IdentityFacts> {
    let (Some(manifest), Some(own)) = (manifest, own) else {
        return Vec::new();
    };
    own.assertions
        .iter()
        .filter(|one| one.label == "cawg.identity" || one.label.starts_with("cawg.identity__"))
        .map(|one| {
            let judged = manifest
                .assertions()
                .iter()
                .find(|found| found.label_with_instance() == one.label);
            let judged = judged.and_then(|found| found.value().ok());
            let stated = own.payload(one, *b"cbor").and_then(decode);
            let mut found = identity((&own.label, &one.label), stated.as_ref(), judged, statuses);
            found.validity = (found.sig_type.raw() == "cawg.x509.cose").then(|| in_time(&found.chain_der));
            found
        })
        .collect()
}

/// The identity codes about one assertion of the active manifest.
fn codes_about((manifest, label): (&str, &str), statuses: &[Status]) -> Vec<(StatusKind, Code)> {
    // Codes name the assertion they are about by the end of their address; one of a parent's manifest may end alike.
    let parents = |url: &str| {
        let path = url.strip_prefix("self#jumbf=/c2pa/");
        path.is_some_and(|path| path.split('/').next() != Some(manifest))
    };
    let about = |status: &&Status| {
        status.ingredient.is_none()
            && status.code.concern() == Concern::Identity
            && status
                .url
                .as_ref()
                .is_some_and(|url| url.raw().ends_with(label) && !parents(url.raw()))
    };
    statuses
        .iter()
        .filter(about)
        .map(|status| (status.kind, status.code.clone()))
        .collect()
}

/// One identity: what its own bytes state, and what the SDK made of them.
fn identity(
    (manifest, label): (&str, &str),
    stated: Option<&Cbor>,
    judged: Option<&Value>,
    statuses: &[Status],
) -> IdentityFacts {
    let codes = codes_about((manifest, label), statuses);
    let has = |kind: StatusKind, fits: &dyn Fn(&Code) -> bool| {
        codes.iter().any(|(k, code)| *k == kind && fits(code))
    };
    let payload = stated.and_then(|value| get(value, "signer_payload"));
    let list = |name: &str| {
        payload
            .and_then(|payload| get(payload, name))
            .and_then(Cbor::as_array)
    };
    let judged = judged.unwrap_or(&Value::Null);
    let info = &judged["signature_info"];
    let certified = ["common_name", "issuer"]
        .into_iter()
        .filter_map(|name| info[name].as_str());
    let verified = judged["verifiedIdentities"]
        .as_array()
        .or_else(|| judged["verified_identities"].as_array());
    let verified = verified
        .into_iter()
        .flatten()
        .filter_map(|one| one["name"].as_str().or(one["username"].as_str()));
    let mut subject: Vec<Untrusted> = certified.chain(verified).map(short).collect();
    subject.dedup();
    IdentityFacts {
        label: Untrusted::from(label),
        sig_type: payload
            .and_then(|payload| text(payload, "sig_type"))
            .map(short)
            .unwrap_or_default(),
        roles: list("role")
            .into_iter()
            .flatten()
            .filter_map(Cbor::as_text)
            .map(short)
            .collect(),
        subject,
        references: list("referenced_assertions")
            .into_iter()
            .flatten()
            .filter_map(|one| text(one, "url")?.rsplit('/').next())
            .map(short)
            .collect(),
        holds: has(StatusKind::Success, &|code| {
            matches!(
                code,
                Code::CawgX509SignatureValidated | Code::CawgIcaCredentialValid
            )
        }) && !has(StatusKind::Failure, &|code| !code.is_only_trust()),
        trusted: has(StatusKind::Success, &|code| {
            matches!(
                code,
                Code::CawgX509CredentialTrusted | Code::CawgTrusted | Code::CawgIcaCredentialValid
            )
        }),
        chain_der: stated
            .and_then(|value| get(value, "signature")?.as_bytes())
            .map(|sign1| chain_of(sign1))
            .unwrap_or_default(),
        codes,
        validity: None,
    }
}

/// The certificates of a PEM text, DER.
pub(super) fn certificates(text: &str) -> Vec<Vec<u8>> {
    pem::parse_many(text)
        .unwrap_or_default()
        .into_iter()
        .map(pem::Pem::into_contents)
        .collect()
}

fn generators(manifest: &Manifest) -> Vec<(Untrusted, Option<Untrusted>)> {
    match (&manifest.claim_generator_info, &manifest.claim_generator) {
        (Some(list), _) if !list.is_empty() => list
            .iter()
            .map(|one| (short(&one.name), one.version.as_deref().map(short)))
            .collect(),
        (_, Some(text)) => vec![(short(text), None)],
        _ => Vec::new(),
    }
}

fn action(value: &Value) -> ActionFacts {
    let text = |name: &str| value[name].as_str().map(short);
    let agent = &value["softwareAgent"];
    let parameters = &value["parameters"];
    let named = parameters["ingredients"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    ActionFacts {
        action: text("action").unwrap_or_default(),
        source_type: text("digitalSourceType"),
        software_agent: match agent {
            Value::String(name) => Some((short(name), None)),
            Value::Object(_) => agent["name"]
                .as_str()
                .map(|name| (short(name), agent["version"].as_str().map(short))),
            _ => None,
        },
        when: text("when"),
        description: text("description").or_else(|| parameters["description"].as_str().map(short)),
        reason: text("reason"),
        ingredients: named
            .iter()
            .chain(Some(&parameters["ingredient"]))
            .filter_map(|one| one["url"].as_str()?.rsplit('/').next())
            .map(short)
            .collect(),
    }
}

fn mining(value: &Value) -> Vec<MiningFacts> {
    let entries = value["entries"].as_object();
    let facts = |(name, entry): (&String, &Value)| {
        // C2PA and CAWG write `constraint_info`; what is blank constrains nothing.
        let constraint = entry["constraint_info"].as_str();
        Some(MiningFacts {
            name: short(name),
            answer: short(entry["use"].as_str()?),
            constraint: constraint.filter(|text| !text.trim().is_empty()).map(short),
        })
    };
    entries.into_iter().flatten().filter_map(facts).collect()
}

fn soft_bindings(own: &Active<'_>) -> Vec<SoftBindingFacts> {
    let fits = |label: &str| label == "c2pa.soft-binding" || label.starts_with("c2pa.soft-binding__");
    own.assertions
        .iter()
        .filter(|one| fits(&one.label))
        .filter_map(|one| {
            let value = own.payload(one, *b"cbor").and_then(decode)?;
            let blocks = get(&value, "blocks")?.as_array()?;
            Some(SoftBindingFacts {
                alg: short(text(&value, "alg").unwrap_or_default()),
                values: blocks
                    .iter()
                    .filter_map(|block| get(block, "value").and_then(bytes))
                    .collect(),
            })
        })
        .collect()
}

/// Byte strings, and the text strings that builds before July 2026 wrote.
fn bytes(value: &Cbor) -> Option<Vec<u8>> {
    match value {
        Cbor::Bytes(bytes) => Some(bytes.clone()),
        Cbor::Text(text) => Some(text.clone().into_bytes()),
        _ => None,
    }
}

fn thumbnail(own: &Active<'_>) -> Option<Thumbnail> {
    let found = own.find(|label| label.starts_with("c2pa.thumbnail.claim"))?;
    let bytes = own.payload(found, *b"bidb")?;
    // `bfdb`: one byte of toggles, then the media type and a zero.
    let format = own
        .payload(found, *b"bfdb")
        .and_then(|format| format.get(1..))
        .unwrap_or_default();
    let format = format.split(|byte| *byte == 0).next().unwrap_or_default();
    let links = own.links().unwrap_or_default();
    Some(Thumbnail {
        format: Untrusted::from_utf8_lossy(format),
        bytes: bytes.to_vec(),
        holds: own.link_holds(&links, found),
    })
}

pub(super) fn base(assertion: &ManifestAssertion) -> &str {
    let label = assertion.label();
    label.split_once("__").map_or(label, |(base, _)| base)
}

/// Text from the manifest, cut at the bound for one field.
pub(super) fn short(text: &str) -> Untrusted {
    let mut end = text.len().min(FIELD_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    Untrusted::from(text.get(..end).unwrap_or_default())
}
