/** The page stays: no navigation begins. @param {string} url */
export function download(url) {
  Object.assign(document.createElement('a'), {href: url, download: ''}).click();
}
