//! `byline ledger stats --similarity`: the answer for ledgers whose drift is known, in every format, and what must not pass.

use byline::base::fingerprint::{Algorithm, Look};
use byline::base::statement::Family;
use byline::base::{Fingerprint, SourceType, Timestamp};
use byline::ledger::{Entry, EntryBody, LeafIndex, LookupMode};
use byline::store::looks::{Record, add};

use super::ledger::{Bench, NOW, registration};
use super::run::{Home, both, code};

struct Lot(u64);

impl Lot {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn code(&mut self) -> [u8; 32] {
        let mut code = [0; 32];
        code.chunks_mut(8)
            .for_each(|part| part.copy_from_slice(&self.next().to_le_bytes()));
        code
    }

    /// A number from -20 to 20, twice those near 0 as those far from it.
    fn step(&mut self) -> i64 {
        let mut part = || i64::try_from((self.next() >> 33) % 21).unwrap() - 10;
        part() + part()
    }

    /// A look that is six parts of ten that of a theme, or a stranger's.
    fn look(&mut self, theme: Option<&Look>) -> Look {
        let values = std::array::from_fn(|at| {
            let own = self.step();
            let value = theme.map_or(own, |theme| (6 * i64::from(theme.values[at]) + 8 * own) / 10);
            i8::try_from(value).unwrap()
        });
        Look { values }
    }

    fn percent(&mut self, percent: u64) -> bool {
        (self.next() >> 33) % 100 < percent
    }
}

/// Of each 100 pictures of a month, how many are of one theme, and how many are near copies.
#[derive(Clone, Copy)]
struct Month {
    pictures: u64,
    theme: u64,
    copies: u64,
}

/// A ledger of months from June 2026 on. Pictures of the theme are of AI, the others captured.
fn ledger(months: &[Month]) -> Bench {
    let bench = Bench::new();
    let mut lot = Lot(77);
    let theme = lot.code();
    let mut entries = vec![bench.incept()];
    let mut last = theme;
    for (at, month) in months.iter().enumerate() {
        let time = Timestamp::parse_rfc3339(&format!("2026-{:02}-03T10:00:00Z", at + 6)).unwrap();
        for _ in 0..month.pictures {
            let mut body = registration(u64::try_from(entries.len()).unwrap());
            let is_theme = lot.percent(month.theme);
            let mut bits = if is_theme { theme } else { lot.code() };
            if is_theme {
                (0..256).for_each(|bit| bits[bit / 8] ^= u8::from(lot.percent(18)) << (bit % 8));
            } else if lot.percent(month.copies) {
                bits = last;
                bits[3] ^= 5;
            }
            last = bits;
            body.source = if is_theme {
                SourceType::TrainedAlgorithmicMedia
            } else {
                SourceType::DigitalCapture
            };
            body.family = is_theme.then_some(Family::Diffusion);
            body.fingerprints = vec![Fingerprint {
                algorithm: Algorithm::PdqFull,
                bits,
                quality: 90,
            }];
            entries.push(Entry::sign(EntryBody::AssetRegister(body), &bench.key, time).unwrap());
        }
    }
    let mut file = bench.create(LookupMode::Public);
    let end = Timestamp::parse_rfc3339("2026-12-31T00:00:00Z").unwrap();
    file.append(&entries, end).unwrap();
    bench
}

/// As many pictures each month, a growing share of one theme by their looks; their codes are strangers'. The first few have no look.
fn growing_by_looks() -> Bench {
    let bench = Bench::new();
    let mut lot = Lot(78);
    let theme = lot.look(None);
    let mut looks = Vec::new();
    let mut entries = vec![bench.incept()];
    for month in 6..12 {
        let time = Timestamp::parse_rfc3339(&format!("2026-{month:02}-03T10:00:00Z")).unwrap();
        for _ in 0..130 {
            let mut body = registration(u64::try_from(entries.len()).unwrap());
            let is_theme = lot.percent((month - 6) * 12);
            body.fingerprints = vec![Fingerprint {
                algorithm: Algorithm::PdqFull,
                bits: lot.code(),
                quality: 90,
            }];
            if entries.len() > 5 {
                looks.push(Record {
                    index: LeafIndex(u64::try_from(entries.len()).unwrap()),
                    file: body.file,
                    look: lot.look(is_theme.then_some(&theme)),
                });
            }
            entries.push(Entry::sign(EntryBody::AssetRegister(body), &bench.key, time).unwrap());
        }
    }
    let mut file = bench.create(LookupMode::Public);
    let end = Timestamp::parse_rfc3339("2026-12-31T00:00:00Z").unwrap();
    file.append(&entries, end).unwrap();
    add(&file, &looks).unwrap();
    bench
}

