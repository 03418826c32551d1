//! Likenesses and chances in words: "looks like", never "is"; "fewer than" where nothing was seen.

use crate::base::fingerprint::Algorithm;
use crate::report::find::{ChanceLine, NearWord, Nearest, Uniqueness};
use crate::similar::chance::{Chance, Likeness};
use crate::similar::variants::{Attitude, Variant, View};

/// The word of a distance.
pub(in crate::app) fn likeness(distance_bits: u32) -> NearWord {
    match Likeness::of(distance_bits) {
        Likeness::Same => NearWord::SamePicture,
        Likeness::Edited => NearWord::EditedCopy,
        Likeness::Related => NearWord::CloseRelative,
        Likeness::Unusual => NearWord::UnusualLikeness,
        _ => NearWord::None,
    }
}

/// A likeness as the predicate of a sentence about the picture looked for.
pub(in crate::app) const fn looks(likeness: NearWord) -> &'static str {
    match likeness {
        NearWord::SamePicture => "looks like the same picture as",
        NearWord::EditedCopy => "looks like an edited copy of, or made with nearly the settings of,",
        NearWord::CloseRelative => "looks like a close relative of",
        NearWord::UnusualLikeness => "has an unusual likeness to",
        NearWord::None => "is as far as unrelated pictures are from",
        NearWord::AgreeingPoints => "looks like",
    }
}

/// How a picture is mirrored and turned against another; nothing where it is not.
pub(in crate::app) fn attitude(of: Attitude) -> Option<String> {
    let words = match (of.transposed, of.across, of.down) {
        (false, false, false) => return None,
        (false, true, false) => "as mirrored",
        (false, false, true) => "as mirrored top to bottom",
        (false, true, true) => "turned upside down",
        (true, true, false) => "turned a quarter counter-clockwise",
        (true, false, true) => "turned a quarter clockwise",
        (true, _, _) => "mirrored and turned a quarter",
    };
    Some(words.to_owned())
}

