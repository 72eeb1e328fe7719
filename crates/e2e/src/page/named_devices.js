// For pictures of pages: fake devices are called by the file they play, which is nobody's camera.
() => {
  const devices = navigator.mediaDevices;
  if (!devices || devices.named) return;
  devices.named = true;
  const native = devices.enumerateDevices;
  const names = { videoinput: "Built-in camera", audioinput: "Headset", audiooutput: "Headset" };
  devices.enumerateDevices = async function () {
    const list = await native.apply(this);
    return list.map((device) => ({
      kind: device.kind,
      deviceId: device.deviceId,
      groupId: device.groupId,
      label: device.label && names[device.kind],
    }));
  };
}
