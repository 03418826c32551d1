use super::super::cosignature::Cosigner;
use super::super::hash::RootHash;
use super::super::note::LogKey;
use super::super::tree::TreeSize;
use super::*;
use crate::keys::CreatorKey;

fn log(seed: u8) -> LogKey {
    LogKey::new(
        KeyName::parse("example.org/ledger").unwrap(),
        CreatorKey::from_seed(&[seed; 32]),
    )
}

fn witness(seed: u8) -> Cosigner {
    let name = KeyName::parse(&format!("witness.example/w{seed}")).unwrap();
    Cosigner::new(name, CreatorKey::from_seed(&[seed; 32]))
}

fn checkpoint(cosigners: &[u8]) -> String {
    let (checkpoint, _) = VerifiedCheckpoint::sign(TreeSize(7), RootHash::from_bytes([3; 32]), &log(1));
    let text = Note::parse(checkpoint.note()).unwrap().text;
    let lines: String = cosigners
        .iter()
        .map(|seed| witness(*seed).cosign(text, 1000 + u64::from(*seed)))
        .collect();
    format!("{}{lines}", checkpoint.note())
}

/// The example of c2sp.org/tlog-policy, with keys.
fn example() -> String {
    let mut text = "\
# a comment

log LOG https://example.org

witness X1 K11
witness X2 K12
witness X3 K13
group X-witnesses 2 X1 X2 X3
\twitness Y1\tK21 https://w.example\u{20}
\twitness Y2\tK22
witness   Y3 K23
group Y-witnesses any Y1 Y2 Y3
  # more
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"
    .replace("LOG", &log(1).verifier().to_string());
    for seed in [11, 12, 13, 21, 22, 23] {
        text = text.replace(&format!("K{seed}"), &witness(seed).verifier().to_string());
    }
    text
}

#[test]
fn the_example_of_the_specification_asks_for_two_and_one() {
    let policy = Policy::parse(example().as_bytes()).unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 6));
    for (cosigners, met) in [
        (&[11, 12, 21][..], true),
        (&[13, 11, 23, 22], true),
        (&[11, 12, 13, 21, 22, 23], true),
        (&[11, 12, 13], false),
        (&[11, 21, 22, 23], false),
        (&[], false),
    ] {
        let checked = policy.check(&checkpoint(cosigners));
        match checked {
            Ok(accepted) => {
                assert!(met, "{cosigners:?}");
                assert_eq!(accepted.cosigned.len(), cosigners.len());
                assert_eq!(accepted.checkpoint.size(), TreeSize(7));
                assert!(accepted.cosigned.iter().all(|cosigned| cosigned.time_s > 1010));
            }
            Err(why) => {
                assert!(!met, "{cosigners:?}: {why}");
                let (found, known) = (cosigners.len(), 6);
                assert_eq!(why, Unmet::Quorum { found, known });
            }
        }
    }
}

#[test]
fn other_logs_and_forged_lines_are_refused() {
    let policy = Policy::parse(example().as_bytes()).unwrap();
    let good = checkpoint(&[11, 12, 21]);
    assert!(policy.check(&good).is_ok());
    let other = good.replace("example.org/ledger", "example.org/other");
    assert_eq!(policy.check(&other), Err(Unmet::UnknownLog));
    let of_other_key = Policy::of_log(log(2).verifier().clone());
    assert_eq!(
        of_other_key.check(&good),
        Err(Unmet::Checkpoint(CheckpointError::Note(NoteError::Unsigned)))
    );
    // Enough good cosignatures do not excuse a bad one of a known witness; a stranger's does not matter.
    let of_other_text = witness(13).cosign("example.org/ledger\n8\nAAAA\n", 5);
    assert_eq!(
        policy.check(&format!("{good}{of_other_text}")),
        Err(Unmet::Checkpoint(CheckpointError::Note(NoteError::BadSignature)))
    );
    let stranger = witness(99).cosign("whatever\n", 5);
    assert!(policy.check(&format!("{good}{stranger}")).is_ok());
    let changed = good.replacen("\n7\n", "\n8\n", 1);
    assert_eq!(
        policy.check(&changed),
        Err(Unmet::Checkpoint(CheckpointError::Note(NoteError::BadSignature)))
    );
    assert!(matches!(policy.check("hello"), Err(Unmet::Checkpoint(_))));
}

