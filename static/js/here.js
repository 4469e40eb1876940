// One's session stays alive while one is really here: touching, typing, scrolling, in a visible tab.
//
// That is told at most once a minute, and when the page is left. After a long pause the first touch
// begins a new session, and the page tells again where one left off.

import { take } from "./answers.js"

const TELL_MS = 60_000
const TRY_AGAIN_MS = 10_000
const SIGNS = ["pointerdown", "keydown", "input", "wheel", "touchmove"]

const main = document.getElementById("main")
const link = document.getElementById("link")
const IDLE_MS = Number(main.dataset.idleMinutes) * 60_000

// Loading the page told that one is here.
let toldAt = Date.now()
let timer = 0
// What is not told yet; its id stays the same however often it is tried, so it counts once.
let untold = null
let beganAt = 0

for (const sign of SIGNS) document.addEventListener(sign, notice, { capture: true, passive: true })

function notice({ isTrusted }) {
  if (!isTrusted || document.hidden) return
  if (Date.now() - toldAt >= IDLE_MS) return begin()
  untold ??= newId()
  timer ||= setTimeout(tell, Math.max(0, toldAt + TELL_MS - Date.now()))
}

async function tell() {
  const event = untold
  const now = Date.now()
  timer = 0
  if (!event) return
  try {
    const response = await fetch(link.dataset.activity, { method: "POST", body: form({ event_id: event }), keepalive: true })
    if (response.status >= 500) throw new Error("try again")
  } catch {
    timer ||= setTimeout(tell, TRY_AGAIN_MS)
    return
  }
  toldAt = now
  if (untold === event) untold = null
}

// A verb is told by itself.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.request.method === "POST" && ctx.response.status < 300) toldAt = Date.now()
})

async function begin() {
  if (Date.now() - beganAt < TRY_AGAIN_MS) return
  beganAt = Date.now()
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href }
  try {
    const response = await fetch(link.dataset.session, { method: "POST", body: form({}), headers })
    if (await take(response, link)) toldAt = Date.now()
  } catch {
    // No connection: the next touch tries again.
  }
}

function tellInLeaving() {
  if (!untold || !navigator.sendBeacon(link.dataset.activity, form({ event_id: untold }))) return
  toldAt = Date.now()
  untold = null
}

addEventListener("pagehide", tellInLeaving)
document.addEventListener("visibilitychange", () => document.hidden && tellInLeaving())

// The newest token is in the panels: signing in anew in another tab changes it.
function form(values) {
  const data = new FormData()
  data.set("csrfmiddlewaretoken", [...document.querySelectorAll("[name=csrfmiddlewaretoken]")].at(-1).value)
  for (const [name, value] of Object.entries(values)) data.set(name, value)
  return data
}

// randomUUID() is there on encrypted pages only.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = bytes[6] & 0x0f | 0x40
  bytes[8] = bytes[8] & 0x3f | 0x80
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
