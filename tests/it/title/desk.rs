//! A desk to write histories at: a few people with keys, a clock that ticks with each entry, and the reducer beside it.

use byline::base::statement::{Mining, Role};
use byline::base::{Digest, SourceType, Timestamp};
use byline::keys::{CreatorKey, KeyId};
use byline::ledger::body::{
    DisputeAnswer, DisputeClose, DisputeOpen, Ground, KeyRevoke, KeyRotate, LicenceEnd, LicenceGrant,
    Outcome, Privilege, RevokeReason, RightsLift, RightsReserve, Scope, Share, Stance, Terms, TitleAccept,
    TitleOffer, Use, Uses,
};
use byline::ledger::broken::Broken;
use byline::ledger::rules::{Memory, Unreadable};
use byline::ledger::title::{Claim, Did, Entered, Policy, State};
use byline::ledger::{
    DigestForm, Entry, EntryBody, KeyIncept, KeyName, LeafHash, LeafIndex, LogKey, Registration, Subject,
    TreeSize,
};

pub(crate) const NOW: Timestamp = Timestamp::from_unix_ms(1_780_000_000_000);
/// Seconds between one entry and the next.
pub(crate) const TICK: i64 = 10;

/// The log of every history here.
pub(crate) fn log_key() -> LogKey {
    LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        CreatorKey::from_seed(&[2; 32]),
    )
}

/// Someone with a row of keys, each committed to by the one before, and a recovery key.
pub(crate) struct Person {
    pub(crate) keys: Vec<CreatorKey>,
    pub(crate) recovery: CreatorKey,
    /// How many keys there are to rotate to.
    at: usize,
}

impl Person {
    pub(crate) fn new(number: u8) -> Self {
        Self {
            keys: (0..4)
                .map(|n| CreatorKey::from_seed(&[100 + number, n].repeat(16).try_into().unwrap()))
                .collect(),
            recovery: CreatorKey::from_seed(&[200 + number; 32]),
            at: 0,
        }
    }

    /// The identity: the thumbprint of the first key.
    pub(crate) fn id(&self) -> KeyId {
        self.keys[0].public().key_id()
    }

    /// The key in use.
    pub(crate) fn key(&self) -> &CreatorKey {
        &self.keys[self.at]
    }

    /// The key after it.
    pub(crate) fn next(&self) -> &CreatorKey {
        &self.keys[self.at + 1]
    }

    pub(crate) fn incept(&self) -> EntryBody {
        EntryBody::KeyIncept(KeyIncept {
            key: self.keys[0].public(),
            next: Some(committed(&self.keys[1])),
            recovery: Some(committed(&self.recovery)),
        })
    }

    /// The rotation to the next key; [`Person::rotated`] once it stands.
    pub(crate) fn rotate(&self, prev: LeafHash) -> EntryBody {
        EntryBody::KeyRotate(KeyRotate {
            identity: self.id(),
            key: self.next().public(),
            prev,
            next: self.keys.get(self.at + 2).map(committed),
            recovery: None,
        })
    }

    pub(crate) fn rotated(&mut self) {
        self.at += 1;
    }

    pub(crate) fn revoke(&self, by: &CreatorKey, event: LeafHash, reason: RevokeReason) -> EntryBody {
        EntryBody::KeyRevoke(KeyRevoke {
            identity: self.id(),
            key: by.public(),
            event,
            reason,
        })
    }
}

pub(crate) fn committed(key: &CreatorKey) -> Digest {
    Digest::of(key.public().as_bytes())
}

pub(crate) fn asset(n: u8) -> [u8; 16] {
    byline::ledger::body::v4([n; 16])
}

pub(crate) fn register(asset_id: [u8; 16], content: u8) -> EntryBody {
    EntryBody::AssetRegister(Registration {
        asset_id,
        digests: DigestForm::Plain,
        file: Digest::of(&[1, content]),
        content: Digest::of(&[2, content]),
        pixel: None,
        manifest: Digest::of(&[3, content]),
        fingerprints: Vec::new(),
        source: SourceType::ALL[usize::from(content) % SourceType::ALL.len()],
        family: None,
        role: Some(Role::Creator),
        mining: (content % 2 == 1).then_some(Mining::NoTraining),
        rights: Vec::new(),
        parents: Vec::new(),
    })
}