#[test]
fn a_log_alone_needs_no_witness_and_a_policy_can_be_bound_to_one_log() {
    let alone = Policy::of_log(log(1).verifier().clone());
    assert!(alone.is_content_without_witnesses());
    assert!(alone.check(&checkpoint(&[])).is_ok());
    let none = Policy::parse(b"quorum none\n").unwrap();
    assert_eq!(none.check(&checkpoint(&[])), Err(Unmet::UnknownLog));
    let bound = none.with_log(log(1).verifier().clone());
    assert!(bound.check(&checkpoint(&[])).is_ok());
    let one = format!("witness W {}\nquorum W\n", witness(11).verifier());
    let one = Policy::parse(one.as_bytes())
        .unwrap()
        .with_log(log(1).verifier().clone());
    assert!(one.check(&checkpoint(&[11])).is_ok());
    assert!(one.check(&checkpoint(&[12])).is_err());
}

#[test]
fn a_key_that_cannot_be_checked_never_counts() {
    let name = KeyName::parse("pq.example").unwrap();
    let key = [5u8; ML_DSA_KEY_LEN];
    let line = {
        struct Line<'a>(&'a KeyName, &'a [u8]);
        impl std::fmt::Display for Line<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                super::super::note::write_key(f, self.0, TYPE_ML_DSA, self.1)
            }
        }
        Line(&name, &key).to_string()
    };
    let text = |least: &str| {
        format!(
            "log {}\nwitness P {line}\nwitness W {}\ngroup G {least} P W\nquorum G\n",
            log(1).verifier(),
            witness(11).verifier()
        )
    };
    let note = checkpoint(&[11]);
    assert!(
        Policy::parse(text("any").as_bytes())
            .unwrap()
            .check(&note)
            .is_ok()
    );
    assert!(
        Policy::parse(text("all").as_bytes())
            .unwrap()
            .check(&note)
            .is_err()
    );
}

/// Puts keys into a text: L of logs, W of witnesses.
fn keyed(text: &str) -> String {
    text.replace("L1", &log(1).verifier().to_string())
        .replace("W1", &witness(11).verifier().to_string())
        .replace("W2", &witness(12).verifier().to_string())
}

#[test]
fn every_broken_rule_is_named_with_its_line() {
    for (text, line, why) in [
        ("", 1, PolicyFault::NoQuorum),
        ("log L1\n", 2, PolicyFault::NoQuorum),
        ("quorum none", 1, PolicyFault::NotEnded),
        ("quorum none\nquorum none\n", 2, PolicyFault::SecondQuorum),
        ("quorum W\n", 1, PolicyFault::Unknown),
        ("quorum W\nwitness W W1\n", 1, PolicyFault::Unknown),
        ("quorum none\r\n", 1, PolicyFault::Control),
        ("quorum\u{b}none\n", 1, PolicyFault::Control),
        ("quorum none\u{7f}\n", 1, PolicyFault::Control),
        ("quorum none extra\n", 1, PolicyFault::Form),
        ("quorum\n", 1, PolicyFault::Form),
        ("log\n", 1, PolicyFault::Form),
        ("logs x\n", 1, PolicyFault::Form),
        ("log L1 url more\n", 1, PolicyFault::Form),
        ("group G all\n", 1, PolicyFault::Form),
        ("witness W\n", 1, PolicyFault::Form),
        ("log L1\nlog L1\n", 2, PolicyFault::DuplicateKey),
        ("witness A W1\nwitness B W1\n", 2, PolicyFault::DuplicateKey),
        ("witness A W1\nwitness A W2\n", 2, PolicyFault::DuplicateName),
        ("witness none W1\n", 1, PolicyFault::DuplicateName),
        ("witness A W1\ngroup A any A\n", 2, PolicyFault::DuplicateName),
        ("witness A W1\ngroup G any A A\n", 2, PolicyFault::MemberTwice),
        (
            "witness A W1\ngroup G any A\ngroup H any A\n",
            3,
            PolicyFault::MemberTwice,
        ),
        ("group G any none\n", 1, PolicyFault::Unknown),
        ("group G any G\n", 1, PolicyFault::Unknown),
        ("witness A W1\ngroup G 0 A\n", 2, PolicyFault::Threshold),
        ("witness A W1\ngroup G 2 A\n", 2, PolicyFault::Threshold),
        ("witness A W1\ngroup G 01 A\n", 2, PolicyFault::Threshold),
        ("witness A W1\ngroup G +1 A\n", 2, PolicyFault::Threshold),
        ("witness A W1\ngroup G some A\n", 2, PolicyFault::Threshold),
    ] {
        let found = Policy::parse(keyed(text).as_bytes()).map(|_| ());
        assert_eq!(found, Err(PolicyError { line, why }), "{text}");
    }
    // A log's key does not cosign, a witness's key does not sign checkpoints.
    for text in ["witness W L1\n", "log W1\n", "log x\n", "witness W \u{e9}\n"] {
        let found = Policy::parse(keyed(text).as_bytes()).map(|_| ());
        let why = found.unwrap_err().why;
        assert!(matches!(why, PolicyFault::Key(_)), "{text}: {why}");
    }
}

