//! The slow obvious model: no state at all. Whatever it is asked, it goes through the whole list of entries from the
//! beginning, by the words of the grammar. It shares nothing with the reducer but the entries and the names of rules.

mod keys;

use byline::base::{Digest, Timestamp};
use byline::keys::KeyId;
use byline::ledger::body::{LicenceGrant, Outcome, Scope, TitleOffer};
use byline::ledger::{Entry, EntryBody, LeafHash, Subject};

/// A log, and which of its entries stand.
pub(crate) struct Model {
    log: Vec<Entry>,
    ids: Vec<LeafHash>,
    stands: Vec<bool>,
    roots: Vec<Option<usize>>,
    signers: Vec<Option<KeyId>>,
    log_key: KeyId,
    arbiters: Vec<KeyId>,
}

/// The id of the rule that refuses.
pub(crate) type Rule = &'static str;

/// A holder: who, how much, and the title entry it hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) by: KeyId,
    pub(crate) share: u16,
    pub(crate) head: usize,
}

fn need(is_so: bool, or: Rule) -> Result<(), Rule> {
    if is_so { Ok(()) } else { Err(or) }
}

const KEY_ENDED: Rule = "ledger.key.ended";
const NOT_HOLDER: Rule = "ledger.title.notHolder";
const UNKNOWN_KEY: Rule = "ledger.key.unknown";
const UNKNOWN_NAME: Rule = "ledger.entry.unknownName";
const WRONG_KIND: Rule = "ledger.entry.wrongKind";

impl Model {
    pub(crate) fn new(log_key: KeyId, arbiters: Vec<KeyId>) -> Self {
        Self {
            log: Vec::new(),
            ids: Vec::new(),
            stands: Vec::new(),
            roots: Vec::new(),
            signers: Vec::new(),
            log_key,
            arbiters,
        }
    }

    /// Adds an entry and says what becomes of it.
    pub(crate) fn put(&mut self, entry: &Entry) -> Result<(), Rule> {
        self.log.push(entry.clone());
        self.ids.push(entry.id());
        self.stands.push(false);
        let at = self.log.len() - 1;
        let judged = self.judge(at);
        self.stands[at] = judged.is_ok();
        let has_root = judged.is_ok() && self.asset_of(at).is_some();
        self.roots.push(has_root.then(|| self.find_root(at)));
        let is_signed = judged.is_ok() && self.entered(&self.log[at].signer(), at).is_some();
        self.signers.push(is_signed.then(|| self.find_signer(at)));
        judged
    }

    /// Places before `at` whose entries stand.
    fn standing(&self, at: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        (0..at.min(self.log.len())).filter(|i| self.stands[*i])
    }

    fn body(&self, at: usize) -> &EntryBody {
        self.log[at].body()
    }

    fn asset_of(&self, at: usize) -> Option<[u8; 16]> {
        match self.body(at).subject() {
            Subject::Asset(id) => Some(id),
            _ => None,
        }
    }

    // Titles.

    /// The entry about this asset that a leaf hash names.
    fn named(&self, asset: &[u8; 16], leaf: &LeafHash, at: usize) -> Result<usize, Rule> {
        self.standing(at)
            .find(|i| self.ids[*i] == *leaf && self.asset_of(*i).as_ref() == Some(asset))
            .ok_or(UNKNOWN_NAME)
    }

    /// The registration that an entry's chain begins with. Kept once the entry stands: nothing later can change it.
    fn root(&self, at: usize) -> usize {
        self.roots
            .get(at)
            .copied()
            .flatten()
            .unwrap_or_else(|| self.find_root(at))
    }

    fn find_root(&self, at: usize) -> usize {
        let of = |leaf: &LeafHash| {
            let asset = self.asset_of(at).unwrap();
            self.root(self.named(&asset, leaf, at).unwrap())
        };
        match self.body(at) {
            EntryBody::AssetRegister(_) => at,
            EntryBody::TitleOffer(body) => of(&body.prev),
            EntryBody::TitleAccept(body) => of(&body.offer),
            EntryBody::LicenceGrant(body) => of(&body.title),
            EntryBody::LicenceEnd(body) => of(&body.grant),
            EntryBody::RightsReserve(body) => of(&body.title),
            EntryBody::RightsLift(body) => of(&body.reservation),
            EntryBody::DisputeOpen(body) => of(&body.entry),
            EntryBody::DisputeAnswer(body) => of(&body.dispute),
            EntryBody::DisputeClose(body) => of(&body.dispute),
            _ => unreachable!(),
        }
    }

