"""Sound that waits until the picture of the same moment leaves.

A `DelayTap` reads a `DelayLine` at "now minus a delay". One rule serves everything that may move: the delay that is
wanted, the source's clock against ours, a source that stalls and comes back. The tap compares where it is with where it
should be and gets there without a click: in quiet places by one cut or repetition a block, elsewhere by 2 ms a second,
which nobody hears.
"""

from __future__ import annotations

import numpy as np

from eyeline.processing.delay_line import ALL_BUT_ALWAYS, RECENT_S, STALL_S, DelayLine, LineState
from eyeline.processing.rtc.audio_stretch import FADE_SAMPLES, fade_in, fade_out, is_quiet, splice, stretch
from eyeline.processing.rtc.recent_quantile import RecentQuantile
from eyeline.processing.sound import BLOCK_MS, BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples

MAX_DELAY_S = 0.5
MAX_SPEED_MS_PER_S = 2.0

_MARGIN_S = 0.002
_LEFT_OUT_S = 0.001
_PHASE_S = 0.006
_PHASE_MARGIN_S = 0.003
_PHASE_AGAIN_S = 3.0
_STRETCHED_SAMPLES = 10
_JUMP_SAMPLES = SAMPLE_RATE_HZ // 4
_START_SAMPLES = 96
_STOP_SAMPLES = 12
_SLIP_SAMPLES = 48
_SPEED_SAMPLES = MAX_SPEED_MS_PER_S * BLOCK_SAMPLES / 1000
_LEAST_INPUT = (BLOCK_SAMPLES + FADE_SAMPLES) // 2
_MOST_INPUT = 2 * BLOCK_SAMPLES


