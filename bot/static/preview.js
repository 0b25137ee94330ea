const STATUS_INTERVAL_MS = 1000;
const RETRY_MS = 2000;

const picture = document.getElementById("picture");
const showing = document.getElementById("showing");
const numbers = document.getElementById("numbers");
const choices = document.getElementById("choices");
const message = document.getElementById("message");
const trouble = document.getElementById("trouble");
const background = document.getElementById("background-trouble");
const form = document.getElementById("background");

async function ask(path, body) {
  const response = await fetch(path, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(`${answer.error} ${answer.hint ?? ""}`.trim());
  }
  return answer;
}

async function gathered(peer) {
  if (peer.iceGatheringState === "complete") return;
  await new Promise((resolve) => {
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState === "complete") resolve();
    });
  });
}

async function connect() {
  const peer = new RTCPeerConnection();
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.addEventListener("track", (event) => {
    picture.srcObject = new MediaStream([event.track]);
  });
  peer.addEventListener("connectionstatechange", () => {
    if (["failed", "disconnected"].includes(peer.connectionState)) {
      peer.close();
      setTimeout(connectOrRetry, RETRY_MS);
    }
  });
  await peer.setLocalDescription();
  await gathered(peer);
  await peer.setRemoteDescription(await ask("/offer", { sdp: peer.localDescription.sdp }));
}

async function connectOrRetry() {
  try {
    await connect();
    trouble.textContent = "";
  } catch (error) {
    trouble.textContent = error.message;
    setTimeout(connectOrRetry, RETRY_MS);
  }
}

function show(status) {
  showing.textContent = { live: "live", card: "still card" }[status.showing] ?? status.showing;
  const size = `${status.size_px[0]}×${status.size_px[1]}`;
  const total = status.times_ms.total_ms;
  const facts = [size];
  if (total) facts.push(`${total.toFixed(1)} ms a frame`);
  if (status.sight) facts.push(status.sight);
  if (status.tier !== "close") facts.push(`masks: ${status.tier}, because ${status.tier_why}`);
  numbers.textContent = facts.join(", ");
  background.textContent = status.background_trouble;
  offerChoices(["none", "blur"], status.gallery);
  for (const button of choices.children) {
    const chosen = status.background === button.value || status.background.startsWith(`${button.value}:`);
    button.setAttribute("aria-pressed", String(chosen));
  }
}

function offerChoices(kinds, gallery) {
  const names = [...kinds, ...gallery];
  if (names.join() === [...choices.children].map((button) => button.value).join()) return;
  choices.replaceChildren(...names.map((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.value = button.textContent = name;
    if (gallery.includes(name)) button.prepend(thumbnail(name));
    button.addEventListener("click", () => choose(name));
    return button;
  }));
}

function thumbnail(name) {
  const image = document.createElement("img");
  image.src = `/thumbnails/${encodeURIComponent(name)}`;
  image.alt = "";
  image.loading = "lazy";
  image.addEventListener("error", () => image.remove());
  return image;
}

async function choose(background) {
  try {
    show(await ask("/background", { background }));
    message.textContent = "";
  } catch (error) {
    message.textContent = error.message;
  }
}

async function watchStatus() {
  try {
    show(await ask("/status"));
  } catch {
    showing.textContent = "no answer: is Eyeline still running?";
  }
  setTimeout(watchStatus, STATUS_INTERVAL_MS);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = form.elements.text.value.trim();
  if (text) choose(text);
});

connectOrRetry();
watchStatus();
