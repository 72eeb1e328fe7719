// Somebody who holds the link and runs another program than ours: beside whatever the page says over a data channel,
// the name in `liar.name` goes out, uncleaned and as long as it is. (PROTOCOL.md, "Envelope": CBOR, RFC 8949.)
() => {
  if (window.liar) return;
  window.liar = { name: null, sent: 0, at: -1000 };
  const native = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (data) {
    const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
    native.call(this, liar.name === null ? data : withName(bytes, liar.name));
  };

  // Our program may say it over the server, without the name, instead or as well: whoever lies keeps it from that. What is
  // lost there is said again, by every way.
  let socket = WebSocket.prototype;
  while (!Object.hasOwn(socket, "send")) socket = Object.getPrototypeOf(socket);
  const honest = socket.send;
  socket.send = function (data) {
    if (liar.name === null && performance.now() - liar.at > 200) honest.call(this, data);
  };

  // { 0: sequence, 1: acknowledged, 2: [message…] } with one message more: [1, { 0: name }].
  function withName(bytes, name) {
    // What needs no order (sequence 0) is no place for a name.
    if (bytes[2] === 0) return bytes;
    let at = 1;
    for (let field = 0; field < 2; field++) at += 1 + lengthOfNumber(bytes[at + 1]);
    at += 1;
    const messages = bytes[at] - 0x80;
    // A bare acknowledgement carries no messages.
    if (!(messages > 0 && messages < 23)) return bytes;
    // More does not fit into one message; a character cut in half is as hostile as any.
    const text = new TextEncoder().encode(name).subarray(0, 60_000);
    liar.name = null;
    liar.sent += 1;
    liar.at = performance.now();
    return new Uint8Array([
      ...bytes.subarray(0, at), 0x81 + messages,
      0x82, 0x01, 0xa1, 0x00, 0x7a, text.length >>> 24, (text.length >>> 16) & 255, (text.length >>> 8) & 255, text.length & 255, ...text,
      ...bytes.subarray(at + 1),
    ]);
  }

  function lengthOfNumber(head) {
    return head < 24 ? 1 : 1 + 2 ** (head - 24);
  }
}
