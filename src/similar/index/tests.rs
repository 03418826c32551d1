use proptest::prelude::*;

use super::*;

fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

fn code(next: &mut impl FnMut() -> u64) -> Code {
    let mut code = [0; 32];
    for word in code.as_chunks_mut::<8>().0 {
        *word = next().to_le_bytes();
    }
    code
}

/// `code` with `count` different bits flipped.
fn flipped(code: &Code, count: u32, next: &mut impl FnMut() -> u64) -> Code {
    let mut out = *code;
    while distance_bits(code, &out) < count {
        let bit = next() % 256;
        let mask = 1 << (bit % 8);
        let byte = (bit / 8) as usize;
        if (out[byte] ^ code[byte]) & mask == 0 {
            out[byte] ^= mask;
        }
    }
    out
}

/// What a reader of the definition would write.
fn naive(codes: &[Code], query: &Code, radius_bits: u32) -> Vec<Hit> {
    let mut hits: Vec<Hit> = (0..)
        .zip(codes)
        .map(|(id, code)| Hit {
            distance_bits: (0..256)
                .filter(|bit| (code[bit / 8] ^ query[bit / 8]) >> (bit % 8) & 1 == 1)
                .count() as u32,
            id,
        })
        .filter(|hit| hit.distance_bits <= radius_bits)
        .collect();
    hits.sort_unstable();
    hits
}

/// Strangers, copies at every distance around the radii, crowds of equals, codes that share all but one slice, zeros and ones.
fn hard_codes(seed: u64, strangers: usize) -> (Vec<Code>, Vec<Code>) {
    let mut next = random(seed);
    let mut codes: Vec<Code> = (0..strangers).map(|_| code(&mut next)).collect();
    let mut queries = vec![[0; 32], [0xff; 32], code(&mut next)];
    let base = code(&mut next);
    queries.push(base);
    for distance in (0..=100).chain([128, 200, 255, 256]) {
        codes.push(flipped(&base, distance, &mut next));
    }
    codes.extend([base; 300]);
    codes.extend([[0; 32]; 150]);
    codes.extend([[0xff; 32]; 70]);
    // All differences lie in one run of bits, wherever it begins: slots' borders are crossed in every way.
    for start in 0..225 {
        let mut near = base;
        for bit in start..start + 31 {
            near[bit / 8] ^= 0x80 >> (bit % 8);
        }
        codes.push(near);
        near[start / 8] ^= 0x80 >> (start % 8);
        near[31 - start / 8] ^= 1;
        codes.push(near);
    }
    // Spread evenly: each slot differs as much as its budget and one more.
    for step in 5..12 {
        let mut near = base;
        for bit in (0..256).step_by(step) {
            near[bit / 8] ^= 0x80 >> (bit % 8);
        }
        codes.push(near);
    }
    // The order must not matter.
    for at in (1..codes.len()).rev() {
        codes.swap(at, (next() % (at as u64 + 1)) as usize);
    }
    (codes, queries)
}

const RADII: [u32; 14] = [0, 1, 9, 10, 12, 13, 18, 19, 31, 32, 48, 64, 86, 128];

fn check(index: &Index, codes: &[Code], queries: &[Code], radii: &[u32], threads: usize) {
    for radius in radii {
        let found = index.within(queries, *radius, usize::MAX, threads);
        let cold = scan_within(codes, queries, *radius, usize::MAX, threads).unwrap();
        assert_eq!(found, cold, "radius {radius}");
        for (query, found) in queries.iter().zip(found) {
            let wanted = naive(codes, query, *radius);
            assert_eq!(found.total, wanted.len() as u64);
            assert_eq!(found.hits, wanted, "radius {radius}");
        }
    }
    for (query, found) in queries.iter().zip(index.nearest(queries, 7, threads)) {
        assert_eq!(found, naive(codes, query, 256)[..7.min(codes.len())]);
    }
}

