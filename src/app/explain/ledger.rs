//! Rules of a ledger, findings of an audit, and checks of proofs.

use super::Row;
use super::words::rows;

const OTHERS: &str = "All other entries, and this one's bytes: the log shows that it was recorded.";
const REST: &str = "What stands before it, up to the last commit that verifies.";
const AGAIN: &str = "Make the entry anew as the rule asks; nothing recorded is taken back.";
const COPY: &str = "Compare with another copy of the ledger, or with a checkpoint that somebody else holds.";
const PROOF: &str = "The other checks of the proof, each by itself.";

rows! {
    Check, "ledger.consistency", "Whether one checkpoint's history is the beginning of another's.", "Each checkpoint by itself.", COPY;
    Check, "ledger.entry", "Whether the ledger holds an entry about this picture, well signed. None found means that it was not recorded here, and no more.", "What the picture says of itself.", "Ask another ledger, with --ledger FILE.";
    Check, "ledger.inclusion", "Whether the entry found is part of the history that the last signed checkpoint closes.", "The entry's own signature.", "byline audit LEDGER";
    Check, "ledger.proof.entry", "Whether the entry in the proof is whole and signed by its key.", PROOF, "Ask for the proof again.";
    Check, "ledger.proof.history", "Whether the proof's checkpoint belongs to the history you know.", PROOF, COPY;
    Check, "ledger.proof.image", "Whether the entry in the proof is about this picture.", PROOF, "Get the picture that the entry is about.";
    Check, "ledger.proof.inclusion", "Whether the entry is in the tree that the checkpoint closes.", PROOF, "Ask for the proof again.";
    Check, "ledger.proof.log", "Whether the checkpoint is signed by the log that you expect.", PROOF, "Give the log's key, known from elsewhere: --log-key KEY.";
    Check, "ledger.proof.state", "Whether the state map that the log signed says this of the asset.", PROOF, "Ask for the proof again.";
    Check, "ledger.proof.witnesses", "Whether enough witnesses that you believe have signed the checkpoint.", PROOF, "Name the witnesses you believe with --policy FILE, or ask for a proof that they signed.";

    Rule, "ledger.commit.chain", "A commit does not continue the one before it.", REST, COPY;
    Rule, "ledger.commit.checksum", "The bytes of a commit have another checksum than it states.", REST, COPY;
    Rule, "ledger.commit.none", "No commit in the file verifies.", "Nothing of it.", COPY;
    Rule, "ledger.commit.root", "The entries give another root hash than the one that was signed: history was changed, or damaged.", REST, COPY;
    Rule, "ledger.commit.seal", "A commit's seal is not by the log's key.", REST, COPY;
    Rule, "ledger.commit.signature", "A checkpoint's signature is not by the log's key.", REST, COPY;
    Rule, "ledger.commit.time", "A commit says that it was made before the one it follows.", OTHERS, "Set the log's clock right.";
    Rule, "ledger.file.damaged", "A part of the file does not read as what it must be.", REST, COPY;
    Rule, "ledger.file.tail", "Bytes follow the last commit, as after a power cut: nothing that was acknowledged is in them.", "Everything that was acknowledged.", "The next entry clears them away.";
    Rule, "ledger.file.unreadable", "The file holds something else than entries and commits.", REST, COPY;
    Rule, "ledger.header", "The first part of the file, which names the log and its key, does not hold.", "Nothing of it.", COPY;
    Rule, "ledger.header.swapped", "The first part of the file is another than the one that the first commit closes, or than was seen before: mode, arbiters or date were changed.", "The entries and their signatures.", COPY;
    Rule, "ledger.history.forked", "It shows another history than was seen before: entries were put in the place of others.", "Nothing newer than what both histories share.", COPY;
    Rule, "ledger.history.rolledBack", "It is shorter than was seen before: an older copy was put in the place of a newer one.", "The entries in it.", "Put the newer copy back.";
    Rule, "ledger.published.changed", "A published part differs from what the checkpoint closes.", "Parts that agree.", "Whoever runs the log: byline ledger publish --mend DIR.";
    Rule, "ledger.published.checkpoint", "The published checkpoint cannot be read, or is not signed by the log.", "Nothing of it.", "Whoever runs the log: byline ledger publish --mend DIR.";
    Rule, "ledger.published.header", "The published header is missing, or is not the one that the log signed: mode and arbiters are not known.", "What the entries and the checkpoint say.", "Whoever runs the log: byline ledger publish --mend DIR.";
    Rule, "ledger.published.missing", "A published part is missing.", "Parts that are there.", "Whoever runs the log: byline ledger publish --mend DIR.";
    Rule, "ledger.published.unreadable", "A published part could not be read.", "Parts that are there.", "Look at the disk and at permissions.";
    Rule, "ledger.state.passedOver", "The signed state was not made again from the entries, for want of memory or because it was asked so.", OTHERS, COPY;
    Rule, "ledger.state.root", "The state that follows from the entries is another than the one that was signed.", OTHERS, COPY;

    Rule, "ledger.dispute.arbiter", "The outcome of a dispute is an arbiter's to find, and the signer is none of this ledger.", OTHERS, AGAIN;
    Rule, "ledger.dispute.closed", "The dispute was closed before.", OTHERS, "Open a new dispute.";
    Rule, "ledger.dispute.notOpener", "Only who opened a dispute may do this.", OTHERS, AGAIN;
    Rule, "ledger.dispute.privileged", "The dispute was opened with a recovery key; the key that the identity had then cannot close it.", OTHERS, AGAIN;
    Rule, "ledger.entry.assetTwice", "The signer has registered this asset id before.", OTHERS, "Register with an asset id of its own.";
    Rule, "ledger.entry.duplicate", "The same entry stands in the log already.", OTHERS, "Rely on the earlier one.";
    Rule, "ledger.entry.lookupMode", "The entry's hashes are keyed where the ledger's are plain, or the other way round.", OTHERS, AGAIN;
    Rule, "ledger.entry.malformed", "The entry has not the one form that it must have.", OTHERS, COPY;
    Rule, "ledger.entry.notParty", "The signer is no party to what the entry is about.", OTHERS, AGAIN;
    Rule, "ledger.entry.signature", "The entry's signature does not fit: its bytes or its key are others than those that signed.", "All other entries.", COPY;
    Rule, "ledger.entry.timeAhead", "The entry says that it was signed after the log recorded it.", OTHERS, "Set the signer's clock right and sign again.";
    Rule, "ledger.entry.timeBehind", "The entry says that it was signed long before the entries before it.", OTHERS, "Set the signer's clock right and sign again.";
    Rule, "ledger.entry.unknownName", "The entry names another entry that is not in the log.", OTHERS, AGAIN;
    Rule, "ledger.entry.wrongKind", "The entry names another entry of a kind that it cannot be about.", OTHERS, AGAIN;
    Rule, "ledger.key.ended", "The key that signs was ended before: replaced or revoked.", OTHERS, "Sign with the identity's current key.";
    Rule, "ledger.key.inceptTwice", "The key has entered the log before.", OTHERS, "Use the key as it is.";
    Rule, "ledger.key.logKeyEnters", "The log's own key would enter as a creator's.", OTHERS, "Make a creator's key apart from the log's.";
    Rule, "ledger.key.noNext", "The identity named no key to hand over to, so it cannot be rotated.", OTHERS, "Enter the log as a new identity, with a next key this time.";
    Rule, "ledger.key.notCommitted", "The new key is not the one that the old one had named in advance.", OTHERS, "Rotate with the key that was named.";
    Rule, "ledger.key.notRecovery", "The key that would end an identity is not its recovery key.", OTHERS, AGAIN;
    Rule, "ledger.key.notRevoker", "The key that would revoke is neither the identity's next key nor its recovery key.", OTHERS, AGAIN;
    Rule, "ledger.key.otherLog", "The log's key is not the one you gave.", "The ledger by its own key.", "Find out which key is the log's, from elsewhere.";
    Rule, "ledger.key.revokedTwice", "The key was revoked before.", OTHERS, "Nothing needs to be recorded.";
    Rule, "ledger.key.revokesItself", "A key cannot revoke itself: whoever stole it could.", OTHERS, "Revoke it with its recovery key.";
    Rule, "ledger.key.sinceLater", "A revocation says that the key is compromised since an entry that comes after it.", OTHERS, AGAIN;
    Rule, "ledger.key.stale", "The change of a key does not follow the identity's last one.", OTHERS, AGAIN;
    Rule, "ledger.key.unknown", "The key that signs has not entered the log.", OTHERS, "Enter the key first; `byline sign` does so by itself.";
    Rule, "ledger.key.unknownIdentity", "The identity that is named has not entered the log.", OTHERS, AGAIN;
    Rule, "ledger.licence.ended", "The licence was ended before.", OTHERS, "Nothing needs to be recorded.";
    Rule, "ledger.licence.full", "The picture has as many exclusive licences as the ledger keeps.", OTHERS, "End a licence that is over.";
    Rule, "ledger.licence.overlap", "Another exclusive licence covers a part of the same time and place.", OTHERS, "Grant it for another time or place, or end the other one.";
    Rule, "ledger.log.coversLess", "A signed state is not that of all entries before it.", OTHERS, "Sign a new one: byline ledger root.";
    Rule, "ledger.log.coversMore", "A statement of the log speaks of entries that come after it.", OTHERS, COPY;
    Rule, "ledger.log.notLogKey", "A statement of the log is not signed by the log's key.", OTHERS, COPY;
    Rule, "ledger.log.redactsOther", "A redaction names an entry by index and by hash, and those are two entries.", OTHERS, AGAIN;
    Rule, "ledger.rights.lifted", "The reservation was lifted before.", OTHERS, "Nothing needs to be recorded.";
    Rule, "ledger.title.late", "The offer had ended when it was accepted.", OTHERS, "Ask the holder for a new offer.";
    Rule, "ledger.title.notHolder", "The signer is no recorded holder of what is given away.", OTHERS, "Have a holder sign.";
    Rule, "ledger.title.notRecipient", "The offer was made to somebody else.", OTHERS, "Have the person sign whom the offer names.";
    Rule, "ledger.title.offerSpent", "The offer was taken or withdrawn before.", OTHERS, "Ask the holder for a new offer.";
    Rule, "ledger.title.offerSuspect", "The key that made the offer was revoked from before then.", OTHERS, "Ask the holder for a new offer.";
    Rule, "ledger.title.offerTooMuch", "More is offered than the signer holds.", OTHERS, "Offer what is held.";
    Rule, "ledger.title.stale", "The offer is about a title that has moved since.", OTHERS, "Ask the holder for a new offer.";
}
