//! Codes laid out for the kernels: 64 codes are a block, and byte `k` of all 64 stands together, four such planes to a group.
//!
//! A search reads only as many groups as its radius needs: the first stage of the scan.

use super::Code;
use super::kernel::GROUP_BYTES;

/// Codes in a block.
pub(super) const LANES: usize = 64;
/// Groups that hold a whole code.
pub(super) const GROUPS: usize = size_of::<Code>() / GROUP_BYTES;

/// Four bytes of each of 64 codes, byte by byte.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Group(pub(super) [[u8; LANES]; GROUP_BYTES]);

const EMPTY: Group = Group([[0; LANES]; GROUP_BYTES]);

/// Some or all planes of a run of codes.
#[derive(Clone, Debug, Default)]
pub(super) struct Planes {
    groups: [Vec<Group>; GROUPS],
    codes: usize,
}

impl Planes {
    /// Bytes held on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let groups: usize = self.groups.iter().map(Vec::capacity).sum();
        groups * size_of::<Group>()
    }

    /// Appends a code to the first `groups` groups; all calls on one value must name as many.
    pub(super) fn push(&mut self, code: &Code, groups: usize) {
        let lane = self.codes % LANES;
        for (group, bytes) in self.groups.iter_mut().take(groups).zip(code.as_chunks().0) {
            if lane == 0 {
                group.push(EMPTY);
            }
            if let Some(block) = group.last_mut() {
                put(block, lane, bytes);
            }
        }
        self.codes += 1;
    }

    /// Lays out `codes` in the place of what was there.
    pub(super) fn replace(&mut self, codes: &[Code], groups: usize) {
        for (at, group) in self.groups.iter_mut().enumerate() {
            group.clear();
            if at < groups {
                group.extend(codes.chunks(LANES).map(|block| {
                    let mut planes = EMPTY;
                    for (lane, code) in block.iter().enumerate() {
                        if let Some(bytes) = code.as_chunks().0.get(at) {
                            put(&mut planes, lane, bytes);
                        }
                    }
                    planes
                }));
            }
        }
        self.codes = codes.len();
    }

    /// The first `P` groups of some blocks; blocks that are not there are left out.
    pub(super) fn groups<const P: usize>(&self, blocks: std::ops::Range<usize>) -> [&[Group]; P] {
        let mut groups = self.groups.iter();
        [(); P].map(|()| {
            let group = groups.next().map(Vec::as_slice).unwrap_or_default();
            let end = blocks.end.min(group.len());
            group.get(blocks.start.min(end)..end).unwrap_or_default()
        })
    }
}

fn put(block: &mut Group, lane: usize, bytes: &[u8; GROUP_BYTES]) {
    for (plane, byte) in block.0.iter_mut().zip(bytes) {
        if let Some(place) = plane.get_mut(lane) {
            *place = *byte;
        }
    }
}
