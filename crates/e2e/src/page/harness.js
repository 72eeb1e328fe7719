// Runs in each page before the page's own programs. Keeps hold of what a test measures: the peer connections, and
// every complaint of the browser. It changes nothing that the page can see, but for RTCPeerConnection being a subclass.
() => {
  if (window.harness) return;
  const connections = [];
  const problems = [];
  const Native = window.RTCPeerConnection;
  if (Native) {
    window.RTCPeerConnection = class RTCPeerConnection extends Native {
      constructor(...configuration) {
        super(...configuration);
        connections.push(this);
        this.gathered = [];
        this.addEventListener("icecandidate", (event) => {
          if (event.candidate?.candidate) this.gathered.push(event.candidate.candidate);
        });
      }
    };
  }
  let sockets = 0;
  const NativeSocket = window.WebSocket;
  window.WebSocket = class WebSocket extends NativeSocket {
    constructor(...address) {
      super(...address);
      sockets += 1;
    }
  };
  const tracks = [];
  // A copy is a track of its own: as long as it lives, the camera's light is on.
  const clone = window.MediaStreamTrack?.prototype.clone;
  if (clone) {
    MediaStreamTrack.prototype.clone = function () {
      const copy = clone.call(this);
      tracks.push(copy);
      return copy;
    };
  }
  const devices = navigator.mediaDevices;
  for (const name of ["getUserMedia", "getDisplayMedia"]) {
    const native = devices?.[name];
    if (!native) continue;
    devices[name] = async function (...constraints) {
      const stream = await native.apply(this, constraints);
      tracks.push(...stream.getTracks());
      return stream;
    };
  }

  addEventListener("securitypolicyviolation", (event) =>
    problems.push(`CSP: ${event.violatedDirective} blocked ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`));
  addEventListener("error", (event) =>
    problems.push(`error: ${event.message ?? `${event.target?.tagName} ${event.target?.src ?? event.target?.href}`}`), true);
  addEventListener("unhandledrejection", (event) => problems.push(`unhandled rejection: ${event.reason}`));

  const tile = (peer) => document.querySelector(`[data-testid=tile][data-peer="${peer}"]`);
  const video = (peer, slot) => tile(peer)?.querySelector(`video[data-slot=${slot}]`);

  // Pictures shown since it was first asked for: Firefox counts none of a live stream in getVideoPlaybackQuality.
  const shown = new WeakMap();
  const frames = (element) => {
    if (!shown.has(element) && element.requestVideoFrameCallback) {
      shown.set(element, 0);
      const count = () => {
        shown.set(element, shown.get(element) + 1);
        element.requestVideoFrameCallback(count);
      };
      element.requestVideoFrameCallback(count);
    }
    return Math.max(shown.get(element) ?? 0, element.getVideoPlaybackQuality?.().totalVideoFrames ?? 0);
  };

  // 16×9 averaged colours of a video's present picture, or null when there is none.
  const canvas = () => {
    const canvas = new OffscreenCanvas(16, 9);
    return canvas.getContext("2d", { willReadFrequently: true });
  };
  const small = canvas();
  const picture = (element) => {
    if (!element || element.readyState < 2 || !element.videoWidth) return null;
    small.imageSmoothingQuality = "medium";
    small.drawImage(element, 0, 0, 16, 9);
    return [...small.getImageData(0, 0, 16, 9).data.filter((_, index) => index % 4 !== 3)];
  };

  window.harness = {
    connections,
    problems,
    tracks,
    // How many WebSockets were opened.
    get sockets() {
      return sockets;
    },
    // Pictures of some videos over some seconds (longer on a machine too busy to take a dozen in that time), each
    // with the time on the machine's clock in milliseconds.
    async watch(peers, slot, seconds) {
      const films = peers.map(() => []);
      const start = performance.now();
      const late = () => (performance.now() - start) / 1000;
      while (late() < seconds || (late() < 5 * seconds && films.some((film) => film.length < 12))) {
        peers.forEach((peer, index) => {
          const values = picture(video(peer, slot));
          if (values) films[index].push({ at: performance.timeOrigin + performance.now(), values });
        });
        await new Promise((wake) => setTimeout(wake, 80));
      }
      return films;
    },
    tiles() {
      return [...document.querySelectorAll("[data-testid=tile]")].map((tile) => ({
        peer: tile.dataset.peer ?? "",
        state: tile.dataset.state ?? "",
        path: tile.dataset.path ?? "",
        text: tile.innerText,
        videos: [...tile.querySelectorAll("video")].map((video) => ({
          slot: video.dataset.slot ?? "",
          width: video.videoWidth,
          height: video.videoHeight,
          frames: frames(video),
          playing: !video.paused && video.readyState >= 2,
        })),
      }));
    },
    // What getStats says of each open connection, as far as tests ask.
    async statistics() {
      const open = connections.filter((connection) => connection.signalingState !== "closed");
      return Promise.all(open.map(async (connection) => {
        const report = new Map();
        (await connection.getStats()).forEach((entry) => report.set(entry.id, entry));
        const all = [...report.values()];
        const of = (type, kind) => all.filter((entry) => entry.type === type && (!kind || entry.kind === kind));
        const sum = (entries, key) => entries.reduce((total, entry) => total + (entry[key] ?? 0), 0);
        // Chromium names the selected pair in the transport; Firefox marks the pair.
        const selected = all.map((entry) => report.get(entry.selectedCandidatePairId)).find(Boolean)
          ?? of("candidate-pair").find((pair) => pair.selected)
          ?? of("candidate-pair").find((pair) => pair.nominated && pair.state === "succeeded");
        const local = report.get(selected?.localCandidateId);
        const remote = report.get(selected?.remoteCandidateId);
        const received = of("inbound-rtp", "video");
        return {
          state: connection.connectionState,
          protocol: local?.protocol ?? "",
          local: local?.candidateType ?? "",
          remote: remote?.candidateType ?? "",
          relayProtocol: local?.relayProtocol ?? "",
          relayUrl: local?.url ?? "",
          framesDecoded: sum(received, "framesDecoded"),
          videos: received.map((entry) => ({
            mid: entry.mid ?? "", width: entry.frameWidth ?? 0, height: entry.frameHeight ?? 0,
            framesDecoded: entry.framesDecoded ?? 0,
          })),
          audioEnergy: sum(of("inbound-rtp", "audio"), "totalAudioEnergy"),
          audioPackets: sum(of("inbound-rtp", "audio"), "packetsReceived"),
          videoBytesSent: sum(of("outbound-rtp", "video"), "bytesSent"),
          audioBytesSent: sum(of("outbound-rtp", "audio"), "bytesSent"),
          mediaBytesReceived: sum(of("inbound-rtp"), "bytesReceived"),
          gathered: connection.gathered,
        };
      }));
    },
  };
}
