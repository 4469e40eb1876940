// The chat: where it is scrolled to, what is new below, and its days.

// Its column is reversed: the newest message is at 0, older ones are at negative places.
const NEAR_NEWEST_PX = 40

// Before a swap: whether the newest message is in view, and otherwise which one is, and where.
export function chatPlace() {
  const box = document.getElementById("chat-scroll")
  if (!box || isAtNewest(box)) return null
  const top = box.getBoundingClientRect().top
  const first = [...box.querySelectorAll(".message")].find((each) => each.getBoundingClientRect().bottom > top)
  return first && { first, offset: first.getBoundingClientRect().top }
}

// After it: whoever reads further up stays there.
export function keepChatPlace(place) {
  hideRepeatedDays()
  if (!place?.first.isConnected) return
  const moved = place.first.getBoundingClientRect().top - place.offset
  if (Math.abs(moved) > 1) document.getElementById("chat-scroll").scrollTop += moved
}

export function showNewest() {
  const box = document.getElementById("chat-scroll")
  box.scrollTo({ top: 0, behavior: "instant" })
}

// Messages of others came while one reads further up: a button says so and goes there.
export function offerNewest(arrived) {
  const box = document.getElementById("chat-scroll")
  const button = document.getElementById("chat-newest")
  const count = arrived.filter((each) => each.matches("#messages > .message")).length
  if (!button || !count || isAtNewest(box)) return
  button.hidden = false
}

document.addEventListener("click", ({ target }) => {
  if (!target.closest("#chat-newest")) return
  showNewest()
  document.getElementById("chat-scroll").focus({ preventScroll: true })
})

document.addEventListener("scroll", ({ target }) => {
  if (target.id === "chat-scroll" && isAtNewest(target)) document.getElementById("chat-newest").hidden = true
}, { capture: true, passive: true })

function isAtNewest(box) {
  return box.scrollTop > -NEAR_NEWEST_PX
}

// Each page of messages begins with its day, also where the page before it ended in the same one.
function hideRepeatedDays() {
  let last = ""
  for (const day of document.querySelectorAll("#chat .chat-day")) {
    day.hidden = day.textContent === last
    last = day.textContent
  }
}

// Beside the page the chat scrolls by itself; the browser would also move the page for a message in it.
const isBeside = matchMedia("(min-width: 75rem)")

let pageTop = 0

document.addEventListener("click", () => { pageTop = scrollY }, { capture: true })
addEventListener("hashchange", () => keepPageAt(pageTop))
addEventListener("load", () => {
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") keepPageAt(0)
})

function keepPageAt(top) {
  const isMessage = location.hash.startsWith("#message-") && document.getElementById("chat")
  if (isMessage && isBeside.matches) scrollTo({ top, behavior: "instant" })
}
