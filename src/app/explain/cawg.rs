//! Codes about named identities beside the signer (CAWG identity 1.1 to 1.3, 7.2).

use super::Row;
use super::words::rows;
use super::words::{BETTER_COPY, MAKER, NOTHING, NOTHING_LOST};

const APART: &str = "Everything that the claim's own signer signed: an identity is a second voice beside it.";
const WHO: &str =
    "That the identity was signed with the key of its certificate; only whose that is, is open.";
const ASK_HIM: &str = "Ask the person named, in a way that the file does not tell you.";

rows! {
    Failure, "cawg.ica.did_unavailable",
        "The key of the service that vouches for an identity lies on the network and was not fetched.",
        APART, ASK_HIM;
    Success, "cawg.ica.credential_valid",
        "A service's statement about who somebody is, is well signed. Whether that service is trusted is another question.",
        NOTHING_LOST, NOTHING;
    Failure, "cawg.ica.invalid_alg",
        "A service's statement about an identity is signed with an algorithm that is not allowed.",
        APART, ASK_HIM;
    Failure, "cawg.ica.invalid_content_type",
        "A service's statement about an identity is not marked as one.",
        APART, MAKER;
    Failure, "cawg.ica.invalid_cose_sign1",
        "A service's statement about an identity has no readable signature.",
        APART, BETTER_COPY;
    Failure, "cawg.ica.invalid_did_document",
        "The document that names the service's key has the wrong form.",
        APART, ASK_HIM;
    Failure, "cawg.ica.invalid_issuer",
        "The service that vouches for an identity is named in a way that cannot be followed.",
        APART, ASK_HIM;
    Failure, "cawg.ica.invalid_verifiable_credential",
        "A service's statement about an identity is no credential of the kind that is required.",
        APART, MAKER;
    Failure, "cawg.ica.revoked",
        "The service took its statement about an identity back.",
        APART, "Ask the service why and since when.";
    Failure, "cawg.ica.signature_mismatch",
        "A service's statement about an identity differs from what the service signed.",
        APART, ASK_HIM;
    Failure, "cawg.ica.signer_payload.mismatch",
        "A service's statement is about another picture than this one.",
        APART, ASK_HIM;
    Failure, "cawg.ica.time_stamp.invalid",
        "The timestamp on a service's statement does not hold.",
        APART, ASK_HIM;
    Success, "cawg.ica.time_stamp.validated",
        "The timestamp on a service's statement holds.",
        NOTHING_LOST, NOTHING;
    Failure, "cawg.ica.untrusted_issuer",
        "A service vouches for an identity, and you have not said that you believe that service.",
        APART, "Nothing in byline yet: it holds no list of such services. Ask the person named.";
    Failure, "cawg.ica.valid_from.invalid",
        "A service's statement about an identity begins to hold only after the time that counts.",
        APART, ASK_HIM;
    Failure, "cawg.ica.valid_from.missing",
        "A service's statement about an identity does not say from when it holds.",
        APART, MAKER;
    Failure, "cawg.ica.valid_until.invalid",
        "A service's statement about an identity had ended at the time that counts.",
        APART, ASK_HIM;
    Result, "cawg.identity",
        "byline's own check: an identity is asserted, and it could not be confirmed, or was asserted of another version of the picture.",
        APART, ASK_HIM;
    Failure, "cawg.identity.assertion.duplicate",
        "The identity names one statement twice among those it vouches for.",
        APART, MAKER;
    Failure, "cawg.identity.assertion.mismatch",
        "The identity vouches for a statement that is not in this manifest, or is another one here.",
        APART, ASK_HIM;
    Failure, "cawg.identity.cbor.invalid",
        "The identity assertion cannot be read.",
        APART, BETTER_COPY;
    Failure, "cawg.identity.credential_revoked",
        "The identity's certificate or credential was revoked.",
        APART, "Ask its issuer why and since when.";
    Failure, "cawg.identity.expected_claim_generator.mismatch",
        "The identity was meant for a manifest made by another program (1.1 and 1.2).",
        APART, ASK_HIM;
    Failure, "cawg.identity.expected_countersigner.mismatch",
        "The identity was to be signed by others too, and one of them is another (1.1 and 1.2).",
        APART, ASK_HIM;
    Failure, "cawg.identity.expected_countersigner.missing",
        "The identity was to be signed by others too, and one of them is missing (1.1 and 1.2).",
        APART, ASK_HIM;
    Failure, "cawg.identity.expected_partial_claim.mismatch",
        "The identity was meant for a manifest that says something else (1.1 and 1.2).",
        APART, ASK_HIM;
    Failure, "cawg.identity.hard_binding_incorrect",
        "The identity vouches for another hash of a picture than the one in this manifest.",
        APART, ASK_HIM;
    Failure, "cawg.identity.hard_binding_missing",
        "The identity vouches for no hash of the picture: it could stand on any.",
        APART, ASK_HIM;
    Failure, "cawg.identity.pad.invalid",
        "The space left free in the identity holds something, which nobody signed.",
        APART, MAKER;
    Failure, "cawg.identity.sig_type.unknown",
        "The identity is signed in a way that byline has no code for.",
        APART, ASK_HIM;
    Success, "cawg.identity.trusted",
        "The identity is well signed, by somebody you know.",
        NOTHING_LOST, NOTHING;
    Success, "cawg.identity.well-formed",
        "The identity is well signed. Nobody you know vouches for its certificate: the name in it is a claim.",
        WHO, "Compare the key with its holder, then: byline trust add FILE.";
    Failure, "cawg.x509.algorithm.unsupported",
        "The identity's certificate is signed with, or holds, an algorithm that is not allowed.",
        APART, ASK_HIM;
    Failure, "cawg.x509.credential.invalid",
        "The identity's certificate breaks a rule of its profile.",
        APART, ASK_HIM;
    Success, "cawg.x509.credential.trusted",
        "The identity's certificate leads to somebody you know.",
        NOTHING_LOST, NOTHING;
    Failure, "cawg.x509.credential.untrusted",
        "Nobody you know vouches for the identity's certificate: the name in it is a claim.",
        WHO, "Compare the key with its holder, then: byline trust add FILE.";
    Failure, "cawg.x509.signature.mismatch",
        "The identity's signature does not fit: it, or what it vouches for, was changed.",
        APART, ASK_HIM;
    Failure, "cawg.x509.signature.outside_validity",
        "The identity was signed while its certificate was not valid, as far as can be told.",
        APART, "A timestamp on the identity, or the person named.";
    Success, "cawg.x509.signature.validated",
        "The identity was signed with the key of its certificate.",
        NOTHING_LOST, NOTHING;
}
