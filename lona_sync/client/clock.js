/** Time (in ms) and chance; tests bring their own. */
export const clock = {
  now: () => performance.now(),
  after: (delay, action) => setTimeout(action, delay),
  cancel: (timer) => clearTimeout(timer),
  random: () => Math.random(),
};

/** Waits of up to `first` ms, doubling up to `most`, with full jitter: ten thousand browsers do not come back at once. */
export class Backoff {
  #first; #most; #clock;

  constructor(first, most, clock) {
    this.#first = this.ceiling = first;
    this.#most = most;
    this.#clock = clock;
  }

  next() {
    const delay = this.#clock.random() * this.ceiling;
    this.ceiling = Math.min(this.ceiling * 2, this.#most);
    return delay;
  }

  reset() {
    this.ceiling = this.#first;
  }
}
