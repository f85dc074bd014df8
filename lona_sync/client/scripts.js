let count = 0;

/**
 * Runs code of a view: the body of an async function. As a script element with the page's nonce: a Content-Security-Policy that lets
 * our own scripts run by it would have to allow all strings for `Function`.
 * @param {string} code @param {any} args what the code finds by this name
 */
export function run(code, args) {
  return new Promise((resolve, reject) => {
    const name = `lona-code-${++count}`;
    let ran = false;
    const take = ({detail}) => {
      ran = true;
      detail(args).then(resolve, reject);
    };
    const failed = (event) => {                      // it is no JavaScript
      ran = true;
      event.preventDefault();
      reject(event.error ?? new Error(event.message));
    };
    const script = document.createElement('script');
    script.nonce = document.querySelector('script[nonce]')?.nonce ?? '';
    script.textContent = `document.dispatchEvent(new CustomEvent(${JSON.stringify(name)}, {detail: async (args) => {${code}\n}}));`;
    document.addEventListener(name, take, {once: true});
    addEventListener('error', failed);
    document.head.append(script);                    // it runs now
    removeEventListener('error', failed);
    document.removeEventListener(name, take);
    script.remove();
    if (!ran) reject(new Error("the page's Content-Security-Policy keeps it from running: it has to have a nonce"));
  });
}