/// What every keeper of codes must do; it begins empty.
pub(crate) fn conforms<N: NearIndex>(mut index: N) {
    let (codes, queries) = hard_codes(7, 700);
    assert_eq!(index.codes().unwrap(), 0);
    assert_eq!(
        index.within(&queries[..1], 31, 5).unwrap(),
        [Neighbours::default()]
    );
    assert_eq!(index.nearest(&queries[..1], 5).unwrap(), [vec![]]);
    let (early, late) = codes.split_at(codes.len() / 3);
    index.insert(early).unwrap();
    index.insert(&[]).unwrap();
    index.insert(late).unwrap();
    assert_eq!(index.codes().unwrap(), codes.len() as u64);
    for radius in RADII {
        for most in [0, 1, 9, usize::MAX] {
            let found = index.within(&queries, radius, most).unwrap();
            assert_eq!(found.len(), queries.len());
            for (query, found) in queries.iter().zip(found) {
                let wanted = naive(&codes, query, radius);
                assert_eq!(found.total, wanted.len() as u64, "radius {radius}");
                assert_eq!(found.hits, wanted[..most.min(wanted.len())], "radius {radius}");
            }
        }
    }
    for (query, found) in queries.iter().zip(index.nearest(&queries, 7).unwrap()) {
        assert_eq!(found, naive(&codes, query, 256)[..7]);
    }
}

#[test]
fn memory_conforms_with_slots_and_without() {
    conforms(Index::default());
    let mut sorted = Index::default();
    sorted.build_slots(2);
    conforms(sorted);
}

/// As `within`, but always through the slots.
fn through_slots(codes: &[Code], queries: &[Code], radius_bits: u32) -> Vec<Neighbours> {
    let slots = Slots::build(codes, 2);
    let mut catches = vec![Catch::within(radius_bits, usize::MAX); queries.len()];
    slots.within(codes, queries, radius_bits, &mut catches, 2);
    catches.into_iter().map(Catch::done).collect()
}

#[test]
fn every_road_finds_what_the_naive_scan_finds() {
    let (codes, queries) = hard_codes(1, 1500);
    let mut index = Index::scanned(codes.clone()).unwrap();
    for kernel in Kernel::all() {
        index = index.scanned_by(kernel);
        check(&index, &codes, &queries, &RADII, 1);
    }
    index.build_slots(2);
    check(&index, &codes, &queries, &RADII, 2);
    for radius in [0, 1, 12, 13, 25, 26, 31, 32, 38, 48] {
        let found = through_slots(&codes, &queries, radius);
        for (query, found) in queries.iter().zip(found) {
            assert_eq!(found.hits, naive(&codes, query, radius), "radius {radius}");
        }
    }
}

#[test]
fn all_kernels_give_the_masks_of_the_plain_one() {
    let (mut codes, mut queries) = hard_codes(2, 200);
    if cfg!(miri) {
        codes.truncate(130);
        queries.drain(..3);
    }
    let kernels: Vec<Kernel> = Kernel::all().collect();
    assert_eq!(kernels.last().map(|kernel| kernel.name()), Some("plain"));
    assert_eq!(kernels.first(), Some(&Kernel::fastest()));
    let pages = planes::pages(&codes);
    for kernel in kernels {
        let radii: &[u8] = if cfg!(miri) {
            &[31]
        } else {
            &[0, 1, 31, 48, 64, 128, 200, 254, 255]
        };
        for radius in radii.iter().copied() {
            for query in &queries {
                check_masks::<13>(kernel, &pages[0], &codes, query, radius);
                check_masks::<32>(kernel, &pages[0], &codes, query, radius);
            }
        }
    }
}

fn check_masks<const P: usize>(kernel: Kernel, page: &Page, codes: &[Code], query: &Code, radius: u8) {
    let mut near = kernel::Near::default();
    let (prefix, wanted) = (page.0.first_chunk::<P>().unwrap(), query.first_chunk().unwrap());
    kernel.near(prefix, wanted, radius, &mut near);
    for (at, code) in codes.iter().enumerate() {
        let bytes = code.iter().zip(query).take(P);
        let differ: u32 = bytes.map(|(a, b)| (a ^ b).count_ones()).sum();
        let found = near.blocks >> (at / 64) & 1 == 1 && near.lanes[at / 64] >> (at % 64) & 1 == 1;
        assert_eq!(found, differ % 256 <= u32::from(radius), "{differ} of {radius}");
    }
    for (block, lanes) in near.lanes.iter().enumerate() {
        assert!(near.blocks >> block & 1 == 0 || *lanes != 0);
    }
}

#[test]
fn codes_that_come_later_are_found_at_once_and_slots_change_nothing() {
    let (codes, queries) = hard_codes(3, 500);
    let (early, late) = codes.split_at(codes.len() / 3);
    let mut index = Index::scanned(early.to_vec()).unwrap();
    index.build_slots(1);
    for (place, code) in (early.len()..).zip(late) {
        assert_eq!(index.push(*code).unwrap() as usize, place);
        assert_eq!(index.unsorted(), place + 1 - early.len());
        if place % 97 == 0 {
            let found = &index.within(&[*code], 0, usize::MAX, 1)[0];
            assert!(found.hits.iter().any(|hit| hit.id as usize == place));
        }
    }
    check(&index, &codes, &queries, &[0, 31, 48, 64], 2);
    index.build_slots(2);
    assert_eq!(index.unsorted(), 0);
    check(&index, &codes, &queries, &[0, 31, 48, 64], 2);
}

