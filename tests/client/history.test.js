import {Navigation} from '/lona_sync/client/lona.js';
import {cleanup, equal, stage, test} from './harness.js';

function started() {
  stage('<div style="height: 5000px"></div><p id="über" style="height: 3000px">anchor</p>');
  const visits = [];
  const navigation = new Navigation((path) => visits.push(path));
  navigation.start();
  cleanup(() => navigation.stop());
  return {navigation, visits, follow: (address) => navigation.follow(new URL(address, location.href))};
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