    /// The identity that signed an entry. Kept like [`Model::root`].
    fn signer(&self, at: usize) -> KeyId {
        self.signers
            .get(at)
            .copied()
            .flatten()
            .unwrap_or_else(|| self.find_signer(at))
    }

    fn find_signer(&self, at: usize) -> KeyId {
        self.identity(&self.log[at].signer(), at).unwrap()
    }

    /// Registrations of an asset id before `at`.
    pub(crate) fn roots(&self, asset: &[u8; 16], at: usize) -> Vec<usize> {
        self.standing(at)
            .filter(|i| {
                matches!(self.body(*i), EntryBody::AssetRegister(_)) && self.asset_of(*i) == Some(*asset)
            })
            .collect()
    }

    /// Acceptances in a chain before `at`, each with its offer.
    fn moves(&self, root: usize, at: usize) -> Vec<(usize, usize)> {
        self.standing(at)
            .filter(|i| matches!(self.body(*i), EntryBody::TitleAccept(_)) && self.root(*i) == root)
            .map(|i| match self.body(i) {
                EntryBody::TitleAccept(body) => (i, self.named(&body.asset_id, &body.offer, i).unwrap()),
                _ => unreachable!(),
            })
            .collect()
    }

    pub(crate) fn holders(&self, root: usize, at: usize) -> Vec<Held> {
        let mut held = vec![Held {
            by: self.signer(root),
            share: 10_000,
            head: root,
        }];
        for (accept, offer) in self.moves(root, at) {
            let EntryBody::TitleOffer(offered) = self.body(offer) else {
                unreachable!()
            };
            let (from, to) = (self.signer(offer), self.signer(accept));
            for held in &mut held {
                if held.by == from {
                    held.share -= offered.share.points();
                    held.head = accept;
                }
            }
            match held.iter_mut().find(|held| held.by == to) {
                Some(held) => {
                    held.share += offered.share.points();
                    held.head = accept;
                }
                None => held.push(Held {
                    by: to,
                    share: offered.share.points(),
                    head: accept,
                }),
            }
            held.retain(|held| held.share > 0);
        }
        held
    }

    fn holder(&self, root: usize, by: &KeyId, at: usize) -> Result<Held, Rule> {
        let holders = self.holders(root, at);
        holders.into_iter().find(|held| held.by == *by).ok_or(NOT_HOLDER)
    }

    /// The chain in which someone holds a share under this very title entry.
    fn held_by(&self, asset: &[u8; 16], title: &LeafHash, by: &KeyId, at: usize) -> Result<usize, Rule> {
        let named = self.named(asset, title, at)?;
        let is_title = matches!(
            self.body(named),
            EntryBody::AssetRegister(_) | EntryBody::TitleAccept(_)
        );
        need(is_title, WRONG_KIND)?;
        let root = self.root(named);
        let held = self.holder(root, by, at)?;
        need(held.head == named, "ledger.title.stale")?;
        Ok(root)
    }

    /// Whether someone's share moved between an offer and `at`.
    fn is_spent(&self, offer: usize, at: usize) -> bool {
        let by = self.signer(offer);
        self.moves(self.root(offer), at)
            .into_iter()
            .any(|(accept, other)| accept > offer && (self.signer(other) == by || self.signer(accept) == by))
    }

    fn is_late(offer: &TitleOffer, at: usize, time: Timestamp) -> bool {
        offer.until_index.is_some_and(|until| at as u64 >= until.0)
            || offer.until.is_some_and(|until| time > until)
    }

    fn judge_accept(&self, at: usize, by: &KeyId, asset: &[u8; 16], leaf: &LeafHash) -> Result<(), Rule> {
        let named = self.named(asset, leaf, at)?;
        let EntryBody::TitleOffer(offer) = self.body(named) else {
            return Err(WRONG_KIND);
        };
        need(
            self.identity(&offer.to, at).as_ref() == Some(by),
            "ledger.title.notRecipient",
        )?;
        need(!self.is_spent(named, at), "ledger.title.offerSpent")?;
        need(
            !Self::is_late(offer, at, self.log[at].time()),
            "ledger.title.late",
        )?;
        need(!self.is_suspect(named, at), "ledger.title.offerSuspect")
    }

    /// The first entry of a chain from which on its title is contested, as a key was declared stolen before `at`.
    pub(crate) fn suspect_since(&self, root: usize, at: usize) -> Option<usize> {
        if self.is_suspect(root, at) {
            return Some(root);
        }
        let is_suspect =
            |(accept, offer): &(usize, usize)| self.is_suspect(*accept, at) || self.is_suspect(*offer, at);
        let found = self.moves(root, at).into_iter().find(is_suspect);
        found.map(|(accept, _)| accept)
    }

