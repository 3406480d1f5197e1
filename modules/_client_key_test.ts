import assert from "node:assert/strict";
import { clientKey } from "./_client_key.ts";

Deno.test("clientKey() is an IPv4 address as a whole, also when it is mapped", () => {
  assert.equal(clientKey("192.0.2.7"), "192.0.2.7");
  assert.equal(clientKey("::ffff:192.0.2.7"), "192.0.2.7");
  assert.equal(clientKey("::FFFF:192.0.2.7"), "192.0.2.7");
});

Deno.test("clientKey() is the network part of an IPv6 address", () => {
  const expected = "2001:db8:1:2";
  assert.equal(clientKey("2001:db8:1:2:3:4:5:6"), expected);
  assert.equal(clientKey("2001:db8:1:2::6"), expected);
  assert.equal(clientKey("2001:db8:1:2::"), expected);
  assert.notEqual(clientKey("2001:db8:1:3::6"), expected);
});

Deno.test("clientKey() fills in the zeros that an IPv6 address leaves out", () => {
  assert.equal(clientKey("::1"), "0:0:0:0");
  assert.equal(clientKey("2001:db8::1"), "2001:db8:0:0");
  assert.equal(clientKey("1::2:3:4:5:6:7"), "1:0:2:3");
});

Deno.test("clientKey() leaves what is no address as it is", () => {
  assert.equal(clientKey(""), "");
  assert.equal(clientKey("somewhere"), "somewhere");
});
