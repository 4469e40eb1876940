// Which version of the project the page shows: "412.7" is the project's and one's own membership's.

import { reload } from "./drafts.js"

const main = document.getElementById("main")

export function shownVersion() {
  return main.dataset.version
}

// As the server is told it: of which database, and which version.
export function since() {
  return `${main.dataset.epoch}:${main.dataset.version}`
}

export function isOlder(one, other) {
  const [project, member] = one.split(".").map(Number)
  const [otherProject, otherMember] = other.split(".").map(Number)
  return project === otherProject ? member < otherMember : project < otherProject
}

// Answers and pushes overtake one another: what is older than what the page shows already is left out.
export function dropOlder(tasks) {
  for (const task of [...tasks]) {
    const comes = versionOf(task.fragment.firstElementChild)
    const shown = task.target instanceof Element ? versionOf(task.target) : undefined
    if (comes && shown && isOlder(comes, shown)) tasks.splice(tasks.indexOf(task), 1)
  }
}

// The page says in one place which version it shows.
export function followVersion() {
  const version = document.getElementById("version")
  if (version) main.dataset.version = version.value
}

// A database that was put back to an earlier state cannot be caught up with.
export function isOtherDatabase(epoch) {
  if (epoch === main.dataset.epoch) return false
  reload()
  return true
}

function versionOf(element) {
  return element?.id === "version" ? element.value : element?.dataset?.version
}
