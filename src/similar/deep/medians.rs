//! Where the values of a description are cut, and which value becomes which in a mirror.

/// Measured by `--bench recall -- FOLDER --pictures 150 --medians` on 150 photographs of EliSchwartz/imagenet-sample-images: 14,882
/// points and their mirror images, so that both ways have one table. In 4096ths of the length of the whole; `(row * 4 + column) * 8 + direction`.
pub(super) const MEDIANS: [u16; 128] = [
    83, 20, 7, 12, 24, 18, 17, 40, 331, 95, 20, 22, 33, 22, 24, 100, 309, 112, 33, 32, 40, 21, 17, 77, 73,
    43, 21, 24, 33, 14, 7, 18, 195, 44, 16, 28, 59, 39, 26, 60, 799, 172, 41, 61, 81, 45, 36, 170, 669, 182,
    45, 60, 102, 64, 36, 140, 168, 63, 31, 51, 82, 36, 17, 40, 195, 60, 26, 39, 59, 28, 16, 44, 799, 170, 36,
    45, 81, 61, 41, 172, 669, 140, 36, 64, 102, 60, 45, 182, 168, 40, 17, 36, 82, 51, 31, 63, 83, 40, 17, 18,
    24, 12, 7, 20, 331, 100, 24, 22, 33, 22, 20, 95, 309, 77, 17, 21, 40, 32, 33, 112, 73, 18, 7, 14, 33, 24,
    21, 43,
];

/// The place of a value in the description of the mirror image: rows change places, direction `d` becomes `8 - d`.
#[must_use]
pub const fn mirrored(at: usize) -> usize {
    let (cell, direction) = (at / 8, at % 8);
    let turned = (3 - cell / 4) * 4 + cell % 4;
    turned * 8 + (8 - direction) % 8
}