#[test]
fn a_theme_repeated_with_other_pictures_is_seen_by_their_looks() {
    let (bench, home) = (growing_by_looks(), Home::new());
    let report = home.json(args(&bench, &[]), 0);
    assert_eq!(
        (&report["answer"], &report["seen_by"]),
        (&"more-alike".into(), &"looks".into())
    );
    assert_eq!(
        (&report["without_look"], &report["sample"]),
        (&5.into(), &125.into())
    );
    let text = home.ok(args(&bench, &[]));
    assert!(
        text.contains("5 without a look") && text.contains("by looks: "),
        "{text}"
    );
    // Of the same pictures by codes alone nothing shows.
    let codes = home.json(args(&growing_by_codes_alone(), &[]), 0);
    assert_eq!(
        (&codes["answer"], &codes["seen_by"]),
        (&"no-change".into(), &"codes".into())
    );
}

/// Strangers by their codes, without looks.
fn growing_by_codes_alone() -> Bench {
    ledger(
        &[Month {
            pictures: 130,
            theme: 0,
            copies: 0,
        }; 6],
    )
}

#[test]
fn the_page_of_an_audit_carries_the_same_panel() {
    let (bench, home) = (growing_by_looks(), Home::new());
    let path = bench.path.to_str().unwrap();
    let page = home.ok(["audit", path, "--format", "html"]);
    assert!(page.contains("<h1>Sound</h1>") && page.contains("Do its pictures grow alike?"));
    let stats = home.ok(args(&bench, &["--format", "html"]));
    if let Some(to) = std::env::var_os("BYLINE_DRIFT_PAGES") {
        std::fs::write(std::path::Path::new(&to).join("audit.html"), &page).unwrap();
        std::fs::write(std::path::Path::new(&to).join("looks.html"), &stats).unwrap();
    }
    let plots = |page: &str| -> Vec<String> {
        let plots = page.split("<svg ").skip(1);
        plots
            .map(|plot| plot.split("</svg>").next().unwrap().to_owned())
            .collect()
    };
    assert_eq!((plots(&page).len(), plots(&page)), (6, plots(&stats)));
    let report = home.json(["audit", path, "--similarity"], 0);
    assert_eq!(report["likeness"]["answer"], "more-alike");
    assert!(home.json(["audit", path], 0)["likeness"].is_null());
    // Of a broken ledger nothing is told but that.
    let mut bytes = std::fs::read(&bench.path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&bench.path, bytes).unwrap();
    let broken = home.json(["audit", path, "--similarity"], 1);
    assert!(broken["likeness"].is_null());
    assert!(
        broken["not_checked"].to_string().contains("not sound"),
        "{broken}"
    );
}

fn growing() -> Bench {
    let month = |theme| Month {
        pictures: 150 + theme,
        theme,
        copies: 4,
    };
    ledger(&[month(0), month(12), month(24), month(36), month(48), month(60)])
}

fn args<'a>(bench: &'a Bench, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec![
        "ledger",
        "stats",
        "--similarity",
        "--ledger",
        bench.path.to_str().unwrap(),
    ];
    args.extend(more);
    args
}

