//! Where an asset stands, as plain fields.

use super::fields::{terms, uses};
use super::who::Names;
use crate::base::Timestamp;
use crate::base::statement::uuid_text;
use crate::ledger::body::{Scope, Term};
use crate::ledger::title::{
    AssetStanding, Claim, DisputeStanding, LicenceStanding, OfferStanding, ReservationStanding, TitleStanding,
};
use crate::report::title::{
    AnswerView, AssetView, ClaimView, DisputeView, HolderView, LicenceTerm, LicenceView, OfferView,
    ReservationView, TitleView,
};

/// An asset, and the registrations of the same content.
pub(in crate::app) fn asset(standing: &AssetStanding, claims: &[Claim], names: &Names) -> AssetView {
    AssetView {
        asset_id: uuid_text(standing.asset_id),
        titles: standing.titles.iter().map(|one| title(one, names)).collect(),
        disputes: standing.disputes.iter().map(|one| dispute(one, names)).collect(),
        claims: claims.iter().map(|one| claim(one, names)).collect(),
    }
}

fn title(title: &TitleStanding, names: &Names) -> TitleView {
    let holders = title.holders.iter().map(|holder| HolderView {
        who: names.who(&holder.identity),
        basis_points: holder.share.points(),
        since: holder.since.0,
    });
    let licences = title.licences.iter().map(|one| LicenceView {
        conflicts: conflicts(one, &title.licences),
        ..licence(
            one.entry.index.0,
            &one.scope,
            one.ended.map(|index| index.0),
            names,
        )
    });
    let waiting = title.waiting.iter().map(|one| {
        let parts: Vec<u64> = one.grants.iter().map(|grant| grant.index.0).collect();
        let index = parts.first().copied().unwrap_or(0);
        LicenceView {
            parts,
            ..licence(index, &one.scope, None, names)
        }
    });
    TitleView {
        registered: title.registered.index.0,
        by: names.who(&title.registered.identity),
        last: title.last.index.0,
        holders: holders.collect(),
        offers: title.offers.iter().map(|one| offer(one, names)).collect(),
        licences: licences.collect(),
        waiting: waiting.collect(),
        reservations: title
            .reservations
            .iter()
            .map(|one| reservation(one, names))
            .collect(),
        contested_since: title.suspect.map(|one| one.since.0),
    }
}

fn offer(offer: &OfferStanding, names: &Names) -> OfferView {
    OfferView {
        index: offer.entry.index.0,
        by: names.who(&offer.entry.identity),
        to: names.who(&offer.to),
        basis_points: offer.share.points(),
        until: offer.until.map(Timestamp::rfc3339),
        until_index: offer.until_index.map(|index| index.0),
        over: offer.is_over(names.now),
    }
}

fn licence(index: u64, scope: &Scope, ended: Option<u64>, names: &Names) -> LicenceView {
    LicenceView {
        index,
        parts: Vec::new(),
        licensee: scope.licensee.map(|key| names.who(&key)),
        terms: terms(scope),
        territories: scope.territories.clone(),
        from: scope.from.rfc3339(),
        until: scope.until.map(Timestamp::rfc3339),
        term: match scope.term(names.now) {
            Term::NotYet => LicenceTerm::NotYet,
            Term::Over => LicenceTerm::Over,
            Term::Running => LicenceTerm::Running,
        },
        exclusive: scope.exclusive,
        ended,
        conflicts: Vec::new(),
    }
}

/// The licences in force to somebody else that one in force cannot stand beside: one of the two excludes others.
fn conflicts(one: &LicenceStanding, all: &[LicenceStanding]) -> Vec<u64> {
    let conflicts = |other: &&LicenceStanding| {
        other.entry.leaf != one.entry.leaf
            && one.ended.is_none()
            && other.ended.is_none()
            && (one.scope.exclusive || other.scope.exclusive)
            && one.scope.licensee != other.scope.licensee
            && one.scope.meets(&other.scope)
    };
    let others = all.iter().filter(conflicts);
    others.map(|other| other.entry.index.0).collect()
}

fn reservation(reservation: &ReservationStanding, names: &Names) -> ReservationView {
    ReservationView {
        index: reservation.entry.index.0,
        by: names.who(&reservation.entry.identity),
        uses: uses(reservation.uses),
    }
}

fn dispute(dispute: &DisputeStanding, names: &Names) -> DisputeView {
    let answers = dispute.answers.iter().map(|(entry, stance)| AnswerView {
        index: entry.index.0,
        by: names.who(&entry.identity),
        stance: stance.word().to_owned(),
    });
    DisputeView {
        index: dispute.entry.index.0,
        about: dispute.about.index.0,
        ground: dispute.ground.word().to_owned(),
        by: names.who(&dispute.entry.identity),
        privileged: dispute.is_privileged,
        answers: answers.collect(),
        closed: dispute.closed.map(|(entry, _)| entry.index.0),
        closed_by: dispute.closed.map(|(entry, _)| names.who(&entry.identity)),
        outcome: dispute.closed.map(|(_, outcome)| outcome.word().to_owned()),
    }
}

fn claim(claim: &Claim, names: &Names) -> ClaimView {
    ClaimView {
        index: claim.entry.index.0,
        asset_id: uuid_text(claim.asset_id),
        by: names.who(&claim.entry.identity),
        source_type: claim.source.map(|source| source.term().to_owned()),
        role: claim.role.map(|role| role.word().to_owned()),
        contested: claim.is_contested,
    }
}
