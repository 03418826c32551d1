//! What looking at one JPEG costs, in milliseconds on one thread, beside a full decode by the `image` crate.
//!
//! `cargo bench --bench pixels` draws pictures of 1 and 12 megapixels (gradients, shapes, noise; quality 90), takes the best and the
//! median of a number of rounds, and prints one line per step and the ratio. A path after `--` is measured instead of the drawn pictures.

use std::io::{self, Write};
use std::time::Instant;

use byline::asset::Format;
use byline::asset::pixels::look_bytes;
use byline::similar;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let given: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    if given.is_empty() {
        for (name, width, height) in [("1 MP", 1152u16, 864u16), ("12 MP", 4000, 3000)] {
            let bytes = draw(width, height).map_err(io::Error::other)?;
            measure(&mut out, name, &bytes)?;
        }
    }
    for path in given {
        measure(&mut out, &path, &std::fs::read(&path)?)?;
    }
    Ok(())
}

fn measure(out: &mut impl Write, name: &str, bytes: &[u8]) -> io::Result<()> {
    let rounds = if bytes.len() > 1 << 20 { 15 } else { 60 };
    writeln!(out, "{name}, {} KiB", bytes.len() / 1024)?;
    let picture = look_bytes(bytes, Format::Jpeg, 1).map_err(io::Error::other)?;
    let luma = &picture.luma;
    let steps: [(&str, &dyn Fn() -> usize); 6] = [
        ("look: digest, luma, preview", &|| {
            look_bytes(bytes, Format::Jpeg, 1).map_or(0, |found| found.luma.samples.len())
        }),
        ("fingerprints: 4 PDQ, ISCC", &|| {
            similar::fingerprints(&picture).len()
        }),
        ("  of which one PDQ", &|| {
            usize::from(similar::pdq::of(luma).quality)
        }),
        ("  of which ISCC", &|| {
            similar::iscc::image_code(luma).map_or(0, |code| code.len())
        }),
        ("thumbnail", &|| similar::thumbnail_jpeg(&picture).len()),
        ("full decode by `image`", &|| {
            image::load_from_memory(bytes).map_or(0, |full| full.as_bytes().len())
        }),
    ];
    let mut medians = Vec::with_capacity(steps.len());
    for (step, work) in steps {
        let mut times: Vec<f64> = (0..rounds)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(work());
                start.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let (best, median) = (times[0], times[times.len() / 2]);
        writeln!(out, "  {step:<30} best {best:8.2} ms   median {median:8.2} ms")?;
        medians.push(median);
    }
    if let [look, prints, .., full] = medians.as_slice() {
        let ratio = (look + prints) / full;
        writeln!(
            out,
            "  to fingerprints, by medians      {ratio:.3} of a full decode (12 MP: wanted at most 0.5)"
        )?;
    }
    Ok(())
}

/// A picture with the statistics of a photograph: smooth light, edges, small shapes, sensor noise.
fn draw(width: u16, height: u16) -> Result<Vec<u8>, jpeg_encoder::EncodingError> {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut noise = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // The sum of four bytes is near enough to a bell.
        seed.to_le_bytes()
            .iter()
            .take(4)
            .map(|byte| i32::from(*byte) - 128)
            .sum::<i32>()
            / 48
    };
    let (w, h) = (i32::from(width), i32::from(height));
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for y in 0..h {
        for x in 0..w {
            let light = 60 + 120 * x / w + 40 * y / h;
            let (cell_x, cell_y) = (x * 24 / w, y * 18 / h);
            let kind = (cell_x * 7 + cell_y * 13) % 11;
            let (in_x, in_y) = (x * 24 % w * 16 / w, y * 18 % h * 16 / h);
            let shape = match kind {
                0 if (in_x - 8).pow(2) + (in_y - 8).pow(2) < 40 => 70,
                1 if in_x > 3 && in_x < 12 && in_y > 6 => -60,
                2 if (x / 3 + y / 5) % 9 == 0 => -80,
                3 => (x ^ y) % 17 - 8,
                _ => 0,
            };
            let grain = noise();
            let colour =
                [(20, 5), (0, 0), (-25, -3)].map(|(tint, step)| light + shape + tint + step * kind + grain);
            pixels.extend(colour.map(|sample| sample.clamp(0, 255).to_le_bytes()[0]));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&pixels, width, height, ColorType::Rgb)?;
    Ok(bytes)
}
