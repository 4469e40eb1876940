// What others brought is marked softly, until it was seen.

import { areAnyUnderWay } from "./forms.js"

const SUBJECTS = ".item, .message, .question, .unseen, .step, .blocker, .change"
const FADE_MS = 5_000

// Of what is one's own act at this moment, the server's echo may come before its answer.
const MAYBE_ONES_OWN = ".item, .step, .change"

// Before a swap: everything that is on the page, each with its state.
export function subjects() {
  const all = document.getElementById("main").querySelectorAll(`:is(${SUBJECTS})[id]`)
  return new Map([...all].map((subject) => [subject.id, subject.dataset.tone]))
}

// After a push: mark what is new or stands elsewhere now. Returns what is new.
export function markArrived(before) {
  const arrived = [...subjects()]
    .filter(([id, tone]) => !before.has(id) || before.get(id) !== tone)
    .map(([id]) => document.getElementById(id))
    .filter((subject) => !subject.matches(".message-own, [data-waiting], [data-waiting] *"))
    .filter((subject) => !(areAnyUnderWay() && subject.matches(MAYBE_ONES_OWN)))
  for (const subject of arrived) {
    subject.dataset.arrived = "unseen"
    whenSeen.observe(subject)
  }
  return arrived
}

const whenSeen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue
    whenSeen.unobserve(target)
    target.dataset.arrived = "seen"
    setTimeout(() => delete target.dataset.arrived, FADE_MS)
  }
})
