"""PDQ by `pdqhash` (Meta's C++) for `pdq_reference.rs`: `pdq_reference.py FOLDER` reads `FOLDER/N.grey` for N from 0 on.

A file holds width and height as little-endian u32, then grey samples. Prints `hex quality` a picture; exits 3 without pdqhash.
"""

import pathlib
import sys

try:
    import numpy as np
    import pdqhash
except ImportError as error:
    print(error)
    sys.exit(3)

folder = pathlib.Path(sys.argv[1])
number = 0
while (path := folder / f"{number}.grey").exists():
    raw = path.read_bytes()
    width, height = np.frombuffer(raw[:8], dtype="<u4")
    grey = np.frombuffer(raw[8:], dtype=np.uint8).reshape(height, width)
    bits, quality = pdqhash.compute(np.ascontiguousarray(np.dstack([grey, grey, grey])))
    print(np.packbits(bits).tobytes().hex(), quality)
    number += 1
