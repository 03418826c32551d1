//! Rules of the C2PA certificate profile that a certificate breaks (2.4, 14.5.1), as `byline key import` names them.

use super::Row;
use super::words::rows;

const KEY: &str = "The key itself may be good; it is the certificate that validators refuse.";
const AGAIN: &str =
    "Ask the authority for a certificate in the C2PA profile; `byline key csr` writes the request for it.";
const ORDER: &str =
    "Put the certificates into one file: the signer's first, then each above it, without the root.";

rows! {
    Rule, "certificate.aki.missing", "It does not say which key signed it (authority key identifier).", KEY, AGAIN;
    Rule, "certificate.chain.broken", "A certificate is not signed by the one after it.", KEY, ORDER;
    Rule, "certificate.chain.too-long", "The chain has more certificates than byline follows.", KEY, ORDER;
    Rule, "certificate.eku.any", "It may be used for anything (anyExtendedKeyUsage), which C2PA refuses.", KEY, AGAIN;
    Rule, "certificate.eku.missing", "It does not say what it may be used for (extended key usage).", KEY, AGAIN;
    Rule, "certificate.eku.mixed", "It is for timestamps or revocation answers and for something else; those two stand alone.", KEY, AGAIN;
    Rule, "certificate.eku.wrong", "It is for other uses than signing claims, such as web servers or programs.", KEY, AGAIN;
    Rule, "certificate.expired", "It has expired.", KEY, "Ask the authority for a new one.";
    Rule, "certificate.extension.unknown", "It holds an extension that must be understood and is not known here.", KEY, AGAIN;
    Rule, "certificate.issuer.not-ca", "A certificate above it may not certify others.", KEY, ORDER;
    Rule, "certificate.key.mismatch", "It is for another key than the one given.", "Both may be good, apart.", "Give the certificate that belongs to this key.";
    Rule, "certificate.key.unsupported", "Its key is of a kind that byline does not sign with.", KEY, "Use Ed25519, P-256 or P-384.";
    Rule, "certificate.key.weak", "Its key is too short.", KEY, "Use Ed25519, P-256 or P-384.";
    Rule, "certificate.ku.key-cert-sign", "A signer's certificate may certify others, which it must not.", KEY, AGAIN;
    Rule, "certificate.ku.missing", "It does not say that its key signs (key usage).", KEY, AGAIN;
    Rule, "certificate.ku.wrong", "It says that its key is for something else than signatures (key usage).", KEY, AGAIN;
    Rule, "certificate.leaf.ca", "The signer's certificate is an authority's.", KEY, AGAIN;
    Rule, "certificate.missing", "There is no certificate.", KEY, ORDER;
    Rule, "certificate.not-yet-valid", "It is not valid yet.", KEY, "Set the clock right, or wait.";
    Rule, "certificate.order", "A certificate is not issued by the one after it.", KEY, ORDER;
    Rule, "certificate.order.root-first", "The root comes first; the signer's certificate must.", KEY, ORDER;
    Rule, "certificate.organization.missing", "It names no organisation, without which older validators call every signature wrong.", KEY, AGAIN;
    Rule, "certificate.signature.differs", "It says in two places how it is signed, and they differ.", KEY, AGAIN;
    Rule, "certificate.signature.unsupported", "It is signed with an algorithm that C2PA does not allow.", KEY, AGAIN;
    Rule, "certificate.unique-ids", "It holds unique identifiers, which C2PA refuses.", KEY, AGAIN;
    Rule, "certificate.unreadable", "It cannot be read.", KEY, "Give it in PEM or DER, whole.";
    Rule, "certificate.version", "It is not of version 3.", KEY, AGAIN;
}
