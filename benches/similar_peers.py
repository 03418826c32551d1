"""The same searches by faiss, for `similar_index.rs`: `similar_peers.py CODES QUERIES RADIUS`, one thread.

Both files hold codes of 32 bytes. Prints `name ms-per-query hits build-seconds`, one line per structure; exits 3 without faiss.
"""

import sys
import time

try:
    import faiss
    import numpy as np
except ImportError as error:
    print(error)
    sys.exit(3)

BITS = 256
ROUNDS = 3


def measured(name, make):
    start = time.perf_counter()
    index = make()
    index.add(codes)
    built = time.perf_counter() - start
    index.range_search(queries[:8], radius + 1)
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        # faiss keeps distances below the radius, not up to it.
        limits, _, _ = index.range_search(queries, radius + 1)
        best = min(best, time.perf_counter() - start)
    print(f"{name} {best * 1000 / len(queries):.4f} {limits[-1]} {built:.2f}", flush=True)


def multi_hash():
    # 16 slots of 16 bits, one flip each: exact up to 31.
    index = faiss.IndexBinaryMultiHash(BITS, 16, 16)
    index.nflip = 1
    return index


faiss.omp_set_num_threads(1)
codes = np.fromfile(sys.argv[1], dtype=np.uint8).reshape(-1, BITS // 8)
queries = np.fromfile(sys.argv[2], dtype=np.uint8).reshape(-1, BITS // 8)
radius = int(sys.argv[3])
print(f"version {faiss.__version__}", flush=True)
measured("IndexBinaryFlat", lambda: faiss.IndexBinaryFlat(BITS))
measured("IndexBinaryMultiHash", multi_hash)
