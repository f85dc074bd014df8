/** What scripts of pages may import, from `/_lona_sync/client/latest/api.js`: see docs/client.md. */
export {LonaContext} from './context.js';
export {registerWidget} from './lona.js';

/** The global of the same name. */
export const {Lona} = globalThis;
