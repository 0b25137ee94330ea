// Cameras and microphones of this browser, and what can be wrong with them in plain words.

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } };
const NO_DEVICE = "none";

export class DeviceProblem extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

// `choice` has the wanted kinds as keys, and as values a device id, "" for the browser's own choice, or "none".
export async function openDevices(choice) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DeviceProblem(
      "The browser gives no camera to this address.",
      "Open the page by the link that Eyeline printed: it begins with http://127.0.0.1 or http://localhost.",
    );
  }
  const constraints = {};
  if (isWanted(choice.video)) constraints.video = { ...PICTURE, ...exactly(choice.video) };
  if (isWanted(choice.audio)) constraints.audio = { ...SOUND, ...exactly(choice.audio) };
  if (!constraints.video && !constraints.audio) return new MediaStream();
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    for (const track of stream.getVideoTracks()) track.contentHint = "motion";
    for (const track of stream.getAudioTracks()) track.contentHint = "speech";
    return stream;
  } catch (error) {
    if (error.name === "OverconstrainedError" && (choice.video || choice.audio)) {
      return openDevices(Object.fromEntries(Object.entries(choice).map(([kind, id]) => [kind, isWanted(id) ? "" : id])));
    }
    throw await explained(error, constraints);
  }
}

export async function listDevices(kind) {
  const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
  return devices.filter((device) => device.kind === kind && device.deviceId);
}

function isWanted(id) {
  return id !== undefined && id !== NO_DEVICE;
}

function exactly(id) {
  return id ? { deviceId: { exact: id } } : {};
}

async function explained(error, constraints) {
  const what = await whatFails(constraints);
  switch (error.name) {
    case "NotAllowedError":
      return /system|dismissed/i.test(error.message)
        ? new DeviceProblem(`The permission to use ${what} was not given.`,
          "Start again and allow it; on macOS also in System Settings, Privacy & Security.")
        : new DeviceProblem(`This page may not use ${what}: permission denied.`,
          "Allow it by the icon to the left of the address, then start again.");
    case "NotFoundError":
      return new DeviceProblem(`There is no such device: ${what}.`, "Connect one, or choose another.");
    case "NotReadableError":
    case "AbortError":
      return new DeviceProblem(`The browser cannot open ${what}: another program may be using it.`,
        "Close that program (your own meeting may hold the camera, too), or choose another device.");
    case "SecurityError":
      return new DeviceProblem(`The browser's settings forbid ${what} on this page.`, "Change them for this address.");
    default:
      return new DeviceProblem(`The browser cannot open ${what}: ${error.message || error.name}.`,
        "Choose another device, or try another browser.");
  }
}

// Which of two devices a browser means when it refuses both at once.
async function whatFails(constraints) {
  const names = { video: "a camera", audio: "a microphone" };
  const asked = Object.keys(names).filter((kind) => constraints[kind]);
  const found = await navigator.mediaDevices.enumerateDevices();
  const missing = asked.filter((kind) => !found.some((device) => device.kind === `${kind}input`));
  return (missing.length ? missing : asked).map((kind) => names[kind]).join(" and ");
}
