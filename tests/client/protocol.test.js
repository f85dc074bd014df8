import {clickData, decode, decodePatch, encode, isFinal} from '/lona_sync/client/protocol.js';
import {equal, raises, stage, test} from './harness.js';

test('messages of the client are arrays that begin with their number', () => {
  equal([encode('HELLO', 1), encode('PING'), encode('OPEN', 3, '/a?b', null)], ['[0,1]', '[6]', '[1,3,"/a?b",null]']);
});

test('messages of the server are known by name', () => {
  equal(decode('[9,3,17]'), ['RESEND', 3, 17]);
});

test('a message of unknown type names the type and what to look at', () => {
  raises(() => decode('[77]'), 'got 77');
  raises(() => decodePatch([99, 1]), 'got 99');
});

test('a client comes back after these codes and not after those', () => {
  equal([1000, 1001, 1006, 1011, 1012, 4000, 4499].filter(isFinal), []);
  equal([1002, 1003, 1007, 1009, 4500, 4501, 4502, 4999].filter((code) => !isFinal(code)), []);
});

test('a click tells place, size, modifiers and target', () => {
  const element = stage('<div style="position: fixed; left: 10px; top: 20px; width: 30px; height: 40px"></div>').firstChild;
  const event = new MouseEvent('click', {clientX: 15, clientY: 26, altKey: true, shiftKey: true});

  equal(clickData(event, element, 7), [5, 6, 30, 40, 5, 7]);
});
