import {linkUrl} from '/lona_sync/client/events.js';
import {formRequest} from '/lona_sync/client/forms.js';
import {equal, stage, test} from './harness.js';

function follow(html, options = {}) {
  const link = stage(html).querySelector('a, area');
  const url = linkUrl(new MouseEvent('click', options), link);
  return url && url.pathname + url.search + url.hash;
}

function submit(html, button = null) {
  const root = stage(html);
  const form = root.querySelector('form');
  const request = formRequest({target: form, submitter: button && root.querySelector(button), defaultPrevented: false});
  return request && [request.url.pathname + request.url.search, request.post];
}

test('links to this place are followed in the window', () => {
  equal(follow('<a href="/x?y=1#z">'), '/x?y=1#z');
  equal(follow('<a href="x">'), '/x');
  equal(follow('<a href="/?y#z">'), '/?y#z');
  equal(follow('<a href="/x" target="_self">'), '/x');
  equal(follow('<map><area href="/x"></map>'), '/x');
  equal(follow('<svg><a href="/x"></a></svg>'), '/x');
  equal(follow('<svg><a xlink:href="/x"></a></svg>'), '/x');
});

test('other links are left to the browser', () => {
  equal(follow('<a href="https://example.org/x">'), null);
  equal(follow('<a href="mailto:a@b.c">'), null);
  equal(follow('<a href="javascript:alert(1)">'), null);
  equal(follow('<a href="/x" target="_blank">'), null);
  equal(follow('<a href="/x" download>'), null);
  equal(follow('<a href="/x" data-lona-ignore>'), null);
  equal(follow('<a href="#z">'), null);
  equal(follow('<a href="/#z">'), null);
  equal(follow('<a href="#">'), null);
  equal(follow('<a href="http://[">'), null);
});

test('clicks with another button or a modifier are left to the browser', () => {
  for (const options of [{button: 1}, {ctrlKey: true}, {metaKey: true}, {shiftKey: true}, {altKey: true}]) {
    equal(follow('<a href="/x">', options), null);
  }
});

test('a form that gets puts its fields into the query', () => {
  equal(submit('<form action="/find?old=1"><input name="q" value="ä&b"><input name="r" value="1"></form>'), ['/find?q=%C3%A4%26b&r=1', null]);
});

test('a form that posts has lists only where there are several values', () => {
  equal(submit(`<form method="post" action="/x?a=1"><input name="one" value="1">
    <select multiple name="more"><option selected>a<option selected>b</select><input type="checkbox" name="no"></form>`),
  ['/x?a=1', {one: '1', more: ['a', 'b']}]);
});

test('the button that submits has a say', () => {
  const form = '<form action="/x"><button name="b" value="1" formaction="/y" formmethod="post"></button></form>';

  equal(submit(form, 'button'), ['/y', {b: '1'}]);
});

test('a form without an action opens the present address', () => {
  equal(submit('<form><input name="q" value="1"></form>'), ['/?q=1', null]);
});

test('fields may have the names of properties', () => {
  equal(submit('<form action="/x" method="post"><input name="action" value="1"><input name="method" value="2"><input name="__proto__" value="3"></form>')[1].action, '1');
});

test('forms for elsewhere, dialogs, ignored ones are left to the browser', () => {
  equal(submit('<form action="https://example.org/"></form>'), null);
  equal(submit('<form target="_blank"></form>'), null);
  equal(submit('<form method="dialog"></form>'), null);
  equal(submit('<form data-lona-ignore></form>'), null);
  equal(submit('<form><button data-lona-ignore></button></form>', 'button'), null);
});

test('files are left to the browser, an empty file field is not', () => {
  const form = '<form method="post" action="/x"><input name="a" value="1"><input type="file" name="f"></form>';
  equal(submit(form), ['/x', {a: '1'}]);

  const root = stage(form);
  const files = new DataTransfer();
  files.items.add(new File(['x'], 'x.txt'));
  root.querySelector('[type=file]').files = files.files;

  equal(formRequest({target: root.querySelector('form'), submitter: null, defaultPrevented: false}), null);
});
