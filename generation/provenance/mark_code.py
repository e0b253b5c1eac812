"""64 bits on their way through noise: a checksum, and a convolutional code with soft decisions.

    payload 64 bits -> CRC-16 (CCITT) -> 8 zeros to end in a known state -> rate 1/4, constraint length 9
    = `CODED` = 352 values of +1 or -1

The generators are the classic ones with free distance 24 (Larsen, IEEE Trans. Inf. Theory 19, 1973). The
way back is Viterbi's: the word whose code agrees best with the measured values, whatever their scale.
"""

from __future__ import annotations

from binascii import crc_hqx
from functools import cache

import numpy as np
from numpy.typing import NDArray

PAYLOAD_BITS, CHECK_BITS, TAIL = 64, 16, 8
RATE = 4
STATES = 1 << TAIL
STEPS = PAYLOAD_BITS + CHECK_BITS + TAIL
CODED = RATE * STEPS
GENERATORS = (0o463, 0o535, 0o733, 0o745)


def encode(payload: int) -> NDArray[np.float32]:
    """`CODED` values of +1 and -1. Raises ValueError for what does not fit into 64 bits."""
    if not 0 <= payload < 1 << PAYLOAD_BITS:
        raise ValueError("a payload has 64 bits")
    word = payload << CHECK_BITS | _check(payload)
    state, coded = 0, np.empty(CODED, np.float32)
    for step in range(STEPS):
        at = STEPS - TAIL - 1 - step
        bit = word >> at & 1 if at >= 0 else 0
        coded[step * RATE : (step + 1) * RATE] = _outputs()[bit, state]
        state = (state << 1 | bit) & (STATES - 1)
    return coded


def decode(values: NDArray[np.float32]) -> int | None:
    """The payload that fits `CODED` soft values best (positive means +1); None when its checksum fails."""
    score = np.full(STATES, -np.inf, np.float32)
    score[0] = 0
    came = np.empty((STEPS, STATES), np.uint8)  # whether the better way led here from the upper state
    lower = np.arange(STATES) >> 1  # the two states from which a state is reached
    bits = np.arange(STATES) & 1
    outputs = _outputs()
    from_lower, from_upper = outputs[bits, lower], outputs[bits, lower + STATES // 2]  # STATES RATE
    for step, seen in enumerate(values.reshape(STEPS, RATE)):
        a = score[lower] + from_lower @ seen
        b = score[lower + STATES // 2] + from_upper @ seen
        came[step] = b > a
        score = np.maximum(a, b)
    word, state = 0, 0
    for step in range(STEPS - 1, -1, -1):
        bit = state & 1
        if step < STEPS - TAIL:
            word |= bit << (STEPS - TAIL - 1 - step)
        state = (state >> 1) | int(came[step, state]) << (TAIL - 1)
    payload, check = word >> CHECK_BITS, word & (1 << CHECK_BITS) - 1
    return payload if check == _check(payload) else None


def _check(payload: int) -> int:
    return crc_hqx(payload.to_bytes(PAYLOAD_BITS // 8, "big"), 0xFFFF)


@cache
def _outputs() -> NDArray[np.float32]:
    """What the encoder says for an incoming bit in a state: 2 STATES RATE."""
    register = np.arange(2)[:, None] | np.arange(STATES)[None, :] << 1
    taps = [np.bitwise_count(register & generator) & 1 for generator in GENERATORS]
    return (1 - 2 * np.stack(taps, axis=-1).astype(np.float32)).astype(np.float32)