#[test]
fn a_crowd_of_equals_is_counted_whole_and_kept_short() {
    let mut next = random(4);
    let one = code(&mut next);
    let mut codes = vec![one; 50_000];
    codes.push(flipped(&one, 5, &mut next));
    let mut index = Index::scanned(codes).unwrap();
    for sorted in [false, true] {
        if sorted {
            index.build_slots(2);
        }
        let found = &index.within(&[one], 31, 10, 2)[0];
        assert_eq!(found.total, 50_001);
        let wanted: Vec<Hit> = (0..10).map(|id| Hit { distance_bits: 0, id }).collect();
        assert_eq!(found.hits, wanted);
        assert_eq!(index.nearest(&[one], 3, 2)[0], wanted[..3]);
    }
    let slots = through_slots(&vec![one; 300], &[one], 31);
    assert_eq!(slots[0].total, 300, "each code once, though every slot shows it");
}

#[test]
fn an_empty_index_answers_and_too_many_codes_are_refused() {
    let mut index = Index::new(Vec::new(), 2).unwrap();
    assert!(index.is_empty());
    assert_eq!(index.within(&[[7; 32]], 256, 5, 4), [Neighbours::default()]);
    assert_eq!(index.nearest(&[[7; 32]], 5, 4), [vec![]]);
    assert_eq!(index.within(&[], 31, 5, 4), []);
    index.build_slots(3);
    assert_eq!(index.within(&[[7; 32]], 31, 5, 4), [Neighbours::default()]);
    assert_eq!(index.push([9; 32]), Ok(0));
    assert_eq!(index.within(&[[9; 32]], 0, 5, 4)[0].total, 1);
    let refused = check_room(CODES_MAX + 1);
    let wanted = IndexError::Full {
        codes: CODES_MAX + 1,
        limit_codes: CODES_MAX,
    };
    assert_eq!(refused, Err(wanted));
    assert_eq!(check_room(CODES_MAX), Ok(()));
}

#[test]
fn a_large_scan_is_split_between_threads_without_loss() {
    let mut next = random(5);
    let mut codes: Vec<Code> = (0..160_000).map(|_| code(&mut next)).collect();
    let queries: Vec<Code> = (0..5)
        .map(|at| flipped(&codes[at * 37_001], 30, &mut next))
        .collect();
    codes.push(queries[0]);
    let index = Index::scanned(codes.clone()).unwrap();
    let mut wanted: Vec<Hit> = (0..)
        .zip(&codes)
        .map(|(id, code)| Hit {
            distance_bits: distance_bits(code, &queries[1]),
            id,
        })
        .collect();
    wanted.sort_unstable();
    for threads in [1, 2, 3] {
        let found = index.within(&queries, 31, 5, threads);
        assert_eq!(found, scan_within(&codes, &queries, 31, 5, threads).unwrap());
        let ids: Vec<u32> = found[0].hits.iter().map(|hit| hit.id).collect();
        assert_eq!(ids, [160_000, 0]);
        for (id, found) in (37_001..).step_by(37_001).zip(&found[1..]) {
            let distance_bits = 30;
            assert_eq!(found.hits, [Hit { distance_bits, id }]);
        }
        assert_eq!(index.nearest(&queries[1..2], 9, threads)[0], wanted[..9]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slots_and_scan_agree_with_the_naive_scan(
        seed: u64,
        strangers in 0usize..400,
        radius in 0u32..60,
        copies in prop::collection::vec(0u32..70, 0..60),
    ) {
        let mut next = random(seed);
        let query = code(&mut next);
        let mut codes: Vec<Code> = (0..strangers).map(|_| code(&mut next)).collect();
        for distance in copies {
            let copy = flipped(&query, distance, &mut next);
            codes.insert((next() % (codes.len() as u64 + 1)) as usize, copy);
        }
        let wanted = naive(&codes, &query, radius);
        prop_assert_eq!(&through_slots(&codes, &[query], radius)[0].hits, &wanted);
        let index = Index::scanned(codes.clone()).unwrap();
        prop_assert_eq!(&index.within(&[query], radius, usize::MAX, 1)[0].hits, &wanted);
    }
}
