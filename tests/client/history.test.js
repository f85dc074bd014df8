import {Navigation} from '/lona_sync/client/lona.js';
import {cleanup, equal, stage, test} from './harness.js';

function started() {
  stage('<div style="height: 5000px"></div><p id="über" style="height: 3000px">anchor</p>');
  const visits = [];
  const told = [];
  let canTell = true;
  const navigation = new Navigation((path) => visits.push(path), (url) => canTell && told.push(url.pathname + url.search + url.hash) > 0);
  navigation.start();
  cleanup(() => navigation.stop());
  const to = (address) => new URL(address, location.href);
  return {
    navigation, visits, told, follow: (address) => navigation.follow(to(address)), go: (address, how) => navigation.go(to(address), how),
    stopTelling: () => { canTell = false; },
  };
}

const travel = (steps) => new Promise((done) => {
  addEventListener('popstate', () => done(), {once: true});
  history.go(steps);
});

test('a followed link is an entry, the present address again is none', () => {
  const {follow} = started();
  const before = history.length;

  follow('/a?1');
  follow('/a?1');

  equal([location.pathname + location.search, history.length - before], ['/a?1', 1]);
});

test('back and forward open the address', async () => {
  const {follow, visits} = started();
  follow('/a');
  follow('/b');

  await travel(-1);
  await travel(1);

  equal(visits, ['/a', '/b']);
});

test('a new view begins at the top, back and forward where the user was', async () => {
  const {navigation, follow} = started();
  follow('/a');
  navigation.shown();
  scrollTo(0, 1000);

  follow('/b');
  navigation.shown();
  equal(scrollY, 0);
  scrollTo(0, 2000);
  await travel(-1);
  navigation.shown();
  equal(scrollY, 1000);
  await travel(1);
  navigation.shown();

  equal(scrollY, 2000);
});

test('an anchor is scrolled to', () => {
  const {navigation, follow} = started();

  follow('/a#über');
  navigation.shown();

  equal(Math.round(scrollY) >= 5000, true);
});

test('a malformed anchor harms nobody', () => {
  const {navigation, follow} = started();

  follow('/a#%');
  navigation.shown();

  equal(scrollY, 0);
});

test('a jump within the page opens nothing', async () => {
  const {visits} = started();

  const jumped = new Promise((done) => addEventListener('hashchange', done, {once: true}));
  location.hash = '#über';
  await jumped;
  await travel(-1);

  equal(visits, []);
});

test('a page that is loaded again is where it was', () => {
  const {navigation: first} = started();
  scrollTo(0, 1500);
  dispatchEvent(new PageTransitionEvent('pagehide'));
  first.stop();
  scrollTo(0, 0);
  const second = new Navigation(() => {});
  second.start();
  cleanup(() => second.stop());

  second.shown();

  equal(scrollY, 1500);
});

test('a view that changes its URL is told of back and forward', async () => {
  const {follow, go, visits, told} = started();
  follow('/a');
  go('/a?p=1', 2);
  go('/a?p=2#x', 2);

  await travel(-1);
  await travel(-1);
  await travel(1);

  equal([told, visits], [['/a?p=1', '/a', '/a?p=1'], []]);
});

test('a URL can take the place of the one before', async () => {
  const {follow, go, visits, told} = started();
  follow('/a');
  const before = history.length;
  go('/a?p=1', 3);

  equal([location.search, history.length - before], ['?p=1', 0]);
  follow('/b');
  await travel(-1);

  equal([visits, told], [['/a?p=1'], []]);
});

test('a view that does not hear of it, or cannot be told, is opened anew', async () => {
  const {follow, go, visits, told, stopTelling} = started();
  follow('/a');
  go('/a?p=1', 0);
  await travel(-1);
  go('/a?p=2', 2);
  stopTelling();
  await travel(-1);

  equal([visits, told], [['/a', '/a'], []]);
});

test('back from another view opens the one before, which is then told of its places', async () => {
  const {follow, go, visits, told} = started();
  follow('/a');
  go('/a?p=1', 2);
  follow('/b');

  await travel(-1);
  await travel(-1);

  equal([visits, told], [['/a?p=1'], ['/a']]);
});

test('a jump inside of the page is no change of its place', async () => {
  const {follow, go, visits, told} = started();
  follow('/a');
  go('/a?p=1', 2);
  location.hash = '#über';
  await new Promise((done) => { setTimeout(done, 20); });

  await travel(-1);

  equal([visits, told], [[], []]);
});

test('a URL of the view stays where the user has scrolled to', () => {
  const {navigation, follow, go} = started();
  follow('/a');
  navigation.shown();
  scrollTo(0, 700);

  go('/a?p=1', 2);

  equal(scrollY, 700);
});
