/**
 * The browser's side of lona_sync. A page holds
 *
 *     <script type="application/json" id="lona-sync">{"socket": "/_lona_sync/socket", "target": "#lona", "title": "…"}</script>
 *     <script type="module" src="…/lona.js"></script>
 *     <div id="lona"></div>
 *
 * and gets one global, `Lona`. The configuration may hold other `texts` for the status bar (status.js).
 */
import {Page} from './page.js';

const page = new Page(JSON.parse(document.getElementById('lona-sync').textContent));
page.start();

export const Lona = globalThis.Lona = {
  /** `Lona.window.fire(node | null, name, data)` issues a custom event. */
  window: page.main,
  /** Show the view at `url` in another element; returns its window (`fire`, `open`, `close`). */
  open: (target, url) => page.open(target, url),
  /** Its `state`: "connecting", "open", "waiting" (to try again), "ended", "closed". */
  connection: page.connection,
  stats: page.stats,
};