    // Licences.

    fn grant(&self, at: usize) -> Option<&LicenceGrant> {
        match self.body(at) {
            EntryBody::LicenceGrant(body) => Some(body),
            _ => None,
        }
    }

    /// Grants of a chain before `at` by which a licence took effect.
    pub(crate) fn licences(&self, root: usize, at: usize) -> Vec<usize> {
        self.standing(at)
            .filter(|i| self.grant(*i).is_some() && self.root(*i) == root)
            .filter(|i| !self.grant(*i).unwrap().scope.exclusive || self.parts(*i).is_some())
            .collect()
    }

    /// The grants that make up the exclusive licence which the grant at `last` completes, if it completes one.
    fn parts(&self, last: usize) -> Option<Vec<usize>> {
        let scope = &self.grant(last)?.scope;
        let root = self.root(last);
        // What went into an earlier licence of the same scope is used up.
        let begin = self
            .licences(root, last)
            .into_iter()
            .rfind(|i| self.grant(*i).unwrap().scope == *scope);
        self.holders(root, last)
            .iter()
            .map(|held| {
                let mut consents = (begin.map_or(0, |begin| begin + 1)..=last).filter(|i| {
                    let is_standing = self.stands[*i] || *i == last;
                    let is_same = self.grant(*i).is_some_and(|grant| grant.scope == *scope);
                    is_standing && is_same && self.root(*i) == root && self.signer(*i) == held.by
                });
                let latest = consents.next_back()?;
                let is_current = self.grant(latest)?.title == self.ids[held.head];
                let is_good =
                    is_current && !self.is_suspect(latest, last) && self.end_of_named(latest, last).is_none();
                is_good.then_some(latest)
            })
            .collect()
    }

    /// The licence.end before `at` that names this very grant.
    fn end_of_named(&self, grant: usize, at: usize) -> Option<usize> {
        self.standing(at)
            .find(|i| matches!(self.body(*i), EntryBody::LicenceEnd(body) if body.grant == self.ids[grant]))
    }

    /// The licence.end before `at` of a licence, whichever of its parts it names.
    pub(crate) fn end_of(&self, licence: usize, at: usize) -> Option<usize> {
        let mut parts = vec![licence];
        if self.grant(licence)?.scope.exclusive {
            parts = self.parts(licence)?;
        }
        // One that named a part before the licence was in force took that part back.
        parts
            .into_iter()
            .filter_map(|part| self.end_of_named(part, at))
            .filter(|end| *end > licence)
            .min()
    }

    /// Whether some second in some place is covered both by a licence, as far as it was not ended, and by a scope.
    fn covers(&self, licence: usize, scope: &Scope, at: usize) -> bool {
        let licensed = &self.grant(licence).unwrap().scope;
        let mut until = licensed.until.map_or(i64::MAX, Timestamp::unix_s);
        if let Some(end) = self.end_of(licence, at) {
            until = until.min(self.log[end].time().unix_s() - 1);
        }
        let (from, other_until) = (
            licensed.from.unix_s(),
            scope.until.map_or(i64::MAX, Timestamp::unix_s),
        );
        let in_time = from <= until && scope.from.unix_s() <= until && from <= other_until;
        let place =
            |a: &[u16], b: &[u16]| a.is_empty() || b.is_empty() || a.iter().any(|code| b.contains(code));
        in_time && place(&licensed.territories, &scope.territories)
    }

    fn judge_grant(&self, at: usize, by: &KeyId, grant: &LicenceGrant) -> Result<(), Rule> {
        let root = self.held_by(&grant.asset_id, &grant.title, by, at)?;
        let overlaps = grant.scope.exclusive
            && self
                .licences(root, at)
                .into_iter()
                .filter(|i| self.grant(*i).unwrap().scope.exclusive)
                .any(|licence| self.covers(licence, &grant.scope, at));
        need(!overlaps, "ledger.licence.overlap")
    }

