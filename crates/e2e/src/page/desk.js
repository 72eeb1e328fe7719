// Runs before the page's programs: two cameras, two microphones and two speakers on a desk, which a test pulls out, plugs
// in, hands to another program or lets the system take. Pictures and sounds are those of the browser's own fake devices;
// nothing but the browser's API is changed, and that only as the hardware would change it.
() => {
  const media = navigator.mediaDevices;
  if (!media?.getUserMedia || window.desk) return;
  const native = { getUserMedia: media.getUserMedia, enumerateDevices: media.enumerateDevices };
  const device = (kind, deviceId, label, groupId) => ({ kind, deviceId, label, groupId });
  const list = [
    device("audioinput", "headset", "Headset", "headset"),
    device("audioinput", "machine", "Built-in microphone", "machine"),
    device("videoinput", "webcam", "Webcam", "webcam"),
    device("videoinput", "lid", "Built-in camera", "machine"),
    device("audiooutput", "headset-out", "Headset", "headset"),
    device("audiooutput", "machine-out", "Built-in speaker", "machine"),
  ];
  const shelf = [
    device("audioinput", "studio", "Studio microphone", "studio"),
    device("audiooutput", "studio-out", "Studio monitor", "studio"),
    device("videoinput", "reflex", "Reflex camera", "reflex"),
  ];
  const busy = new Set();
  const allowed = new Set();
  const held = [];
  const changed = () => media.dispatchEvent(new Event("devicechange"));

  media.enumerateDevices = async () =>
    list.map((entry) => {
      const known = allowed.has(entry.kind) || (entry.kind === "audiooutput" && allowed.has("audioinput"));
      return known ? { ...entry } : { ...entry, deviceId: "", label: "", groupId: "" };
    });

  const pick = (kind, wanted) => {
    const all = list.filter((entry) => entry.kind === kind);
    const exact = wanted?.deviceId?.exact;
    const ideal = wanted?.deviceId?.ideal;
    const facing = wanted?.facingMode;
    const found = exact
      ? all.find((entry) => entry.deviceId === exact)
      : all.find((entry) => entry.deviceId === ideal)
        ?? all.find((entry) => entry.facing && entry.facing === facing) ?? all[0];
    if (!found) throw new DOMException("no such device", exact ? "OverconstrainedError" : "NotFoundError");
    if (busy.has(found.deviceId)) throw new DOMException("in use", "NotReadableError");
    return found;
  };

  media.getUserMedia = async function (constraints) {
    const asked = { ...constraints };
    const picked = {};
    for (const [name, kind] of [["audio", "audioinput"], ["video", "videoinput"]]) {
      if (!asked[name]) continue;
      picked[name] = pick(kind, asked[name]);
      asked[name] = { ...asked[name], deviceId: undefined, facingMode: undefined };
    }
    const stream = await native.getUserMedia.call(this, asked);
    for (const track of stream.getTracks()) {
      const { deviceId, kind, groupId, facing } = picked[track.kind];
      allowed.add(kind);
      const settings = track.getSettings.bind(track);
      track.getSettings = () => ({ ...settings(), deviceId, groupId, ...(facing && { facingMode: facing }) });
      held.push({ deviceId, track });
    }
    return stream;
  };

  const living = (which) => held.filter(({ track, deviceId }) => track.readyState === "live" && which(track, deviceId));
  window.desk = {
    // The devices that are captured now.
    get inUse() {
      return living(() => true).map(({ deviceId }) => deviceId);
    },
    unplug(id) {
      const place = list.findIndex((entry) => entry.deviceId === id);
      shelf.push(...list.splice(place, 1));
      for (const { track } of living((_, deviceId) => deviceId === id)) {
        track.stop();
        track.dispatchEvent(new Event("ended"));
      }
      changed();
    },
    plug(id) {
      const place = shelf.findIndex((entry) => entry.deviceId === id);
      list.unshift(...shelf.splice(place, 1));
      changed();
    },
    hand(id) {
      busy.add(id);
    },
    // What a telephone has: two cameras that know which way they look, and only one open at a time.
    becomeTelephone() {
      for (const entry of list) {
        if (entry.kind === "videoinput") entry.facing = entry.deviceId === "lid" ? "environment" : "user";
      }
      const before = media.getUserMedia;
      media.getUserMedia = async function (constraints) {
        if (constraints.video && living((track) => track.kind === "video").length > 0) {
          throw new DOMException("one camera at a time", "NotReadableError");
        }
        return before.call(this, constraints);
      };
    },
    // The system takes all devices of a kind ("audio", "video"), or gives them back.
    take(kind, taken) {
      for (const { track } of living((track) => track.kind === kind)) {
        Object.defineProperty(track, "muted", { configurable: true, get: () => taken });
        track.enabled = !taken;
        track.dispatchEvent(new Event(taken ? "mute" : "unmute"));
      }
    },
  };
}
