/** Time (in ms) and chance; tests bring their own. */
export const clock = {
  now: () => performance.now(),
  after: (delay, action) => setTimeout(action, delay),
  cancel: (timer) => clearTimeout(timer),
  random: () => Math.random(),
};

/** Waits of at most `first` ms, then twice as much each time, up to `most`. Full jitter: ten thousand browsers do not come back
 * at the same moment. */
export class Backoff {
  #first; #most; #random;

  constructor(first, most, {random}) {
    this.#first = this.ceiling = first;
    this.#most = most;
    this.#random = random;
  }

  next() {
    const delay = this.#random() * this.ceiling;
    this.ceiling = Math.min(this.ceiling * 2, this.#most);
    return delay;
  }

  reset() {
    this.ceiling = this.#first;
  }
}
