//! Copies that hashes of the whole cannot know again are known by their points; strangers, and what strangers share, are not.

use super::*;
use crate::base::Digest;

const WIDTH: usize = 512;
const HEIGHT: usize = 384;

/// A canonical luma of a hundred and twenty soft shapes that no other seed gives, in whole numbers only.
fn drawn(seed: u64) -> Luma {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from((state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below).unwrap()
    };
    let mut tones = vec![120i64; WIDTH * HEIGHT];
    for _ in 0..120 {
        let (x, y) = (random(512), random(384));
        let (wide, tall) = (8 + random(60), 8 + random(60));
        let tone = random(256);
        for row in (y - tall).max(0)..(y + tall).min(384) {
            for column in (x - wide).max(0)..(x + wide).min(512) {
                let (across, down) = ((column - x) * 100 / wide, (row - y) * 100 / tall);
                let far = across * across + down * down;
                if far < 10_000 {
                    let value = &mut tones[usize::try_from(row * 512 + column).unwrap()];
                    *value += (tone - *value) * (10_000 - far).min(3000) / 3000;
                }
            }
        }
    }
    luma(WIDTH, HEIGHT, |x, y| tones[y * WIDTH + x])
}

fn luma(width: usize, height: usize, tone: impl Fn(usize, usize) -> i64) -> Luma {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Luma {
        width: u32::try_from(width).unwrap(),
        height: u32::try_from(height).unwrap(),
        samples: places
            .map(|(x, y)| u8::try_from(tone(x, y).clamp(0, 255)).unwrap())
            .collect(),
    }
}

fn at(picture: &Luma, x: usize, y: usize) -> i64 {
    i64::from(picture.samples[y * usize::try_from(picture.width).unwrap() + x])
}

/// The part of a picture from a corner on, twice as large: as a canonical luma of the cut picture is.
fn cut_to_a_quarter(picture: &Luma, (left, top): (usize, usize)) -> Luma {
    luma(WIDTH, HEIGHT, |x, y| {
        let (column, row) = (left + x / 2, top + y / 2);
        let (right, below) = ((column + x % 2).min(WIDTH - 1), (row + y % 2).min(HEIGHT - 1));
        (at(picture, column, row)
            + at(picture, right, row)
            + at(picture, column, below)
            + at(picture, right, below))
            / 4
    })
}

/// A caption in blocks across the foot of a picture.
fn captioned(picture: &Luma) -> Luma {
    luma(WIDTH, HEIGHT, |x, y| {
        if y < 320 {
            return at(picture, x, y);
        }
        let (letter, dot) = (x / 24, (x % 24) / 4 + (y - 320) / 8 * 6);
        if ((letter * 2_654_435_761) >> (dot % 24)) & 1 == 1 {
            240
        } else {
            15
        }
    })
}

fn found(registered: &Luma, copy: &Luma) -> Option<Match> {
    let print = print(registered).expect("it has points");
    Seen::of(copy)?.compare(&print)
}

fn accepted(registered: &Luma, copy: &Luma) -> bool {
    found(registered, copy).is_some_and(|found| found.is_accepted())
}

#[test]
fn strangers_are_not_taken_for_copies() {
    let pictures: Vec<Luma> = (1..7).map(drawn).collect();
    let seen: Vec<Seen> = pictures
        .iter()
        .map(|picture| Seen::of(picture).expect("it has points"))
        .collect();
    for (a, registered) in pictures.iter().map(print).enumerate() {
        let registered = registered.expect("it has points");
        for (b, seen) in seen.iter().enumerate() {
            let found = seen.compare(&registered).is_some_and(|found| found.is_accepted());
            assert_eq!(found, a == b, "{a} {b}");
        }
    }
}

#[test]
fn a_caption_that_two_pictures_share_makes_no_copy() {
    let (one, other) = (captioned(&drawn(1)), captioned(&drawn(2)));
    let shared = found(&one, &other).expect("the caption's points agree");
    assert!(
        shared.agreement.points > AGREED[0].0,
        "this test is about points that agree: {shared:?}"
    );
    assert!(!shared.is_accepted(), "{shared:?}");
    assert!(accepted(&one, &captioned(&drawn(1))));
}

/// On black with a white line about it, and a caption: as posters are made.
fn framed(picture: &Luma) -> Luma {
    let caption = captioned(picture);
    luma(WIDTH, HEIGHT, |x, y| {
        let is_line = (54..458).contains(&x) && (22..314).contains(&y);
        let is_picture = (58..454).contains(&x) && (26..310).contains(&y);
        match (is_picture, is_line) {
            (true, _) => at(picture, (x - 58) * WIDTH / 396, (y - 26) * HEIGHT / 284),
            (false, true) => 255,
            (false, false) if y >= 320 => at(&caption, x, y),
            (false, false) => 8,
        }
    })
}