pub(crate) fn offer(asset_id: [u8; 16], prev: LeafHash, to: KeyId, points: u16) -> TitleOffer {
    TitleOffer {
        asset_id,
        prev,
        to,
        share: Share::basis_points(points).unwrap(),
        until_index: None,
        until: None,
        terms: None,
    }
}

pub(crate) fn accept(asset_id: [u8; 16], offer: LeafHash) -> EntryBody {
    EntryBody::TitleAccept(TitleAccept { asset_id, offer })
}

/// An exclusive licence for everyone's good friend, for seconds from the beginning of the log.
pub(crate) fn exclusive(to: KeyId, territories: &[u16], from: i64, until: Option<i64>) -> Scope {
    let second = |offset| Timestamp::from_unix_s(NOW.unix_s() + offset);
    Scope {
        licensee: Some(to),
        terms: Terms::Digest(Digest::of(b"contract")),
        territories: territories.to_vec(),
        from: second(from),
        until: until.map(second),
        exclusive: true,
    }
}

pub(crate) fn grant(asset_id: [u8; 16], title: LeafHash, scope: &Scope) -> EntryBody {
    EntryBody::LicenceGrant(LicenceGrant {
        asset_id,
        title,
        scope: scope.clone(),
    })
}

pub(crate) fn end(asset_id: [u8; 16], grant: LeafHash) -> EntryBody {
    EntryBody::LicenceEnd(LicenceEnd { asset_id, grant })
}

pub(crate) fn reserve(asset_id: [u8; 16], title: LeafHash) -> EntryBody {
    EntryBody::RightsReserve(RightsReserve {
        asset_id,
        title,
        uses: Uses {
            ai_training: Some(Use::NotAllowed),
            ..Uses::default()
        },
        terms: None,
    })
}

pub(crate) fn lift(asset_id: [u8; 16], reservation: LeafHash) -> EntryBody {
    EntryBody::RightsLift(RightsLift {
        asset_id,
        reservation,
    })
}

pub(crate) fn dispute(asset_id: [u8; 16], entry: LeafHash, ground: Ground) -> EntryBody {
    EntryBody::DisputeOpen(DisputeOpen {
        asset_id,
        entry,
        ground,
        evidence: None,
        privilege: None,
    })
}

pub(crate) fn privileged(asset_id: [u8; 16], entry: LeafHash, by: &CreatorKey, identity: KeyId) -> EntryBody {
    EntryBody::DisputeOpen(DisputeOpen {
        asset_id,
        entry,
        ground: Ground::Title,
        evidence: None,
        privilege: Some(Privilege {
            key: by.public(),
            identity,
        }),
    })
}

pub(crate) fn answer(asset_id: [u8; 16], dispute: LeafHash) -> EntryBody {
    EntryBody::DisputeAnswer(DisputeAnswer {
        asset_id,
        dispute,
        stance: Stance::Denied,
        evidence: None,
    })
}

pub(crate) fn close(asset_id: [u8; 16], dispute: LeafHash, outcome: Outcome) -> EntryBody {
    EntryBody::DisputeClose(DisputeClose {
        asset_id,
        dispute,
        outcome,
        evidence: None,
    })
}

/// A history being written: everything said, void or not, and what the reducer made of it.
pub(crate) struct Desk {
    pub(crate) log: Vec<Entry>,
    pub(crate) judged: Vec<Result<Did, Broken>>,
    pub(crate) state: State,
    pub(crate) policy: Policy,
    /// Seconds after the beginning at which the next entry is signed.
    pub(crate) clock: i64,
}

impl Desk {
    pub(crate) fn new(arbiters: Vec<KeyId>) -> Self {
        let log = *log_key().verifier().key();
        let policy = Policy { log, arbiters };
        Self {
            log: Vec::new(),
            judged: Vec::new(),
            state: State::new(policy.clone()),
            policy,
            clock: 0,
        }
    }

