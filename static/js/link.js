// The page's link to the server: a socket that pushes, and asking now and then while it is down.
//
// A push is only a hint that is quick: a (re)connect, a beat and a tab that becomes visible lead to the
// same question, "is what I show the newest?".

import { take } from "./answers.js"
import { reload } from "./drafts.js"
import { announce } from "./toasts.js"
import { isOlder, isOtherDatabase, shownVersion, since } from "./versions.js"

const LOOK_MS = 500
const SAY_DOWN_AFTER_MS = 1_500
const ANNOUNCE_AFTER_MS = 3_000
// Asking works and the socket does not: that is how it is here, and no trouble any more.
const SETTLED_AFTER_MS = 15_000
const ASK_MS = 5_000
const ANSWER_MS = 8_000
const BEAT_MS = 10_000
// The server says something every 3 s: whoever hears nothing for longer may be cut off without a word.
const QUIET_MS = 8_000
// A server that was held up goes silent for all its pages at once: they do not ask at once.
const SPREAD_MS = 1_500
// Between an answer, or none, and the next question.
const PAUSE_MS = 1_000
// Then the line is given up, and also one that does not come about.
const SILENT_MS = 25_000
const BEHIND_MS = 2_000
// After a close that HTMX takes for final.
const TRY_ANEW_MS = 30_000
const SIGNED_OUT = 4401
const NO_MEMBER = 4403

const link = document.getElementById("link")

// Nothing came since the page was loaded.
let isFresh = true
let isUp = false
// The last moment at which all was well, and the last at which anything was heard.
let upAt = Date.now()
let heardAt = 0
let connectingSince = 0
let toldAt = 0
let behindSince = 0
let askAt = 0
let isAsking = false
let askingWorks = false
let closedAt = 0
let announced = ""

export function startLink() {
  connect()
  setInterval(look, LOOK_MS)
}

// Whether a swap was brought by the link, and not by an act of one's own.
export function isFromLink(ctx) {
  return ctx.sourceElement === link
}

// The page shows another version now: the next connect starts from there, and the server hears of it.
export function tellShown(isPush) {
  const connection = connectionNow()
  isFresh = false
  if (connection) connection.url = address()
  if (!isPush) tell()
}

// What was pushed does not go with what the page shows, because something came in between.
export async function askForAll() {
  await ask()
  tell()
}

// --- the socket -----------------------------------------------------------------------------------

function connect() {
  closedAt = 0
  link.setAttribute("hx-ws:connect", address())
  htmx.process(link, true)
}

function connectionNow() {
  return link._htmx?.ws?.connection
}

function address() {
  const { protocol, host } = location
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}${link.dataset.live}?since=${encodeURIComponent(since())}${isFresh ? "&fresh" : ""}`
}

function tell() {
  const socket = connectionNow()?.socket
  if (socket?.readyState !== WebSocket.OPEN) return
  socket.send(JSON.stringify({ since: since() }))
  toldAt = Date.now()
}

document.addEventListener("htmx:ws:before:connection", ({ detail: { connection } }) => {
  connection.url = address()
})

document.addEventListener("htmx:ws:after:connection", () => {
  isFresh = false
  heardAt = toldAt = Date.now()
})

document.addEventListener("htmx:ws:before:message:incoming", (event) => {
  heardAt = Date.now()
  const message = read(event.detail.message.data)
  if (message.type === "reload") return reload()
  if (isOtherDatabase(message.epoch)) return event.preventDefault()
  setUp()
  if (!isOlder(shownVersion(), message.version)) behindSince = 0
  else if (message.type === "beat") behindSince ||= heardAt
})

// The server sends no more until it knows that this was shown.
document.addEventListener("htmx:ws:after:message:incoming", ({ detail: { message } }) => {
  if (read(message.data).type === "panels") tell()
})

document.addEventListener("htmx:ws:close", ({ detail: { code } }) => {
  setDown()
  if (code === SIGNED_OUT || code === NO_MEMBER) cutOff()
})

// Asking leads to where one may be; whoever is signed in anew meanwhile gets the page of that.
async function cutOff() {
  await ask()
  if (askingWorks) reload()
}

function read(data) {
  return JSON.parse(data)
}

// --- looking after it -----------------------------------------------------------------------------

function look() {
  if (document.hidden) return
  const now = Date.now()
  const connection = connectionNow()
  const state = connection?.socket?.readyState
  connectingSince = state === WebSocket.CONNECTING ? connectingSince || now : 0
  const waitingSince = state === WebSocket.OPEN ? heardAt : connectingSince
  if (waitingSince && now - waitingSince > SILENT_MS) lose()
  else if (isUp && now - heardAt > QUIET_MS) {
    setDown(heardAt)
    askAt = now + SPREAD_MS * Math.random()
  } else if (isUp && (behindSince ? now - behindSince > BEHIND_MS : now - toldAt > BEAT_MS)) {
    behindSince = 0
    tell()
  }
  if (!isUp && now - upAt > SAY_DOWN_AFTER_MS && now >= askAt) ask()
  if (!connection && now - (closedAt ||= now) > TRY_ANEW_MS) connect()
  show(now - upAt)
}

function setUp() {
  const wasUp = isUp
  isUp = true
  upAt = Date.now()
  if (!wasUp) show(0)
}

function setDown(at = Date.now()) {
  if (isUp) upAt = at
  isUp = false
  behindSince = 0
}

// Nothing is heard any more, or not to be expected: begin anew, and ask meanwhile.
function lose() {
  connectingSince = 0
  setDown()
  connect()
  ask()
}

// HTMX closes the socket of a hidden tab, and opens it again by itself.
function wake() {
  if (document.hidden) return
  if (!isUp) upAt = Date.now()
  if (connectionNow()) ask()
  else lose()
}

document.addEventListener("visibilitychange", wake)
addEventListener("online", lose)
addEventListener("offline", lose)
addEventListener("pageshow", ({ persisted }) => persisted && lose())

// --- asking while it is down ----------------------------------------------------------------------

async function ask() {
  if (isAsking) return
  isAsking = true
  askAt = Date.now() + ASK_MS * (0.8 + 0.4 * Math.random())
  try {
    const response = await fetch(`${link.dataset.refresh}?since=${encodeURIComponent(since())}`, {
      headers: { "HX-Request": "true", "HX-Current-URL": location.href },
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    askingWorks = await take(response, link)
  } catch {
    askingWorks = false
  } finally {
    isAsking = false
    askAt = Math.max(askAt, Date.now() + PAUSE_MS)
  }
}

// --- what the page says about it ------------------------------------------------------------------

function show(downMs) {
  const isDown = !isUp && downMs > SAY_DOWN_AFTER_MS
  const isSettled = askingWorks && downMs > SETTLED_AFTER_MS
  const words = !isDown ? "" : isSettled ? "Updates every few seconds" : "Reconnecting…"
  link.hidden = !isDown
  link.dataset.state = isUp ? "live" : !isDown ? "connecting" : isSettled ? "asking" : "down"
  const shown = link.querySelector("span")
  if (words && shown.textContent !== words) shown.textContent = words
  if (isUp && announced) say("")
  else if (isDown && downMs > ANNOUNCE_AFTER_MS && announced !== words) say(words)
}

function say(words) {
  announced = words
  announce(words || "Live again")
}