    fn judge_end(&self, at: usize, by: &KeyId, asset: &[u8; 16], leaf: &LeafHash) -> Result<(), Rule> {
        let named = self.named(asset, leaf, at)?;
        let grant = self.grant(named).ok_or(WRONG_KIND)?;
        let root = self.root(named);
        let licence = self.licences(root, at).into_iter().find(|licence| {
            *licence == named
                || (self.grant(*licence).unwrap().scope.exclusive
                    && self.parts(*licence).unwrap().contains(&named))
        });
        if let Some(licence) = licence {
            let licensee = grant.scope.licensee;
            let is_licensee = licensee.is_some_and(|key| self.identity(&key, at).as_ref() == Some(by));
            let is_party = is_licensee || self.holder(root, by, at).is_ok();
            need(is_party, "ledger.entry.notParty")?;
            return need(self.end_of(licence, at).is_none(), "ledger.licence.ended");
        }
        // It waits, unless it was taken back, renewed, or left behind by a licence that took effect without it.
        let scope = &grant.scope;
        let is_gone = self.end_of_named(named, at).is_some()
            || self.standing(at).filter(|i| *i > named).any(|i| {
                self.grant(i).is_some_and(|other| other.scope == *scope)
                    && self.root(i) == root
                    && (self.signer(i) == self.signer(named) || self.parts(i).is_some())
            });
        need(!is_gone, "ledger.licence.ended")?;
        need(self.signer(named) == *by, "ledger.entry.notParty")
    }

    // Rights.

    /// The lifts of a reservation before `at`, up to the one by which it was gone.
    fn lifts(&self, reservation: usize, at: usize) -> (Vec<usize>, bool) {
        let root = self.root(reservation);
        let mut lifts: Vec<usize> = Vec::new();
        for i in self.standing(at) {
            if !matches!(self.body(i), EntryBody::RightsLift(body) if body.reservation == self.ids[reservation])
            {
                continue;
            }
            lifts.push(i);
            let has_lifted = |held: &Held| lifts.iter().any(|lift| self.signer(*lift) == held.by);
            if self.holders(root, i).iter().all(has_lifted) {
                return (lifts, true);
            }
        }
        (lifts, false)
    }

    /// Reservations of a chain that are in force at `at`.
    pub(crate) fn reservations(&self, root: usize, at: usize) -> Vec<usize> {
        self.standing(at)
            .filter(|i| self.reserves(*i) && self.root(*i) == root && !self.lifts(*i, at).1)
            .collect()
    }

    fn reserves(&self, at: usize) -> bool {
        use byline::base::statement::Mining;
        match self.body(at) {
            EntryBody::RightsReserve(_) => true,
            EntryBody::AssetRegister(body) => body.mining.is_some_and(|mining| mining != Mining::Allowed),
            _ => false,
        }
    }

    fn judge_lift(&self, at: usize, by: &KeyId, asset: &[u8; 16], leaf: &LeafHash) -> Result<(), Rule> {
        let named = self.named(asset, leaf, at)?;
        let may_be_one = matches!(
            self.body(named),
            EntryBody::RightsReserve(_) | EntryBody::AssetRegister(_)
        );
        need(may_be_one, WRONG_KIND)?;
        self.holder(self.root(named), by, at)?;
        need(self.reserves(named), WRONG_KIND)?;
        let (lifts, is_gone) = self.lifts(named, at);
        let has_lifted = lifts.iter().any(|lift| self.signer(*lift) == *by);
        need(!is_gone && !has_lifted, "ledger.rights.lifted")
    }

    // Disputes.

    fn open_dispute(&self, asset: &[u8; 16], leaf: &LeafHash, at: usize) -> Result<usize, Rule> {
        let named = self.named(asset, leaf, at)?;
        need(matches!(self.body(named), EntryBody::DisputeOpen(_)), WRONG_KIND)?;
        need(self.closed(named, at).is_none(), "ledger.dispute.closed")?;
        Ok(named)
    }

    pub(crate) fn closed(&self, dispute: usize, at: usize) -> Option<usize> {
        self.standing(at).find(
            |i| matches!(self.body(*i), EntryBody::DisputeClose(body) if body.dispute == self.ids[dispute]),
        )
    }

    /// Who speaks in an entry about an asset; for a privileged dispute the identity that it names.
    fn speaker(&self, at: usize) -> KeyId {
        match self.body(at) {
            EntryBody::DisputeOpen(body) if body.privilege.is_some() => body.privilege.unwrap().identity,
            _ => self.signer(at),
        }
    }