#[test]
fn a_ledger_whose_pictures_grow_alike_is_told_in_a_sentence_and_in_every_format() {
    let (bench, home) = (growing(), Home::new());
    let report = home.json(args(&bench, &[]), 0);
    assert_eq!(report["schema"], "drift-report.v1");
    assert_eq!(report["answer"], "more-alike");
    assert_eq!(report["told_by"], "diversity");
    let groups = report["groups"].as_array().unwrap();
    let names: Vec<_> = groups
        .iter()
        .map(|group| group["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]
    );
    let diversity = |at: usize| groups[at]["compared"]["diversity"].as_f64().unwrap();
    assert!(diversity(0) > 2.0 * diversity(5), "{groups:?}");
    let pictures: u64 = groups
        .iter()
        .map(|group| group["pictures"].as_u64().unwrap())
        .sum();
    assert_eq!(pictures, 1080);
    assert_eq!(report["registrations"], 1080);

    let text = home.ok(args(&bench, &[]));
    assert!(text.starts_with("The pictures grow more alike: "), "{text}");
    assert!(
        text.contains("they do not see") && text.contains("2026-11"),
        "{text}"
    );

    let csv = home.ok(args(&bench, &["--format", "csv"]));
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 8);
    assert!(lines[0].starts_with("group,pictures,near_copies,"));
    assert!(lines[6].starts_with("2026-11,210,"), "{}", lines[6]);

    let page = home.ok(args(&bench, &["--format", "html"]));
    assert!(page.contains("<h1>More alike</h1>"));
    assert_eq!(page.matches("<svg ").count(), 6, "three plots in two sizes");
    assert_eq!(page.matches("<svg ").count(), page.matches("</svg>").count());
    for outside in [
        "<script", "<link", "<img", "src=", "href=", "@import", "url(", "style=\"",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    // The page can be made again, to the byte, by whoever has the ledger.
    let at = ["--format", "html", "--at", "2026-06-01T00:00:00Z"];
    assert_eq!(home.ok(args(&bench, &at)), home.ok(args(&bench, &at)));
    if let Some(to) = std::env::var_os("BYLINE_DRIFT_PAGES") {
        for by in ["month", "source", "creator"] {
            let page = home.ok(args(&bench, &["--format", "html", "--by", by]));
            std::fs::write(std::path::Path::new(&to).join(format!("{by}.html")), page).unwrap();
        }
    }
}

#[test]
fn pictures_of_ai_are_compared_with_captured_ones() {
    let (bench, home) = (growing(), Home::new());
    let report = home.json(args(&bench, &["--by", "source"]), 0);
    assert_eq!(report["answer"], "different");
    let sentence = report["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("the pictures of `AI` are more alike than those of `captured`"),
        "{sentence}"
    );
    let by_model = home.json(args(&bench, &["--by", "model"]), 0);
    assert_eq!(by_model["by"], "family");
    assert_eq!(by_model["groups"][1]["name"], "diffusion");
    let by_creator = home.json(args(&bench, &["--by", "creator"]), 0);
    assert_eq!(by_creator["groups"].as_array().unwrap().len(), 1);
    assert_eq!(by_creator["answer"], "too-few");
}

#[test]
fn a_steady_ledger_shows_no_change_and_a_small_one_is_too_small_to_tell() {
    let home = Home::new();
    let steady = ledger(
        &[Month {
            pictures: 260,
            theme: 0,
            copies: 3,
        }; 5],
    );
    let report = home.json(args(&steady, &[]), 0);
    assert_eq!(report["answer"], "no-change", "{report}");
    assert!(report["noticed_percent"].as_f64().unwrap() < 20.0);
    assert!(report["cluster_count"].as_u64().unwrap() > 5);
    for pictures in [0, 1, 60] {
        let small = ledger(
            &[Month {
                pictures,
                theme: 0,
                copies: 0,
            }; 2],
        );
        let report = home.json(args(&small, &[]), 0);
        assert_eq!(report["answer"], "too-few", "{report}");
        assert!(report["sample"].is_null());
        let page = home.ok(args(&small, &["--format", "html"]));
        assert!(page.contains("<h1>Too few to tell</h1>"));
    }
}

#[test]
fn pictures_that_cannot_be_compared_are_counted_as_left_out() {
    let (bench, home) = (Bench::new(), Home::new());
    let mut flat = registration(1);
    flat.fingerprints = vec![Fingerprint {
        algorithm: Algorithm::PdqFull,
        bits: [7; 32],
        quality: 49,
    }];
    let flat = Entry::sign(EntryBody::AssetRegister(flat), &bench.key, NOW).unwrap();
    let mut file = bench.create(LookupMode::Public);
    file.append(&[bench.incept(), flat, bench.register(2)], NOW)
        .unwrap();
    drop(file);
    let report = home.json(args(&bench, &[]), 0);
    assert_eq!(
        (report["registrations"].as_u64(), report["left_out"].as_u64()),
        (Some(2), Some(2))
    );
    assert_eq!(report["answer"], "too-few");
}

#[test]
fn formats_and_flags_that_have_no_meaning_are_refused() {
    let (bench, home) = (growing(), Home::new());
    let file = bench.path.to_str().unwrap();
    for (words, wanted) in [
        (
            vec!["ledger", "stats", "--ledger", file, "--format", "csv"],
            "no report in CSV",
        ),
        (
            vec!["ledger", "stats", "--ledger", file, "--format", "html"],
            "no report in HTML",
        ),
        (
            vec!["ledger", "stats", "--ledger", file, "--by", "month"],
            "--similarity",
        ),
        (args(&bench, &["--by", "colour"]), "possible values"),
    ] {
        let output = home.run(&words);
        assert_eq!(code(&output), 2, "{words:?}: {}", both(&output));
        assert!(both(&output).contains(wanted), "{words:?}: {}", both(&output));
    }
}