    /// A desk with these people's keys already in the log.
    pub(crate) fn with(people: &[&Person]) -> Self {
        let mut desk = Self::new(Vec::new());
        for person in people {
            desk.stands(person.incept(), person.key());
        }
        desk
    }

    /// Where the next entry will stand.
    pub(crate) fn next_index(&self) -> LeafIndex {
        LeafIndex(self.log.len() as u64)
    }

    pub(crate) fn size(&self) -> TreeSize {
        TreeSize(self.log.len() as u64)
    }

    /// Every registration of a content that stands.
    pub(crate) fn claims(&self, content: &Digest) -> Vec<Claim> {
        let keys = self.state.keys();
        let mut found = Vec::new();
        for ((index, entry), judged) in (0..).map(LeafIndex).zip(&self.log).zip(&self.judged) {
            match entry.body() {
                EntryBody::AssetRegister(body) if body.content == *content && judged.is_ok() => {
                    let entered = Entered {
                        index,
                        leaf: entry.id(),
                        key: entry.signer(),
                        identity: keys.id(keys.identity(keys.number(&entry.signer()).unwrap())),
                    };
                    found.push((entered, body));
                }
                _ => {}
            }
        }
        Claim::side_by_side(found)
    }

    pub(crate) fn put(&mut self, entry: Entry) -> Result<LeafHash, Broken> {
        let (index, leaf) = (self.next_index(), entry.id());
        let judged = self.state.step(index, &leaf, &entry);
        self.log.push(entry);
        self.judged.push(judged);
        self.clock += TICK;
        judged.map(|_| leaf)
    }

    pub(crate) fn says(&mut self, body: EntryBody, key: &CreatorKey) -> Result<LeafHash, Broken> {
        let time = Timestamp::from_unix_s(NOW.unix_s() + self.clock);
        self.put(Entry::sign(body, key, time).unwrap())
    }

    /// Says what must stand; gives its leaf hash.
    pub(crate) fn stands(&mut self, body: EntryBody, key: &CreatorKey) -> LeafHash {
        self.says(body, key).unwrap()
    }

    /// Says what must not; gives the rule.
    pub(crate) fn void(&mut self, body: EntryBody, key: &CreatorKey) -> Broken {
        self.says(body, key).unwrap_err()
    }

    /// The whole title from one to another, who accepts at once; gives the acceptance.
    pub(crate) fn moves(
        &mut self,
        asset_id: [u8; 16],
        prev: LeafHash,
        points: u16,
        from: &Person,
        to: &Person,
    ) -> LeafHash {
        let offered = self.stands(
            EntryBody::TitleOffer(offer(asset_id, prev, to.id(), points)),
            from.key(),
        );
        self.stands(accept(asset_id, offered), to.key())
    }
}

/// A log as an append reads it: entry by entry, found by what it is about.
pub(crate) struct Past<'a>(pub(crate) &'a [Entry]);

impl Past<'_> {
    fn entries(&self, is_it: impl Fn(&Entry) -> bool) -> Vec<(LeafIndex, Entry)> {
        let all = (0..).map(LeafIndex).zip(self.0);
        let found = all.filter(|(_, entry)| is_it(entry));
        found.map(|(index, entry)| (index, entry.clone())).collect()
    }
}

impl Memory for Past<'_> {
    fn entry(&self, id: &LeafHash) -> Option<LeafIndex> {
        let at = self.0.iter().position(|entry| entry.id() == *id)?;
        Some(LeafIndex(at as u64))
    }

    fn key_events(&self, key: &KeyId) -> Result<Vec<(LeafIndex, Entry)>, Unreadable> {
        let enters = |entry: &Entry| {
            matches!(entry.body(), EntryBody::KeyIncept(_) | EntryBody::KeyRotate(_))
                && entry.signer() == *key
        };
        let subject = Subject::Identity(*key);
        Ok(self.entries(|entry| enters(entry) || entry.body().subject() == subject))
    }

    fn about(&self, asset_id: &[u8; 16]) -> Result<Vec<(LeafIndex, Entry)>, Unreadable> {
        let subject = Subject::Asset(*asset_id);
        Ok(self.entries(|entry| entry.body().subject() == subject))
    }
}
