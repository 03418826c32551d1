//! Sequential scans: every block comes once and whole (ITU-T T.81 annex F).

use super::State;
use super::bits::Bits;
use super::channel::Coded;
use super::header::{ScanHeader, Settings};
use super::huffman::{Kind, Table};

/// One component of the scan, ready to decode.
struct Lane {
    slot: usize,
    dc: Table,
    ac: Table,
    prediction: i32,
    /// Blocks of this component in one MCU.
    across: usize,
    down: usize,
}

/// Decodes one scan; `None` when its data ends early or makes no sense. What was decoded stays.
pub(super) fn decode(
    state: &mut State,
    header: &ScanHeader,
    settings: &Settings,
    bits: &mut Bits,
) -> Option<()> {
    let mut lanes = lanes(state, header, settings)?;
    let mcus = if let [lane] = lanes.as_slice() {
        state.frame.blocks_of(&state.frame.components[lane.slot])
    } else {
        state.frame.mcus()
    };
    let mut until_restart = usize::from(settings.restart_interval);
    for y in 0..mcus.1 {
        let row = mcu_row(
            state,
            &mut lanes,
            bits,
            (mcus.0, y),
            (&mut until_restart, settings.restart_interval),
        );
        for lane in &lanes {
            if let Some(slot) = &mut state.slots[lane.slot] {
                slot.channel.end_row();
            }
        }
        row?;
        if bits.overrun() {
            return None;
        }
    }
    Some(())
}

/// One row of MCUs. Alone, for the sums of a block stay in registers only in a function of bounded size.
#[inline(never)]
fn mcu_row(
    state: &mut State,
    lanes: &mut [Lane],
    bits: &mut Bits,
    (count, y): (usize, usize),
    (until_restart, interval): (&mut usize, u16),
) -> Option<()> {
    for x in 0..count {
        if interval > 0 {
            if *until_restart == 0 {
                if !bits.restart() {
                    return None;
                }
                for lane in lanes.iter_mut() {
                    lane.prediction = 0;
                }
                *until_restart = usize::from(interval);
            }
            *until_restart -= 1;
        }
        for lane in lanes.iter_mut() {
            let channel = &mut state.slots[lane.slot].as_mut()?.channel;
            for row in 0..lane.down {
                for column in 0..lane.across {
                    let source = Coded {
                        bits,
                        dc: &lane.dc,
                        ac: &lane.ac,
                        prediction: &mut lane.prediction,
                    };
                    channel.take(source, (x * lane.across + column, y * lane.down + row), row)?;
                }
            }
        }
    }
    Some(())
}

fn lanes(state: &mut State, header: &ScanHeader, settings: &Settings) -> Option<Vec<Lane>> {
    let alone = header.parts.len() == 1;
    let mut lanes = Vec::with_capacity(4);
    for part in &header.parts {
        // A second scan of a component would hash its blocks twice; no sequential JPEG has one.
        let slot = state.slots[part.component].as_mut()?;
        if std::mem::replace(&mut slot.scanned, true) {
            return None;
        }
        let component = &state.frame.components[part.component];
        let (across, down) = if alone {
            (1, 1)
        } else {
            (component.horizontal, component.vertical)
        };
        lanes.push(Lane {
            slot: part.component,
            dc: Table::new(settings.dc[part.dc].as_ref()?, Kind::Dc)?,
            ac: Table::new(settings.ac[part.ac].as_ref()?, Kind::Ac)?,
            prediction: 0,
            across: usize::from(across),
            down: usize::from(down),
        });
    }
    Some(lanes)
}