#[test]
fn a_frame_all_round_that_two_pictures_share_makes_no_copy() {
    let mut tempting = 0;
    for seed in 1..8 {
        let (one, other) = (framed(&drawn(seed)), framed(&drawn(seed + 20)));
        assert!(accepted(&one, &framed(&drawn(seed))));
        assert!(
            accepted(&drawn(seed), &one),
            "{seed}: the picture in it is known: {:?}",
            found(&drawn(seed), &one)
        );
        let Some(shared) = found(&one, &other) else {
            continue;
        };
        let (points, tones) = (shared.agreement.points, shared.overlay.percent());
        tempting += u32::from(
            AGREED
                .iter()
                .any(|(least, part)| points >= *least && tones >= *part),
        );
        assert!(!shared.is_accepted(), "{seed}: {shared:?}");
    }
    assert!(tempting > 1, "points and tones alone would have taken {tempting}");
}

#[test]
fn parts_mirrored_turned_and_pasted_copies_are_known_again() {
    let whole = drawn(3);
    let mirrored = luma(WIDTH, HEIGHT, |x, y| at(&whole, WIDTH - 1 - x, y));
    let turned = luma(HEIGHT, WIDTH, |x, y| at(&whole, y, HEIGHT - 1 - x));
    let upside_down = luma(WIDTH, HEIGHT, |x, y| at(&whole, WIDTH - 1 - x, HEIGHT - 1 - y));
    // At half its size in a corner of something else.
    let other = drawn(4);
    let pasted = luma(WIDTH, HEIGHT, |x, y| {
        if x < WIDTH / 2 && y < HEIGHT / 2 {
            i64::midpoint(at(&whole, x * 2, y * 2), at(&whole, x * 2 + 1, y * 2 + 1))
        } else {
            at(&other, x, y)
        }
    });
    let corner = cut_to_a_quarter(&whole, (WIDTH / 2, 0));
    let darker = luma(WIDTH, HEIGHT, |x, y| at(&whole, x, y) * 6 / 10);
    for (name, copy, degrees, is_mirrored, overlap) in [
        ("mirrored", &mirrored, 0.0, true, 1000..=1024),
        ("turned", &turned, 90.0, false, 1000..=1024),
        ("upside down", &upside_down, 180.0, false, 1000..=1024),
        ("pasted", &pasted, 0.0, false, 1000..=1024),
        ("cut to a quarter", &corner, 0.0, false, 220..=300),
        ("darker", &darker, 0.0, false, 1024..=1024),
    ] {
        let found = found(&whole, copy).unwrap_or_else(|| panic!("{name}: nothing agrees"));
        assert!(found.is_accepted(), "{name}: {found:?}");
        let off = (found.agreement.place.turned_degrees().abs() - degrees).abs();
        assert!(off < 2.0, "{name}: {found:?}");
        assert_eq!(found.mirrored, is_mirrored, "{name}");
        assert!(overlap.contains(&found.overlay.cells), "{name}: {found:?}");
    }
}

#[test]
fn a_picture_without_detail_has_no_print() {
    assert_eq!(print(&luma(WIDTH, HEIGHT, |_, _| 200)), None);
    assert_eq!(
        print(&luma(WIDTH, HEIGHT, |x, _| i64::try_from(x / 2).unwrap())),
        None
    );
    assert_eq!(print(&luma(1, 1, |_, _| 0)), None);
    assert_eq!(
        print(&luma(512, 3, |x, _| i64::try_from(x % 7 * 30).unwrap())),
        None
    );
    assert!(Seen::of(&luma(WIDTH, HEIGHT, |_, _| 200)).is_none());
    // A luma that is not what it says.
    let mut short = drawn(1);
    short.samples.pop();
    assert_eq!(print(&short), None);
}

#[test]
fn the_mirror_image_of_a_print_is_the_print_of_the_mirror_image() {
    let picture = drawn(5);
    let reflected = luma(WIDTH, HEIGHT, |x, y| at(&picture, WIDTH - 1 - x, y));
    let computed: Vec<LocalPoint> = described(&picture, POINTS_MAX)
        .iter()
        .map(|found| mirrored(found, 512).0)
        .collect();
    let seen: Vec<LocalPoint> = described(&reflected, POINTS_MAX)
        .iter()
        .map(|(point, _)| *point)
        .collect();
    let near = |point: &&LocalPoint| {
        seen.iter().any(|other| {
            // Octaves keep every second pixel, which in a mirror is the other one.
            point.x.abs_diff(other.x) < 64
                && point.y.abs_diff(other.y) < 64
                && point.distance_bits(other) <= 20
        })
    };
    let same = computed.iter().filter(near).count();
    assert!(same * 10 >= computed.len() * 6, "{same} of {}", computed.len());
    // Twice mirrored, nothing changed.
    for found in described(&picture, POINTS_MAX) {
        assert_eq!(mirrored(&mirrored(&found, 512), 512).0.bits, found.0.bits);
    }
    for place in 0..128 {
        assert_eq!(mirrored_place(mirrored_place(place)), place);
        assert_eq!(medians::MEDIANS[place], medians::MEDIANS[mirrored_place(place)]);
    }
}

#[test]
fn a_print_is_the_same_on_every_machine() {
    let bytes = print(&drawn(6)).expect("it has points").to_bytes();
    assert_eq!(Digest::of(&bytes).hex(), SAME_EVERYWHERE);
}

/// Changes with the algorithm, and then the file's version must.
const SAME_EVERYWHERE: &str = "89a79eebdb5099bfec2de096f5a2127e5a692ce7a4c533083d1b78476bec2462";
