import {issued} from './tokens.js';

const WAIT = 500, LONGEST = 8000;        // ms until it is tried again, doubled each time
const FAST = 1000;                       // ms; a request that takes less may be larger, up to
const TIMES = 64;                        // what the server says to begin with
const SMALLEST = 16_384;
const over = new Map();                  // zones that something is dragged over: how many of their elements were entered

/**
 * The files of an `<input type=file>`, over HTTP: docs/files.md. They may be interrupted at any time, and go on. In a form that the
 * server handles they are sent when it is submitted; it is submitted once more when they have come.
 */
export default class Uploads {
  #window; #input; #data; #run; #abort;
  #state = '';                           // 'chosen', 'sending', 'sent'
  #listening = new AbortController();

  constructor(window, input, data) {
    [this.#window, this.#input, this.#data, this.#run] = [window, input, data, data.data.run];
    const {signal} = this.#listening;
    input.addEventListener('change', (event) => {
      event.stopPropagation();           // the server says when it has changed
      this.#chosen();
    }, {signal});
    document.addEventListener('submit', (event) => this.#submitted(event), {signal, capture: true});
    for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) {
      document.addEventListener(type, (event) => this.#dragged(event), {signal, capture: true});
    }
    if (input.form) input.form.enctype = 'multipart/form-data';
    if (input.files.length) this.#chosen();                    // before this script was there
  }

  onDataUpdated({data}) {
    if (data.run !== this.#run) {
      this.#run = data.run;
      this.#stop();
      this.#input.value = '';
    } else if (data.now && this.#state === 'chosen') this.#start();
  }

  destroy() {
    this.#listening.abort();
    this.#stop();
  }

  get #waitsForForm() {
    return !this.#data.data.now && this.#input.form && issued(this.#input.form, 'submit');
  }

  #stop() {
    this.#abort?.abort();
    this.#state = '';
  }

  #chosen() {
    this.#stop();
    this.#input.setCustomValidity('');
    this.#state = 'chosen';
    if (!this.#waitsForForm) this.#start();
  }

  async #submitted(event) {
    const {target: form, submitter} = event;
    if (form !== this.#input.form || !/chosen|sending/.test(this.#state) || this.#input.disabled || !issued(form, 'submit')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.#state === 'sending') return;
    form.setAttribute('aria-busy', 'true');
    await this.#start();
    form.removeAttribute('aria-busy');
    if (this.#state === 'sent') form.requestSubmit(submitter);
  }

  async #start() {
    this.#state = 'sending';
    const {signal} = this.#abort = new AbortController();
    try {
      await this.#send([...this.#input.files], signal);
      if (!signal.aborted) this.#state = 'sent';
    } catch (error) {
      if (signal.aborted) return;
      this.#state = this.#waitsForForm ? 'sent' : '';
      if (this.#state) return;                                // the form tells what the server has against it
      this.#input.setCustomValidity(error.message);
      this.#input.reportValidity();
      this.#input.value = '';
    }
  }

  async #send(files, signal) {
    const list = files.map(({name, size, type, lastModified}) => [name.slice(-1000), size, type.slice(-1000), lastModified]);
    const options = {method: 'POST', body: JSON.stringify(list), headers: {'Content-Type': 'application/json'}};
    const response = await this.#ask(this.#data.data.input, signal, () => options);
    const {files: places, chunk} = await response.json();
    for (const [index, [id, offset]] of places.entries()) await this.#sendOne(files[index], id, offset, chunk, signal);
  }

  async #sendOne(file, id, offset, chunk, signal) {
    let most = chunk * TIMES;
    while (offset < file.size) {
      const body = file.slice(offset, offset + chunk);
      const began = performance.now();
      let failed = false;
      const response = await this.#ask(id, signal, (again) => {
        failed ||= again;                // nobody knows what has come
        return again ? {method: 'HEAD'} : {method: 'PATCH', body, headers: {'Upload-Offset': offset}};
      }, body);
      const {status, headers} = response;
      if (status !== 413) offset = +headers.get('Upload-Offset');
      // Some proxies say 413 to what is too large for them, and some just hang up.
      if (failed || status === 413) chunk = most = Math.max(Math.ceil(chunk / 2), SMALLEST);
      else if (performance.now() - began < FAST) chunk = Math.min(chunk * 2, most);
    }
  }

  /** Until there is an answer. Throws what the server has against it. */
  async #ask(name, signal, options, body) {
    const url = new URL(`../../files/${this.#window.view}/${name}`, import.meta.url);
    for (let wait = WAIT; ; wait = Math.min(wait * 2, LONGEST)) {
      const response = await fetch(url, {...options(wait > WAIT), signal}).catch(() => null);
      signal.throwIfAborted();
      const {ok, status} = response ?? {};
      if (ok || status === 409 || (status === 413 && body?.size > SMALLEST)) return response;
      if (status === 507 || (status < 500 && !/408|425|429/.test(status))) throw new Error((await response.text()).trim());
      await body?.slice(0, 1).arrayBuffer().catch(() => { throw new Error('This file cannot be read.'); });
      await new Promise((resolve) => { setTimeout(resolve, Math.random() * wait); });
      signal.throwIfAborted();
    }
  }

  #dragged(event) {
    const {type, target, dataTransfer} = event;
    const zone = this.#input.disabled ? null : this.#input.closest('[data-lona-drop-zone]');
    if (!zone?.contains(target) || !dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const depth = type === 'drop' ? 0 : (over.get(zone) ?? 0) + (type === 'dragenter') - (type === 'dragleave');
    over.set(zone, depth);
    zone.toggleAttribute('data-lona-over', depth > 0);
    if (type !== 'drop' || !dataTransfer.files.length) return;
    this.#input.files = dataTransfer.files;
    this.#chosen();
  }
}
