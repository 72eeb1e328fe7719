// Runs in each page before the page's own programs. Keeps hold of what a test measures: the peer connections, and
// every complaint of the browser. It changes nothing that the page can see, but for RTCPeerConnection being a subclass.
() => {
  if (window.harness) return;
  const connections = [];
  let made = 0;
  const problems = [];
  // What the browser did and when, in milliseconds of the wall clock: the last thousands of lines.
  const journal = [];
  const note = (...words) => {
    journal.push(`${Math.round(performance.timeOrigin + performance.now())} ${words.join(" ")}`);
    // A harness that grows would be taken for a page that does.
    if (journal.length > 600) journal.splice(0, 200);
  };
  const Native = window.RTCPeerConnection;
  if (Native) {
    window.RTCPeerConnection = class RTCPeerConnection extends Native {
      constructor(...configuration) {
        super(...configuration);
        connections.push(this);
        const name = (this.harnessName = `connection ${++made}`);
        this.gathered = [];
        note(name, "made");
        this.addEventListener("icecandidate", (event) => {
          note(name, "found", event.candidate?.candidate ?? "no more");
          if (event.candidate?.candidate) this.gathered.push(event.candidate.candidate);
          if (this.gathered.length > 100) this.gathered.shift();
        });
        this.addEventListener("icecandidateerror", (event) => note(name, "error", event.url, event.errorCode, event.errorText));
        for (const state of ["connectionState", "iceConnectionState", "iceGatheringState", "signalingState"]) {
          this.addEventListener(state.toLowerCase() + "change", () => note(name, state, this[state]));
        }
        for (const method of ["setRemoteDescription", "setLocalDescription", "addIceCandidate", "close"]) {
          this[method] = (...given) => {
            note(name, method, given[0]?.type ?? "", given[0]?.candidate ?? "");
            // Whoever measures memory must not keep what the page gives up.
            if (method === "close") {
              setTimeout(() => connections.includes(this) && connections.splice(connections.indexOf(this), 1), 5000);
            }
            return super[method](...given);
          };
        }
      }
    };
  }
  const replace = window.RTCRtpSender?.prototype.replaceTrack;
  if (replace) {
    RTCRtpSender.prototype.replaceTrack = function (track) {
      note("sender", "sends", track?.kind ?? "nothing");
      return replace.call(this, track);
    };
  }
  let sockets = 0;
  let openSockets = 0;
  const NativeSocket = window.WebSocket;
  window.WebSocket = class WebSocket extends NativeSocket {
    constructor(...address) {
      super(...address);
      const name = `socket ${++sockets}`;
      note(name, "opens");
      openSockets += 1;
      this.addEventListener("open", () => note(name, "open"));
      this.addEventListener("message", (event) => note(name, "receives", event.data.byteLength));
      this.addEventListener("close", (event) => {
        openSockets -= 1;
        note(name, "closed", event.code);
      });
      this.send = (data) => {
        note(name, "sends", data.byteLength);
        super.send(data);
      };
    }
  };
  // The page's program, for its memory. Held weakly, as everything that the page may give up.
  let program;
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const native = WebAssembly[name];
    if (!native) continue;
    WebAssembly[name] = async (...given) => {
      const result = await native.apply(WebAssembly, given);
      // The late module uses the first one's.
      const { memory } = (result.instance ?? result).exports;
      if (memory) program = new WeakRef(memory);
      return result;
    };
  }
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

  for (const event of ["online", "offline", "pageshow", "pagehide"]) {
    addEventListener(event, () => note("page", event));
  }
  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    hidden += document.hidden ? 1 : 0;
    note("page", document.visibilityState);
  });
  navigator.connection?.addEventListener("change", () => note("page", "another network", navigator.connection.type));
  // The console's record of an error object does not say which error it was.
  const complain = console.error;
  console.error = (...things) => complain(...things.map((thing) => (thing instanceof Error ? `${thing}` : thing)));

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
    // Brings the keyboard to what may be out of the way.
    reach(hook) {
      document.querySelector(`[data-testid="${hook}"]`)?.focus({ preventScroll: true });
    },
    connections,
    problems,
    journal,
    tracks,
    // How many WebSockets were opened.
    get sockets() {
      return sockets;
    },
    get wasmBytes() {
      return program?.deref()?.buffer.byteLength ?? 0;
    },
    // How many are not closed, with those that are about to.
    get openSockets() {
      return openSockets;
    },
    get openConnections() {
      return connections.filter((connection) => connection.signalingState !== "closed").length;
    },
    get connectionsMade() {
      return made;
    },
    // How often the page was hidden.
    get hidden() {
      return hidden;
    },
    // At `moment` (of the wall clock) the first connection says that ICE has failed, until it has been restarted: both
    // ends have other credentials (or there is another connection), and a new picture is decoded. Gives the milliseconds
    // that took, 0 if it takes longer than `patience`.
    async restart(moment, patience) {
      const present = () => connections.findLast((connection) => connection.signalingState !== "closed");
      let connection = present();
      if (!connection) return 0;
      const fragments = () => [connection.localDescription, connection.remoteDescription]
        .map((description) => description?.sdp.match(/a=ice-ufrag:(\S+)/)?.[1]);
      const decoded = async () => {
        let frames = 0;
        (await connection.getStats()).forEach((entry) => frames += entry.framesDecoded ?? 0);
        return frames;
      };
      const say = () => {
        connection.dispatchEvent(new Event("iceconnectionstatechange"));
        connection.dispatchEvent(new Event("connectionstatechange"));
      };
      const clock = () => performance.timeOrigin + performance.now();
      const pause = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));
      const before = fragments();
      await pause(Math.max(0, moment - clock()));
      const states = ["iceConnectionState", "connectionState"];
      for (const state of states) Object.defineProperty(connection, state, { value: "failed", configurable: true });
      note(connection.harnessName, "is said to have failed");
      say();
      let restarted = false;
      let frames = 0;
      while (clock() - moment < patience) {
        await pause(10);
        if (connection.signalingState === "closed" || present() !== connection) {
          if (!present()) continue;
          connection = present();
          [restarted, frames] = [true, 0];
        }
        if (!restarted) {
          const now = fragments();
          restarted = connection.signalingState === "stable" && now.every((fragment, index) => fragment !== before[index]);
          if (restarted) {
            for (const state of states) delete connection[state];
            say();
            frames = await decoded();
          }
        } else if (connection.connectionState === "connected" && (await decoded()) > frames
            && [...document.querySelectorAll("[data-testid=tile][data-peer]")].every((tile) =>
              !tile.dataset.peer || tile.dataset.state === "connected")) {
          return clock() - moment;
        }
      }
      for (const state of states) delete connection[state];
      say();
      return 0;
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
      const all = await Promise.all(open.map(async (connection) => {
        const report = new Map();
        // Firefox 153 never answers for a connection that is closed meanwhile.
        const late = new Promise((answer) => setTimeout(answer, 2000));
        const entries = await Promise.race([connection.getStats(), late]);
        if (!entries) return null;
        entries.forEach((entry) => report.set(entry.id, entry));
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
        note(connection.harnessName, "decoded", sum(received, "framesDecoded"),
          "keys", sum(received, "keyFramesDecoded"), "bytes", sum(received, "bytesReceived"), "asked", sum(received, "pliCount"),
          "encoded keys", sum(of("outbound-rtp", "video"), "keyFramesEncoded"), "sent", sum(of("outbound-rtp", "video"), "bytesSent"));
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
      return all.filter((one) => one);
    },
  };
}
