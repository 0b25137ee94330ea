// How loud the microphone is, for a meter.

const FALL = 0.03;

export class Level {
  #context = null;
  #source = null;
  #samples = null;
  #analyser = null;
  #shown = 0;

  listen(track) {
    this.stop();
    if (!track) return;
    this.#context ??= new AudioContext();
    this.#context.resume();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 8192;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }

  stop() {
    this.#source?.disconnect();
    this.#source = this.#analyser = null;
  }

  // 0 for silence to 1 for full scale, on a scale of 60 dB; falls slowly, as meters do.
  next() {
    this.#shown = Math.max(this.#now(), this.#shown - FALL);
    return this.#shown;
  }

  #now() {
    if (!this.#analyser) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.max(0, Math.min(1, 1 + Math.log10(power + 1e-9) / 6));
  }
}
