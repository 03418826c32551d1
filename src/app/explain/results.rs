//! Words that other deeds than verifying a picture end with, or set beside a line, and what an open point of a picture is about.

use super::Row;
use super::words::{NOTHING, ONLY_WHO, rows};

const COMPARED: &str =
    "What was measured stands beside it; who made either picture, and which was first, is not told by it.";
const LOOK: &str = "Look at both pictures; byline find and a ledger tell what was recorded when.";
const OTHER_COPY: &str =
    "Compare with another copy of the ledger, or with a checkpoint that somebody else holds.";
const SEARCHED: &str = "What the ledger asked holds, and no more: others may hold the picture.";

rows! {
    Check, "unchanged",
        "Whether the bytes of the picture, and what its manifest states, are those that were signed.",
        "The other answers, each by itself.", "The reason beside it says what is open; the code that byline verify names explains it.";
    Check, "signature",
        "Whether the signature was made with the key of the certificate beside it.",
        "The other answers, each by itself.", "Ask whoever signed it for the original.";
    Check, "time",
        "Whether the certificate was valid when the picture was signed, by a timestamp of somebody you believe, or by today's date.",
        "Unchanged bytes and a good signature, where these are answered yes.", "A timestamp's authority that you believe. An entry of that time in a ledger you rely on tells you when it was recorded; the word stays.";
    Check, "issuer",
        "Whether you, or a trust list, vouch for whoever made the certificate.",
        ONLY_WHO, "Compare the certificate's fingerprint with its holder, over another way than the picture came.";
    Check, "identity",
        "Whether somebody named beside the signer signed for it. It changes no result word.",
        "What the signer signed.", "Ask whoever is named, over another way than the picture came.";
    Check, "revocation",
        "Whether the issuer took the certificate back. Without an answer of the issuer nobody knows.",
        "The other answers, each by itself.", "Ask the issuer: byline verify --online, where the certificate says whom.";
    Check, "ledger",
        "Whether a ledger holds an entry about this picture.",
        "What the picture says of itself.", "Name a ledger: byline verify --ledger FILE.";
    Check, "credentials",
        "Whether there are credentials to judge at all: they could not be had, or not be read.",
        "Nothing is known.", "Get an undamaged copy, or the credentials beside it: byline verify --manifest FILE.";

    Result, "RECORDED",
        "Every question that was asked of the proof is answered yes: the log that you rely on holds the entry, signed by its key.",
        "That it was recorded, by that key, in that log. Not that what the entry says is true.", NOTHING;
    Result, "NOT REGISTERED",
        "The proof holds, and what it proves is that nothing of this was registered as of that size of the log.",
        "Entries recorded later are not ruled out.", "Ask for a proof of a newer state.";
    Result, "NOT PROVEN",
        "Nothing speaks against it, and something is open: the log's key, a witness, the picture, or the file is no proof.",
        "The questions that are answered yes.", "Name the log with --log or --ledger, give the picture, or ask for the proof again.";
    Result, "CONTRADICTED",
        "A question is answered no: the proof, the picture or the ledger beside it does not fit the others.",
        "The questions that are answered yes, each by itself.", "Keep both as evidence, and ask for the proof again.";
    Result, "CONSISTENT",
        "The older state of the log is the beginning of the newer one: nothing that was recorded was changed.",
        "That history was only added to between the two states.", NOTHING;

    Result, "SOUND",
        "Everything in the ledger was derived again from its entries, and agrees with what is signed.",
        "That nothing was changed since it was recorded. Not that what entries say is true, nor that the log showed everybody the same.", NOTHING;
    Result, "SOUND UP TO",
        "Everything up to the last signed commit agrees with what is signed; bytes follow that no commit covers, and nothing outside the file says that it was the last: exit code 3.",
        "All entries up to that one.", OTHER_COPY;
    Result, "BROKEN",
        "Something in the ledger does not agree with what is signed; each finding is named.",
        "What stands before the first finding.", OTHER_COPY;

    Result, "REGISTERED",
        "The ledger holds an entry about this file, its content or its pixels.",
        SEARCHED, NOTHING;
    Result, "LOOKS LIKE",
        "No entry is about these very pixels, but a registered picture looks like it, by the distance that is told.",
        SEARCHED, LOOK;
    Result, "NOTHING LIKE IT",
        "No entry of the ledger is about this picture, and none looks like it. Cut, mirrored and turned ones may be missed.",
        SEARCHED, "Ask another ledger, with --ledger FILE.";
    Result, "NOT SEARCHED",
        "Looks could not be searched for, as of a picture that cannot be decoded or is too plain to tell from others.",
        SEARCHED, "Give a better copy of the picture.";

    Result, "SAME BYTES", "The two files are equal, byte for byte.", COMPARED, NOTHING;
    Result, "SAME PIXELS", "The pixels are equal; the files differ in the rest, as in metadata or credentials.", COMPARED, NOTHING;
    Result, "SAME PICTURE", "The same picture in another encoding or size.", COMPARED, LOOK;
    Result, "REWORKED", "The same picture, changed as a whole: turned, cropped, framed, stretched or given other tones.", COMPARED, LOOK;
    Result, "PART CHANGED", "The same picture but for a part, which is named, or with other numbers of frames or pages.", COMPARED, LOOK;
    Result, "RELATED", "Another picture cell by cell that looks alike, or shows the other or a part of it beside other things.", COMPARED, LOOK;
    Result, "UNRELATED", "The two have nothing in common that is measured here.", COMPARED, LOOK;
    Result, "UNDECIDED", "The bytes differ, and the pixels of one cannot be looked at, are too plain to tell, or are the first of several frames.", "That the files differ.", "Give a copy that can be decoded.";

    Result, "SIGNED",
        "The picture was signed, read back, and put in place; and recorded, where a ledger is named.",
        "What was read back says whether the signature holds.", NOTHING;
    Result, "SKIPPED", "An earlier run signed and registered this picture, and its output is there: it was not signed again.", "What the earlier run did.", NOTHING;
    Result, "CONTRADICTION", "The file itself says otherwise how it was made than you do who sign it: its manifest, its metadata or a generator's text.", "What you say was signed; both are told to whoever verifies.", "Give the --source that is true, or take what is false out of the file, and sign anew.";
    Result, "DRY RUN", "Nothing was done: this is what would be.", "Nothing was written.", "Run it without --dry-run.";

    Result, "NOT OPENED", "The file could not be opened, so nothing is said of it.", "The other files of the batch.", "Look at its name and permissions.";
    Result, "LEDGER: NO", "The ledger contradicts what it says of this picture: an entry or its place in the log does not hold.", "What the picture says of itself.", "byline audit LEDGER names what is wrong.";
    Result, "FAILED", "What was asked of the network did not come, or was not what was asked for. In the list of a batch: nothing was done with this file.", "What the file says of itself.", "Try again later; of a file, the lines on stderr say why and what to do.";
    Result, "VOID", "The entry breaks a rule of the ledger and changes nothing.", "All other entries, and that it was recorded.", "Make the entry anew as the rule asks.";
    Result, "SUSPECT", "The key of the entry was declared compromised from before it on: it speaks for nobody.", "All other entries.", "Ask whoever owns the key.";
    Result, "REDACTED", "The log says that the body of this entry may be dropped; its hash stays in the tree.", "All other entries.", NOTHING;
}
