import { listDevices, openDevices } from "/camera.js";
import { Level } from "/level.js";
import { Link, Refused } from "/link.js";

const NUMBERS_MS = 2000;
const LEVEL_MS = 100;
const RETRY_MS = 2000;
const NO_DEVICE = "none";
const KINDS = {
  video: { select: "camera", field: "camera-field", device: "videoinput", name: "Camera" },
  audio: { select: "microphone", field: "microphone-field", device: "audioinput", name: "Microphone" },
};
const WORDS = {
  off: ["off", "Not sending"],
  asking: ["busy", "Waiting for your permission"],
  connecting: ["busy", "Connecting"],
  live: ["live", "Sending"],
  waiting: ["bad", "Connection lost"],
  taken: ["bad", "Another page is sending"],
  refused: ["bad", "Token not accepted"],
};

const part = (id) => document.getElementById(id);
const level = new Level();
let link = null;
let wanted = [];
let stream = new MediaStream();
let isOn = false;
let opening = 0;

// The token comes in the fragment, which browsers send to nobody, and leaves the address bar at once.
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    sessionStorage.setItem("token", token);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("token") ?? "";
}

async function begin() {
  const token = takeToken();
  if (!token) {
    askForToken();
    return;
  }
  link = new Link(token);
  link.addEventListener("change", show);
  try {
    ({ wanted } = await link.status());
  } catch (error) {
    if (error instanceof Refused) {
      sessionStorage.removeItem("token");
      askForToken(error.message);
    } else {
      complain(error.message, "It is tried again by itself.");
      setTimeout(begin, RETRY_MS);
    }
    return;
  }
  complain();
  part("token-form").hidden = true;
  part("stage").hidden = false;
  part("view").hidden = !wanted.includes("video");
  for (const [kind, { field }] of Object.entries(KINDS)) part(field).hidden = !wanted.includes(kind);
  await offerDevices();
  show();
  if (sessionStorage.getItem("sending")) await turnOn();
}

function askForToken(reason = "") {
  link = null;
  part("stage").hidden = true;
  part("token-form").hidden = false;
  if (reason) complain(reason, "");
}

async function turnOn() {
  complain();
  isOn = true;
  show("asking");
  if (!await openChosen()) {
    turnOff();
    return;
  }
  if (!isOn) return;
  sessionStorage.setItem("sending", "1");
  link.start(tracks());
}

function turnOff() {
  isOn = false;
  opening += 1;
  sessionStorage.removeItem("sending");
  link?.stop();
  letGo(stream);
  use(new MediaStream());
}

// Whether what is chosen could be opened; why not is shown.
async function openChosen() {
  opening += 1;
  const mine = opening;
  try {
    const opened = await openDevices(chosen());
    if (mine !== opening) {
      letGo(opened);
      return false;
    }
    letGo(stream);
    use(opened);
    await offerDevices();
    return true;
  } catch (error) {
    if (mine === opening) complain(error.message, error.hint);
    return false;
  }
}

function use(opened) {
  stream = opened;
  for (const track of stream.getTracks()) track.addEventListener("ended", () => lost(track));
  part("self").srcObject = stream.getVideoTracks().length ? new MediaStream(stream.getVideoTracks()) : null;
  part("blank").hidden = stream.getVideoTracks().length > 0;
  level.listen(stream.getAudioTracks()[0]);
}

function letGo(old) {
  for (const track of old.getTracks()) track.stop();
}

function lost(track) {
  if (!isOn || !stream.getTracks().includes(track)) return;
  complain(`${KINDS[track.kind].name} disconnected: ${track.label}`, "Connect it again, or choose another one.");
}

async function change() {
  for (const [kind, { select }] of Object.entries(KINDS)) localStorage.setItem(kind, part(select).value);
  if (!isOn) return;
  complain();
  if (await openChosen()) await link.replace(tracks());
}

async function devicesChanged() {
  await offerDevices();
  const isLost = stream.getTracks().some((track) => track.readyState === "ended");
  if (isOn && isLost) await change();
}

function tracks() {
  return Object.fromEntries(stream.getTracks().map((track) => [track.kind, track]));
}

function chosen() {
  return Object.fromEntries(wanted.map((kind) => [kind, part(KINDS[kind].select).value]));
}

async function offerDevices() {
  for (const kind of wanted) {
    const { select, device, name } = KINDS[kind];
    const found = await listDevices(device);
    const options = found.map(({ deviceId, label }, index) => new Option(label || `${name} ${index + 1}`, deviceId));
    if (!options.length) options.push(new Option(`The browser's ${name.toLowerCase()}`, ""));
    if (kind === "audio") options.push(new Option("No microphone", NO_DEVICE));
    const current = stream.getTracks().find((track) => track.kind === kind)?.getSettings().deviceId;
    const kept = current ?? localStorage.getItem(kind) ?? "";
    part(select).replaceChildren(...options);
    part(select).value = options.some((option) => option.value === kept) ? kept : options[0].value;
  }
}

function show(asking) {
  const state = asking === "asking" ? "asking" : link?.state ?? "off";
  const [color, words] = WORDS[state];
  part("state").dataset.state = color;
  part("state").textContent = words;
  document.title = state === "live" ? "● Sending: Eyeline camera" : "Eyeline camera";
  part("switch").textContent = isOn ? "Stop sending" : "Start sending";
  part("switch").classList.toggle("on", isOn);
  part("now").hidden = !["waiting", "taken"].includes(state);
  part("now").textContent = state === "taken" ? "Send from here again" : "Try now";
  if (state === "live") complain();
  if (state === "waiting") complain(link.reason, "It is tried again by itself.");
  if (state === "taken") complain("Eyeline takes its picture from another page now.", "Close that one, or take over.");
  if (state === "refused") refuse();
}

function refuse() {
  const reason = link.reason;
  sessionStorage.removeItem("token");
  turnOff();
  askForToken(reason);
}

function complain(what = "", hint = "") {
  part("problem").hidden = !what;
  part("problem-what").textContent = what;
  part("problem-hint").textContent = hint ?? "";
}

let before = null;

async function showNumbers() {
  const sent = link?.state === "live" ? await link.numbers() : [];
  const video = sent.find((entry) => entry.type === "outbound-rtp" && entry.kind === "video");
  const codec = sent.find((entry) => entry.id === video?.codecId)?.mimeType?.split("/")[1];
  if (video?.frameWidth && before?.id === video.id) {
    const mbps = 8 * (video.bytesSent - before.bytesSent) / (video.timestamp - before.timestamp) / 1000;
    const size = `${video.frameWidth}×${video.frameHeight}`;
    part("numbers").textContent = `${size}, ${video.framesPerSecond ?? 0} fps, ${mbps.toFixed(1)} Mbit/s, ${codec}`;
  } else {
    part("numbers").textContent = "";
  }
  before = video ?? null;
}

part("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  if (isOn) turnOff();
  else turnOn();
});
part("now").addEventListener("click", () => link.retryNow());
part("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = part("token").value.trim();
  sessionStorage.setItem("token", text.split("token=").pop());
  part("token").value = "";
  complain();
  begin();
});
for (const { select } of Object.values(KINDS)) part(select).addEventListener("change", change);
navigator.mediaDevices?.addEventListener("devicechange", devicesChanged);
addEventListener("pagehide", () => link?.leave());
addEventListener("pageshow", (event) => { if (event.persisted && isOn) link.retryNow(); });
addEventListener("hashchange", () => {
  link?.stop();
  begin();
});
setInterval(showNumbers, NUMBERS_MS);
setInterval(() => { if (!document.hidden) part("level").value = level.next(); }, LEVEL_MS);

begin();
