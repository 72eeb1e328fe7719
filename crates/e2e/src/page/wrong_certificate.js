// Makes the page see another DTLS certificate than the one the other end really has: as if somebody sat in the middle.
() => {
  if (!window.RTCDtlsTransport?.prototype.getRemoteCertificates) return;
  RTCDtlsTransport.prototype.getRemoteCertificates = () => [new Uint8Array(300).fill(7).buffer];
}
