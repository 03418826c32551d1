//! C2PA's codes about claims, signatures, certificates, time, revocation, manifests and ingredients (2.4, 15.2).

use super::Row;
use super::words::rows;
use super::words::{
    ASK, BETTER_COPY, CHANGED, INGREDIENT, MAKER, NOTHING, NOTHING_LOST, ONLY_TIME, ONLY_WHO, STATEMENTS,
};

rows! {
    Informational, "algorithm.deprecated",
        "A hash or signature algorithm is one that C2PA advises against for new work.",
        NOTHING_LOST, "Nothing now; ask the signer to sign with a current algorithm next time.";
    Failure, "algorithm.unsupported",
        "A hash or signature is made by an algorithm that C2PA does not allow or byline has no code for, so it was not checked.",
        STATEMENTS, "Ask whoever signed it for a file signed with an algorithm of C2PA.";
    Failure, "claim.cbor.invalid",
        "The claim, the list of everything that is signed, is no valid CBOR.",
        STATEMENTS, BETTER_COPY;
    Failure, "claim.hardBindings.missing",
        "The claim holds no hash of the picture: what it says is bound to no bytes, and could stand on any picture.",
        "That somebody signed these statements; not that they are about this picture.",
        "Ask the signer for a file whose manifest is bound to it, or look for the picture in a ledger.";
    Failure, "claim.malformed",
        "A part that a claim must have is missing or has another form.",
        STATEMENTS, MAKER;
    Failure, "claim.missing",
        "The manifest holds no claim, so there is nothing that a signature could be about.",
        STATEMENTS, BETTER_COPY;
    Failure, "claim.multiple",
        "The manifest holds more than one claim; which one is meant cannot be told.",
        STATEMENTS, MAKER;
    Failure, "claim.required.missing",
        "A field that every claim must have is missing (the SDK's name for `claim.malformed`).",
        STATEMENTS, MAKER;
    Success, "claimSignature.insideValidity",
        "The claim was signed while the certificate was valid, by a trusted timestamp or because the certificate is valid now.",
        NOTHING_LOST, NOTHING;
    Failure, "claimSignature.mismatch",
        "The signature does not fit the claim: the claim, the signature or the certificate was changed after signing.",
        CHANGED, ASK;
    Failure, "claimSignature.missing",
        "The claim carries no signature, or points to one that is not there.",
        STATEMENTS, BETTER_COPY;
    Failure, "claimSignature.outsideValidity",
        "The certificate is not valid at the time that counts: it has expired and no trusted timestamp says that it was used before, or a trusted timestamp lies outside its validity.",
        ONLY_TIME,
        "A timestamp by an authority you trust (byline trust add FILE --timestamps, byline trust import FILE --as tsa), or the issuer. An entry of that time in a ledger you rely on tells you when it was recorded; the word stays.";
    Success, "claimSignature.validated",
        "The signature was made with the key of the certificate in the file, over exactly this claim.",
        NOTHING_LOST, NOTHING;
    Failure, "general.error",
        "The validator met something for which C2PA has no code of its own.",
        STATEMENTS, "Read its explanation with `byline verify --full`; compare with another validator.";
    Failure, "hashedURI.mismatch",
        "A part of the manifest has another hash than the reference to it states.",
        CHANGED, ASK;
    Failure, "hashedURI.missing",
        "A reference inside the manifest points to something that is not there.",
        STATEMENTS, ASK;
    Failure, "ingredient.claimSignature.mismatch",
        "The signature of a picture this one was made from has another hash than its record states.",
        INGREDIENT, ASK;
    Failure, "ingredient.claimSignature.missing",
        "The record of a picture this one was made from names a signature that is not in the file.",
        INGREDIENT, ASK;
    Success, "ingredient.claimSignature.validated",
        "The signature of a picture this one was made from is the one that was recorded.",
        NOTHING_LOST, NOTHING;
    Failure, "ingredient.hashedURI.mismatch",
        "The manifest of a picture this one was made from has another hash than its record states (older name).",
        INGREDIENT, ASK;
    Failure, "ingredient.manifest.mismatch",
        "The manifest of a picture this one was made from has another hash than its record states.",
        INGREDIENT, ASK;
    Failure, "ingredient.manifest.missing",
        "The manifest of a picture this one was made from is named and not in the file.",
        INGREDIENT, "Ask whoever signed it for the file with its whole history.";
    Success, "ingredient.manifest.validated",
        "The manifest of a picture this one was made from is the one that was recorded.",
        NOTHING_LOST, NOTHING;
    Informational, "ingredient.unknownProvenance",
        "A picture this one was made from had no credentials: how that one came to be is unknown.",
        NOTHING_LOST, "Ask the signer for the original, or look for it in a ledger.";
    Failure, "manifest.compressed.invalid",
        "A compressed manifest cannot be unpacked, or does not hold one manifest.",
        STATEMENTS, BETTER_COPY;
    Failure, "manifest.inaccessible",
        "The manifest lies elsewhere and could not be had.",
        "The bytes of the picture; nothing is known of its credentials.",
        "Ask for the file with its credentials inside.";
    Failure, "manifest.missing",
        "A manifest is named and is not in the store.",
        STATEMENTS, BETTER_COPY;
    Failure, "manifest.multipleParents",
        "The manifest names more than one picture as the one it was edited from; only one is allowed.",
        STATEMENTS, MAKER;
    Failure, "manifest.timestamp.invalid",
        "A manifest that only adds timestamps holds something that it must not.",
        STATEMENTS, MAKER;
    Failure, "manifest.timestamp.wrongParents",
        "A manifest that only adds timestamps names no parent, or several.",
        STATEMENTS, MAKER;
    Informational, "manifest.unknownProvenance",
        "A manifest was met whose origin nothing in the file explains (older name of `ingredient.unknownProvenance`).",
        NOTHING_LOST, "Ask the signer where it comes from.";
    Informational, "manifest.unreferenced",
        "The store holds a manifest that no other one names: it is not part of the history of this picture.",
        NOTHING_LOST, "Disregard it; `byline inspect` shows what it says.";
    Failure, "manifest.update.invalid",
        "A manifest that only updates statements holds a hash of the picture, an action or a thumbnail that it must not.",
        STATEMENTS, MAKER;
    Failure, "manifest.update.wrongParents",
        "A manifest that only updates statements must name exactly one picture as its parent, and does not.",
        STATEMENTS, MAKER;
    Failure, "signingCredential.expired",
        "The certificate has expired, and no trusted timestamp says that it was used before.",
        ONLY_TIME,
        "A timestamp by an authority you trust, or the issuer. An entry of that time in a ledger you rely on tells you when it was recorded; the word stays.";
    Failure, "signingCredential.invalid",
        "The certificate breaks a rule of the C2PA certificate profile: its usages, its key, its form.",
        "Whether bytes and signature are good is answered apart; the certificate is none for claims.",
        "Ask the signer for a certificate made for C2PA; `byline explain certificate.eku.wrong` and its kin name the rules.";
    Informational, "signingCredential.ocsp.inaccessible",
        "Whoever answers for revoked certificates could not be reached.",
        "All other answers; whether the certificate was revoked is not known.",
        "Ask the issuer.";
    Success, "signingCredential.ocsp.notRevoked",
        "An answer of the issuer, signed, in the file or fetched, says that the certificate was not revoked.",
        NOTHING_LOST, "Nothing; a revocation after the day of that answer is not ruled out.";
    Failure, "signingCredential.ocsp.revoked",
        "The issuer revoked the certificate: it says that the key must not be trusted any more.",
        "Whether the bytes are as signed is answered apart.",
        "Ask the issuer why and since when; a signature from before may still be honest.";
    Informational, "signingCredential.ocsp.skipped",
        "Whether the certificate was revoked was not asked.",
        "All other answers; revocation is open.",
        "Ask the issuer, or let byline: verify --online, where the certificate says whom.";
    Informational, "signingCredential.ocsp.unknown",
        "The issuer's answer does not know this certificate.",
        "All other answers; revocation is open.",
        "Ask the issuer.";
    Failure, "signingCredential.revoked",
        "The issuer revoked the certificate (older name of `signingCredential.ocsp.revoked`).",
        "Whether the bytes are as signed is answered apart.",
        "Ask the issuer why and since when.";
    Success, "signingCredential.trusted",
        "The certificate leads to somebody you know, or to a trust list; the verdict says which.",
        NOTHING_LOST, NOTHING;
    Failure, "signingCredential.untrusted",
        "Nobody you know vouches for the certificate, and no trust list does, or whoever does may not: not for this name, this use or so long a chain. Anybody can make a certificate with any name in it.",
        ONLY_WHO,
        "Compare the certificate's fingerprint with its holder, then: byline trust add FILE. Or bring a newer trust list: byline trust import FILE.";
    Informational, "timeOfSigning.insideValidity",
        "The time that the signer itself states lies inside the certificate's validity. Nobody vouches for that time.",
        NOTHING_LOST, "A trusted timestamp would make it evidence.";
    Informational, "timeOfSigning.outsideValidity",
        "The time that the signer itself states lies outside the certificate's validity: a clock was wrong, or the statement is.",
        ONLY_TIME, "A trusted timestamp, or the issuer.";
    Informational, "timeStamp.credentialInvalid",
        "The certificate of the time-stamping authority is none for timestamps.",
        ONLY_TIME, "A timestamp by an authority on the C2PA time-stamp list.";
    Informational, "timeStamp.malformed",
        "The timestamp cannot be read as one (RFC 3161).",
        ONLY_TIME, "A copy of the file with its timestamp whole. An entry of that time in a ledger you rely on tells you when it was recorded; the word stays.";
    Informational, "timeStamp.mismatch",
        "The timestamp is about other bytes than this signature: it was changed, or taken from another file.",
        ONLY_TIME, "Disregard its time; ask the signer for the original.";
    Informational, "timeStamp.outsideValidity",
        "The timestamp's authority made it while its own certificate was not valid.",
        ONLY_TIME, "A timestamp by an authority whose certificate was valid.";
    Success, "timeStamp.trusted",
        "The timestamp's authority is one you trust for time, or on the C2PA time-stamp list.",
        NOTHING_LOST, NOTHING;
    Informational, "timeStamp.untrusted",
        "The timestamp holds, but its authority is one that neither you nor a list trusts for time, or that may not vouch for times by the words of its own certificates.",
        ONLY_TIME,
        "byline trust add FILE --timestamps, for an authority you believe, or --from PICTURE, where the picture carries its certificate; or a newer list: byline trust import FILE --as tsa.";
    Success, "timeStamp.validated",
        "The timestamp is well signed and about this very signature. Whether its authority is trusted is another question.",
        NOTHING_LOST, NOTHING;
}
