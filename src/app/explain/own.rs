//! byline's own result words and checks of a picture.

use super::Row;
use super::words::rows;
use super::words::{ASK, CHANGED, MAKER, NOTHING, NOTHING_LOST, ONLY_TIME, ONLY_WHO, PARTS};

rows! {
    Result, "TRUSTED",
        "The picture is unchanged, well signed, signed in time, and the signer is somebody you know or on a trust list; the verdict says which.",
        "That the holder of a key stated something about exactly these bytes. Not that the scene is true, nor who drew it, nor who holds rights.",
        NOTHING;
    Result, "UNKNOWN ISSUER",
        "The picture is unchanged and well signed in time, by somebody whom neither you nor a trust list vouches for. Anybody can make a certificate with any name in it.",
        ONLY_WHO,
        "Compare the certificate's fingerprint with its holder, over another way than the picture came, then: byline trust add --from PICTURE --sha256 FINGERPRINT. Or a newer trust list: byline trust import FILE.";
    Result, "NOT CONFIRMED",
        "Nothing speaks against the picture, and something is open: the certificate has expired and nobody trusted recorded the time of signing, or it breaks a rule, or the signed hash leaves bytes out.",
        ONLY_TIME,
        "byline verify names every open point with what would settle it: as a rule the issuer, or the root of a timestamp's authority that you believe: byline trust add ROOT.pem --timestamps.";
    Result, "CHANGED",
        "Bytes differ from those that were signed, or the signature does not fit. A platform that re-encodes pictures does that as well as somebody who paints over them.",
        CHANGED, ASK;
    Result, "REVOKED",
        "The issuer revoked the certificate.",
        "Whether the bytes are as signed is answered apart.",
        "Ask the issuer why and since when.";
    Result, "NO CREDENTIALS",
        "Nothing in the file is signed. That is no sign that a person made it, nor that a model did: most pictures have none, and platforms take them off.",
        "Nothing is known.",
        "Ask whoever sent it for the original; look for it in a ledger.";
    Result, "REMOTE ONLY",
        "The file only names an address where its credentials are said to be. byline goes there with --online alone.",
        "Nothing is known.",
        "Ask for the file with its credentials inside, or for them beside it: verify --manifest FILE.";
    Result, "UNREADABLE",
        "The file is no image, or it or its credentials are too damaged to read.",
        "Nothing is known.",
        "Get an undamaged copy.";
    Check, "assertion.dataHash",
        "Whether the picture is unchanged could not be checked: there is no manifest, or its hash cannot be read.",
        "Nothing is known against the picture.", ASK;
    Check, "claimSignature",
        "Whether the signature is good could not be checked: there is none, or it cannot be read.",
        "Nothing is known against the picture.", ASK;
    Check, "revocation.answer.old",
        "The issuer said that the certificate was not revoked, but earlier than the moment that counts: the trusted time of signing, or now where nobody trusted recorded it.",
        "All other answers; whether it was revoked after that day is open. An old answer is no revocation.",
        "Ask the issuer anew: verify --online. Or trust the timestamp's authority, if the answer is from its day.";
    Check, "revocation.answer.unusable",
        "There is an answer about revocation, and it says nothing of this certificate: it is about another one, not signed by its issuer, damaged, or the issuer's certificate is not at hand.",
        "All other answers; revocation is open.",
        "Ask the issuer: verify --online, where the certificate says whom.";
    Check, "revocation.later",
        "The issuer revoked the certificate after the time that a trusted timestamp gives for this signature.",
        "The signature was made before: it stands.",
        "Ask the issuer why, if the key may have been in other hands before that day.";
    Failure, "coverage.afterStore",
        "Bytes follow the manifest inside its place in the file, where no signature covers them.",
        PARTS, "Disregard them. If they are not all zero, the verdict is CHANGED.";
    Informational, "coverage.bindingPad.notZero",
        "The space left free beside the hash of the picture is not empty.",
        PARTS, "Nothing is open: the hash of the assertion covers it.";
    Informational, "coverage.boxes.leftOut",
        "The signed hash leaves out boxes of the file that C2PA does not leave out: those can be changed unseen.",
        PARTS, "Disregard what stands there, be it metadata or the picture. The issuer can sign the whole file.";
    Failure, "coverage.data.unbound",
        "Picture data of an AVIF or HEIC lies in a box that C2PA leaves out of its hash (free, skip, ftyp): any other picture could stand there.",
        PARTS, "Do not rely on the picture. An honest program puts it into an mdat box: ask the signer for the file so written.";
    Failure, "coverage.exclusions.mismatch",
        "The signed hash leaves out other bytes than the manifest store: those can be changed unseen.",
        PARTS, "Disregard what stands there, as metadata. The issuer can sign the whole file.";
    Failure, "coverage.framing.mismatch",
        "The container's parts around the manifest, as lengths and checksums, are not what they were when it was signed.",
        CHANGED, ASK;
    Informational, "coverage.label.duplicate",
        "Two manifests of the store have one name; which one is meant cannot be told by name.",
        NOTHING_LOST, MAKER;
    Informational, "coverage.label.notCanonical",
        "A manifest's name is not written as C2PA wants it: nothing signs the name, and it may have been changed.",
        NOTHING_LOST, "Compare the name with the one in a ledger or with the signer.";
    Informational, "coverage.notChecked",
        "Whether the manifest store hides anything could not be checked: its form is one that byline cannot take apart, such as a compressed one.",
        "Bytes and signature, as far as the C2PA library checked them.",
        "Ask the signer for a file that is not compressed.";
    Failure, "coverage.signatureHeader.unknown",
        "The signature carries bytes in a place that no signature covers: somebody may have put them in later.",
        CHANGED, ASK;
    Informational, "coverage.signatureHeader.unused",
        "The signature carries a short header that no signature covers and nobody decides anything by, such as a time that nobody vouches for.",
        NOTHING_LOST, "Nothing is open: take no word of it.";
    Failure, "coverage.signaturePad.notZero",
        "The space left free in the signature is not empty: somebody may have hidden something there.",
        CHANGED, ASK;
    Failure, "coverage.signaturePayload.attached",
        "The signature carries a second text beside the claim; which of them was signed differs between readers.",
        CHANGED, ASK;
    Failure, "coverage.store.mismatch",
        "Bytes of the manifest store that no signature covers are not what byline wrote.",
        CHANGED, ASK;
    Failure, "coverage.store.notContiguous",
        "Other bytes interrupt the manifest store: they are left out of the hash, and can be changed unseen.",
        CHANGED, ASK;
    Informational, "coverage.store.own",
        "The picture holds a manifest of its own, and the hash of the one beside it leaves that out: its bytes can be changed unseen.",
        PARTS, "Verify the picture without --manifest, or one without a manifest of its own.";
    Failure, "coverage.store.several",
        "The file holds more than one manifest store; readers may pick different ones.",
        CHANGED, ASK;
    Informational, "coverage.trailingBytes",
        "Bytes follow the end of the image; most viewers do not show them, and phones keep a second picture there. The signed hash covers them, where there is one.",
        NOTHING_LOST, "Look at them if you wonder; they are not part of the picture.";
}
