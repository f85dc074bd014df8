/** The events of one client: numbered from 1, kept until they are acknowledged, at most `limit`. */
export class Outbox {
  #events = [];
  #last = 0;

  constructor(limit = 1000) {
    this.limit = limit;
  }

  get length() {
    return this.#events.length;
  }

  reset(accepted = 0) {
    this.#events = [];
    this.#last = accepted;
  }

  /** @returns {{number: number} | null} null: full */
  add(type, node, data) {
    if (this.length >= this.limit) return null;
    const event = {number: ++this.#last, type, node, data};
    this.#events.push(event);
    return event;
  }

  acknowledge(number) {
    while (this.#events[0]?.number <= number) this.#events.shift();
  }

  [Symbol.iterator]() {
    return this.#events.values();
  }
}
