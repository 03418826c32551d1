//! C2PA's codes about assertions: what binds the manifest to the picture, and what it states (2.4, 15.2).

use super::Row;
use super::words::rows;
use super::words::{ASK, BETTER_COPY, CHANGED, MAKER, NOTHING, NOTHING_LOST, PARTS, STATEMENTS};

rows! {
    Success, "assertion.accessible",
        "A statement that lies outside the file could be had.",
        NOTHING_LOST, NOTHING;
    Failure, "assertion.action.ingredientMismatch",
        "An action that needs another picture, as opening or placing does, names none, or one that is not there.",
        STATEMENTS, MAKER;
    Failure, "assertion.action.malformed",
        "An action breaks a rule: it comes at the wrong place, lacks what it must say, as its digital source type, or has another form.",
        STATEMENTS, MAKER;
    Failure, "assertion.action.missing",
        "The manifest names no action, though one that says how the picture came to be is required.",
        STATEMENTS, MAKER;
    Failure, "assertion.action.redacted",
        "A list of actions was taken out of an earlier manifest, which is never allowed: it hides what was done.",
        STATEMENTS, ASK;
    Failure, "assertion.action.redactionMismatch",
        "An action says that something was taken out, and what it names is not what was taken out.",
        STATEMENTS, MAKER;
    Failure, "assertion.action.softBindingMissing",
        "An action says that a watermark was put in, and the statement about that watermark is missing.",
        STATEMENTS, MAKER;
    Failure, "assertion.alternativeContentRepresentation.hashMismatch",
        "Another form of the same content has other bytes than were signed.",
        "The picture itself, where its own hash matches.", ASK;
    Failure, "assertion.alternativeContentRepresentation.malformed",
        "The statement about another form of the same content has the wrong form.",
        STATEMENTS, MAKER;
    Success, "assertion.alternativeContentRepresentation.match",
        "Another form of the same content has the bytes that were signed.",
        NOTHING_LOST, NOTHING;
    Failure, "assertion.alternativeContentRepresentation.missing",
        "Another form of the same content is named and is not there.",
        "The picture itself, where its own hash matches.", ASK;
    Informational, "assertion.bmffHash.additionalExclusionsPresent",
        "The hash of an AVIF, HEIC or MP4 file leaves out more boxes than it must: those can be changed unseen.",
        PARTS, "Disregard what stands in those boxes; `byline verify --full` says what no hash covers.";
    Failure, "assertion.bmffHash.malformed",
        "The hash of the file's boxes (AVIF, HEIC, MP4) has the wrong form.",
        STATEMENTS, MAKER;
    Success, "assertion.bmffHash.match",
        "Every box of the file (AVIF, HEIC, MP4) that the hash covers is as signed.",
        NOTHING_LOST, NOTHING;
    Failure, "assertion.bmffHash.mismatch",
        "Boxes of the file (AVIF, HEIC, MP4) differ from those that were signed.",
        CHANGED, ASK;
    Informational, "assertion.boxesHash.additionalExclusionsPresent",
        "The hash by named parts leaves out more than it must: those parts can be changed unseen.",
        PARTS, "Disregard what stands in those parts.";
    Failure, "assertion.boxesHash.malformed",
        "The hash by named parts has the wrong form.",
        STATEMENTS, MAKER;
    Success, "assertion.boxesHash.match",
        "Every named part of the file is as signed.",
        NOTHING_LOST, NOTHING;
    Failure, "assertion.boxesHash.mismatch",
        "A named part of the file differs from what was signed.",
        CHANGED, ASK;
    Failure, "assertion.boxesHash.unknownBox",
        "The file holds a part that the signed list of parts does not name: it was put in after signing.",
        CHANGED, ASK;
    Failure, "assertion.cbor.invalid",
        "A statement is no valid CBOR.",
        STATEMENTS, BETTER_COPY;
    Failure, "assertion.cloud-data.actions",
        "A manifest that only updates statements refers to actions that lie elsewhere, which is not allowed.",
        STATEMENTS, MAKER;
    Failure, "assertion.cloud-data.hardBinding",
        "The hash of the picture is said to lie elsewhere, which is not allowed: nothing binds the manifest to the file.",
        STATEMENTS, MAKER;
    Failure, "assertion.cloud-data.labelMismatch",
        "A statement that lies elsewhere is of another kind than the reference to it says.",
        STATEMENTS, MAKER;
    Failure, "assertion.cloud-data.malformed",
        "The reference to a statement that lies elsewhere has the wrong form.",
        STATEMENTS, MAKER;
    Failure, "assertion.collectionHash.incorrectFileCount",
        "The manifest is about a collection of files, and there are more or fewer of them.",
        CHANGED, "Get the whole collection.";
    Failure, "assertion.collectionHash.invalidURI",
        "The manifest is about a collection of files, and a file's name in it leads out of the collection.",
        STATEMENTS, MAKER;
    Failure, "assertion.collectionHash.malformed",
        "The hash of a collection of files has the wrong form.",
        STATEMENTS, MAKER;
    Success, "assertion.collectionHash.match",
        "Every file of the collection is as signed.",
        NOTHING_LOST, NOTHING;
    Failure, "assertion.collectionHash.mismatch",
        "A file of the collection differs from what was signed.",
        CHANGED, ASK;
    Informational, "assertion.dataHash.additionalExclusionsPresent",
        "The hash of the file leaves out more than the manifest store, such as its metadata: that can be changed unseen.",
        PARTS, "Disregard what stands there; byline answers NOT CONFIRMED, since not every byte is bound.";
    Failure, "assertion.dataHash.malformed",
        "The hash of the file, or the ranges it leaves out, have the wrong form.",
        STATEMENTS, MAKER;
    Success, "assertion.dataHash.match",
        "Every byte that the hash of the file covers is as signed.",
        NOTHING_LOST, NOTHING;
    Failure, "assertion.dataHash.mismatch",
        "Bytes of the file differ from those that were signed: pixels, metadata or both. A platform that re-encodes a picture and keeps the manifest gives the same code as somebody who paints over it.",
        CHANGED, ASK;
    Failure, "assertion.dataHash.redacted",
        "The hash of the picture was taken out, which is never allowed (older name of `assertion.hardBinding.redacted`).",
        STATEMENTS, MAKER;
    Failure, "assertion.external-reference.actions",
        "Actions are said to lie elsewhere, which is not allowed.",
        STATEMENTS, MAKER;
    Failure, "assertion.external-reference.created",
        "A reference to something elsewhere stands among the statements that the signer vouches for, where it must not.",
        STATEMENTS, MAKER;
    Failure, "assertion.external-reference.hardBinding",
        "The hash of the picture is said to lie elsewhere, which is not allowed.",
        STATEMENTS, MAKER;
    Failure, "assertion.external-reference.malformed",
        "A reference to something elsewhere has the wrong form, or is to a kind that must stand in the file.",
        STATEMENTS, MAKER;
    Failure, "assertion.hardBinding.redacted",
        "The hash of the picture was taken out of its manifest, which is never allowed: nothing binds it to the file.",
        STATEMENTS, MAKER;
    Success, "assertion.hashedURI.match",
        "A statement in the manifest is the one that was signed.",
        NOTHING_LOST, NOTHING;
    Failure, "assertion.hashedURI.mismatch",
        "A statement in the manifest differs from the one that was signed.",
        CHANGED, ASK;
    Failure, "assertion.inaccessible",
        "A statement lies outside the file and could not be had.",
        STATEMENTS, "Ask the signer for it; byline does not go there.";
    Failure, "assertion.ingredient.malformed",
        "The record of a picture this one was made from has the wrong form.",
        STATEMENTS, MAKER;
    Failure, "assertion.json.invalid",
        "A statement is no valid JSON.",
        STATEMENTS, BETTER_COPY;
    Failure, "assertion.metadata.disallowed",
        "The metadata assertion holds fields that it must not, such as names of people: those belong into `cawg.metadata`.",
        STATEMENTS, MAKER;
    Failure, "assertion.missing",
        "A statement that was signed is not in the file.",
        CHANGED, ASK;
    Failure, "assertion.multiAssetHash.malformed",
        "The hash of a file of several parts has the wrong form.",
        STATEMENTS, MAKER;
    Success, "assertion.multiAssetHash.match",
        "Every part of the file, as of a motion photo, is as signed.",
        NOTHING_LOST, NOTHING;
    Failure, "assertion.multiAssetHash.mismatch",
        "A part of the file, as the film of a motion photo, differs from what was signed.",
        CHANGED, ASK;
    Failure, "assertion.multiAssetHash.missingPart",
        "A part of the file that was signed is not there.",
        CHANGED, ASK;
    Failure, "assertion.multipleHardBindings",
        "The manifest holds more than one hash of the picture; which one counts cannot be told.",
        STATEMENTS, MAKER;
    Failure, "assertion.notRedacted",
        "A statement is said to have been taken out and is still there.",
        STATEMENTS, MAKER;
    Failure, "assertion.outsideManifest",
        "A claim refers to a statement of another manifest as its own.",
        STATEMENTS, MAKER;
    Failure, "assertion.required.missing",
        "A statement that every manifest must have is missing.",
        STATEMENTS, MAKER;
    Failure, "assertion.selfRedacted",
        "A claim says that it takes out a statement of its own.",
        STATEMENTS, MAKER;
    Failure, "assertion.timestamp.malformed",
        "A statement that holds timestamps of other manifests has the wrong form.",
        STATEMENTS, MAKER;
    Failure, "assertion.undeclared",
        "The manifest holds a statement that its claim does not name: nobody signed it.",
        STATEMENTS, "Disregard that statement; ask whoever signed the file for the original.";
}
