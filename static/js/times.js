// Relative times tick by themselves: the same words and limits as insights/durations.py.

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TICK_MS = 30_000

// The server's clock counts: a browser's own may be hours off.
const CLOCK_OFFSET_MS = Date.parse(document.getElementById("main").dataset.now) - Date.now() || 0

export function tick() {
  const now = Date.now() + CLOCK_OFFSET_MS
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const duration = inWords((now - Date.parse(time.dateTime)) / 1000)
    say(time, duration ? `${duration} ago` : "just now")
  }
  for (const time of document.querySelectorAll("time[data-until]")) {
    const seconds = (Date.parse(time.dateTime) - now) / 1000
    say(time, seconds > 0 ? `in ${inWords(seconds) || "less than a minute"}` : "now")
    time.toggleAttribute("data-soon", seconds < DAY)
  }
}

// Empty under a minute.
function inWords(seconds) {
  const days = Math.floor(seconds / DAY)
  const [count, unit] =
    seconds < MINUTE ? [0, ""] :
    seconds < HOUR ? [Math.floor(seconds / MINUTE), "minute"] :
    seconds < DAY ? [Math.floor(seconds / HOUR), "hour"] :
    days < 7 ? [days, "day"] :
    days < 30 ? [Math.floor(days / 7), "week"] :
    days < 365 ? [Math.floor(days / 30), "month"] :
    [Math.floor(days / 365), "year"]
  return unit && `${count} ${unit}${count === 1 ? "" : "s"}`
}

function say(time, words) {
  if (time.textContent !== words) time.textContent = words
}

setInterval(tick, TICK_MS)
document.addEventListener("visibilitychange", () => document.hidden || tick())