#[test]
fn names_are_octets_and_limits_hold() {
    let text = [
        b"witness \xe2\x84\xaa ".as_slice(),
        witness(11).verifier().to_string().as_bytes(),
        b"\nwitness K ",
        witness(12).verifier().to_string().as_bytes(),
        b"\ngroup \xff\xfe all K\nquorum \xff\xfe\n",
    ]
    .concat();
    let policy = Policy::parse(&text).unwrap().with_log(log(1).verifier().clone());
    assert!(policy.check(&checkpoint(&[12])).is_ok());
    assert!(policy.check(&checkpoint(&[11])).is_err());
    let long = [&b"# ".repeat(POLICY_BYTES_MAX / 2)[..], b"\nquorum none\n"].concat();
    assert!(Policy::parse(&long).is_err());
    // The specification wants room for 32 of each.
    let many = |n: u8| {
        let key = CreatorKey::from_seed(&[n + 100; 32]);
        let name = KeyName::parse(&format!("w{n}")).unwrap();
        let key = CosignerKey::new(name, key.public());
        format!("witness W{n} {key}\ngroup G{n} any W{n}\n")
    };
    let many: String = (0..32).map(many).collect();
    assert!(Policy::parse(format!("{many}quorum G31\n").as_bytes()).is_ok());
}

#[test]
fn a_written_policy_is_read_back() {
    let log = log(1);
    let none = Policy::write(log.verifier(), &[], Threshold::All);
    assert!(
        Policy::parse(none.as_bytes())
            .unwrap()
            .check(&checkpoint(&[]))
            .is_ok()
    );
    let witnesses: Vec<Witness> = [(11, Some("https://w.example/x".to_owned())), (12, None)]
        .into_iter()
        .map(|(seed, url)| Witness {
            key: witness(seed).verifier().clone(),
            url,
        })
        .collect();
    let policy = Policy::parse(Policy::write(log.verifier(), &witnesses, Threshold::Any).as_bytes()).unwrap();
    assert_eq!(policy.witnesses(), witnesses);
    for both in [Threshold::All, Threshold::Least(2)] {
        let policy = Policy::parse(Policy::write(log.verifier(), &witnesses, both).as_bytes()).unwrap();
        assert!(policy.check(&checkpoint(&[12])).is_err() && policy.check(&checkpoint(&[11, 12])).is_ok());
    }
    assert!(policy.check(&checkpoint(&[12])).is_ok() && policy.check(&checkpoint(&[])).is_err());
    let content = policy.without_quorum();
    assert_eq!(content.check(&checkpoint(&[])).unwrap().cosigned, []);
    assert_eq!(content.check(&checkpoint(&[11])).unwrap().cosigned.len(), 1);
}
