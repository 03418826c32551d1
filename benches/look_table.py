"""Learns the table of the look vector from a folder of photographs: means and whitening of 48 layout and 100 colour features.

Usage: look_table.py FOLDER OUT. Every second file of the folder, by name, is learnt from. Prints how many.
The features are those of src/similar/look.rs, in the same order; OUT is little-endian f32.
"""
import glob, sys
import numpy as np
from PIL import Image

def grid(path):
    im = Image.open(path).convert("RGB")
    im.thumbnail((512, 512), Image.BILINEAR)
    a = np.asarray(im).astype(np.float32)
    ys = ((2 * np.arange(256) + 1) * a.shape[0]) // 512
    xs = ((2 * np.arange(256) + 1) * a.shape[1]) // 512
    return a[ys][:, xs].reshape(64, 4, 64, 4, 3).sum((1, 3)) / 16

def features(grids):
    y = grids @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    cb, cr = (grids[..., 2] - y) * 0.564, (grids[..., 0] - y) * 0.713
    n = len(grids)
    code = (np.digitize(y, [64, 128, 192]) * 5 + np.digitize(cb, [-16, -5, 5, 16])) * 5 + np.digitize(cr, [-16, -5, 5, 16])
    colour = np.sqrt(np.stack([np.bincount(one.ravel(), minlength=100) for one in code]) / 4096)
    wave = np.array([[1.0] * 4, [np.cos(np.pi * (i + 0.5) / 4) for i in range(4)]])
    layout = []
    while y.shape[1] >= 8:
        p = np.pad(y, ((0, 0), (1, 1), (1, 1)), mode="edge")
        gx, gy = p[:, 1:-1, 2:] - p[:, 1:-1, :-2], p[:, 2:, 1:-1] - p[:, :-2, 1:-1]
        m = np.sqrt(gx * gx + gy * gy)
        safe = np.where(m > 0, m, 1)
        k = y.shape[1] // 4
        cells = [v.reshape(n, 4, k, 4, k).mean((2, 4)) for v in (m, (gx * gx - gy * gy) / safe, 2 * gx * gy / safe)]
        damp = np.sqrt(cells[0] + 1)
        for cell in cells:
            layout.append(np.einsum("uy,vx,nyx->nuv", wave, wave, cell / damp).reshape(n, 4))
        y = (y[:, 0::2, 0::2] + y[:, 1::2, 0::2] + y[:, 0::2, 1::2] + y[:, 1::2, 1::2]) / 4
    return np.concatenate(layout, 1), colour

def whitening(rows, kept):
    mean = rows.mean(0)
    _, s, vt = np.linalg.svd(rows - mean, full_matrices=False)
    return mean, vt[:kept] / (s[:kept, None] / np.sqrt(len(rows)))

if __name__ == "__main__":
    files = sorted(glob.glob(sys.argv[1] + "/*"))[::2]
    layout, colour = features(np.stack([grid(file) for file in files]))
    parts = [*whitening(layout, 48), *whitening(colour, 24)]
    # Colour tells more of a theme than layout does.
    parts[3] = parts[3] * 1.5
    np.concatenate([part.ravel() for part in parts]).astype("<f4").tofile(sys.argv[2])
    print(len(files), "photographs")