class DelayTap:
    """One reader's place in a delay line.

    Args:
        line: What is read.
    """

    def __init__(self, line: DelayLine) -> None:
        self._line = line
        self._position: int | None = None
        self._read_at_s = 0.0
        self._least_delay_s = RecentQuantile(ALL_BUT_ALWAYS, RECENT_S)
        self._seen = line.state()
        self._worst_lag_s = 0.0
        self._correcting = False
        self._speed_credit = 0.0
        self._waits_s = 0.0
        self._least_there_s = 0.0
        self._phase_again_at_s = 0.0
        self.delay_s = 0.0

    def better_phase_s(self) -> float:
        """How much later than planned the next block had better be read, and all that follow; 0 most of the time.

        Blocks of a source that are read just before the next one is there are always older than they need be. Where
        that makes sound later than was asked for, reading just after it is there helps. Only said in a quiet place.
        """
        waits_s, self._waits_s = self._waits_s, 0.0
        if waits_s:
            self._least_delay_s.restart(self._least_there_s)
        return waits_s

    def read(self, now_s: float, delay_s: float) -> Samples:
        """The next block.

        Args:
            now_s: When it leaves: 20 ms after the block before; later where blocks were left out.
            delay_s: How long ago its sound should have been captured; more where the source delivers later than that.

        Returns:
            `int16`, shape `(BLOCK_SAMPLES,)`. Silence where the source gave none.
        """
        state = self._line.state()
        self._note_lag(state, now_s)
        written, origin_s = state.written, state.origin_s
        wanted_s = min(max(delay_s, self._least_delay_s.value), MAX_DELAY_S)
        wanted = round((now_s - wanted_s - origin_s) * SAMPLE_RATE_HZ)
        left_out_s, self._read_at_s = now_s - self._read_at_s - BLOCK_MS / 1000, now_s
        if self._position is None:
            sound = self._resume(wanted, written)
        elif abs(left_out_s) > _LEFT_OUT_S:
            sound = self._jump(self._position, wanted)
        else:
            sound = self._go_on(self._position, wanted, written)
        self._consider_phase(state, now_s, self._least_delay_s.value - delay_s, sound)
        if self._position is None:
            self.delay_s = wanted_s
        else:
            self.delay_s = now_s + BLOCK_MS / 1000 - origin_s - self._position / SAMPLE_RATE_HZ
        return sound

    def _note_lag(self, state: LineState, now_s: float) -> None:
        """A delay shorter than what the source takes to deliver would find nothing to read.

        How long it took is known when it has delivered. A stall is not to be waited for the next time.
        """
        if state.written != self._seen.written:
            if self._worst_lag_s < STALL_S and state.gaps == self._seen.gaps:
                self._least_delay_s.add(self._worst_lag_s + BLOCK_MS / 1000 + _MARGIN_S, now_s)
            self._worst_lag_s = 0.0
        self._seen = state
        self._worst_lag_s = max(self._worst_lag_s, now_s - state.end_s)

    def _consider_phase(self, state: LineState, now_s: float, too_late_s: float, sound: Samples) -> None:
        if self._position is None or too_late_s < _PHASE_S or now_s < self._phase_again_at_s:
            return
        best_lag_s = state.delivery_s + _PHASE_MARGIN_S
        least_there_s = best_lag_s + BLOCK_MS / 1000 + _MARGIN_S
        in_step = abs(state.block_samples - BLOCK_SAMPLES) <= _STRETCHED_SAMPLES
        if self._least_delay_s.value - least_there_s > _PHASE_S and in_step and is_quiet(sound):
            self._phase_again_at_s = now_s + _PHASE_AGAIN_S
            self._least_there_s = least_there_s
            self._waits_s = (best_lag_s - (now_s - state.end_s)) % (BLOCK_MS / 1000)

    def _resume(self, wanted: int, written: int) -> Samples:
        """Begin, or begin again after silence."""
        if wanted + BLOCK_SAMPLES > written:
            return np.zeros(BLOCK_SAMPLES, np.int16)
        self._position = wanted + BLOCK_SAMPLES
        return fade_in(self._line.cut(wanted, wanted + BLOCK_SAMPLES))

    def _go_on(self, position: int, wanted: int, written: int) -> Samples:
        error = wanted - position
        if position + BLOCK_SAMPLES > written:
            self._position = None
            there = fade_out(self._line.cut(position, max(position, written)))
            return np.concatenate([there, np.zeros(BLOCK_SAMPLES - len(there), np.int16)])
        if abs(error) > _JUMP_SAMPLES:
            return self._jump(position, wanted)
        count = self._input_length(position, error, written)
        self._position = position + count
        sound = self._line.cut(position, position + count)
        return (
            splice(sound, BLOCK_SAMPLES)
            if abs(count - BLOCK_SAMPLES) > _SLIP_SAMPLES
            else stretch(sound, BLOCK_SAMPLES)
        )

    def _input_length(self, position: int, error: int, written: int) -> int:
        """How many samples become the next block."""
        self._speed_credit = min(self._speed_credit + _SPEED_SAMPLES, _SPEED_SAMPLES + 1)
        if abs(error) > _START_SAMPLES:
            self._correcting = True
        elif abs(error) < _STOP_SAMPLES:
            self._correcting = False
        if not self._correcting:
            return BLOCK_SAMPLES
        slipped = min(max(BLOCK_SAMPLES + error, _LEAST_INPUT), _MOST_INPUT, written - position)
        if abs(slipped - BLOCK_SAMPLES) > _SLIP_SAMPLES and is_quiet(self._line.cut(position, position + _MOST_INPUT)):
            return slipped
        step = min(int(self._speed_credit), abs(error))
        self._speed_credit -= step
        return min(BLOCK_SAMPLES + (step if error > 0 else -step), written - position)

    def _jump(self, position: int, wanted: int) -> Samples:
        """The time line itself has moved."""
        old = fade_out(self._line.cut(position, position + FADE_SAMPLES))
        sound = fade_in(self._line.cut(wanted, wanted + BLOCK_SAMPLES))
        sound[:FADE_SAMPLES] += old
        self._position = wanted + BLOCK_SAMPLES
        return sound