    fn judge_close(
        &self,
        at: usize,
        by: &KeyId,
        asset: &[u8; 16],
        leaf: &LeafHash,
        outcome: Outcome,
    ) -> Result<(), Rule> {
        let dispute = self.open_dispute(asset, leaf, at)?;
        if self.arbiters.contains(by) && outcome != Outcome::Withdrawn {
            return Ok(());
        }
        let is_arbiters = matches!(outcome, Outcome::Upheld | Outcome::Rejected);
        need(!is_arbiters, "ledger.dispute.arbiter")?;
        need(self.speaker(dispute) == *by, "ledger.dispute.notOpener")?;
        let is_privileged =
            matches!(self.body(dispute), EntryBody::DisputeOpen(body) if body.privilege.is_some());
        let is_later_key = self.entered(&self.log[at].signer(), at).unwrap() > dispute;
        need(!is_privileged || is_later_key, "ledger.dispute.privileged")
    }

    fn judge_asset(&self, at: usize) -> Result<(), Rule> {
        let asset = self.asset_of(at).unwrap();
        let twice = self.standing(at).any(|i| self.ids[i] == self.ids[at]);
        if let EntryBody::DisputeOpen(body) = self.body(at)
            && let Some(privilege) = &body.privilege
        {
            need(!twice, "ledger.entry.duplicate")?;
            let (_, recovery) = self.next_and_recovery(&privilege.identity, at);
            let is_identity = !self.events(&privilege.identity, at).is_empty();
            need(is_identity, "ledger.key.unknownIdentity")?;
            let key = Some(Digest::of(privilege.key.as_bytes()));
            need(recovery == key, "ledger.key.notRecovery")?;
            return self.named(&asset, &body.entry, at).map(|_| ());
        }
        need(!twice, "ledger.entry.duplicate")?;
        let by = self.live(&self.log[at].signer(), at)?;
        match self.body(at) {
            EntryBody::AssetRegister(_) => {
                let mut roots = self.roots(&asset, at).into_iter();
                need(
                    roots.all(|root| self.signer(root) != by),
                    "ledger.entry.assetTwice",
                )
            }
            EntryBody::TitleOffer(body) => {
                let root = self.held_by(&asset, &body.prev, &by, at)?;
                let held = self.holder(root, &by, at)?;
                need(body.share.points() <= held.share, "ledger.title.offerTooMuch")?;
                need(!Self::is_late(body, at, self.log[at].time()), "ledger.title.late")
            }
            EntryBody::TitleAccept(body) => self.judge_accept(at, &by, &asset, &body.offer),
            EntryBody::LicenceGrant(body) => self.judge_grant(at, &by, body),
            EntryBody::LicenceEnd(body) => self.judge_end(at, &by, &asset, &body.grant),
            EntryBody::RightsReserve(body) => match self.held_by(&asset, &body.title, &by, at) {
                Err(NOT_HOLDER) => {
                    let named = self.named(&asset, &body.title, at)?;
                    let is_own = self.root(named) == named && self.signer(named) == by;
                    need(is_own, NOT_HOLDER)
                }
                other => other.map(|_| ()),
            },
            EntryBody::RightsLift(body) => self.judge_lift(at, &by, &asset, &body.reservation),
            EntryBody::DisputeOpen(body) => self.named(&asset, &body.entry, at).map(|_| ()),
            EntryBody::DisputeAnswer(body) => {
                let dispute = self.open_dispute(&asset, &body.dispute, at)?;
                let EntryBody::DisputeOpen(opened) = self.body(dispute) else {
                    unreachable!()
                };
                let about = self.named(&asset, &opened.entry, dispute)?;
                let concerns = self.speaker(about) == by || self.holder(self.root(dispute), &by, at).is_ok();
                need(concerns, "ledger.entry.notParty")
            }
            EntryBody::DisputeClose(body) => self.judge_close(at, &by, &asset, &body.dispute, body.outcome),
            _ => unreachable!(),
        }
    }

    fn judge(&self, at: usize) -> Result<(), Rule> {
        let is_log = self.log[at].signer() == self.log_key;
        let covers = match self.body(at) {
            EntryBody::Redact(body) => body.index.0 + 1,
            EntryBody::StateRoot(body) => body.covers.0,
            EntryBody::Anchor(body) => body.covers.0,
            _ => {
                need(!is_log, "ledger.key.logKeyEnters")?;
                return match self.body(at).subject() {
                    Subject::Asset(_) => self.judge_asset(at),
                    _ => self.judge_key(at),
                };
            }
        };
        need(is_log, "ledger.log.notLogKey")?;
        need(covers <= at as u64, "ledger.log.coversMore")?;
        let is_whole = !matches!(self.body(at), EntryBody::StateRoot(_)) || covers == at as u64;
        need(is_whole, "ledger.log.coversLess")
    }
}