/// What came near what; `None` when both pictures were compared as they are. Turns are those of the picture looked for, against the
/// registered one.
pub(in crate::app) fn view(by: &Variant, of: Algorithm) -> Option<String> {
    let Variant {
        view,
        attitude,
        inverted,
        ..
    } = *by;
    let mut parts = Vec::new();
    if inverted {
        parts.push("as inverted".to_owned());
    }
    parts.extend(self::attitude(attitude));
    match view {
        View::Centre(percent) => parts.push(format!("its centre, {percent} % of each side")),
        View::Straightened(degrees, _) if degrees > 0 => {
            parts.push(format!("turned by {degrees} degrees clockwise"));
        }
        View::Straightened(degrees, _) => {
            let degrees = degrees.unsigned_abs();
            parts.push(format!("turned by {degrees} degrees counter-clockwise"));
        }
        View::Trimmed => parts.push("without its border".to_owned()),
        _ => {}
    }
    match of {
        Algorithm::PdqCentre90 => parts.push("cut to the centre 90 % of each side".to_owned()),
        Algorithm::PdqCentre80 => parts.push("cut to the centre 80 % of each side".to_owned()),
        Algorithm::PdqCentre70 => parts.push("cut to the centre 70 % of each side".to_owned()),
        _ => {}
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A chance as a report has it.
pub(in crate::app) fn chance(chance: Chance) -> ChanceLine {
    ChanceLine {
        of_pair: chance.of_pair,
        expected: chance.expected,
        of_any: chance.of_any,
        at_most: chance.at_most,
        words: by_chance(chance),
    }
}

/// A chance that points agree as a report has it: strangers do not share a frame, copies of a template do.
pub(in crate::app) fn by_points(found: Chance) -> ChanceLine {
    let line = chance(found);
    ChanceLine {
        words: format!(
            "{}, as counted on unrelated pictures; a template, frame or interface that both share is no chance",
            line.words
        ),
        ..line
    }
}

/// How often unrelated pictures come as near as that, in a clause.
fn by_chance(chance: Chance) -> String {
    let bound = if chance.at_most { "fewer than" } else { "about" };
    if chance.expected >= 0.1 {
        return format!(
            "by chance alone {bound} {} would come as near",
            round(chance.expected)
        );
    }
    let one_in = 1.0 / chance.expected.max(f64::MIN_POSITIVE);
    format!(
        "by chance alone one would come as near in {bound} 1 of {} ledgers of this size",
        round(one_in)
    )
}

/// Two digits that count, and thousands set off.
fn round(number: f64) -> String {
    if number < 9.95 {
        return format!("{number:.1}");
    }
    let mut step = 1.0;
    while number / step >= 100.0 {
        step *= 10.0;
    }
    thousands(&format!("{:.0}", (number / step).round() * step))
}

/// Digits with a comma before each three.
pub(in crate::app) fn thousands(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How many pictures.
pub(in crate::app) fn pictures(number: u64) -> String {
    match number {
        1 => "1 registered picture".to_owned(),
        _ => format!("{} registered pictures", thousands(&number.to_string())),
    }
}

/// How unusual a picture is, with the limits of that.
pub(in crate::app) fn uniqueness(found: &Uniqueness, why_not: Option<&str>) -> String {
    let entries = |is: &str, of: &[u64]| match of {
        [] => String::new(),
        [one] => format!("{is} entry {one}, which is not counted. "),
        [first, more @ ..] => format!(
            "{is} entry {first} and {} more, which are not counted. ",
            more.len()
        ),
    };
    let own = [
        entries("It is itself", &found.itself),
        entries("The same pixels are", &found.twins),
    ];
    let other = if own.iter().all(String::is_empty) {
        ""
    } else {
        "other "
    };
    let rest = match (why_not, &found.nearest, &found.chance) {
        (Some(why), _, _) => format!("Its looks were not compared: {why}."),
        (None, Some(nearest), Some(chance)) => nearest_words((found.pictures, other), nearest, chance),
        _ => format!("There is no {other}registered picture to compare its looks with."),
    };
    let [itself, twins] = own;
    let uncompared = match found.not_compared {
        _ if why_not.is_some() => String::new(),
        0 => String::new(),
        1 => " One registration has no code to compare.".to_owned(),
        more => format!(
            " {} registrations have no code to compare.",
            thousands(&more.to_string())
        ),
    };
    format!("{itself}{twins}{rest}{uncompared}")
}

fn nearest_words((pictures, other): (u64, &str), nearest: &Nearest, chance: &ChanceLine) -> String {
    let among = match pictures {
        1 => format!("The only {other}registered picture is"),
        _ => format!(
            "Closest of {} {other}registered pictures:",
            thousands(&pictures.to_string())
        ),
    };
    let seen = if nearest.likeness <= NearWord::CloseRelative {
        let by = nearest
            .by
            .as_ref()
            .map_or_else(String::new, |by| format!(" ({by})"));
        format!("It {} entry {}{by}. ", looks(nearest.likeness), nearest.index)
    } else {
        String::new()
    };
    format!(
        "{seen}{among} entry {}, {} of 256 details differ; {}. Cut pictures, and pictures of the same idea, are not \
         counted.",
        nearest.index, nearest.distance_bits, chance.words
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similar::chance::Strangers;
    use crate::similar::variants::Attitude;

    #[test]
    fn chances_are_said_with_their_bound_and_two_digits() {
        let strangers = Strangers::reference();
        let said = |distance, pictures| by_chance(strangers.chance(distance, pictures));
        assert_eq!(
            said(4, 1000),
            "by chance alone one would come as near in fewer than 1 of 44,000 ledgers of this size"
        );
        assert_eq!(said(96, 100_000), "by chance alone about 9.7 would come as near");
        assert!(
            said(80, 1_000_000).contains("about 0.6 "),
            "{}",
            said(80, 1_000_000)
        );
        assert!(said(100, 50_000_000).contains(','));
        assert_eq!(thousands("1204331"), "1,204,331");
        assert_eq!(thousands("12"), "12");
    }

    #[test]
    fn views_are_named_and_the_plain_one_is_not() {
        let by = |view, attitude| Variant {
            view,
            attitude,
            inverted: false,
            code: [0; 32],
        };
        let plain = by(View::Whole, Attitude::UPRIGHT);
        assert_eq!(view(&plain, Algorithm::PdqFull), None);
        let negative = Variant {
            inverted: true,
            ..plain
        };
        assert_eq!(view(&negative, Algorithm::PdqFull).unwrap(), "as inverted");
        let mirrored = by(View::Whole, Attitude::MIRRORED);
        assert_eq!(view(&mirrored, Algorithm::PdqFull).unwrap(), "as mirrored");
        let cut = view(&by(View::Trimmed, Attitude::MIRRORED), Algorithm::PdqCentre80).unwrap();
        assert_eq!(
            cut,
            "as mirrored, without its border, cut to the centre 80 % of each side"
        );
        let mut named: Vec<_> = Attitude::all()
            .into_iter()
            .filter_map(|attitude| view(&by(View::Whole, attitude), Algorithm::PdqFull))
            .collect();
        named.sort();
        named.dedup();
        assert_eq!(named.len(), 6, "two of the mirrored quarter turns share a name");
    }

    #[test]
    fn a_chance_of_points_says_what_it_was_counted_on() {
        let said = by_points(Strangers::reference().chance(4, 1000)).words;
        assert!(
            said.contains("fewer than 1 of") && said.contains("frame") && said.contains("unrelated pictures"),
            "{said}"
        );
    }
}
